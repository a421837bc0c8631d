import { describe, expect, it } from 'vitest';
import type { PublishRecord, QuarantinedBy } from '../events/record.ts';
import { TakenRedriven } from './decode/taken-redriven.ts';
import { createIntake } from './intake.ts';
import type { LogMessage, Step } from './step.ts';
import { logOf, logStartUs, publish, stepsOf, stored, testConfig } from './test-log.ts';

const topic = 'sensors/plant1/press-7';
const wrong = testConfig({ topics: [{ template: 'other/{device}', format: 'json' }] });
const right = testConfig();
const at = (atSeconds: number) => logStartUs + atSeconds * 1e6;
const timed = (atSeconds: number, t = 1) => JSON.stringify({ time: at(atSeconds), t });

/** The record again, as it stands in message `sequence`. */
const again = (record: PublishRecord, sequence: number, part: number | null = null, by: QuarantinedBy = 'worker') => ({
  ...record,
  redriven: { partition: 0, sequence, index: 0, part, by },
});

const options = { partition: 0, partitions: 1 };

/** Runs messages; before message `fixedAt` the right configuration comes into force. */
function run(messages: readonly LogMessage[], fixedAt: number, isStorage = false): Step[] {
  const intake = createIntake({ config: fixedAt > 1 ? wrong : right, ...options, isStorage });
  return messages.flatMap((message) => {
    if (message.sequence === fixedAt) intake.reconfigure(right);
    return stepsOf(intake.operator, [message]);
  });
}

const fates = ({ readings, quarantined, duplicates }: Step) => [
  ...readings.map(({ timeUs, fields }) => [(timeUs - logStartUs) / 1e6, fields['t']]),
  ...quarantined.map(({ reason }) => reason),
  ...duplicates.map(({ kind }) => kind),
];

describe('a redriven record', () => {
  const untimed = publish(topic, '{"t": 7}', { receivedAtUs: at(1) });
  const ownTimed = publish(topic, timed(0.5), { receivedAtUs: at(1) });

  it.each<[string, PublishRecord, unknown]>([
    ['without a time of its own stands at its arrival', untimed, [1, 7]],
    ['with one at that', ownTimed, [0.5, 1]],
    ['is no retransmission of its original, though it says so', { ...untimed, dup: true }, [1, 7]],
  ])('%s; a second time it is a duplicate', (_what, record, expected) => {
    const later = publish(topic, '{"t": 8}', { packetId: 2, receivedAtUs: at(50) });
    const steps = run(
      logOf([1, record], [50, later], [60, later], [100, again(record, 1)], [101, again(record, 1), again(record, 1)]),
      3,
    );
    expect(steps.map(fates)).toEqual([
      ['no-template'],
      ['no-template'],
      [[50, 8]],
      [expected],
      ['redriven', 'redriven'],
    ]);
    expect(steps.at(-2)!.redriven).toMatchObject([
      { of: { sequence: 1, index: 0, part: null }, origin: { sequence: 4 }, readings: 1, duplicate: 0, reason: null },
    ]);
    expect(steps.at(-1)!.redriven).toMatchObject([{ duplicate: 1 }, { origin: { index: 1 }, duplicate: 1 }]);
  });

  it('twice in one message is taken once', () => {
    const [, step] = run(logOf([1, untimed], [2, again(untimed, 1), again(untimed, 1)]), 2);
    expect(fates(step!)).toEqual([[1, 7], 'redriven']);
  });

  it('is refused again while nothing was mended, says what it was there for, and is taken after that', () => {
    const steps = run(logOf([1, untimed], [2, again(untimed, 1)], [3, again(untimed, 1)]), 3);
    expect(steps.map(fates)).toEqual([['no-template'], ['no-template'], [[1, 7]]]);
    expect(steps[1]!.quarantined[0]!.redriven).toMatchObject({ sequence: 1, index: 0, part: null });
    expect(steps[1]!.redriven).toMatchObject([{ quarantined: 1, reason: 'no-template' }]);
  });

  it('moves no time given to what comes now', () => {
    const now = publish(topic, '{"t": 9}', { packetId: 3, receivedAtUs: at(2) });
    const steps = run(logOf([1, untimed], [2, now], [3, again(untimed, 1)], [4, { ...now, receivedAtUs: at(2) }]), 2);
    expect(steps.flatMap(({ readings }) => readings.map(({ timeUs }) => timeUs))).toEqual([at(2), at(1), at(2) + 1]);
  });
});

describe('of a publish of several readings', () => {
  const batch = publish(topic, '[{"t": 1}, {"t": []}, {"t": 3}]', { receivedAtUs: at(1) });

  it('as a whole all are taken, each at a time of its own', () => {
    const steps = run(logOf([1, batch], [2, again(batch, 1)], [3, again(batch, 1)]), 2);
    expect(steps.map(fates)).toEqual([
      ['no-template'],
      [[1, 1], [1.000002, 3], 'wrong-shape'],
      ['wrong-shape', 'redriven', 'redriven'],
    ]);
  });

  it('only the one that was set aside is taken again', () => {
    const [first] = run(logOf([1, batch]), 1);
    expect(first!.quarantined).toMatchObject([{ reason: 'wrong-shape', several: true, origin: { part: 1 } }]);
    const mended = { ...batch, payload: publish(topic, '[{"t": 1}, {"t": 2}, {"t": 3}]').payload };
    const steps = run(logOf([1, batch], [2, again(mended, 1, 1)], [3, again(mended, 1, 1)]), 1);
    expect(steps.slice(1).map(fates)).toEqual([[[1.000001, 2]], ['redriven']]);
    expect(steps[1]!.received).toBe(1);
  });

  it('one that is not there any more is said', () => {
    const [step] = run(logOf([1, again(batch, 1, 5)]), 1);
    expect(fates(step!)).toEqual(['no-such-part']);
  });
});

it('what storage had set aside is a duplicate to all but storage, which takes it each time', () => {
  const record = publish(topic, timed(0.5), { receivedAtUs: at(1) });
  const messages = logOf(
    [1, record],
    [2, again(record, 1, null, 'storage')],
    [3, again(record, 1, null, 'storage')],
    [4, { ...record, packetId: 2 }],
  );
  expect(run(messages, 1).map(fates)).toEqual([[[0.5, 1]], ['redriven'], ['redriven'], ['repeat']]);
  expect(run(messages, 1, true).map(fates)).toEqual([[[0.5, 1]], [[0.5, 1]], [[0.5, 1]], ['repeat']]);
});

it('replay from any checkpoint gives what live gave', () => {
  const records = Array.from({ length: 6 }, (_, i) =>
    publish(topic, i % 2 === 0 ? `{"t": ${i}}` : `[${timed(i)}, {"t": ${i}}]`, { packetId: i, receivedAtUs: at(i) }),
  );
  const messages = logOf(
    ...records.map((record, i) => [i + 1, record] as const),
    ...records.map((record, i) => [i + 20, again(record, i + 1), again(record, i + 1, 0)] as const),
    ...records.map((record, i) => [i + 30, again(record, i + 1, i % 2), again(record, i + 1)] as const),
  );
  const whole = run(messages, 7);
  for (let cut = 1; cut < messages.length; cut++) {
    const live = createIntake({ config: wrong, ...options });
    for (const message of messages.slice(0, cut)) {
      if (message.sequence === 7) live.reconfigure(right);
      stepsOf(live.operator, [message]);
    }
    const config = cut < 7 ? wrong : right;
    const restored = createIntake({ config, ...options, restored: stored(live.snapshot()) });
    const rest = messages.slice(cut).flatMap((message) => {
      if (message.sequence === 7) restored.reconfigure(right);
      return stepsOf(restored.operator, [message]);
    });
    const facts = ({ readings, quarantined, duplicates, redriven }: Step) => ({
      readings,
      quarantined,
      duplicates,
      redriven,
    });
    expect(rest.map(facts)).toEqual(whole.slice(cut).map(facts));
  }
});

it('remembers as many as are kept, also through a snapshot', () => {
  const of = (sequence: number) => ({ partition: 0, sequence, index: 0, part: null, by: 'worker' as const });
  const taken = new TakenRedriven(undefined, 3);
  for (const sequence of [1, 2, 3]) expect(taken.take(of(sequence), 0)).toBe(true);
  expect(taken.take(of(1), 0)).toBe(false);
  expect(taken.take(of(1), 1)).toBe(true);
  const restored = new TakenRedriven(taken.snapshot(), 3);
  expect(restored.take(of(3), 0)).toBe(false);
  expect(restored.take(of(1), 0)).toBe(true);
});
