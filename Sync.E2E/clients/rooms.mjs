// What a client does in rooms, whichever library it is made with: open(name, provider) gives a connection of that library.
import { check, startCallback } from './person.mjs';

/** A client's memory of its sign-in, and the person it sends to the browser. */
export async function startProvider(name) {
  const kept = {};
  const callback = await startCallback();
  return {
    kept,
    callback,
    redirectUrl: callback.redirectUri,
    clientMetadata: { client_name: name, redirect_uris: [callback.redirectUri], grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], token_endpoint_auth_method: 'none' },
    state: () => 'state-of-the-client',
    clientInformation: () => kept.client,
    saveClientInformation: client => { kept.client = client; },
    tokens: () => kept.tokens,
    saveTokens: tokens => { kept.tokens = tokens; },
    codeVerifier: () => kept.verifier,
    saveCodeVerifier: verifier => { kept.verifier = verifier; },
    saveDiscoveryState: state => { kept.discovery = state; },
    discoveryState: () => kept.discovery,
    redirectToAuthorization: url => { kept.opened = url; },
  };
}

/** Connects: the first attempt is refused and sends the person to the browser; the second has a token. */
export async function signIn(library, name, decision) {
  const provider = await startProvider(name);
  const first = library.open(name, provider);
  try {
    await first.connect();
    throw new Error('connected without a token');
  } catch (error) {
    check(error instanceof library.UnauthorizedError, `refused otherwise: ${error}`);
  }

  await consent(first, provider, decision);
  const second = library.open(name, provider);
  await second.connect();
  return { ...second, provider, ok: (tool, args) => ok(second, tool, args) };
}

/** The person decides about what the provider was last sent to; the code goes to the library. */
export async function consent(connection, provider, decision) {
  const came = await provider.callback.decide(provider.kept.opened.href, decision);
  await connection.finishAuth(came.searchParams);
}

async function ok(connection, tool, args = {}) {
  const result = await connection.call(tool, args);
  check(!result.isError, `${tool}: ${JSON.stringify(result.content)}`);
  check(JSON.stringify(result.structuredContent) === JSON.stringify(JSON.parse(result.content[0].text)), `${tool}: text and structure differ`);
  return result.structuredContent;
}

/** From an address to a shared room. `stepUp(narrow, room)` gets a refused client into the room. */
export async function useRooms(library, stepUp) {
  const narrow = await signIn(library, 'Narrow', 'no rooms');
  const wide = await signIn(library, 'Wide', 'all');
  check(narrow.version() === library.version, `speaks ${narrow.version()}`);

  const tools = await narrow.tools();
  check(tools.length === 18 && tools.every(tool => tool.name.startsWith('sync_') && tool.description.includes('Example: {')), `tools: ${tools.map(tool => tool.name)}`);
  check((await narrow.ok('sync_lobby')).total === 0, 'rooms before any was made');

  // A room of its own: the token that makes it reaches it.
  const room = (await narrow.ok('sync_create_room', { name: 'Tally' })).id;
  const agent = (await narrow.ok('sync_embody', { room })).agent;
  check(agent === 'ada:narrow', `embodied ${agent}`);
  await narrow.ok('sync_register_action', { room, id: 'add', params: { by: { type: 'integer' } }, writes: [{ scope: '_shared', key: 'total', increment: '${params.by}' }] });
  await narrow.ok('sync_register_view', { room, id: 'doubled', expr: 'has(state._shared.total) ? state._shared.total * 2 : 0' });
  await narrow.ok('sync_invoke_action', { room, action: 'add', params: { by: 2 } });

  // Another client makes true what this one waits for.
  const waiting = narrow.ok('sync_wait', { room, condition: 'state._shared.total >= 5', only: 'state' });
  check((await wide.ok('sync_embody', { room })).agent === 'ada:wide', 'the second client is the first');
  await wide.ok('sync_invoke_action', { room, action: 'add', params: { by: 3 } });
  const waited = await waiting;
  check(waited.triggered && waited.context.state._shared.total === 5, `waited: ${JSON.stringify(waited)}`);
  const context = await narrow.ok('sync_read_context', { room });
  check(context.self === agent && context.views.doubled.value === 10 && context._session.agent === agent, `context: ${JSON.stringify(context)}`);

  // A room outside the scope.
  const other = (await wide.ok('sync_create_room', {})).id;
  const seen = await stepUp(narrow, other);
  check(seen._session.room === other, `stepped up: ${JSON.stringify(seen)}`);

  // What it had before goes on, with sessions or without; embodying again finds the same agent.
  check((await narrow.ok('sync_read_context', { room, only: 'agents' })).self === agent, 'the agent was lost on the way');
  const again = await narrow.ok('sync_embody', { room });
  check(again.agent === agent && !again.created, `embodied ${again.agent} instead`);

  check((await narrow.ok('sync_disembody', { room })).agent === agent, 'let go of another');
  const refused = await narrow.call('sync_invoke_action', { room, action: 'add', params: { by: 1 } });
  check(refused.isError && refused.structuredContent.hint, `acts without an agent: ${JSON.stringify(refused)}`);
  await narrow.close();
  await wide.close();
}
