import { describe, expect, it } from 'vitest';
import type { AlertState, Transition } from '../../../events/alert.ts';
import type { AlertStatus } from '../../../events/device.ts';
import { AlertBook, pastAlertsMax } from './alert-book.ts';
import { endsMax } from './alert-states.ts';

function step(sequence: number, from: AlertState, to: AlertState, more: Partial<Transition> = {}): Transition {
  return {
    id: `${sequence}-${to}`,
    rule: 'hot',
    key: 'plant1/press-7',
    device: 'press-7',
    tags: { site: 'plant1' },
    field: 'temperature',
    from,
    to,
    severity: 'critical',
    value: 90,
    threshold: 85,
    timeUs: sequence * 10,
    decidedAtUs: sequence * 10,
    sinceUs: 7,
    historical: false,
    notify: to === 'firing' ? 'firing' : to === 'ok' ? 'resolved' : null,
    condition: 'temperature above 85',
    origin: { partition: 0, sequence, index: 0 },
    ...more,
  };
}

function statusOf(transition: Transition): AlertStatus {
  const { id, rule, key, device, tags, field, severity, value, threshold, condition, to, sinceUs } = transition;
  return { id, rule, key, device, tags, field, severity, value, threshold, condition, state: to, sinceUs };
}

const device = { key: 'plant1/press-7' };

describe('transitions', () => {
  it('count once, however often they come', () => {
    const book = new AlertBook();
    expect(book.add(step(1, 'ok', 'firing'))).toBe(true);
    expect(book.add(step(1, 'ok', 'firing'))).toBe(false);
    expect(book.counts()).toEqual({ info: 0, warning: 0, critical: 1, total: 1 });
    expect(book.add(step(2, 'firing', 'ok'))).toBe(true);
    expect(book.counts().total).toBe(0);
    expect(book.past(0, 10)).toMatchObject([{ rule: 'hot', firingSinceUs: 7, resolvedAtUs: 20 }]);
  });

  it('an alert whose device fell silent is still on; one never fired is not', () => {
    const book = new AlertBook();
    book.add(step(1, 'ok', 'firing'));
    book.add(step(2, 'firing', 'unknown'));
    book.add(step(3, 'ok', 'unknown', { rule: 'other' }));
    expect(book.active().map(({ status }) => [status.rule, status.state])).toEqual([['hot', 'unknown']]);
    expect(book.worst('plant1/press-7')?.rule).toBe('hot');
  });

  it('the most severe come first, then the longest', () => {
    const book = new AlertBook();
    book.add(step(1, 'ok', 'firing', { rule: 'a', severity: 'warning' }));
    book.add(step(2, 'ok', 'firing', { rule: 'b', sinceUs: 9 }));
    book.add(step(3, 'ok', 'firing', { rule: 'c', sinceUs: 8 }));
    expect(book.active().map(({ status }) => status.rule)).toEqual(['c', 'b', 'a']);
  });

  it('of the past a bounded number is kept', () => {
    const book = new AlertBook();
    for (let n = 1; n <= pastAlertsMax + 5; n++) book.add(step(n, 'firing', 'ok'));
    expect(book.past(0, 10_000)).toHaveLength(pastAlertsMax);
  });
});

describe('pages of workers', () => {
  it('bring what was decided before anybody followed', () => {
    const book = new AlertBook();
    book.replace(0, 5, [device], [statusOf(step(3, 'ok', 'firing'))]);
    expect(book.counts().critical).toBe(1);
  });

  it('take away what ended up to their position', () => {
    const book = new AlertBook();
    book.add(step(3, 'ok', 'firing'));
    book.replace(0, 5, [device], []);
    expect(book.counts().total).toBe(0);
  });

  it('do not take away, nor bring back, what was decided after their position', () => {
    const book = new AlertBook();
    book.add(step(9, 'ok', 'firing'));
    book.replace(0, 5, [device], []);
    expect(book.counts().total).toBe(1);
    book.add(step(10, 'firing', 'ok'));
    book.replace(0, 9, [device], [statusOf(step(9, 'ok', 'firing'))]);
    expect(book.counts().total).toBe(0);
  });

  it('older transitions from the stream change nothing that a page said', () => {
    const book = new AlertBook();
    book.replace(0, 50, [device], [statusOf(step(40, 'ok', 'firing'))]);
    book.add(step(20, 'ok', 'firing'));
    book.add(step(30, 'firing', 'ok'));
    expect(book.counts().critical).toBe(1);
    expect(book.past(0, 10)).toHaveLength(1);
  });
});

it('forgets a partition whose log was replaced, and counts anew from its first position', () => {
  const book = new AlertBook();
  book.add(step(100, 'ok', 'firing'));
  book.add(step(101, 'ok', 'firing', { key: 'b', origin: { partition: 1, sequence: 101, index: 0 } }));
  book.forget(0);
  expect(book.counts().total).toBe(1);
  expect(book.add(step(3, 'ok', 'firing'))).toBe(true);
  expect(book.counts().total).toBe(2);
});

it('remembers a bounded number of ends', () => {
  const book = new AlertBook();
  for (let n = 1; n <= endsMax + 1; n++) book.add(step(n, 'firing', 'ok', { key: `d${n}`, id: `${n}` }));
  expect(book.counts().total).toBe(0);
});
