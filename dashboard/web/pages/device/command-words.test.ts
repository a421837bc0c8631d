import { expect, it } from 'vitest';
import type { CommandState } from '../../../../events/record.ts';
import { commandMark, commandText, payloadOf } from './command-words.ts';

it.each([
  ['requested', 0, '', 'waits for the device', 'info'],
  ['sent', 1, '', 'sent to c', 'info'],
  ['sent', 2, '', 'sent to c, attempt 2 of 3', 'info'],
  ['acknowledged', 1, '', 'acknowledged', 'ok'],
  ['refused', 1, 'busy', 'refused: busy', 'warning'],
  ['timed-out', 0, 'the device did not connect', 'timed out: the device did not connect', 'warning'],
] satisfies [CommandState, number, string, string, string][])(
  '%s at attempt %s',
  (state, attempt, detail, text, mark) => {
    const steps = [{ state, attempt, client: 'c', detail, atUs: 0 }];
    expect(commandText({ state, steps, attemptsMax: 3 })).toBe(text);
    expect(commandMark(state)).toBe(mark);
  },
);

it.each([
  ['', {}],
  ['on', { payload: 'on' }],
  ['5', { json: 5 }],
  ['{"a":1}', { json: { a: 1 } }],
])('the payload %s', (text, expected) => expect(payloadOf(text)).toEqual(expected));
