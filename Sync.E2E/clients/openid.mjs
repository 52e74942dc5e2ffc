// A certified general client: discovery by RFC 8414, registration, code with PKCE and issuer check, refresh, revocation.
import * as oauth from 'openid-client';
import { check, startCallback, statusOf } from './person.mjs';

const server = process.argv[2];
const callback = await startCallback();
const config = await oauth.dynamicClientRegistration(
  new URL(server),
  { client_name: 'openid-client', redirect_uris: [callback.redirectUri], token_endpoint_auth_method: 'none' },
  oauth.None(),
  { algorithm: 'oauth2', execute: [oauth.allowInsecureRequests] },
);
const verifier = oauth.randomPKCECodeVerifier();
const state = oauth.randomState();
const url = oauth.buildAuthorizationUrl(config, {
  redirect_uri: callback.redirectUri,
  scope: 'rooms:* create_rooms',
  state,
  resource: server,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
});
const came = await callback.decide(url.href);
const tokens = await oauth.authorizationCodeGrant(config, came, { pkceCodeVerifier: verifier, expectedState: state });
check(await statusOf(server, tokens.access_token) === 200, 'the token does not work');
const refreshed = await oauth.refreshTokenGrant(config, tokens.refresh_token);
check(await statusOf(server, tokens.access_token) === 401, 'the old token lives');
check(await statusOf(server, refreshed.access_token) === 200, 'the new token does not work');
await oauth.tokenRevocation(config, refreshed.refresh_token);
check(await statusOf(server, refreshed.access_token) === 401, 'revocation does nothing');
const device = await oauth.initiateDeviceAuthorization(config, { scope: 'rooms:*:read' });
// The page is for a person, who is known under the public name alone, whatever the client calls the server.
const page = new URL(device.verification_uri_complete);
check(device.device_code.startsWith('dev_') && page.hostname === 'localhost' && page.pathname === '/auth/device' && page.searchParams.has('code'), 'no device flow');
console.log('DONE');
