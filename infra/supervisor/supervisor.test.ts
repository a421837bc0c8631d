import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { processStart } from '../setup/process-start.mjs';
import type { ChildSpec } from './child.ts';
import { describeEvent } from './event-text.ts';
import { createSupervisor, type Supervisor, type SupervisorEvent } from './supervisor.ts';

let dataDir: string;
let supervisor: Supervisor;
let events: SupervisorEvent[];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'millrace-supervisor-'));
  events = [];
  supervisor = createSupervisor({
    dataDir,
    onEvent: (event) => events.push(event),
    bounds: { firstDelayMs: 10, maxDelayMs: 40, healthyAfterMs: 60_000, earlyDeathsMax: 3 },
  });
});

afterEach(async () => {
  await supervisor.stop();
  rmSync(dataDir, { recursive: true });
});

const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 20_000, interval: 20 });
const kinds = (name: string) => events.filter((event) => event.name === name).map((event) => event.kind);

/** A child that runs `code` and is ready when it has made its file, after which it lives until it is stopped. */
function script(name: string, code = ''): ChildSpec {
  const mark = join(dataDir, `${name}.mark`);
  const lives = `require('fs').writeFileSync(${JSON.stringify(mark)}, ''); setInterval(() => {}, 1000);`;
  return {
    name,
    command: process.execPath,
    args: ['-e', `${code};${lives}`],
    ready: ({ signal }) =>
      vi.waitUntil(() => signal.aborted || existsSync(mark), { timeout: 20_000 }).then(() => undefined),
    stopTimeoutMs: 5_000,
  };
}

test('starts again what was killed, and says so', async () => {
  await supervisor.start(script('ingest'));
  const first = supervisor.pid('ingest')!;
  rmSync(join(dataDir, 'ingest.mark'));
  process.kill(first, 'SIGKILL');
  await until(() => kinds('ingest').filter((kind) => kind === 'ready').length === 2);
  expect(supervisor.pid('ingest')).not.toBe(first);
  expect(kinds('ingest')).toEqual(['started', 'ready', 'died', 'started', 'ready']);
  const lines = events.map(describeEvent).filter((line) => line !== null);
  expect(lines[0]).toBe('ingest died (signal SIGKILL), starts again in 0.0 s');
  expect(lines[1]).toMatch(/^ingest is back, ready after \d\.\d s$/);
});

test('gives up what keeps dying, with its last words', async () => {
  const spec = { name: 'ingest', command: process.execPath, args: ['-e', 'console.error("no way"); process.exit(3)'] };
  const failing: ChildSpec = { ...spec, ready: ({ signal }) => once(signal, 'abort').then(() => undefined) };
  await expect(supervisor.start(failing)).rejects.toMatchObject({
    code: 'KEEPS_DYING',
    message: expect.stringMatching(
      /ended 3 times in a row within 60 s of its start, the last time with exit 3.*\n {4}no way/s,
    ) as string,
  });
  await expect(supervisor.failed).rejects.toMatchObject({ code: 'KEEPS_DYING' });
});

test('gives up a program that is not there', async () => {
  const missing: ChildSpec = { name: 'influxd', command: join(dataDir, 'missing'), args: [] };
  await expect(supervisor.start(missing)).rejects.toThrow(/ENOENT/);
});

test('stops and tries again what runs but does not become ready', async () => {
  const deaf: ChildSpec = { ...script('influxd'), ready: () => new Promise(() => undefined), readyTimeoutMs: 200 };
  await expect(supervisor.start(deaf)).rejects.toMatchObject({ code: 'KEEPS_DYING' });
  expect(kinds('influxd').filter((kind) => kind === 'not-ready')).toHaveLength(3);
});

test('stops in the order asked for, then last started first', async () => {
  for (const name of ['nats-server', 'influxd', 'ingest', 'dashboard']) await supervisor.start(script(name));
  await supervisor.stop([['ingest']]);
  const stopped = events.filter((event) => event.kind === 'stopped').map((event) => event.name);
  expect(stopped).toEqual(['ingest', 'dashboard', 'influxd', 'nats-server']);
});

test('kills a child that does not stop', async () => {
  await supervisor.start({ ...script('ingest', 'process.on("SIGTERM", () => {})'), stopTimeoutMs: 200 });
  const pid = supervisor.pid('ingest')!;
  await supervisor.stop();
  expect(processStart(pid)).toBeUndefined();
});

test('a stop during the wait before a restart ends the wait', async () => {
  const slow = createSupervisor({
    dataDir,
    onEvent: (event) => events.push(event),
    bounds: { firstDelayMs: 60_000, maxDelayMs: 60_000, healthyAfterMs: 60_000, earlyDeathsMax: 3 },
  });
  await slow.start(script('ingest'));
  process.kill(slow.pid('ingest')!, 'SIGKILL');
  await until(() => kinds('ingest').includes('died'));
  await slow.stop();
  expect(slow.pid('ingest')).toBeUndefined();
});

test('children write to logs of their own', async () => {
  await supervisor.start(script('ingest', 'console.log("out"); console.error("err")'));
  expect(readFileSync(join(dataDir, 'logs', 'ingest.log'), 'utf8')).toBe('out\nerr\n');
});

test('after kill -9 of a supervisor the next one stops its orphans, and nobody else', async () => {
  const program = `
    import { createSupervisor } from ${JSON.stringify(join(import.meta.dirname, 'supervisor.ts'))};
    const supervisor = createSupervisor({ dataDir: ${JSON.stringify(dataDir)} });
    for (const name of ['nats-server', 'ingest']) {
      await supervisor.start({ name, command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] });
    }
    process.stdout.write('running');
  `;
  const earlier = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(earlier.stdout, 'data');
  const pids = ['nats-server', 'ingest'].map(
    (name) => (JSON.parse(readFileSync(join(dataDir, 'pids', `${name}.json`), 'utf8')) as { pid: number }).pid,
  );
  earlier.kill('SIGKILL');
  await once(earlier, 'exit');
  expect(pids.map(processStart)).not.toContain(undefined);

  // A pid that was given to somebody else meanwhile: this very process.
  const recycled = { name: 'dashboard', pid: process.pid, start: '1', order: 2 };
  writeFileSync(join(dataDir, 'pids', 'dashboard.json'), JSON.stringify(recycled));

  await supervisor.reapOrphans();
  expect(pids.map(processStart)).toEqual([undefined, undefined]);
  expect(events).toEqual([
    { kind: 'orphan-stopped', name: 'ingest', pid: pids[1] },
    { kind: 'orphan-stopped', name: 'nats-server', pid: pids[0] },
  ]);
  expect(existsSync(join(dataDir, 'pids', 'dashboard.json'))).toBe(false);
});
