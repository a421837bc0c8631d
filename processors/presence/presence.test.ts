import { expect, it } from 'vitest';
import type { LogRecord } from '../../events/record.ts';
import { createPipeline } from '../pipeline.ts';
import { logOf, logStartUs, publish, stepsOf, stored, testConfig, tick } from '../test-log.ts';

const key = 'plant/press';
const minute = 60;
const hour = 3_600;

type Event = readonly [atSeconds: number, ...records: LogRecord[]];

const send = (connection: string, timeS?: number): LogRecord => {
  const time = timeS === undefined ? {} : { time: (logStartUs + timeS * 1e6) / 1e3 };
  return publish('sensors/plant/press', JSON.stringify({ t: 1, ...time }), { qos: 0, connection });
};
const end = (connection: string, clean = false): LogRecord => ({
  kind: 'disconnect',
  client: 'client',
  connection,
  atUs: 0,
  clean,
});

/** As `availability` topics and wills say it. */
const say = (state: 'online' | 'offline', connection: string): LogRecord =>
  publish('sensors/plant/press/status', state, { connection });
const config = testConfig({
  topics: [
    { template: 'sensors/{site}/{device}/status', format: 'availability' },
    { template: 'sensors/{site}/{device}', format: 'json' },
  ],
});

/** `elapsed` moves by at most 2 s a message: ticks while Millrace listens. */
function listened(events: readonly Event[], untilS: number): Event[] {
  const all = [...events];
  for (let at = 0; at <= untilS; at += 2) all.push([at, tick]);
  return all.toSorted(([a], [b]) => a - b);
}

function presenceAfter(events: readonly Event[]): string {
  const pipeline = createPipeline({ config, partition: 0, partitions: 1, customs: [] });
  stepsOf(pipeline.operator, logOf(...events));
  const { state, cause } = pipeline.devices.get(key)!.presence;
  const restored = createPipeline({
    config,
    partition: 0,
    partitions: 1,
    customs: [],
    restored: stored(pipeline.snapshot()),
  });
  expect(restored.devices.get(key)!.presence).toEqual(pipeline.devices.get(key)!.presence);
  return `${state} (${cause})`;
}

/** Every so often over one connection. */
const steady = (everyS: number, untilS: number): Event[] =>
  Array.from({ length: Math.floor(untilS / everyS) + 1 }, (_, i) => [i * everyS, send('c1')]);
/** Connects, sends and goes, each time anew. */
const visits = (everyS: number, count: number): Event[] =>
  Array.from({ length: count }, (_, i): Event[] => [
    [i * everyS, send(`v${i}`)],
    [i * everyS + 1, end(`v${i}`, true)],
  ]).flat();
/** Sends an hour of minutes at once. */
const batches = (everyS: number, count: number): Event[] =>
  Array.from({ length: count }, (_, i): Event => [
    i * everyS,
    ...Array.from({ length: 60 }, (__, n) => send('c1', i * everyS - (59 - n) * minute)),
  ]);

const cases: readonly (readonly [what: string, events: readonly Event[], expected: string])[] = [
  ['a first reading', [[0, send('c1')]], 'online (reading)'],
  ['one every 10 s, silent for 28 s', listened(steady(10, 100), 128), 'online (reading)'],
  ['for 32 s', listened(steady(10, 100), 132), 'stale (silence)'],
  ['back', [...listened(steady(10, 100), 200), [201, send('c1')]], 'online (reading)'],
  ['silent while Millrace was down', [...listened(steady(10, 100), 100), [5_000, tick]], 'online (reading)'],
  ['a first reading, silent for longer than 5 min', listened([[0, send('c1')]], 302), 'unknown (silence)'],
  ['its connection broke', listened([...steady(10, 100), [101, end('c1')]], 104), 'offline (broken)'],
  ['it said goodbye', listened([...steady(10, 100), [101, end('c1', true)]], 104), 'offline (goodbye)'],
  ['and is back on another', [...steady(10, 100), [101, end('c1')], [105, send('c2')]], 'online (reading)'],
  ['offline stays offline, however long', listened([...steady(10, 100), [101, end('c1')]], 900), 'offline (broken)'],
  ['another connection of its client ended', [...steady(10, 100), [101, end('c0')]], 'online (reading)'],
  ['the connection before ended late', [...steady(10, 100), [101, send('c2')], [102, end('c1')]], 'online (reading)'],
  [
    'a will stands behind the end in the log',
    [...steady(10, 100), [101, end('c1')], [102, send('c1')]],
    'offline (broken)',
  ],
  [
    'the end stands in the message of its last reading',
    [...steady(10, 90), [100, send('c1'), end('c1')]],
    'offline (broken)',
  ],
  ['its payload says so', [...steady(10, 100), [101, say('offline', 'c1')]], 'offline (said)'],
  ['and stays so, however long', listened([...steady(10, 100), [101, say('offline', 'c1')]], 900), 'offline (said)'],
  [
    'its connection ends thereafter',
    [...steady(10, 100), [101, say('offline', 'c1')], [102, end('c1', true)]],
    'offline (said)',
  ],
  [
    'its will, behind the end in the log',
    [...steady(10, 100), [101, end('c1')], [102, say('offline', 'c1')]],
    'offline (said)',
  ],
  ['its gateway says so of it', [...steady(10, 100), [101, say('offline', 'gateway')]], 'offline (said)'],
  [
    'it says that it is back',
    [
      [0, say('offline', 'c1')],
      [1, say('online', 'c1')],
    ],
    'online (said)',
  ],
  [
    'it just sends again',
    [
      [0, say('offline', 'c1')],
      [1, send('c1')],
    ],
    'online (reading)',
  ],
  ['it connects only to send, once a minute', listened(visits(minute, 6), 6 * minute), 'online (reading)'],
  ['and does not come any more', listened(visits(minute, 6), 9 * minute), 'stale (silence)'],
  ['who knows after two', [...visits(minute, 2)], 'offline (goodbye)'],
  [
    'a flapping connection is no habit',
    listened([...steady(10, 100), [101, end('c1')], [103, send('c2')], [200, end('c2')]], 204),
    'offline (broken)',
  ],
  ['every two hours', listened(steady(2 * hour, 8 * hour), 13 * hour), 'online (reading)'],
  ['an hour at once, every hour', listened(batches(hour, 5), 4 * hour + 2 * hour), 'online (reading)'],
  ['not for three', listened(batches(hour, 5), 4 * hour + 3 * hour + 4), 'stale (silence)'],
];
it.each(cases.map(([what, events, expected]) => ({ what, events, expected })))(
  '$what: $expected',
  ({ events, expected }) => expect(presenceAfter(events)).toBe(expected),
);

it('tells each change once, with the devices of a gateway that broke', () => {
  const pipeline = createPipeline({ config: testConfig({}), partition: 0, partitions: 1, customs: [] });
  const of = (device: string) => publish(`sensors/plant/${device}`, '{"t":1}', { qos: 0, connection: 'gateway' });
  const steps = stepsOf(
    pipeline.operator,
    logOf([0, of('b'), of('a')], [1, of('a')], [2, end('gateway')], [3, end('gateway')], [4, tick]),
  );
  expect(steps.map(({ changedDevices }) => changedDevices)).toEqual([
    ['plant/a', 'plant/b'],
    [],
    ['plant/a', 'plant/b'],
    [],
    [],
  ]);
  expect(pipeline.devices.page(undefined, 9).map(({ presence }) => [presence.state, presence.sinceUs])).toEqual([
    ['offline', logStartUs + 2e6],
    ['offline', logStartUs + 2e6],
  ]);
});
