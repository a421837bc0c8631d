import { describe, expect, it } from 'vitest';
import type { QuarantineAnswer, QuarantineGroupsAnswer } from '../../events/api-intake.ts';
import type { Credential } from '../../events/credential.ts';
import { credentialLines } from './credential-lines.ts';
import { groupLines, itemLines } from './quarantine-lines.ts';
import { createStyle } from './style.ts';
import { type Column, tableLines } from './table.ts';

const wide = createStyle(false);
const narrow = (columns: number) => createStyle(false, columns);

describe('tableLines', () => {
  const columns: Column[] = [
    { head: 'count', align: 'right' },
    { head: 'name' },
    { head: 'note' },
    { head: 'first', goes: 2 },
    { head: 'last', goes: 1 },
  ];
  const rows = [
    ['9', 'a', '', '10:00', '11:00'],
    ['1,000', 'a-long-name', '', '10:00', '12:00'],
  ];
  it('stands below its heads, without columns that are empty throughout', () =>
    expect(tableLines(wide, columns, rows)).toEqual([
      '  count  name         first  last',
      '      9  a            10:00  11:00',
      '  1,000  a-long-name  10:00  12:00',
    ]));
  it.each([
    [35, '  count  name         first  last'],
    [34, '  count  name         first'],
    [27, '  count  name'],
    [5, '  count  name'],
  ])('on %d columns', (width, heads) => expect(tableLines(narrow(width), columns, rows)[0]).toBe(heads));
  it('colours change no place', () => {
    const painted = columns.map((column) => ({ ...column, paint: (text: string) => `\x1b[1m${text}\x1b[22m` }));
    // oxlint-disable-next-line no-control-regex -- colours are taken out again
    const plain = tableLines(wide, painted, rows).map((line) => line.replaceAll(/\x1b\[\d+m/g, '').trimEnd());
    expect(plain).toEqual(tableLines(wide, columns, rows));
  });
});

const us = Date.UTC(2026, 6, 1, 10) * 1_000;

it('quarantine groups: the longest reason and topic leave the others in their columns', () => {
  const group = { by: 'worker', firstAtUs: us, lastAtUs: us + 90e6, template: null } as const;
  const answer: QuarantineGroupsAnswer = {
    groups: [
      { ...group, count: 1234, reason: 'no-template', key: null, topic: 'legacy/line-a/plant1/press-7/state' },
      { ...group, count: 2, reason: 'beyond-retention', key: 'a/b', topic: 't', template: 'a/{device}', by: 'storage' },
    ],
    beyondMax: 3,
  };
  expect(groupLines(wide, answer)).toEqual([
    '  items  reason                       device or topic                     template    first (UTC)          last (UTC)',
    '  1,234  no-template                  legacy/line-a/plant1/press-7/state  none        2026-07-01 10:00:00  2026-07-01 10:01:30',
    '      2  beyond-retention by storage  a/b                                 a/{device}  2026-07-01 10:00:00  2026-07-01 10:01:30',
    '  3 items of further groups',
  ]);
  expect(groupLines(wide, { groups: [], beyondMax: 0 })).toEqual(['  nothing was set aside']);
});

describe('quarantine list', () => {
  const item = { by: 'worker', receivedAtUs: us, outcome: null, key: null, sentence: 'Why.' } as const;
  const items = [
    { ...item, id: '10.0', reason: 'not-json', topic: 'a/b', bytes: 9, detail: 'the payload is\u001b[2J empty' },
    { ...item, id: '9.0', reason: 'no-template', topic: 'a', bytes: 2_000, detail: '' },
  ] as unknown as QuarantineAnswer['items'];
  const answer: QuarantineAnswer = { total: 2, reasons: [], items, next: '9.0' };
  it('says what was wrong below each, and lets nothing of it move the cursor', () =>
    expect(itemLines(wide, answer)).toEqual([
      '  id    arrived (UTC)        reason       device or topic     size',
      '  10.0  2026-07-01 10:00:00  not-json     a/b                  9 B',
      '      the payload is\ufffd[2J empty',
      '  9.0   2026-07-01 10:00:00  no-template  a                2.0 KiB',
      '      Why.',
      '  older ones: --after 9.0',
    ]));
  it('is cut to a narrow terminal', () =>
    expect(itemLines(narrow(24), answer)[2]).toBe('      the payload is\ufffd[…'));
  it.each([
    [{ ...answer, total: 0 }, '  nothing was set aside'],
    [{ ...answer, items: [] }, '  none of these in what was looked through'],
  ])('%#', (given, expected) => expect(itemLines(wide, given)[0]).toBe(expected));
});

it('device list', () => {
  const one: Credential = {
    name: 'kitchen',
    tags: { site: 'home' },
    publish: null,
    subscribe: null,
    certificate: null,
    secrets: [{ sha256: 'x', fromUs: us, untilUs: null }],
    createdAtUs: us,
    revokedAtUs: null,
  };
  expect(credentialLines(wide, [one, { ...one, name: 'z2m', tags: {}, revokedAtUs: us }])).toEqual([
    '  name     state    since (UTC)       proof     tags       publishes to',
    '  kitchen  valid    2026-07-01 10:00  1 secret  site=home  its own topics',
    '  z2m      revoked  2026-07-01 10:00',
  ]);
});
