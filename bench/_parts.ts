import { Packr } from 'msgpackr';
import { createHash } from 'node:crypto';
import { builtCore } from './recovery-state.ts';
import { recoveryConfig } from './recovery-fleet.ts';
import { WorkerCore } from '../processors/worker/worker-core.ts';
import { checkpointFormat } from '../processors/worker/worker-checkpoint.ts';
const lane = Array.from({ length: 25000 }, (_, i) => `press-${i}`);
const core = builtCore({ partition: 0, sequence: 4, lane, readingsEach: 20, startUs: 1.7e15 });
const packr = new Packr({ useRecords: true, moreTypes: true, int64AsType: 'number' });
const cp = core.checkpoint()! as any;
const time = (what: string, f: () => any) => {
  const t = performance.now();
  const r = f();
  console.log(what.padEnd(28), (performance.now() - t).toFixed(0), 'ms');
  return r;
};
const p = cp.pipeline;
for (const [n, v] of [
  ['intake.devices', p.intake.devices],
  ['retransmissions', p.intake.retransmissions],
  ['directory', p.directory],
  ['windows', p.windows],
  ['rules', p.rules],
] as const) {
  const b = time(`pack ${n}`, () => packr.pack(v));
  console.log('   bytes/device', (b.length / 25000).toFixed(0));
  time(`unpack ${n}`, () => packr.unpack(b));
}
const bytes = time('encode all', () => checkpointFormat.encode(core.checkpoint()!));
time('snapshot', () => core.checkpoint());
time('sha256', () => createHash('sha256').update(bytes).digest('hex'));
const decoded = time('decode', () => checkpointFormat.decode('x', bytes));
time('restore', () =>
  WorkerCore.restore({ partition: 0, partitions: 4 }, decoded, { version: 1, config: recoveryConfig(2), customs: [] }),
);
