import { describe, expect, it } from 'vitest';
import type { WindowResult } from '../../events/window.ts';
import { baseUs, each, lines, push, windowConfigs, type Message } from './windows-under-test.ts';
import { WindowSet } from './window-set.ts';

const minute = (over: object = {}) => windowConfigs({ name: '1m', size: '1m', lateness: '5s', ...over });

describe('late readings', () => {
  it.each<[string, object, Message[], (readonly number[])[], number]>([
    [
      'revise the closed window, numbered from 1',
      {},
      each(10, 65, 20, 30, 66),
      [
        [0, 60, 1, 0],
        [0, 60, 2, 1],
        [0, 60, 3, 2],
      ],
      2,
    ],
    [
      'of one message give one revision',
      {},
      [...each(10, 65), { nowS: 66, sent: [{ atS: 20 }, { atS: 30 }, { atS: 66 }] }],
      [
        [0, 60, 1, 0],
        [0, 60, 3, 1],
      ],
      2,
    ],
    [
      'just within retain',
      { retain: '1m' },
      each(10, 124.999999, 20),
      [
        [0, 60, 1, 0],
        [0, 60, 2, 1],
      ],
      1,
    ],
    ['just beyond retain', { retain: '1m' }, each(10, 125, 20), [[0, 60, 1, 0]], 1],
    [
      'of a window without a result give the first',
      { retain: '10m' },
      each(10, 200, 70),
      [
        [0, 60, 1, 0],
        [60, 120, 1, 0],
      ],
      1,
    ],
    ['without retain change nothing', { retain: '0s' }, each(10, 65, 20), [[0, 60, 1, 0]], 1],
    [
      'that pass the watermark on in the same message',
      { retain: '1m' },
      [...each(10, 65), { nowS: 200, sent: [{ atS: 20 }, { atS: 200 }] }],
      [
        [0, 60, 1, 0],
        [60, 120, 1, 0],
        [0, 60, 2, 1],
      ],
      1,
    ],
  ])('%s', (_what, over, messages, rows, late) => {
    expect(lines(minute(over), messages)).toMatchObject({ rows, late });
  });

  it('at most 64 closed windows are held', () => {
    const times = Array.from({ length: 70 }, (_, i) => i + 0.5);
    const windows = windowConfigs({ name: '1s', size: '1s', lateness: '0s', retain: '1h' });
    const late = (atS: number) => lines(windows, [...each(...times), { nowS: 70, sent: [{ atS }] }]).rows.at(-1);
    expect(late(5.2)).toEqual([5, 6, 2, 1]);
    expect(late(4.2)).toEqual([68, 69, 1, 0]);
  });
});

describe('silence', () => {
  const hour = windowConfigs({ name: '1h', size: '1h', idle: '30s' });
  it.each<[string, Message[], (readonly number[])[]]>([
    ['does not close what is not over', [...each(10), { nowS: 600 }, { nowS: 3599.999999 }], []],
    ['closes it once the log`s clock is at its end', [...each(10), { nowS: 600 }, { nowS: 3600 }], [[0, 3600, 1, 0]]],
    ['does not when heard again in time', [...each(10, 3590), { nowS: 3600 }, { nowS: 3619.999999 }], []],
    ['and then does', [...each(10, 3590), { nowS: 3600 }, { nowS: 3620 }], [[0, 3600, 2, 0]]],
    [
      'does not count while Millrace was down',
      [...each(10), { nowS: 7200, elapsedS: 20 }, { nowS: 7205, elapsedS: 39.999999 }],
      [],
    ],
    [
      'and what comes after it revises',
      [...each(10), { nowS: 3600 }, ...each(20)],
      [
        [0, 3600, 1, 0],
        [0, 3600, 2, 1],
      ],
    ],
  ])('%s', (_what, messages, rows) => expect(lines(hour, messages).rows).toEqual(rows));

  it('closes an earlier window that opened while it waited', () => {
    const windows = windowConfigs({ name: '1h', size: '1h', idle: '30s', lateness: '1m' });
    const sent = (nowS: number, atS: number) => ({ nowS, sent: [{ atS }] });
    const messages = [...each(3605), sent(3650, 3601), sent(3655, 3599), { nowS: 3690 }];
    expect(lines(windows, messages).rows).toEqual([[0, 3600, 1, 0]]);
  });
});

describe('a long window', () => {
  const short = { name: 'short', size: '2s', lateness: '0s', idle: '1s', retain: '1s' };
  const windows = windowConfigs(short, { name: 'long', size: '6s', from: 'short', idle: '1s', retain: '1s' });

  it('has a result also when the watermark passes all of its `retain` at once', () => {
    const messages = [...each(11), { nowS: 100, elapsedS: 11.5, sent: [{ atS: 100 }] }];
    expect(lines(windows, messages).rows).toEqual([[6, 12, 1, 0]]);
  });

  it('follows a revision of the message in which it is let go', () => {
    const late = { nowS: 20, sent: [{ atS: 11.5 }, { atS: 19 }] };
    expect(lines(windows, [...each(11), late]).rows).toEqual([
      [6, 12, 1, 0],
      [6, 12, 2, 1],
    ]);
  });

  it('that late readings begin gives one result, at the end of their message', () => {
    const long = windowConfigs({ ...short, retain: '1m' }, { name: 'long', size: '6s', from: 'short', retain: '1m' });
    const late = { nowS: 21, sent: [{ atS: 3 }, { atS: 4.5 }] };
    const { rows, results } = lines(long, [...each(20), late]);
    expect(rows).toEqual([[0, 6, 2, 0]]);
    expect(results.map(({ origin }) => origin.index)).toEqual([-1]);
  });

  it('of a device that is forgotten holds what its last short one did, as a revision if it had closed', () => {
    const origin = { partition: 0, sequence: 9, index: -1 };
    const rowsOf = (messages: Message[]) => {
      const set = new WindowSet(windows, 0);
      push(set, messages);
      const last: WindowResult[] = [];
      set.forget('d', origin, last);
      return last.map(({ window, count, revision }) => [window, count, revision]);
    };
    expect(rowsOf(each(1))).toEqual([
      ['short', 1, 0],
      ['long', 1, 0],
    ]);
    // Silence closed the long one before the device went on within it.
    expect(rowsOf([...each(1), { nowS: 6, elapsedS: 3 }, { nowS: 6, elapsedS: 3, sent: [{ atS: 5 }] }])).toEqual([
      ['short', 1, 0],
      ['long', 2, 1],
    ]);
  });

  it('begins with a late reading of the message in which it is let go', () => {
    const late = { nowS: 20, sent: [{ atS: 11.5 }, { atS: 19 }, { atS: 25 }] };
    expect(lines(windows, [...each(12.5), late]).rows.toSorted(([a], [b]) => a - b)).toEqual([
      [6, 12, 1, 0],
      [12, 18, 1, 0],
      [18, 24, 1, 0],
    ]);
  });
});

it.each([
  ['of a device', {}],
  ['of several', { by: [] }],
])('a closed window %s stays closed when it is kept under a greater lateness', (_what, by) => {
  const configs = (lateness: string) => windowConfigs({ name: 'w', size: '10s', lateness, ...by });
  const windows = new WindowSet(configs('0s'), 0);
  const before = push(windows, each(5, 12));
  windows.reconfigure(configs('10s'), 12e6, { kind: 'keep' });
  const after = push(windows, [{ nowS: 13, sent: [{ atS: 6 }] }, ...each(40)], 3);
  const told = [...before.results, ...after.results].map(({ endUs, count, revision }) => [
    (endUs - baseUs) / 1e6,
    count,
    revision,
  ]);
  expect(told).toEqual([
    [10, 1, 0],
    [10, 2, 1],
    [20, 1, 0],
  ]);
});

it('and what `retain` has let go of stays so', () => {
  const configs = (lateness: string) => windowConfigs({ name: 'w', size: '10s', lateness, retain: '1s' });
  const windows = new WindowSet(configs('0s'), 0);
  push(windows, each(15, 32));
  windows.reconfigure(configs('30s'), 32e6, { kind: 'keep' });
  // The second is of a window that nothing was in.
  const after = push(windows, [{ nowS: 33, sent: [{ atS: 16 }, { atS: 25 }] }], 3);
  expect(after).toEqual({ results: [], late: 2 });
});

it('a session across devices takes late readings until the log`s clock is past its `retain`', () => {
  const windows = windowConfigs({ name: 's', kind: 'session', by: [], gap: '2s', lateness: '0s', retain: '4s' });
  const upTo = (nowS: number) => lines(windows, [...each(10), { nowS: 12 }, { nowS, sent: [{ atS: 11 }] }]).rows.length;
  expect([upTo(15.9), upTo(17), upTo(40)]).toEqual([2, 1, 1]);
});

it('the log`s clock may step back', () => {
  const messages = [...each(10), { nowS: 3600, elapsedS: 20 }, { nowS: 3000, elapsedS: 40 }];
  expect(lines(windowConfigs({ name: '1h', size: '1h', idle: '30s' }), messages).rows).toEqual([[0, 3600, 1, 0]]);
});

it('the start of a session that moved is taken back also where its device is forgotten', () => {
  const windows = new WindowSet(
    windowConfigs({ name: 's', kind: 'session', gap: '2s', lateness: '0s', retain: '9s' }),
    0,
  );
  const [first] = push(windows, [{ nowS: 9, sent: [{ atS: 4 }, { atS: 6 }] }]).results;
  push(windows, [{ nowS: 9, sent: [{ atS: 3 }, { atS: 5.5 }] }], 2);
  const last: WindowResult[] = [];
  windows.forget('d', { partition: 0, sequence: 3, index: -1 }, last);
  expect(first).toMatchObject({ startUs: baseUs + 4e6, revision: 0, count: 1 });
  expect(last).toContainEqual(expect.objectContaining({ startUs: baseUs + 4e6, revision: 1, count: 0 }));
  expect(last).toContainEqual(expect.objectContaining({ startUs: baseUs + 3e6, revision: 0, count: 4 }));
});

it('a session that is kept under less lateness is over with the next reading', () => {
  const configs = (lateness: string) => windowConfigs({ name: 's', kind: 'session', gap: '2s', lateness });
  const windows = new WindowSet(configs('5s'), 0);
  push(windows, [{ nowS: 9, sent: [{ atS: 4 }, { atS: 8 }] }]);
  windows.reconfigure(configs('0s'), 9e6, { kind: 'keep' });
  const { results } = push(windows, [{ nowS: 9, sent: [{ atS: 5 }] }], 2);
  expect(results.map(({ count, revision }) => [count, revision])).toEqual([
    [1, 0],
    [2, 1],
  ]);
});

it('fields that a kept window no longer takes are not taken where its numbers lie, either', () => {
  const configs = (...fields: string[]) => windowConfigs({ name: 'w', size: '10s', lateness: '0s', fields });
  const windows = new WindowSet(configs('*'), 0);
  const device = { windows: null };
  push(windows, [{ nowS: 1, sent: [{ atS: 1, fields: { p: 1 } }] }], 1, device);
  windows.reconfigure(configs('t'), 1e6, { kind: 'keep' });
  const both = { t: 1, p: 1 };
  const sent = [2, 3, 4, 11].map((atS) => ({ atS, fields: both }));
  const { results } = push(windows, [{ nowS: 11, sent }], 2, device);
  expect(results.map(({ field, count }) => [field, count])).toEqual([
    ['p', 1],
    ['t', 3],
  ]);
});
