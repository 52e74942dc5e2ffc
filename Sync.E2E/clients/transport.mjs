// What a client lives through between its first and its last request: the stream of notices, a connection that breaks, a call that is given up, calls at once, the end of the server.
import { check } from './person.mjs';

const [server, token, which] = process.argv.slice(2);
const libraries = {
  sdk: () => Promise.all([import('@modelcontextprotocol/sdk/client/index.js'), import('@modelcontextprotocol/sdk/client/streamableHttp.js')]),
  client: () => Promise.all([import('@modelcontextprotocol/client'), import('@modelcontextprotocol/client')]),
};
const [{ Client }, { StreamableHTTPClientTransport }] = await libraries[which]();

// Each GET that the library makes, with what came of it.
const streams = [];
const waiting = [];
async function watch(url, init) {
  const response = await fetch(url, init);
  if ((init?.method ?? 'GET') !== 'GET' || !response.ok || !response.body) {
    return response;
  }

  const [read, seen] = response.body.tee();
  const stream = { text: '', ended: undefined };
  stream.ended = (async () => {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of seen) {
        stream.text += decoder.decode(chunk, { stream: true });
        stream.heard?.();
      }

      return 'whole';
    } catch {
      return 'broken';
    }
  })();
  stream.first = new Promise(resolve => { stream.heard = resolve; });
  streams.push(stream);
  waiting.splice(0).forEach(resolve => resolve());
  return new Response(read, { status: response.status, headers: response.headers });
}

async function stream(number) {
  while (streams.length < number) {
    await new Promise(resolve => waiting.push(resolve));
  }

  await streams[number - 1].first;
  return streams[number - 1];
}

const options = {
  fetch: watch,
  requestInit: { headers: { authorization: `Bearer ${token}` } },
  reconnectionOptions: { initialReconnectionDelay: 50, maxReconnectionDelay: 50, reconnectionDelayGrowFactor: 1, maxRetries: 5 },
};
const client = new Client({ name: 'Transport', version: '1' });
const transport = new StreamableHTTPClientTransport(new URL(`${server}/mcp`), options);
await client.connect(transport);
const call = (name, args = {}, more) => which === 'sdk' ? client.callTool({ name, arguments: args }, undefined, more) : client.callTool({ name, arguments: args }, more);
check((await client.listTools()).tools.length > 0, 'no tools');
const room = (await call('sync_create_room', {})).structuredContent.id;

// The stream says something before there is anything to say.
check((await stream(1)).text.startsWith(':'), `the first words: ${streams[0].text}`);

// Another connection in its place; the library comes back by itself, and is the newest again.
const second = await fetch(`${server}/mcp`, { headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream', 'mcp-session-id': transport.sessionId, 'last-event-id': '7' } });
check(second.status === 200, `the second stream: ${second.status}`);
check(await streams[0].ended === 'whole', 'the first stream broke');
await stream(2);
await second.text();

// What the room tells comes over the new connection.
let told;
const news = new Promise(resolve => { told = resolve; });
client.fallbackNotificationHandler = async notification => told(notification);
await client.subscribeResource({ uri: `sync://rooms/${room}/context` });
await call('sync_embody', { room });
await call('sync_send_message', { room, body: 'news' });
check((await news).method === 'notifications/resources/updated', 'no news');

// A call that is given up frees the client, and what comes after is answered.
const giveUp = new AbortController();
const given = call('sync_wait', { room, condition: 'false' }, { signal: giveUp.signal });
const other = call('sync_wait', { room, condition: 'state._shared.go == true', only: 'state' });
setTimeout(() => giveUp.abort('enough'), 100);
check(await given.then(() => 'answered', () => 'given up') === 'given up', 'a call that was given up was answered');

// Calls at once, each with its own answer.
const values = await Promise.all(Array.from({ length: 20 }, async (_, number) => (await call('sync_eval_cel', { room, expr: `${number} + 1` })).structuredContent.value));
check(values.every((value, number) => value === number + 1), `answers: ${values}`);
await call('sync_register_action', { room, id: 'go', writes: [{ scope: '_shared', key: 'go', value: true }] });
await call('sync_invoke_action', { room, action: 'go' });
check((await other).structuredContent.triggered, 'the wait beside it was lost');

// The server stops while a call waits and the stream is open: both end.
const last = call('sync_wait', { room, condition: 'false' }).then(answer => answer.structuredContent?.error ?? 'answered', error => `${error}`);
await call('sync_lobby');
console.log('STOP');
check(await last === 'unavailable', `the last call: ${await last}`);
check(await streams.at(-1).ended === 'whole', 'the stream was cut');
await client.close();
console.log('DONE');
process.exit(0); // The library would try to connect again.
