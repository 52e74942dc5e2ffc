// The person's part, done by whoever started this script: it is told an address on standard output, opens it in a browser, and the browser comes back here.
import { createServer } from 'node:http';

export async function startCallback() {
  let arrived;
  const server = createServer((request, response) => {
    response.end('You may close this window.');
    arrived?.(new URL(request.url, `http://127.0.0.1:${server.address().port}`));
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  server.unref(); // It keeps the script alive only while somebody is expected.
  const address = `http://127.0.0.1:${server.address().port}/callback`;
  return {
    redirectUri: address,
    /** The person decides about a consent: 'all' that is asked, or 'no rooms'. Gives the address the browser came back with. */
    decide: (url, decision = 'all') => ask(decision === 'all' ? 'OPEN' : 'NARROW', url),
    /** The person opens the link of a refusal and allows what it asks. */
    elevate: link => ask('ELEVATE', `${link} ${address}`),
  };

  function ask(what, address) {
    const answer = new Promise(resolve => {
      arrived = came => {
        server.unref();
        resolve(came);
      };
    });
    server.ref();
    console.log(`${what} ${address}`);
    return answer;
  }
}

export function check(condition, what) {
  if (!condition) {
    throw new Error(what);
  }
}

export async function statusOf(server, token) {
  return (await fetch(`${server}/rooms`, { headers: { authorization: `Bearer ${token}` } })).status;
}
