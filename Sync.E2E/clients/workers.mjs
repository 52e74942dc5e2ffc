// A queue with workers made with two libraries: one is killed with its task in hand, another takes that over when its time is up, and the first, come back, completes nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { check } from './person.mjs';

const [server, token] = process.argv.slice(2);
const ttl = 3000;

async function connect(name, mode) {
  const client = new Client({ name, version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${server}/mcp`), { requestInit: { headers: { authorization: `Bearer ${token}` } } }));
  const call = async (tool, args) => (await client.callTool({ name: tool, arguments: args }, { timeout: 60000 }));
  return {
    call,
    close: () => client.close(),
    async ok(tool, args) {
      const result = await call(tool, args);
      check(!result.isError, `${tool} ${JSON.stringify(args)}: ${JSON.stringify(result.structuredContent)}`);
      return result.structuredContent;
    },
    async refused(tool, args) {
      const result = await call(tool, args);
      check(result.isError, `${tool} ${JSON.stringify(args)} was not refused: ${JSON.stringify(result.structuredContent)}`);
      return result.structuredContent;
    },
  };
}

const boss = await connect('Boss', 'auto');
const room = (await boss.ok('sync_create_room', {})).id;
await boss.ok('sync_embody', { room, agent: 'boss' });
const library = (await boss.ok('sync_help', { key: 'standard_library' })).content;
for (const id of ['post_task', 'reopen_task', 'next_task', 'complete_task']) {
  const { ...definition } = library.find(action => action.id === id);
  if (id === 'next_task') {
    definition.lease = { ...definition.lease, ttl_ms: ttl };
  }

  const answer = await boss.ok('sync_register_action', { room, ...definition });
  check(!answer.warnings, `${id}: ${JSON.stringify(answer.warnings)}`);
}

// The worker stands in line before there is anything to do, gets the first task, and is killed with it in hand.
const first = spawn(process.execPath, ['worker.mjs', server, token, room, 'first'], { stdio: ['ignore', 'pipe', 'inherit'] });
const said = once(createInterface({ input: first.stdout }), 'line');
await boss.ok('sync_wait', { room, condition: 'agents.first.status == "waiting"', only: 'agents' });
await boss.ok('sync_invoke_action', { room, action: 'post_task', params: { title: 'Write the parser' } });
const taken = JSON.parse((await said)[0]);
const [lease] = taken.leases;
check(taken.writes[0].key === '1' && lease.key === 'task:1' && lease.holder === 'first', `taken: ${JSON.stringify(taken)}`);
first.kill('SIGKILL');
await once(first, 'exit');

// Another worker waits for work, and gets that task when the time of the first is up.
const second = await connect('Second', 'legacy');
await second.ok('sync_embody', { room, agent: 'second' });
const began = Date.now();
const over = await second.ok('sync_invoke_action', { room, action: 'next_task', wait_ms: 30000 });
check(over.writes[0].key === '1' && over.leases[0].fence > lease.fence, `taken over: ${JSON.stringify(over)}`);
check(Date.now() >= Date.parse(lease.expires_at) - 1000, `taken over ${Date.now() - began} ms after the worker was killed`);

// The first comes back and knows nothing of that: whatever it says, it completes nothing.
const revenant = await connect('Worker', 'auto');
await revenant.ok('sync_embody', { room, agent: 'first', take_over: true });
const complete = { room, action: 'complete_task', params: { id: '1', result: 'of the first' } };
const lost = await revenant.refused('sync_invoke_action', { ...complete, fence: lease.fence });
check(lost.error === 'lease_lost' && lost.holder === 'second' && lost.hint, `with its fence: ${JSON.stringify(lost)}`);
const needed = await revenant.refused('sync_invoke_action', complete);
check(needed.error === 'lease_required' && needed.hint, `without: ${JSON.stringify(needed)}`);

await second.ok('sync_invoke_action', { ...complete, params: { id: '1', result: 'of the second' }, fence: over.leases[0].fence });
for (const args of [complete, { ...complete, fence: lease.fence }, { ...complete, fence: over.leases[0].fence }]) {
  const again = await revenant.refused('sync_invoke_action', args);
  check(['lease_lost', 'lease_required'].includes(again.error) && again.hint, `once more: ${JSON.stringify(again)}`);
}

const task = (await boss.ok('sync_eval_cel', { room, expr: 'state._tasks["1"]' })).value;
check(task.status === 'done' && task.result === 'of the second' && task.claimed_by === 'second', `the task: ${JSON.stringify(task)}`);
const log = await (await fetch(`${server}/rooms/${room}/audit?action=complete_task&ok=true`, { headers: { authorization: `Bearer ${token}` } })).json();
check(log.events.length === 1 && log.events[0].agent === 'second', `the log: ${JSON.stringify(log.events)}`);

await Promise.all([boss.close(), second.close(), revenant.close()]);
console.log('STOP');
console.log('DONE');
