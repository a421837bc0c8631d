import type { Reading } from '../events/reading.ts';
import type { WindowResult } from '../events/window.ts';
import { configSchema } from '../infra/config/schema.ts';
import { WindowSet } from '../processors/windows/window-set.ts';

/**
 * What windows cost: `node --expose-gc infra/launch.mjs --script bench/windows.ts`, or directly. Prints for fleets of
 * several sizes the time per reading, window and field, and the heap per device, window and field.
 */

const startUs = Date.UTC(2026, 5, 1) * 1e3;
const readingsEach = 300_000;

const sets = {
  '10 tumbling': ['10s', '20s', '30s', '1m', '2m', '5m', '10m', '15m', '30m', '1h'].map((size) => ({
    name: size,
    size,
  })),
  '1 tumbling': [{ name: '1m', size: '1m' }],
  '1 tumbling with percentiles': [{ name: '1m', size: '1m', aggregates: ['p95' as const] }],
  '1 hopping of 5': [{ name: 'hop', kind: 'hopping' as const, size: '5m', every: '1m' }],
  '1 session': [{ name: 'run', kind: 'session' as const, gap: '5m' }],
  '1 count': [{ name: 'each-100', kind: 'count' as const, count: 100 }],
};

for (const [name, windows] of Object.entries(sets)) {
  for (const devices of [10, 1_000, 100_000]) {
    if (devices === 100_000 && name !== '10 tumbling' && name !== '1 tumbling') continue;
    const { ns, bytes } = measure(windows, devices);
    process.stdout.write(
      `${name.padEnd(28)} ${String(devices).padStart(7)} devices: ${ns.toFixed(0).padStart(5)} ns, ${bytes.toFixed(0).padStart(5)} B\n`,
    );
  }
}

function measure(windows: readonly object[], devices: number) {
  const configs = configSchema.parse({ windows }).windows;
  const set = new WindowSet(configs, 0);
  const keys = Array.from({ length: devices }, (_, i) => `plant${i % 7}/press-${i}`);
  const tags = { site: 'plant' };
  const closed: WindowResult[] = [];
  let timeUs = startUs;
  const perMessage = Math.min(500, devices);
  const feed = (readings: number) => {
    for (let i = 0; i < readings;) {
      timeUs += Math.round((perMessage / devices) * 1e6);
      const at = { nowUs: timeUs, elapsedUs: timeUs - startUs };
      const origin = { partition: 0, sequence: i, index: -1 };
      set.advance(at, origin, closed);
      for (let j = 0; j < perMessage; j++, i++) {
        const key = keys[i % devices]!;
        const fields = { temperature: (i * 37) % 101 };
        const reading: Reading = {
          key,
          device: key,
          timeUs,
          ownTime: true,
          fields,
          tags,
          receivedAtUs: timeUs,
          origin,
        };
        set.add(reading, at, closed);
      }
      set.revise(origin, closed);
      closed.length = 0;
    }
  };
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  feed(Math.max(200_000, devices * 3));
  globalThis.gc?.();
  const bytes = (process.memoryUsage().heapUsed - before) / devices / configs.length;
  // CPU time: other programs on the machine do not count.
  const began = process.cpuUsage();
  feed(readingsEach);
  const { user } = process.cpuUsage(began);
  const ns = (user * 1e3) / readingsEach / configs.length;
  return { ns, bytes };
}
