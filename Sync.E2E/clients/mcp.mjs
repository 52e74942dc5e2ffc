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
console.log('DONE');
