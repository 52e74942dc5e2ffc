// The MCP SDK's own client: from the MCP address alone it finds the server, registers, authorises, and refreshes.
import { auth } from '@modelcontextprotocol/sdk/client/auth.js';
import { check, startCallback, statusOf } from './person.mjs';

const server = process.argv[2];
const callback = await startCallback();
const kept = {};
let opened;
const provider = {
  redirectUrl: callback.redirectUri,
  clientMetadata: { client_name: 'MCP SDK', redirect_uris: [callback.redirectUri], grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], token_endpoint_auth_method: 'none' },
  state: () => 'state-of-the-sdk',
  clientInformation: () => kept.client,
  saveClientInformation: client => { kept.client = client; },
  tokens: () => kept.tokens,
  saveTokens: tokens => { kept.tokens = tokens; },
  codeVerifier: () => kept.verifier,
  saveCodeVerifier: verifier => { kept.verifier = verifier; },
  redirectToAuthorization: url => { opened = url; },
  invalidateCredentials: what => { delete kept.tokens; if (what === 'all') delete kept.client; },
};

check(await auth(provider, { serverUrl: `${server}/mcp`, scope: 'rooms:* create_rooms' }) === 'REDIRECT', 'no redirect');
check(opened.searchParams.get('resource') === `${server}/mcp`, 'no resource');
const came = await callback.decide(opened.href);
check(came.searchParams.get('state') === 'state-of-the-sdk' && came.searchParams.get('iss') === server, `wrong answer ${came.search}`);
check(await auth(provider, { serverUrl: `${server}/mcp`, authorizationCode: came.searchParams.get('code') }) === 'AUTHORIZED', 'not authorised');
const first = kept.tokens;
check(await statusOf(server, first.access_token) === 200, 'the token does not work');
check(await auth(provider, { serverUrl: `${server}/mcp` }) === 'AUTHORIZED', 'not refreshed');
check(kept.tokens.access_token !== first.access_token && kept.tokens.refresh_token !== first.refresh_token, 'nothing rotated');
check(await statusOf(server, first.access_token) === 401, 'the old token lives');
check(await statusOf(server, kept.tokens.access_token) === 200, 'the new token does not work');

// At expiry every request that is under way refreshes by itself, with the same refresh token.
const before = kept.tokens;
const got = [];
const atOnce = { ...provider, tokens: () => before, saveTokens: tokens => { got.push(tokens); } };
const answers = await Promise.all([1, 2, 3].map(() => auth(atOnce, { serverUrl: `${server}/mcp` })));
check(answers.every(answer => answer === 'AUTHORIZED') && got.length === 3, `three at once: ${answers}`);
check(new Set(got.map(tokens => `${tokens.access_token} ${tokens.refresh_token}`)).size === 1, 'three at once got different pairs');
kept.tokens = got[2];
check(await statusOf(server, got[0].access_token) === 200, 'the token of three at once does not work');
check(await auth(provider, { serverUrl: `${server}/mcp` }) === 'AUTHORIZED', 'not refreshed after three at once');
check(await statusOf(server, kept.tokens.access_token) === 200, 'the token after three at once does not work');

// A registration that the server has forgotten: told so, the client registers anew and asks its person again.
kept.client = { client_id: 'client_forgotten', redirect_uris: [callback.redirectUri] };
check(await auth(provider, { serverUrl: `${server}/mcp`, scope: 'rooms:* openid' }) === 'REDIRECT', 'not registered anew');
check(kept.client?.client_id && kept.client.client_id !== 'client_forgotten', 'the forgotten client goes on');
console.log('DONE');
