import { describe, expect, it } from 'vitest';
import { encodeRecords } from '../../events/record-codec.ts';
import type { LogRecord } from '../../events/record.ts';
import { logHeaders, subjects } from '../../events/subjects.ts';
import { FleetCore } from '../fleet/fleet-core.ts';
import { logStartUs, publish, testConfig, tick } from '../test-log.ts';
import { WorkerCore } from './worker-core.ts';

const config = testConfig({
  windows: [{ name: 'all', kind: 'count', count: 1, by: [] }],
  rules: [
    { name: 'hot', field: 'temperature', above: 60 },
    { name: 'hot-all', window: 'all', field: 'temperature', aggregate: 'last', above: 60 },
  ],
});
const lane = { partition: 0, partitions: 1 };
const inForce = { version: 1, config, customs: [] };

function messageOf(sequence: number, producerSequence: number, records: readonly LogRecord[]) {
  const headers: Record<string, string> = {
    [logHeaders.format]: '1',
    [logHeaders.producer]: 'p',
    [logHeaders.producerSequence]: String(producerSequence),
  };
  return {
    subject: subjects.log(0),
    sequence,
    timeUs: logStartUs + sequence * 1e6,
    data: encodeRecords(records),
    header: (name: string) => headers[name],
  };
}

const hot = messageOf(1, 1, [tick, publish('sensors/plant/d1', '{"temperature":90}', { qos: 0 })]);
/** Behind messages that were removed comes what was read before, and only then the next one. */
const repeat = messageOf(9, 1, [tick]);
const next = messageOf(10, 2, [tick]);

describe('a gap is not lost where a worker dies after a repeat that stands behind it', () => {
  it.each([false, true])('of a partition, it dies: %s', (dies) => {
    let core = new WorkerCore(lane);
    core.start(inForce);
    core.take(core.read(hot), null);
    core.gap(2, 8);
    expect(core.checkpoint()!.gaps).toBeUndefined();
    core.take(core.read(repeat), null);
    if (dies) core = WorkerCore.restore(lane, core.checkpoint()!, inForce);
    const { step } = core.take(core.read(next), null);
    expect(step!.transitions).toMatchObject([{ rule: 'hot', to: 'unknown', why: 'gap' }]);
    expect(core.pipeline!.gaps()).toMatchObject([{ from: 2, to: 8, sinceUs: hot.timeUs, untilUs: next.timeUs }]);
    expect(core.checkpoint()!.gaps).toBeUndefined();
  });

  it.each([false, true])('of the fleet, it dies: %s', (dies) => {
    let core = new FleetCore(1);
    core.take(core.read(hot), inForce);
    core.gap('removed', 2, 8);
    expect(core.checkpoint()!.gaps).toBeUndefined();
    core.take(core.read(repeat), null);
    if (dies) core = FleetCore.restore(1, core.checkpoint()!, new Map([[1, config]]));
    const step = core.take(core.read(next), null);
    expect(step!.transitions).toMatchObject([{ rule: 'hot-all', to: 'unknown', why: 'gap' }]);
    expect(core.checkpoint()!.gaps).toBeUndefined();
  });
});
