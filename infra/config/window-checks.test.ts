import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from './load.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-windows-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = join(directory, 'millrace.yaml');

/** Problems of windows, each as a line of the YAML list, as `path: message`. */
function problems(windows: readonly string[], rest = ''): string[] {
  writeFileSync(file, `windows:\n${windows.map((window) => `  - { ${window} }\n`).join('')}${rest}`);
  const loaded = loadConfig({ env: {}, file });
  return 'config' in loaded ? [] : loaded.problems.map(({ at, message }) => `${at}: ${message}`);
}

describe('a window that cannot be', () => {
  it.each<[what: string, windows: string[], expected: string[]]>([
    ['without size', ['name: w'], ['windows[0].size: is missing: a tumbling window has one']],
    ['a session without gap', ['name: w, kind: session'], ['windows[0].gap: is missing: a session window has one']],
    [
      'a kind mistyped',
      ['name: w, kind: hoping, size: 1m, every: 1s'],
      [
        'windows[0].kind: must be one of tumbling, hopping, sliding, session, count, is "hoping" (did you mean "hopping"?)',
      ],
    ],
    [
      '`every` of a tumbling one',
      ['name: w, size: 5m, every: 1m'],
      ['windows[0].every: is for hopping windows, this one is tumbling (did you mean "kind: hopping"?)'],
    ],
    [
      'lateness of a count',
      ['name: w, kind: count, count: 5, lateness: 1s'],
      ['windows[0].lateness: is for tumbling, hopping, sliding, session windows, this one is count'],
    ],
    [
      'hops that do not fit',
      ['name: w, kind: hopping, size: 5m, every: 2m'],
      ['windows[0].size: must be a multiple of every: size is 5m, every 2m'],
    ],
    [
      'too many hops',
      ['name: w, kind: hopping, size: 65s, every: 1s'],
      ['windows[0].every: would put a reading into 65 windows, at most 64: size is 65s, every 1s'],
    ],
    [
      'from nowhere',
      ['name: 1m, size: 1m', 'name: 1h, size: 1h, from: 1mm'],
      ['windows[1].from: names no other window: "1mm" (did you mean "1m"?)'],
    ],
    ['from itself', ['name: 1h, size: 1h, from: 1h'], ['windows[0].from: names no other window: "1h"']],
    [
      'from a session',
      ['name: s, kind: session, gap: 1m', 'name: 1h, size: 1h, from: s'],
      ['windows[1].from: "s" is a session window; only tumbling ones can be folded'],
    ],
    [
      'from one of a kind mistyped',
      ['name: 1m, kind: tumblin, size: 1m', 'name: 1h, size: 1h, from: 1m'],
      [
        'windows[0].kind: must be one of tumbling, hopping, sliding, session, count, is "tumblin" (did you mean "tumbling"?)',
      ],
    ],
    [
      'no multiple',
      ['name: 7m, size: 7m', 'name: 1h, size: 1h, from: 7m'],
      ['windows[1].size: must be a multiple of the 7m of "7m", is 1h'],
    ],
    [
      'hops of no multiple',
      ['name: 2m, size: 2m', 'name: h, kind: hopping, size: 10m, every: 5m, from: 2m'],
      ['windows[1].every: must be a multiple of the 2m of "2m", is 5m'],
    ],
    [
      'other fields, groups and aggregates than its source',
      [
        'name: 1m, size: 1m, fields: [t], aggregates: [p50]',
        'name: 1h, size: 1h, from: 1m, by: [site], aggregates: [p50, p99]',
      ],
      [
        'windows[1].fields: must be as in "1m" that it is folded from: [t]',
        'windows[1].by: must be as in "1m" that it is folded from: [device]',
        'windows[1].aggregates[1]: is not computed by "1m" that it is folded from: p99',
      ],
    ],
    [
      'lateness of a folded one',
      ['name: 1m, size: 1m', 'name: 1h, size: 1h, from: 1m, lateness: 1s'],
      ['windows[1].lateness: is that of the window named by "from"'],
    ],
    [
      'a time zone mistyped',
      ['name: d, size: 1d, timezone: Europe/Berln'],
      ['windows[0].timezone: is no known time zone: "Europe/Berln" (did you mean "Europe/Berlin"?)'],
    ],
    [
      'a time zone of hours',
      ['name: h, size: 1h, timezone: Europe/Berlin'],
      ['windows[0].timezone: is for windows of whole days such as 1d, this one is 1h'],
    ],
    [
      'days that begin within a short window',
      ['name: 1h, size: 1h', 'name: 1d, size: 1d, from: 1h, timezone: Asia/Kolkata'],
      ['windows[1].from: "1h" does not fit: midnight in Asia/Kolkata is not always between two of its windows'],
    ],
    [
      'a tag that no topic has',
      ['name: w, size: 1m, by: [sit]'],
      ['windows[0].by[0]: no topic has {sit} (did you mean "site"?)'],
    ],
    [
      'device and more',
      ['name: w, size: 1m, by: [device, site]'],
      ['windows[0].by: names device and more: a device has its tags already, so write [device]'],
    ],
  ])('%s', (_what, windows, expected) => expect(problems(windows)).toEqual(expected));

  it('a rule on what its window does not compute', () => {
    const rule = 'rules: [{ name: r, window: w, field: t, aggregate: p95, above: 1 }]\n';
    expect(problems(['name: w, size: 1m, aggregates: [p50]'], rule)).toEqual([
      'rules[0].aggregate: "p95" is not computed by window "w" (add it there: aggregates: [p95])',
    ]);
    expect(problems(['name: w, size: 1m, aggregates: [p95]'], rule)).toEqual([]);
  });
});

it('what docs/windows.md shows is right', () => {
  const topics = "topics: [{ template: 'sensors/{site}/{line}/{device}', format: json }]\n";
  const windows = [
    'name: 1m, size: 1m, lateness: 5s, idle: 30s, retain: 5m',
    'name: 5m-hop, kind: hopping, size: 5m, every: 1m',
    'name: last-10m, kind: sliding, size: 10m, fields: [temperature]',
    'name: run, kind: session, gap: 5m',
    'name: each-100, kind: count, count: 100',
    'name: 1h, size: 1h, from: 1m',
    'name: 1d, size: 1d, from: 1h, timezone: Europe/Berlin',
    'name: line-1m, size: 1m, by: [site, line]',
    'name: all-1m, size: 1m, by: []',
    'name: kolkata, size: 1d, from: 1m, timezone: Asia/Kolkata',
  ];
  expect(problems(windows, topics)).toEqual([]);
});
