import { describe, expect, it } from 'vitest';
import { MillraceError, type ErrorCode } from '../infra/errors.ts';
import { isFinal } from './restart-on-failure.ts';

const failure = (code: ErrorCode) => new MillraceError(code, code);

describe('whether a failure is final', () => {
  it.each<[string, unknown, boolean]>([
    ['a format that is not known', failure('LOG_FORMAT'), true],
    ['a log that was replaced', failure('LOG_GAP'), true],
    ['a checkpoint that cannot be read', failure('CHECKPOINT_UNREADABLE'), true],
    ['a log that cannot be reached', failure('LOG_UNAVAILABLE'), false],
    ['what the holder before had on its way', failure('FENCED'), false],
    ['a mistake in the program', new TypeError('no such thing'), false],
  ])('%s', (_what, cause, final) => expect(isFinal(cause)).toBe(final));
});
