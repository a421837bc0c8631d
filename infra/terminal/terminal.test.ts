import { describe, expect, it } from 'vitest';
import type { Transition } from '../../events/alert.ts';
import { emptyLedger } from '../../events/ledger.ts';
import { errorText, labelled } from './labelled.ts';
import { ledgerLine } from './ledger-line.ts';
import { createLiveLine } from './live-line.ts';
import { bytesText, countText, durationText, lagText, millisecondsText, rateText } from './quantities.ts';
import { simulationLine } from './simulation-lines.ts';
import { statusLine } from './status-line.ts';
import { createStyle, usesColour, visibleLength } from './style.ts';
import { transitionLine } from './transition-line.ts';

const plain = createStyle(false);
const coloured = createStyle(true);

describe('quantities', () => {
  it.each<[string, string]>([
    [countText(577_440), '577,440'],
    [rateText(4811.6), '4,812/s'],
    [rateText(2.34), '2.3/s'],
    [rateText(0), '0/s'],
    [millisecondsText(38.2), '38 ms'],
    [millisecondsText(4.56), '4.6 ms'],
    [millisecondsText(1234), '1.2 s'],
    [millisecondsText(null), '- ms'],
    [lagText(100), '0.1 s'],
    [lagText(75_000), '75 s'],
    [durationText(130_000), '2 min 10 s'],
    [durationText(3_600_000), '1 h'],
    [durationText(100), '0 s'],
    [durationText(277_200_000), '3 d 5 h'],
    [bytesText(8 * 2 ** 30), '8.0 GiB'],
    [bytesText(999), '999 B'],
    [bytesText(300 * 2 ** 20), '300 MiB'],
  ])('%s', (text, expected) => expect(text).toBe(expected));
});

describe('statusLine', () => {
  const figures = {
    inPerS: 4812,
    storedPerS: 4811,
    p50Ms: 38,
    p99Ms: 112,
    lagMs: 100,
    alerts: 3,
    lost: 0,
    upMs: 130_000,
  };

  it('as designed', () => {
    expect(statusLine(plain, figures, 120)).toBe(
      '  4,812/s in  4,811/s stored  p50 38 ms  p99 112 ms  lag 0.1 s  3 alerts  0 lost     up 2 min 10 s',
    );
  });

  it.each([200, 100, 90, 80, 60, 40])('fits %i columns, coloured or not', (columns) => {
    expect(visibleLength(statusLine(plain, figures, columns))).toBeLessThan(columns);
    expect(visibleLength(statusLine(coloured, figures, columns))).toBeLessThan(columns);
  });

  it('leaves out what nobody knows', () => {
    expect(statusLine(plain, { ...figures, alerts: null, p50Ms: null }, 120)).not.toMatch(/alert/);
    expect(statusLine(plain, { ...figures, alerts: 1, lost: 2 }, 120)).toMatch(/ 1 alert {2}2 lost /);
  });
});

describe('transitionLine', () => {
  const transition: Transition = {
    id: '1',
    rule: 'press-too-hot',
    key: 'plant1/press-7',
    device: 'press-7',
    tags: {},
    field: 'temperature',
    from: 'ok',
    to: 'firing',
    severity: 'critical',
    value: 87.2,
    threshold: 85,
    timeUs: 0,
    decidedAtUs: 0,
    sinceUs: 0,
    historical: false,
    notify: 'firing',
    condition: 'temperature above 85',
    origin: { partition: 0, sequence: 1, index: 0 },
  };
  const unitOf = (field: string) => (field === 'temperature' ? '°C' : '');

  it('as designed', () => {
    expect(transitionLine(plain, transition, unitOf)).toMatch(
      /^ {2}\d\d:\d\d:\d\d {2}firing {4}press-7 {2}temperature above 85 °C \(87\.2\)$/,
    );
  });
  it('the unit belongs to the limit', () => {
    const lasting = { ...transition, condition: 'temperature above 85 for 3s', value: 12_345.678 };
    expect(transitionLine(plain, lasting, unitOf)).toMatch(/temperature above 85 °C for 3s \(12346\)$/);
  });
  it.each<[number, number, string]>([
    [30.0004, 30, '30.0004'],
    [29.99996, 30, '29.99996'],
    [30, 30, '30'],
    [30.04, 30, '30.04'],
    [1000.2, 1000, '1000.2'],
    [-0.000012, 0, '-0.000012'],
    [12_345.678, 85, '12346'],
  ])('%d against %d is told apart from its limit', (value, threshold, text) => {
    const near = { ...transition, field: 'delta', value, threshold, condition: `delta above ${threshold}` };
    expect(transitionLine(plain, near, unitOf)).toContain(`(${text})`);
  });
  it('of a group of devices it says which', () => {
    const ofSite = {
      ...transition,
      device: '',
      key: 'site=plant1',
      condition: 'max of temperature in site-1m above 80',
    };
    expect(transitionLine(plain, ofSite, unitOf)).toMatch(/firing {4}site=plant1 {2}max of temperature in site-1m/);
  });
  it('nothing of what concerns nobody', () =>
    expect(transitionLine(plain, { ...transition, notify: null }, unitOf)).toBeNull());
  it('no value, no unit', () => {
    const resolved = { ...transition, notify: 'resolved' as const, value: null, field: 'x', condition: 'x above 1' };
    expect(transitionLine(plain, resolved, unitOf)).toMatch(/resolved {2}press-7 {2}x above 1$/);
  });
});

describe('ledgerLine', () => {
  const ledger = { ...emptyLedger, received: 577_440, stored: 577_401, quarantined: 2, duplicate: 37 };
  it.each([
    [ledger, '577,440 received = 577,401 stored + 2 quarantined + 37 duplicate, balanced'],
    [{ ...ledger, received: 577_441 }, '577,441 received = 577,401 stored + 2 quarantined + 37 duplicate, 1 missing'],
    [
      { ...ledger, inFlight: 1 },
      '577,440 received = 577,401 stored + 2 quarantined + 37 duplicate + 1 in flight, 1 too many',
    ],
    [emptyLedger, '0 received = 0 stored, balanced'],
  ])('%#', (sums, expected) => expect(ledgerLine(plain, sums)).toBe(expected));
});

it('simulationLine as designed', () => {
  const figures = {
    devices: 1000,
    connections: 1000,
    connected: 1000,
    published: 300_120,
    acknowledged: 300_120,
    perS: 5002,
    ackP99Ms: 21,
    faults: { late: 3001 },
    elapsedMs: 31_000,
    durationMs: 60_000,
    error: '',
  };
  expect(simulationLine(plain, figures)).toBe(
    '  1,000/1,000 devices  5,002/s  acknowledged 300,120 of 300,120  ack p99 21 ms  late 1.0 %  31 s of 60 s',
  );
});

describe('createLiveLine', () => {
  const record = (isTTY: boolean) => {
    const written: string[] = [];
    return { output: { isTTY, columns: 20, write: (text: string) => written.push(text) }, written };
  };

  it('on a terminal: rewritten in place, cut at the edge, other lines above', () => {
    const { output, written } = record(true);
    const line = createLiveLine(output);
    line.set('one', 0);
    line.set('x'.repeat(30), 1);
    line.above('news');
    line.end();
    line.set('two', 2);
    line.clear();
    line.clear();
    const cut = 'x'.repeat(19);
    expect(written).toEqual(['one', '\r\x1b[2K', cut, '\r\x1b[2K', 'news\n', cut, '\n', 'two', '\r\x1b[2K']);
  });

  it('elsewhere: a line per 10 s', () => {
    const { output, written } = record(false);
    const line = createLiveLine(output);
    for (const nowMs of [0, 1000, 9_999, 10_000, 11_000]) line.set(`at ${nowMs}`, nowMs);
    line.above('news');
    line.end();
    expect(written).toEqual(['at 0\n', 'at 10000\n', 'news\n']);
  });
});

describe('colour', () => {
  it.each<[boolean, Record<string, string>, boolean, boolean]>([
    [true, {}, false, true],
    [false, {}, false, false],
    [true, { NO_COLOR: '1' }, false, false],
    [true, { NO_COLOR: '' }, false, true],
    [true, { TERM: 'dumb' }, false, false],
    [true, {}, true, false],
    [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true, true],
    [true, { FORCE_COLOR: '0' }, false, false],
  ])('terminal %j, %j, --no-color %j: %j', (isTerminal, env, isRefused, expected) => {
    expect(usesColour(isTerminal, env, isRefused)).toBe(expected);
  });

  it('labels and errors', () => {
    expect(labelled(plain, 'mqtt', 'a\nb')).toBe('  mqtt        a\n              b');
    expect(labelled(plain, 'reading-value', 'a')).toBe('  reading-value  a');
    expect(labelled(createStyle(false, 36), 'mqtt', 'one two three four five\n')).toBe(
      '  mqtt        one two three four\n              five\n',
    );
    expect(labelled(createStyle(false, 33), 'mqtt', 'one two three four five')).not.toContain('\n');
    expect(labelled(plain, 'longer-than-a-label', 'a')).toBe('  longer-than-a-label  a');
    expect(errorText(plain, 'a: 1 mistake\n  x  y')).toBe('error  a: 1 mistake\n  x  y');
    expect(errorText(coloured, 'x')).toBe('\x1b[31merror\x1b[39m  x');
  });
});
