// The person's part, done by whoever started this script: it is told an address on standard output, opens it in a browser, and the browser comes back here.
import { createServer } from 'node:http';

export async function startCallback() {
  let arrived;
  const answer = new Promise(resolve => { arrived = resolve; });
  const server = createServer((request, response) => {
    response.end('You may close this window.');
    arrived(new URL(request.url, `http://127.0.0.1:${server.address().port}`));
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    redirectUri: `http://127.0.0.1:${server.address().port}/callback`,
    async decide(url) {
      console.log(`OPEN ${url}`);
      const came = await answer;
      server.close();
      return came;
    },
  };
}

export function check(condition, what) {
  if (!condition) {
    throw new Error(what);
  }
}

export async function statusOf(server, token) {
  return (await fetch(`${server}/rooms`, { headers: { authorization: `Bearer ${token}` } })).status;
}
