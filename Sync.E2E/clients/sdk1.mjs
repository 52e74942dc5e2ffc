// The MCP SDK of the first generation, with sessions.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { LATEST_PROTOCOL_VERSION } from '@modelcontextprotocol/sdk/types.js';
import { check } from './person.mjs';
import { useRooms } from './rooms.mjs';

const server = process.argv[2];
const library = {
  UnauthorizedError,
  version: LATEST_PROTOCOL_VERSION,
  open(name, provider) {
    const client = new Client({ name, version: '1' });
    const transport = new StreamableHTTPClientTransport(new URL(`${server}/mcp`), { authProvider: provider });
    return {
      version: () => transport.protocolVersion,
      connect: () => client.connect(transport),
      finishAuth: answer => transport.finishAuth(answer.get('code')),
      tools: async () => (await client.listTools()).tools,
      call: (name, args) => client.callTool({ name, arguments: args }),
      async close() {
        await transport.terminateSession();
        await client.close();
      },
    };
  },
};

// It answers the challenge with a refresh, which grants nothing new, and keeps the server's words to itself. The API says the same with a link for the person.
await useRooms(library, async (narrow, room) => {
  let refusal;
  try {
    await narrow.call('sync_read_context', { room });
  } catch (error) {
    refusal = error;
  }

  check(refusal?.code === 403, `not refused: ${refusal}`);
  const answer = await fetch(`${server}/rooms/${room}/context`, { headers: { authorization: `Bearer ${narrow.provider.kept.tokens.access_token}` } });
  await narrow.provider.callback.elevate((await answer.json()).elevate);
  return narrow.ok('sync_read_context', { room });
});
console.log('DONE');
