import { expect, it } from 'vitest';
import { encodeRecords } from '../events/record-codec.ts';
import type { LogRecord } from '../events/record.ts';
import { logHeaders, subjects } from '../events/subjects.ts';
import type { ProcessingConfig } from '../infra/config/schema.ts';
import type { SchemaInForce } from '../infra/schemas/schema-text.ts';
import { FleetCore } from './fleet/fleet-core.ts';
import { createPipeline } from './pipeline.ts';
import { control, logOf, logStartUs, publish, stepsOf, testConfig, tick } from './test-log.ts';
import { WorkerCore } from './worker/worker-core.ts';

// A schema that is registered is a new configuration version, and nothing else of it changes.

const schemaOf = (version: number, field: string): SchemaInForce => ({
  name: `s version ${version}`,
  subject: 's',
  version,
  id: version,
  hash: String(version),
  type: 'AVRO',
  text: JSON.stringify({ type: 'record', name: 'R', fields: [{ name: field, type: 'int' }] }),
  references: [],
});
const configWith = (...schemas: SchemaInForce[]): ProcessingConfig => ({
  ...testConfig({
    topics: [
      { template: 'bare/{device}', format: 'avro', schema: 's' },
      { template: 'wire/{device}', format: 'avro' },
    ],
    windows: [{ name: '10s', size: '10s', idle: '1m' }],
    rules: [{ name: 'hot', field: 'a', above: 5 }],
    transforms: [{ name: 'quiet', field: 'q', deadband: 1_000 }],
  }),
  schemas,
});
const bare = (value: number) => publish('bare/d', Buffer.from([2 * value]), { qos: 0 });
const wire = (id: number, value: number, atSeconds: number) =>
  publish('wire/e', Buffer.from([0, 0, 0, 0, id, 2 * value]), { qos: 0, receivedAtUs: logStartUs + atSeconds * 1e6 });

it('payloads are read by the schemas that are in force at their position; windows and alerts go on', () => {
  const whole = createPipeline({ config: configWith(schemaOf(1, 'a')), partition: 0, partitions: 1, customs: [] });
  const first = stepsOf(whole.operator, logOf([1, tick, bare(9), wire(2, 1, 1), wire(1, 2, 1)]));
  expect(first[0]!.readings.map(({ key, fields }) => [key, fields])).toEqual([
    ['d', { a: 9 }],
    ['e', { a: 2 }],
  ]);
  expect(first[0]!.quarantined).toMatchObject([{ reason: 'unknown-schema', topic: 'wire/e' }]);
  expect(whole.alerts()).toMatchObject([{ state: 'firing' }, { state: 'ok' }]);

  whole.reconfigure(configWith(schemaOf(1, 'a'), schemaOf(2, 'b')), []);
  const [edit, second, last] = stepsOf(
    whole.operator,
    logOf([2, control], [3, tick, bare(7), wire(2, 1, 3), wire(1, 4, 3)], [20, tick, wire(1, 1, 20)]),
  );
  expect(edit!.transitions).toEqual([]);
  expect(whole.alerts().find(({ key }) => key === 'd')).toMatchObject({ state: 'firing' });
  expect(second!.readings.map(({ fields }) => fields)).toEqual([{ b: 7 }, { b: 1 }, { a: 4 }]);
  // Both readings of e under version 1 are in the one window that was open when version 2 came.
  expect(last!.windows).toMatchObject([
    { key: 'e', field: 'a', count: 2, sum: 6 },
    { key: 'e', field: 'b', count: 1 },
  ]);
});

it('a control record of a lower version, which somebody else was faster than, is not switched to', () => {
  const stored = (sequence: number, version: number) => {
    const records: LogRecord[] = [{ kind: 'control', version, previous: 1, hash: '' }];
    const headers: Readonly<Record<string, string>> = {
      [logHeaders.format]: '1',
      [logHeaders.producer]: `config-${version}`,
      [logHeaders.producerSequence]: '1',
    };
    const header = (name: string) => headers[name];
    return { subject: subjects.log(0), sequence, timeUs: logStartUs, data: encodeRecords(records), header };
  };
  const worker = new WorkerCore({ partition: 0, partitions: 1 });
  worker.start({ version: 7, config: configWith(), customs: [] });
  expect(worker.read(stored(1, 6)).needs).toBeNull();
  expect(worker.read(stored(1, 8)).needs).toBe(8);
  const fleet = new FleetCore(1);
  fleet.take(fleet.read(stored(1, 7)), { version: 7, config: configWith() });
  expect(fleet.read(stored(2, 6)).needs).toBeNull();
  expect(fleet.read(stored(2, 8)).needs).toBe(8);
});
