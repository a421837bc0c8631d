import type { ConfigInput } from '../plan.ts';
import type { Random } from '../random.ts';
import type { Sent } from './device.ts';

/** How many readings a device has that sends without pause: `values` are more than are counted exactly, `points` more than are held. */
export type Crowd = 'values' | 'points';

/** `points` cost as much as a hundred other seeds: they are rare. */
export function drawCrowd(random: Random): Crowd | null {
  const share = random.next();
  return share < 0.0008 ? 'points' : share < 0.02 ? 'values' : null;
}

/** A device whose readings come by the hundred, each with another value, mostly in order. */
export function drawCrowded(
  random: Random,
  crowd: Crowd,
  { untilSeconds, beginUs }: { untilSeconds: number; beginUs: number },
): Sent[] {
  const publishes = crowd === 'points' ? 16 : random.integer(1, 3);
  const readings = crowd === 'points' ? 330 : random.integer(150, 340);
  const site = random.pick(['plant1', 'plant2']);
  const beginsAt = random.next() * (untilSeconds / 2);
  const spreadSeconds = random.pick([0.5, 2, 6]);
  let value = random.integer(0, 1_000);
  return Array.from({ length: publishes }, (_, n): Sent => {
    const atSeconds = beginsAt + ((n + 1) * spreadSeconds) / publishes;
    const fromMs = beginUs / 1e3 + (beginsAt + (n * spreadSeconds) / publishes) * 1e3;
    const stepMs = (spreadSeconds * 1e3) / publishes / readings;
    const rows = Array.from({ length: readings }, (_none, i) => {
      // Some come behind others that are later.
      const backMs = random.chance(0.02) ? random.integer(1, 400) : 0;
      const time = Math.round((fromMs + i * stepMs - backMs) * 1e3);
      return { time, temperature: (value += random.pick([1, 1, 1, 2, -7])) / 4 };
    });
    return {
      atSeconds,
      record: {
        kind: 'publish',
        client: 'crowd',
        connection: 'crowd:1',
        packetId: n + 1,
        topic: `sensors/${site}/a`,
        payload: new TextEncoder().encode(JSON.stringify(rows)),
        qos: 1,
        retain: false,
        dup: false,
        receivedAtUs: beginUs + Math.round(atSeconds * 1e6),
      },
    };
  });
}

/** A configuration for it: no rule judges an estimate, and of `points` all kinds that hold them are there. */
export function forCrowd(random: Random, crowd: Crowd, config: ConfigInput): ConfigInput {
  const { rules = [] } = config;
  if (crowd === 'values') return { ...config, rules: rules.filter(({ aggregate }) => aggregate !== 'distinct') };
  const aggregates = ['p50', 'p95', 'distinct', 'twa', 'increase', 'rate', 'duration'] as const;
  const asked = { aggregates: [...aggregates], fields: ['temperature'] };
  const times = { lateness: random.pick(['0s', '1s', '8s']), retain: '15s' };
  return {
    windows: [
      { name: 'w1', size: random.pick(['1s', '10s', '30s']), ...times, ...asked },
      { name: 'f-w1', size: '1m', from: 'w1', ...asked },
      { name: 'w2', kind: 'count', count: 4_500, ...asked },
      { name: 'w3', kind: 'session', gap: '2s', ...times, ...asked },
    ],
    rules: [{ name: 'r1', field: 'temperature', window: 'w1', aggregate: 'increase', above: 100 }],
    joins: [
      {
        name: 'delta',
        left: { field: 'temperature', where: {} },
        right: {
          field: 'temperature',
          where: random.pick<Record<string, string>>([{}, { device: 'a' }, { device: 'b' }]),
        },
        by: random.pick([[], ['site'], ['device']]),
        tolerance: random.pick(['1ms', '500ms']),
        lateness: random.pick(['2s', '8s']),
        expression: 'left - right',
      },
    ],
    clock: { maxAhead: '60s' },
  };
}
