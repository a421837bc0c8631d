import { describe, expect, it } from 'vitest';
import { Attempts } from './attempts.ts';
import { Sessions, sessionMs } from './sessions.ts';

describe('sessions', () => {
  it('are open until they are closed or their time is over', () => {
    const sessions = new Sessions();
    const [a, b] = [sessions.open(0), sessions.open(0)];
    expect(sessions.isOpen(a, sessionMs - 1)).toBe(true);
    expect(sessions.isOpen(a, sessionMs)).toBe(false);
    sessions.close(b);
    expect(sessions.isOpen(b, 1)).toBe(false);
    expect(sessions.isOpen('', 0)).toBe(false);
    expect(sessions.isOpen('made-up', 0)).toBe(false);
  });

  it('are at most a thousand: the oldest ends', () => {
    const sessions = new Sessions();
    const tokens = Array.from({ length: 1_001 }, (_, i) => sessions.open(i));
    expect(sessions.isOpen(tokens[0]!, 2_000)).toBe(false);
    expect(sessions.isOpen(tokens[1]!, 2_000)).toBe(true);
    expect(sessions.isOpen(tokens[1_000]!, 2_000)).toBe(true);
  });
});

describe('attempts', () => {
  it('ten in five minutes of an address, then it waits; others do not', () => {
    const attempts = new Attempts();
    for (let i = 0; i < 10; i++) expect(attempts.begin('10.0.0.1', i * 1_000)).toBe(0);
    expect(attempts.begin('10.0.0.1', 10_000)).toBe(290_000);
    expect(attempts.begin('10.0.0.2', 10_000)).toBe(0);
    expect(attempts.begin('10.0.0.1', 300_000)).toBe(0);
  });

  it('the right one forgives', () => {
    const attempts = new Attempts();
    for (let i = 0; i < 9; i++) attempts.begin('10.0.0.1', 0);
    attempts.succeeded('10.0.0.1');
    for (let i = 0; i < 10; i++) expect(attempts.begin('10.0.0.1', 1)).toBe(0);
    expect(attempts.begin('10.0.0.1', 1)).toBeGreaterThan(0);
  });
});
