import { expect, it } from 'vitest';
import type { ProcessorsReport } from '../../../events/health.ts';
import { configSchema } from '../../../infra/config/schema.ts';
import { doesWords, transformFigures } from './transform-figures.ts';

const configured = (...transforms: object[]) => configSchema.parse({ transforms }).transforms;
const report = (partition: number, transforms: object) =>
  ({ workers: [{ partition, transforms }] }) as unknown as ProcessorsReport;

it.each([
  [{ drop: ['debug', 'rssi'] }, 'leaves out debug, rssi'],
  [{ field: 't', range: [-40, 200] }, 'leaves out t outside -40 to 200'],
  [{ field: 't', deadband: 0.2, every: '5m' }, 'keeps t when it moves by more than 0.2, at least every 5m'],
  [{ sample: '10s', where: { site: 'plant1' } }, 'keeps one reading in 10s, where site plant1'],
  [{ field: 't', convert: { from: '°F', to: '°C' } }, 't from °F to °C'],
  [{ field: 'p', scale: 1.02, offset: -0.3 }, 'p times 1.02 plus -0.3'],
  [{ set: 'power', expression: 'voltage * current' }, 'power is voltage * current'],
  [{ enrich: 'lines', tags: ['line'], fields: ['limit'] }, 'adds line, limit from lines'],
])('%j', (transform, words) => expect(configured({ name: 'x', ...transform }).map(doesWords)).toEqual([words]));

it('sums over partitions, in the order of the configuration, and keeps what was counted of those that are gone', () => {
  const counts = { filtered: 2, fields: 1, notFinite: 0, unmatched: 3 };
  const reports = [report(0, { quiet: counts, old: { ...counts, filtered: 9 } }), report(1, { quiet: counts })];
  expect(transformFigures(configured({ name: 'none', drop: ['x'] }, { name: 'quiet', sample: '1s' }), reports)).toEqual(
    [
      { name: 'none', does: 'leaves out x', filtered: 0, fields: 0, notFinite: 0, unmatched: 0 },
      { name: 'quiet', does: 'keeps one reading in 1s', filtered: 4, fields: 2, notFinite: 0, unmatched: 6 },
      { name: 'old', does: null, filtered: 9, fields: 1, notFinite: 0, unmatched: 3 },
    ],
  );
});
