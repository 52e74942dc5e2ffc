// The MCP Inspector on the command line: a connection for each call.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createRequire } from 'node:module';
import { check } from './person.mjs';

const [server, token] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const run = promisify(execFile);

// It needs a newer Node than there may be.
const node = Number(process.versions.node.split('.')[0]) >= 22 ? process.execPath : require.resolve(`node-${process.platform}-${process.arch}/bin/node`);
const ask = async (...method) => JSON.parse((await run(node, [
  'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js', '--cli', `${server}/mcp`, '--transport', 'http', '--header', `Authorization: Bearer ${token}`, ...method,
])).stdout);

const [tools, lobby, made] = await Promise.all([
  ask('--method', 'tools/list'),
  ask('--method', 'tools/call', '--tool-name', 'sync_lobby'),
  ask('--method', 'tools/call', '--tool-name', 'sync_create_room', '--tool-arg', 'name=Tally'),
]);
check(tools.tools.length > 0, 'no tools');
check(lobby.structuredContent.user === 'visitor', `lobby: ${JSON.stringify(lobby)}`);
const read = await ask('--method', 'tools/call', '--tool-name', 'sync_read_context', '--tool-arg', `room=${made.structuredContent.id}`);
check(read.structuredContent._session.room === made.structuredContent.id, `context: ${JSON.stringify(read)}`);
console.log('DONE');
