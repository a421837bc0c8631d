import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FieldValue, Reading } from '../events/reading.ts';
import type { configSchema, ProcessingConfig } from '../infra/config/schema.ts';
import type { z } from 'zod';
import { createIntake } from './intake.ts';
import { createPipeline } from './pipeline.ts';
import type { LogMessage, Step } from './step.ts';
import { logStartUs, publish, stepsOf, stored, testConfig, tick } from './test-log.ts';

/** Random transforms over random readings, against an oracle that looks at the whole past each time. */

type Written = NonNullable<z.input<typeof configSchema>['transforms']>[number];

const rows: (Record<string, string | number> & { device: string; line: string })[] = [
  { device: 'd0', line: 'bake', limit: 50 },
  { device: 'd1', line: 'cut' },
];
const field = fc.constantFrom('a', 'b', 'c');
const where = fc.constantFrom<Record<string, string>>({}, {}, { device: 'd0' }, { site: 's1' }, { line: 'bake' });
const kind: fc.Arbitrary<Omit<Written, 'name'>> = fc.oneof(
  fc.record({ drop: fc.uniqueArray(field, { minLength: 1 }) }),
  fc.record({ field, range: fc.tuple(fc.integer({ min: -5, max: 2 }), fc.integer({ min: 3, max: 9 })) }),
  fc.record({ field, deadband: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ field, deadband: fc.integer({ min: 0, max: 3 }), every: fc.constantFrom('2s', '10s') }),
  fc.record({ sample: fc.constantFrom('1s', '4s') }),
  fc.record({ field, scale: fc.constantFrom(-1, 0.5, 3), offset: fc.constantFrom(0, 1) }),
  fc.record({ set: field, expression: fc.constantFrom('a + b', 'a / b', 'c > 1 ? a : b', 'abs(c) - 1') }),
  fc.constant<Omit<Written, 'name'>>({ enrich: 'lines', tags: ['line'], fields: ['limit'] }),
);
const config: fc.Arbitrary<ProcessingConfig> = fc
  .array(fc.tuple(kind, where), { minLength: 1, maxLength: 6 })
  .map((list) =>
    testConfig({
      limits: { devicesMax: 3 },
      tables: [{ name: 'lines', key: 'device', rows }],
      transforms: list.map(([one, only], i) => ({ name: `t${i}`, where: only, ...one })),
    }),
  );

const value = fc.oneof(fc.integer({ min: -6, max: 10 }), fc.constantFrom<FieldValue>('on', 'off', true, false));
const record = fc.record({
  device: fc.nat(3),
  site: fc.constantFrom('s0', 's1'),
  // Steps of half a second: equal times and exact ends of `every` are frequent.
  agoMs: fc.option(fc.oneof(fc.nat(3), fc.nat(40)).map((steps) => steps * 500)),
  fields: fc.dictionary(field, value, { minKeys: 1 }),
  packetId: fc.nat(99),
});
const log: fc.Arbitrary<LogMessage[]> = fc
  .array(fc.record({ passesMs: fc.nat(6).map((steps) => steps * 500), records: fc.array(record, { maxLength: 6 }) }), {
    maxLength: 40,
  })
  .map((messages) => {
    let nowMs = logStartUs / 1e3;
    return messages.map(({ passesMs, records }, i) => {
      nowMs += passesMs;
      const publishes = records.map(({ device, site, agoMs, fields, packetId }) => {
        const time = agoMs === null ? undefined : nowMs - agoMs;
        const over = { packetId, receivedAtUs: nowMs * 1e3 };
        return publish(`sensors/${site}/d${device}`, JSON.stringify({ time, ...fields }), over);
      });
      return { partition: 0, sequence: i + 1, nowUs: nowMs * 1e3, records: [tick, ...publishes] };
    });
  });

type Seen = Pick<Reading, 'key' | 'device' | 'timeUs' | 'tags'> & { fields: Record<string, FieldValue> };

/** What transforms make of readings, each by its definition over all that came before. @returns null: filtered */
function oracle({ transforms }: ProcessingConfig, readings: readonly Reading[]): (Seen | null)[] {
  const pasts = transforms.map(() => [] as { key: string; timeUs: number; value: FieldValue; slot: number }[]);
  return readings.map(({ key, device, timeUs, tags: own, fields: sent }) => {
    let fields = { ...sent };
    let tags = own;
    for (const [i, one] of transforms.entries()) {
      const all: Record<string, string> = { ...tags, device };
      if (Object.entries(one.where).some(([name, wanted]) => all[name] !== wanted)) continue;
      const past = pasts[i]!.filter((kept) => kept.key === key);
      const without = (names: readonly string[]) =>
        (fields = Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name))));
      const had = fields[one.field ?? ''];
      const before = Object.keys(fields).length;
      if (one.drop) without(one.drop);
      if (one.range && typeof had === 'number' && (had < one.range[0] || had > one.range[1])) without([one.field!]);
      if (one.deadband !== undefined && had !== undefined) {
        const newest = Math.max(...past.map((kept) => kept.timeUs));
        const last = past.findLast((kept) => kept.timeUs === newest);
        const near =
          last !== undefined &&
          (typeof had === 'number' && typeof last.value === 'number'
            ? Math.abs(had - last.value) <= one.deadband
            : had === last.value);
        if (near && timeUs >= newest && timeUs - newest < (one.every ?? Number.POSITIVE_INFINITY) * 1e3)
          without([one.field!]);
        else pasts[i]!.push({ key, timeUs, value: had, slot: 0 });
      }
      if (one.sample !== undefined) {
        const slot = Math.floor(timeUs / (one.sample * 1e3));
        if (past.slice(-16).some((kept) => kept.slot === slot)) return null;
        pasts[i]!.push({ key, timeUs, value: 0, slot });
      }
      if (one.scale !== undefined && typeof had === 'number') fields[one.field!] = had * one.scale + one.offset! + 0;
      if (one.set !== undefined) compute(one.expression!, one.set, fields, without);
      if (one.enrich !== undefined) {
        const row = rows.find((candidate) => candidate.device === device);
        if (row !== undefined) tags = { ...tags, line: row.line };
        if (row?.['limit'] !== undefined) fields['limit'] = row['limit'];
      }
      const left = Object.keys(fields).filter((name) => name !== 'limit').length;
      if (Object.keys(fields).length < before && left === 0) return null;
    }
    return { key, device, timeUs, tags, fields };
  });
}

function compute(
  text: string,
  set: string,
  fields: Record<string, FieldValue>,
  without: (names: string[]) => void,
): void {
  const { a, b, c } = Object.fromEntries(
    ['a', 'b', 'c'].map((name) => [name, typeof fields[name] === 'string' ? Number.NaN : Number(fields[name])]),
  ) as Record<'a' | 'b' | 'c', number>;
  const has = (...names: string[]) =>
    names.every((name) => typeof fields[name] === 'number' || typeof fields[name] === 'boolean');
  let result: FieldValue | undefined;
  if (text === 'a + b' && has('a', 'b')) result = a + b;
  if (text === 'a / b' && has('a', 'b')) result = a / b;
  // A branch is handed on as it is, texts and booleans too.
  if (text === 'c > 1 ? a : b' && has('c')) result = c > 1 ? fields['a'] : fields['b'];
  if (text === 'abs(c) - 1' && has('c')) result = Math.abs(c) - 1;
  if (result === undefined) return;
  if (typeof result !== 'number') fields[set] = result;
  else if (Number.isFinite(result)) fields[set] = result + 0;
  else without([set]);
}

const readingsOf = (steps: readonly Step[]) => steps.flatMap((step) => step.readings);
const seen = ({ key, device, timeUs, tags, fields }: Reading): Seen => ({ key, device, timeUs, tags, fields });
const intakeOf = (one: ProcessingConfig, restored?: unknown) =>
  createIntake({ config: one, partition: 0, partitions: 1, restored });

it('readings are what the definition of each transform says', () => {
  fc.assert(
    fc.property(config, log, (one, messages) => {
      const plain = readingsOf(stepsOf(intakeOf({ ...one, transforms: [] }).operator, messages));
      const steps = stepsOf(intakeOf(one).operator, messages);
      const expected = oracle(one, plain);
      expect(readingsOf(steps).map(seen)).toEqual(expected.filter((reading) => reading !== null));
      expect(steps.flatMap(({ filtered }) => filtered.map(({ origin }) => origin))).toEqual(
        plain.filter((_, i) => expected[i] === null).map(({ origin }) => origin),
      );
      for (const { arrivals, readings } of steps) expect(arrivals.map(({ reading }) => reading)).toEqual(readings);
    }),
    { numRuns: 500 },
  );
});

it('restored at any point it goes on as if uninterrupted', () => {
  fc.assert(
    fc.property(config, log, fc.nat(40), (one, messages, at) => {
      const split = at % (messages.length + 1);
      const original = createPipeline({ config: one, partition: 0, partitions: 1, customs: [] });
      stepsOf(original.operator, messages.slice(0, split));
      const restored = createPipeline({
        config: one,
        partition: 0,
        partitions: 1,
        customs: [],
        restored: stored(original.snapshot()),
      });
      const rest = messages.slice(split);
      const told = (steps: readonly Step[]) =>
        steps.map(({ readings, filtered, tallies }) => ({ readings, filtered, tallies }));
      expect(told(stepsOf(restored.operator, rest))).toEqual(told(stepsOf(original.operator, rest)));
      expect(stored(restored.snapshot())).toEqual(stored(original.snapshot()));
    }),
    { numRuns: 200 },
  );
});

it('every publish is a reading, filtered, a duplicate or in quarantine, in total and for each device', () => {
  fc.assert(
    fc.property(config, log, (one, messages) => {
      const whole = createPipeline({ config: one, partition: 0, partitions: 1, customs: [] });
      for (const { received, readings, quarantined, duplicates, filtered } of stepsOf(whole.operator, messages))
        expect(readings.length + quarantined.length + duplicates.length + filtered.length).toBe(received);
      const { received, readings, quarantined, duplicate, filtered, transforms } = whole.totals;
      expect(readings + quarantined + duplicate + filtered).toBe(received);
      expect(Object.values(transforms).reduce((sum, tally) => sum + tally.filtered, 0)).toBe(filtered);
      for (const { key, readings: taken } of whole.devices.page(undefined, 9)) {
        const ledger = whole.ledger(key)!;
        expect(ledger.received).toBe(taken + ledger.quarantined + ledger.duplicate + ledger.filtered);
      }
    }),
    { numRuns: 100 },
  );
});

it('without transforms a reading is the one it was', () => {
  const [step] = stepsOf(intakeOf(testConfig()).operator, [
    { partition: 0, sequence: 1, nowUs: logStartUs, records: [publish('sensors/s/d', '{"a": 1}')] },
  ]);
  expect(step).toMatchObject({ filtered: [], tallies: [], readings: [{ fields: { a: 1 } }] });
});
