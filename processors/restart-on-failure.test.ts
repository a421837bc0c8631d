import { describe, expect, it } from 'vitest';
import { MillraceError, type ErrorCode } from '../infra/errors.ts';
import { Failures, goodRunMs } from './restart-on-failure.ts';

const failure = (code: ErrorCode) => new MillraceError(code, code);

describe('whether failures are final', () => {
  it.each<[string, unknown, boolean]>([
    ['a format that is not known', failure('LOG_FORMAT'), true],
    ['a log that was replaced', failure('LOG_GAP'), true],
    ['a checkpoint that cannot be read', failure('CHECKPOINT_UNREADABLE'), true],
    ['a log that cannot be reached', failure('LOG_UNAVAILABLE'), false],
    ['a mistake in the program', new TypeError('no such thing'), false],
  ])('%s', (_what, cause, final) => expect(new Failures().areFinal(cause, 0)).toBe(final));

  it('what a dead predecessor had on its way fences once; a living one again and again', () => {
    const failures = new Failures();
    const fenced = (ranMs: number) => failures.areFinal(failure('FENCED'), ranMs);
    expect([fenced(0), fenced(10)]).toEqual([false, false]);
    expect([fenced(goodRunMs), fenced(0), fenced(0)]).toEqual([false, false, true]);
  });
});
