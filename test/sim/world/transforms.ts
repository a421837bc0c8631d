import type { ConfigInput } from '../plan.ts';
import type { Random } from '../random.ts';

type Transform = NonNullable<ConfigInput['transforms']>[number];

/** In a new order, too: unchanged ones keep what they remember. */
export function drawTransforms(random: Random): Transform[] {
  const where = random.chance(0.2) ? { where: { site: 'plant1' } } : {};
  const all: Transform[] = [
    { name: 'no-state', drop: ['state'] },
    { name: 'physical', field: 'temperature', range: [1, 8] },
    { name: 'calm', field: 'temperature', deadband: random.pick([0, 1]), ...where },
    { name: 'calm-for-long', field: 'pressure', deadband: 2, every: '5s' },
    { name: 'fewer', sample: random.pick(['1s', '3s']), ...where },
    { name: 'double', field: 'temperature', scale: 2, offset: -1 },
    { name: 'pascal', field: 'pressure', convert: { from: 'kPa', to: 'Pa' } },
    { name: 'looked-up', enrich: 'lines', tags: ['line'], fields: ['limit'], ...where },
    { name: 'over', set: 'over', expression: 'temperature - limit' },
    { name: 'computed', set: 'double-pressure', expression: 'pressure * 2 + 1' },
    { name: 'never', set: 'temperature', expression: 'pressure / (pressure - pressure)' },
  ];
  return all
    .filter(() => random.chance(0.3))
    .map((transform) => ({ transform, place: random.next() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ transform }) => transform);
}

/** `c` is in no row. */
export function drawTables(random: Random): NonNullable<ConfigInput['tables']> {
  const rows: Record<string, string | number>[] = [
    { device: 'a', line: random.pick(['one', 'two']), limit: random.integer(2, 10) / 2 },
    random.chance(0.5) ? { device: 'b', line: 'one' } : { device: 'b', limit: 3 },
  ];
  return [{ name: 'lines', key: 'device', rows }];
}
