import type { Redriven } from '../../../events/record.ts';
import type { Random } from '../random.ts';
import type { Sent } from './device.ts';

/** Beyond every sequence of a virtual log: what is redriven is told apart by it, and need not be there. */
const sequencesFrom = 1_000_000;

/**
 * Records that come into the log again some time after they were sent, once or more: also of what was never refused,
 * and without waiting for a configuration that takes them, which is harder on the processing than people are.
 */
export function drawRedrives(random: Random, sent: readonly Sent[]): Sent[] {
  if (!random.chance(0.3)) return [];
  return sent.flatMap(({ atSeconds, record }, i) => {
    if (!random.chance(0.15)) return [];
    const parts = partsOf(record.payload);
    return Array.from({ length: random.pick([1, 1, 2, 3]) }, (): Sent => {
      const part = random.chance(0.5) ? null : parts === 1 ? 0 : random.integer(0, parts);
      const by = random.chance(0.2) ? 'storage' : 'worker';
      const redriven: Redriven = { partition: 0, sequence: sequencesFrom + i, index: 0, part, by };
      return { atSeconds: atSeconds + random.next() * 15, record: { ...record, redriven } };
    });
  });
}

function partsOf(payload: Uint8Array): number {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(payload));
    return Array.isArray(value) ? Math.max(1, value.length) : 1;
  } catch {
    return 1;
  }
}
