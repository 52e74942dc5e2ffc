// A worker of a queue that is killed in the middle of its task: it takes one, says which with which fence, and then works on and on.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [server, token, room, agent] = process.argv.slice(2);
const client = new Client({ name: 'Worker', version: '1' });
await client.connect(new StreamableHTTPClientTransport(new URL(`${server}/mcp`), { requestInit: { headers: { authorization: `Bearer ${token}` } } }));
await client.callTool({ name: 'sync_embody', arguments: { room, agent } });
const taken = await client.callTool({ name: 'sync_invoke_action', arguments: { room, action: 'next_task', wait_ms: 20000 } });
console.log(JSON.stringify(taken.structuredContent));
setInterval(() => {}, 1000);
