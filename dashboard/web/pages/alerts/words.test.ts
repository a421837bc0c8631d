import { expect, it } from 'vitest';
import { unknownReasons } from '../../../../events/alert.ts';
import { clearWords, countsWords, judged, limitWords, measured, unknownWords } from './words.ts';

it.each([
  [{ critical: 1, warning: 2, info: 0, total: 3 }, '1 critical, 2 warnings'],
  [{ critical: 0, warning: 1, info: 1, total: 2 }, '1 warning, 1 info'],
  [{ critical: 0, warning: 0, info: 0, total: 0 }, 'none'],
])('%j', (counts, words) => expect(countsWords(counts)).toBe(words));

it('says what is judged', () => {
  expect(judged({ window: null, aggregate: null, field: 'temperature' })).toBe('temperature');
  expect(judged({ window: '1m', aggregate: 'mean', field: 'temperature' })).toBe('the 1m mean of temperature');
});

it.each([
  [{ above: 85, below: null, clear: 80 }, 'above 85 °C', 'clears below 80 °C'],
  [{ above: 85, below: null, clear: null }, 'above 85 °C', 'clears at 85 °C or below'],
  [{ above: null, below: 2, clear: 4 }, 'below 2 °C', 'clears above 4 °C'],
  [{ above: 8, below: 2, clear: null }, 'outside 2 and 8 °C', 'clears within its limits'],
])('%j', (rule, fires, clears) => {
  expect(limitWords(rule, '°C')).toBe(fires);
  expect(clearWords(rule, '°C')).toBe(clears);
});

it.each([
  ['temperature above 85', 'temperature', 'temperature'],
  ['max of temperature in site-10s above 80 for 3s', 'temperature', 'max of temperature in site-10s'],
  ['mean of flow rate in 1m outside 2 to 8', 'flow rate', 'mean of flow rate in 1m'],
  ['a trend of its own above normal', 'temperature', 'temperature'],
])('%s measured %s: %s', (condition, field, words) => expect(measured({ condition, field })).toBe(words));

it('says why it is unknown', () => {
  const words = [...unknownReasons, undefined].map((why) => unknownWords(why === undefined ? {} : { why }));
  expect(new Set(words).size).toBe(9);
  expect(words[1]).toBe('readings are missing from the log');
});
