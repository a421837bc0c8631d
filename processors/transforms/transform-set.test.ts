import { describe, expect, it } from 'vitest';
import type { FieldValue } from '../../events/reading.ts';
import type { configSchema } from '../../infra/config/schema.ts';
import type { z } from 'zod';
import { logStartUs, testConfig } from '../test-log.ts';
import { TransformSet } from './transform-set.ts';
import type { Draft } from './transform.ts';

type Written = z.input<typeof configSchema>;
type Transform = NonNullable<Written['transforms']>[number];

const draft = (fields: Record<string, FieldValue>, over: Partial<Draft> = {}): Draft => ({
  key: 'plant1/press-7',
  device: 'press-7',
  timeUs: logStartUs,
  ownTime: true,
  fields: { ...fields },
  tags: { site: 'plant1' },
  receivedAtUs: logStartUs,
  origin: { partition: 0, sequence: 1, index: 0 },
  ...over,
});
const setOf = (...transforms: Omit<Transform, 'name'>[]) =>
  new TransformSet(testConfig({ transforms: transforms.map((one, i) => ({ name: `t${i}`, ...one })) }));

/** What is left of fields; null: filtered. */
function after(transform: Omit<Transform, 'name'>, fields: Record<string, FieldValue>) {
  const one = draft(fields);
  return setOf(transform).apply(one) === null ? one.fields : null;
}

describe('a reading', () => {
  it.each<[Omit<Transform, 'name'>, Record<string, FieldValue>, Record<string, FieldValue> | null]>([
    [{ drop: ['debug', 'rssi'] }, { t: 1, rssi: -40, debug: 'x' }, { t: 1 }],
    [{ drop: ['debug', 'rssi'] }, { rssi: -40 }, null],
    [{ drop: ['debug'] }, { t: 1 }, { t: 1 }],
    [
      { field: 't', range: [-40, 200] },
      { t: -40, h: 1 },
      { t: -40, h: 1 },
    ],
    [{ field: 't', range: [-40, 200] }, { t: 200 }, { t: 200 }],
    [{ field: 't', range: [-40, 200] }, { t: 200.1, h: 1 }, { h: 1 }],
    [{ field: 't', range: [-40, 200] }, { t: -41 }, null],
    [{ field: 't', range: [-40, 200] }, { t: 'n/a' }, { t: 'n/a' }],
    [{ field: 't', convert: { from: '°F', to: '°C' } }, { t: 212 }, { t: 100 }],
    [{ field: 't', convert: { from: '°F', to: '°C' } }, { t: 'hot' }, { t: 'hot' }],
    [{ field: 'p', scale: 2, offset: -0.5 }, { p: 3 }, { p: 5.5 }],
    [{ field: 'p', scale: 1e300 }, { p: 1e300, t: 1 }, { t: 1 }],
    [{ field: 'p', scale: 1e300 }, { p: 1e300 }, null],
    [
      { set: 'power', expression: 'voltage * current' },
      { voltage: 2, current: 3 },
      { voltage: 2, current: 3, power: 6 },
    ],
    [{ set: 'power', expression: 'voltage * current' }, { voltage: 2 }, { voltage: 2 }],
    [
      { set: 'ratio', expression: 'a / b' },
      { a: 1, b: 0 },
      { a: 1, b: 0 },
    ],
    [{ set: 'a', expression: 'a / b' }, { a: 1, b: 0 }, { b: 0 }],
    [{ set: 'a', expression: 'a / 0.5' }, { a: 1 }, { a: 2 }],
    [{ set: 'hot', expression: 'a > 1' }, { a: 2 }, { a: 2, hot: true }],
    [{ set: 'neg', expression: '-a * 0' }, { a: 2 }, { a: 2, neg: 0 }],
    [{ drop: ['t'], where: { site: 'plant1', device: 'press-7' } }, { t: 1 }, null],
    [{ drop: ['t'], where: { site: 'plant2' } }, { t: 1 }, { t: 1 }],
    [{ drop: ['t'], where: { device: 'press-8' } }, { t: 1 }, { t: 1 }],
  ])('%j of %j', (transform, fields, expected) => expect(after(transform, fields)).toEqual(expected));

  it('minus zero is zero', () => {
    expect(Object.is(after({ field: 'a', scale: -1 }, { a: 0 })!['a'], 0)).toBe(true);
    expect(Object.is(after({ set: 'b', expression: '-a' }, { a: 0 })!['b'], 0)).toBe(true);
  });

  it('a result that is no finite number is counted, and so is the value that it takes away', () => {
    const set = setOf(
      { set: 'ratio', expression: 'a / b' },
      { set: 'a', expression: 'a / b' },
      { field: 'p', scale: 1e300 },
    );
    const each: Record<string, FieldValue>[] = [
      { a: 1, b: 0 },
      { a: 1, b: 2 },
      { p: 1e300, q: 1 },
    ];
    for (const fields of each) set.apply(draft(fields));
    expect(set.takeTallies()).toEqual([
      { transform: 't0', filtered: 0, fields: 0, notFinite: 1, unmatched: 0 },
      { transform: 't1', filtered: 0, fields: 1, notFinite: 1, unmatched: 0 },
      { transform: 't2', filtered: 0, fields: 1, notFinite: 1, unmatched: 0 },
    ]);
  });

  it('transforms go in their order', () => {
    const set = setOf(
      { field: 't', convert: { from: '°F', to: '°C' } },
      { field: 't', range: [0, 100] },
      { set: 'double', expression: 't * 2' },
    );
    const [kept, gone] = [draft({ t: 212 }), draft({ t: 213 })];
    expect([set.apply(kept), set.apply(gone)]).toEqual([null, 't1']);
    expect(kept.fields).toEqual({ t: 100, double: 200 });
    expect(set.takeTallies()).toEqual([{ transform: 't1', filtered: 1, fields: 1, notFinite: 0, unmatched: 0 }]);
    expect(set.takeTallies()).toEqual([]);
  });
});

describe('enrich', () => {
  const tables: NonNullable<Written['tables']> = [
    {
      name: 'lines',
      key: 'device',
      rows: [
        { device: 'press-7', line: 'bake', limit: 85, note: '' },
        { device: '8', line: 4 },
      ],
    },
    { name: 'sites', key: ['site', 'line'], rows: [{ site: 'plant1', line: 'bake', shift: 'early' }] },
  ];
  const set = (...transforms: Omit<Transform, 'name'>[]) =>
    new TransformSet(testConfig({ tables, transforms: transforms.map((one, i) => ({ name: `t${i}`, ...one })) }));
  const lines = { enrich: 'lines', tags: ['line', 'note'], fields: ['limit'] };

  it('brings tags and fields; what is empty is left out', () => {
    const one = draft({ t: 1, limit: 1 });
    expect(set(lines).apply(one)).toBeNull();
    expect(one).toMatchObject({ fields: { t: 1, limit: 85 }, tags: { site: 'plant1', line: 'bake' } });
    const other = draft({ t: 1 }, { device: '8' });
    set(lines).apply(other);
    expect(other).toMatchObject({ fields: { t: 1 }, tags: { site: 'plant1', line: '4' } });
  });

  it('goes by tags that were brought before', () => {
    const one = draft({ t: 1 });
    set(lines, { enrich: 'sites', tags: ['shift'] }).apply(one);
    expect(one.tags).toEqual({ site: 'plant1', line: 'bake', shift: 'early' });
  });

  it('without a row nothing changes, and it is counted', () => {
    const transforms = set(lines);
    const one = draft({ t: 1 }, { device: 'press-9' });
    transforms.apply(one);
    expect(one).toEqual(draft({ t: 1 }, { device: 'press-9' }));
    expect(transforms.takeTallies()).toEqual([{ transform: 't0', filtered: 0, fields: 0, notFinite: 0, unmatched: 1 }]);
  });

  it('readings of one topic share their tags object before and after', () => {
    const transforms = set(lines);
    const tags = { site: 'plant1' };
    const [a, b] = [draft({ t: 1 }, { tags }), draft({ t: 2 }, { tags })];
    transforms.apply(a);
    transforms.apply(b);
    expect(a.tags).toBe(b.tags);
  });

  it('a reading with nothing but what tables brought is filtered', () => {
    expect(set(lines, { drop: ['t'] }).apply(draft({ t: 1 }))).toBe('t1');
    expect(set(lines, { drop: ['t'] }).apply(draft({ t: 1, h: 1 }))).toBeNull();
  });

  it('another table is in force at once', () => {
    const transforms = set(lines);
    const tags = { site: 'plant1' };
    transforms.apply(draft({ t: 1 }, { tags }));
    const next = testConfig({
      tables: [{ name: 'lines', key: 'device', rows: [{ device: 'press-7', line: 'cut' }] }],
      transforms: [{ name: 't0', ...lines }],
    });
    transforms.reconfigure(next);
    const one = draft({ t: 1 }, { tags });
    transforms.apply(one);
    expect(one.tags).toEqual({ site: 'plant1', line: 'cut' });
  });
});

it('unchanged transforms keep their state, changed ones start afresh', () => {
  const config = (deadband: number) =>
    testConfig({
      transforms: [
        { name: 'a', field: 'a', deadband: 1 },
        { name: 'b', field: 'b', deadband },
      ],
    });
  const set = new TransformSet(config(1));
  const again = () => {
    const one = draft({ a: 1, b: 1, c: 1 });
    set.apply(one);
    return Object.keys(one.fields);
  };
  expect([again(), again()]).toEqual([['a', 'b', 'c'], ['c']]);
  set.reconfigure(config(2));
  expect(again()).toEqual(['b', 'c']);
});
