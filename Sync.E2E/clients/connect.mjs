// What the page "Connect an agent" shows, used as it is shown: the file of a client, as that client would use it. The agent then works, asks for a decision and waits for it.
import { readFileSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { check } from './person.mjs';

const [kind, file, room] = process.argv.slice(2);
const config = JSON.parse(readFileSync(file, 'utf8'));
const [[name, server]] = Object.entries(config.mcpServers ?? config.servers);
check(/^[a-z0-9-]+$/.test(name), `a name that clients do not take: ${name}`);

// mcp-remote stands beside this file; its users have npx fetch it.
const transport = () => kind === 'local'
  ? new StdioClientTransport({
    command: process.execPath,
    args: ['node_modules/mcp-remote/dist/proxy.js', ...server.args.slice(server.args.indexOf('mcp-remote@latest') + 1)],
    env: { ...process.env, ...server.env, MCP_REMOTE_CONFIG_DIR: process.cwd() },
    stderr: 'ignore',
  })
  : new StreamableHTTPClientTransport(new URL(server.url), { requestInit: { headers: server.headers } });

const client = new Client({ name, version: '1' });
await client.connect(transport());
const call = async (tool, args = {}) => (await client.callTool({ name: tool, arguments: args })).structuredContent;
check((await client.listTools()).tools.some(tool => tool.name === 'sync_read_context'), 'no tools');
check((await call('sync_read_context', { room })).actions !== undefined, 'no context');
console.log('CONNECTED');
const sent = await call('sync_send_message', { room, body: `hello from ${kind}` });
check(!sent.error, `refused: ${JSON.stringify(sent)}`);
if (kind !== 'ask') {
  await client.close();
  console.log('DONE');
  process.exit(0);
}

const definition = { id: 'publish', params: { text: { type: 'string' } }, approve: { by: 'person' }, writes: [{ key: 'published', value: '${params.text}' }] };
const registered = await call('sync_register_action', { room, ...definition });
check(!registered.error, `not registered: ${JSON.stringify(registered)}`);
const asked = await call('sync_invoke_action', { room, action: 'publish', params: { text: 'a line' } });
check(asked.approval, `nothing to decide: ${JSON.stringify(asked)}`);
console.log('ASKED');
for (let tries = 0; ; tries++) {
  const waited = await call('sync_wait', { room, condition: `approvals["${asked.approval}"].status == "accepted"`, timeout: 20000 });
  if (waited.triggered) {
    break;
  }

  check(tries < 5, 'nobody decided');
}

check((await call('sync_eval_cel', { room, expr: 'state._shared.published' })).value === 'a line', 'nothing was published');
await client.close();
console.log('DONE');
