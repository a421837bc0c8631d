import { describe, expect, it } from 'vitest';
import type { TopicOf } from '../../infra/config/topic-schema.ts';
import { csv } from './csv.ts';
import { FieldNames } from './field-names.ts';

const limits = { depthMax: 8, fieldsPerReadingMax: 3, readingsPerPublishMax: 3 };
const decode = (text: string, options: Partial<TopicOf<'csv'>>) =>
  csv(
    { template: 'csv/{device}', format: 'csv', ...options },
    limits,
    new FieldNames(),
  )({ topic: 'csv/a', payload: new TextEncoder().encode(text), receivedAtUs: 0 }, null);

describe('lines of values', () => {
  it.each<[text: string, options: Partial<TopicOf<'csv'>>, expected: unknown]>([
    ['21.5,40', { columns: ['t', 'h'] }, { fields: { t: 21.5, h: 40 }, ownTimeUs: null }],
    [
      'time,t\n1782900000,1\n1782900001,2',
      { header: true },
      [{ fields: { t: 1 }, ownTimeUs: 1_782_900_000e6 }, { fields: { t: 2 } }],
    ],
    // Quotes and doubled quotes, RFC 4180 section 2.
    ['"a, ""b""",true', { columns: ['note', 'on'] }, { fields: { note: 'a, "b"', on: true } }],
    ['1;2,5;3', { columns: ['a', 'b', 'c'], delimiter: ';', decimal: ',' }, { fields: { a: 1, b: 2.5, c: 3 } }],
    ['1\t2', { columns: ['a', 'b'], delimiter: '\t' }, { fields: { a: 1, b: 2 } }],
    ['x,1,2', { columns: ['', 'a', 'b'] }, { fields: { a: 1, b: 2 } }],
    [',7', { columns: ['a', 'b'] }, { fields: { b: 7 } }],
    ['a , b\r\n 1 , 2 \r\n\r\n', { header: true }, { fields: { a: 1, b: 2 } }],
    ['x,y\n1,2', { header: true, columns: ['a', 'b'] }, { fields: { a: 1, b: 2 } }],
    [
      'p7,3,21',
      { columns: ['id', 'line', 't'], device: 'id', tags: ['line'] },
      { device: 'p7', tags: { line: '3' }, fields: { t: 21 } },
    ],
    [
      '2026-07-01 12:00:00,1',
      { columns: ['when', 't'], time: 'when', timezone: 'Europe/Berlin' },
      { ownTimeUs: Date.UTC(2026, 6, 1, 10) * 1e3 },
    ],
    ['500,1', { columns: ['when', 't'], time: 'when', timeUnit: 's' }, { ownTimeUs: 500e6 }],
    [
      '1,2\n3\n4,nan',
      { columns: ['a', 'b'] },
      [
        { fields: { a: 1, b: 2 } },
        { reason: 'malformed', detail: 'reading 2 of the payload has 1 cells, the columns are 2' },
        { reason: 'not-finite', detail: '"b" is nan' },
      ],
    ],
    ['1', { columns: ['time'] }, { reason: 'malformed' }],
  ])('%j %j', (text, options, expected) => expect(decode(text, options)).toMatchObject(expected as object));

  it.each<[text: string, options: Partial<TopicOf<'csv'>>, reason: string]>([
    ['', { columns: ['a'] }, 'malformed'],
    ['a,b', { header: true }, 'malformed'],
    ['a,a\n1,2', { header: true }, 'bad-key'],
    ['"open', { columns: ['a'] }, 'malformed'],
    ['1\n2\n3\n4', { columns: ['a'] }, 'too-many-readings'],
    ['a\n1\n2\n3\n4', { header: true }, 'too-many-readings'],
    ['1,2,3,4', { columns: ['a', 'b', 'c', 'd'] }, 'too-many-fields'],
    ['soon,1', { columns: ['time', 'a'] }, 'clock-unset'],
    ['x'.repeat(1025), { columns: ['a'] }, 'bad-text'],
  ])('refused: %j %j', (text, options, reason) => expect(decode(text, options)).toMatchObject({ reason }));
});
