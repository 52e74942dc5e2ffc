// The MCP SDK of the second generation, which finds out that this server needs no sessions.
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { check } from './person.mjs';
import { consent, useRooms } from './rooms.mjs';

const server = process.argv[2];
const mode = process.argv[3] ?? 'auto';
const library = {
  UnauthorizedError,
  version: mode === 'auto' ? '2026-07-28' : '2025-11-25',
  open(name, provider) {
    const client = new Client({ name, version: '1' }, { versionNegotiation: { mode } });
    const transport = new StreamableHTTPClientTransport(new URL(`${server}/mcp`), { authProvider: provider });
    return {
      version: () => client.getNegotiatedProtocolVersion(),
      connect: () => client.connect(transport),
      finishAuth: answer => transport.finishAuth(answer),
      tools: async () => (await client.listTools()).tools,
      call: (name, args) => client.callTool({ name, arguments: args }),
      close: () => client.close(),
    };
  },
};

// It answers the challenge with a sign-in for all it has and what is missing; the call is then made again.
await useRooms(library, async (narrow, room) => {
  let refusal;
  try {
    await narrow.call('sync_read_context', { room });
  } catch (error) {
    refusal = error;
  }

  check(refusal instanceof UnauthorizedError, `not sent to the person: ${refusal}`);
  await consent(narrow, narrow.provider, 'all');
  return narrow.ok('sync_read_context', { room });
});
console.log('DONE');
