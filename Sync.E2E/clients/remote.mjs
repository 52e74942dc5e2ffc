// mcp-remote, as desktop clients start it: a program that speaks on its standard streams, and to the server for them.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { check } from './person.mjs';

const [server, token] = process.argv.slice(2);

async function open() {
  const client = new Client({ name: 'Remote', version: '1' });
  await client.connect(new StdioClientTransport({
    command: process.execPath,
    args: ['node_modules/mcp-remote/dist/proxy.js', `${server}/mcp`, '--allow-http', '--transport', 'http-only', '--header', 'Authorization:${AUTH}'],
    env: { ...process.env, AUTH: `Bearer ${token}`, MCP_REMOTE_CONFIG_DIR: process.cwd() },
    stderr: 'ignore',
  }));
  return { client, call: async (name, args = {}, more) => (await client.callTool({ name, arguments: args }, undefined, more)).structuredContent };
}

const first = await open();
check((await first.client.listTools()).tools.length > 0, 'no tools');
const room = (await first.call('sync_create_room')).id;
await first.call('sync_embody', { room });

// An error is an answer here as well, and nobody waits for ever.
const wrong = await first.client.request({ method: 'tools/call', params: {} }, (await import('@modelcontextprotocol/sdk/types.js')).CallToolResultSchema).then(() => undefined, error => error);
check(wrong?.code === -32602, `a call without a name: ${wrong}`);
const giveUp = new AbortController();
const given = first.call('sync_wait', { room, condition: 'false' }, { signal: giveUp.signal });
setTimeout(() => giveUp.abort('enough'), 100);
check(await given.then(() => 'answered', () => 'given up') === 'given up', 'a call that was given up was answered');
const values = await Promise.all(Array.from({ length: 10 }, async (_, number) => (await first.call('sync_eval_cel', { room, expr: `${number} + 1` })).value));
check(values.every((value, number) => value === number + 1), `answers: ${values}`);
await first.client.close();

const second = await open();
check((await second.call('sync_read_context', { room })).agents !== undefined, 'no context after it was started again');
await second.client.close();
console.log('DONE');
