import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LinearPatterns } from './linear-patterns.ts';
import { parseJsonSchema } from './parse-json-schema.ts';
import { schemaProblem } from './compatibility.ts';

const text = (value: object) => ({ type: 'JSON', text: JSON.stringify(value), references: [] }) as const;
const problemOf = (value: object) => schemaProblem(text(value), () => null);
const checkOf = (value: object) => {
  const parsed = parseJsonSchema(text(value), () => null);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.value;
};
const linear = (pattern: string) => new LinearPatterns().engine(pattern, 'u');

describe('a pattern means what it means in ECMA-262', () => {
  it.each<[pattern: string, holds: string[], fails: string[]]>([
    ['^[A-Z]{2}-\\d{4}$', ['AB-1234'], ['AB-123', 'ab-1234', 'AB-1234\n', 'AB-12345']],
    ['b+c', ['abbc', 'bc'], ['ac', '']],
    ['^.$', ['é', '😀', '\v'], ['\n', '\r', '\u2028', '\u2029', 'ab']],
    ['^\\s$', ['\ufeff', '\u00a0', '\u3000', '\v', ' '], ['a', '\u200b', '\u0085']],
    ['^[\\s\\d]$', ['\u2003', '7'], ['a', '٣']],
    ['^[^\\s]$', ['a', '\u0085', '😀'], ['\u2009', '\ufeff']],
    ['^\\S$', ['a', '\u200b', '😀', '\ud800'], ['\u2028', '\t']],
    ['^[\\S ]$', ['a', ' '], ['\t']],
    ['^\\w+\\b.\\B.$', ['ab--'], ['ab-a', 'é--']],
    ['^\\p{Lu}\\P{L}\\p{Script=Greek}\\p{sc=Latin}\\p{gc=Nd}$', ['A1αa1'], ['a1αa1', 'AaαA1']],
    ['^\\u0041\\u{1F600}\\ud83d\\ude00\\x42\\cA\\0\\/\\.$', ['A😀😀B\u0001\0/.'], ['A']],
    ['^[\\u0041-\\u{43}\\b\\]\\\\^-]+$', ['ABC\b]\\^-'], ['D', '[']],
    ['^[[:alph:]$', ['[', ':', 'a'], ['b', '[]']],
    ['^[a-c-]+$', ['a-c'], ['d']],
    ['^[^]$', ['\n', 'a', '😀'], ['', 'ab']],
    ['[]', [], ['', 'a']],
    ['^(?<year>\\d{4})(?:-(\\d\\d)){1,2}?$', ['2026-07', '2026-07-01'], ['2026']],
    ['^(a|b)*?c{2,}$', ['abcc', 'ccc'], ['abc']],
    ['', ['', 'a'], []],
    ['^a&&b$', ['a&&b'], ['a']],
  ])('%s', (pattern, holds, fails) => {
    const { test } = linear(pattern);
    const native = new RegExp(pattern, 'u');
    expect(holds.filter((one) => !test(one) || !native.test(one))).toEqual([]);
    expect(fails.filter((one) => test(one) || native.test(one))).toEqual([]);
  });

  it('also one that is made up', () => {
    const units = [
      'a',
      'b',
      '.',
      '\\s',
      '\\S',
      '\\d',
      '\\w',
      '\\W',
      '\\b',
      '[ab]',
      '[^a\\s]',
      '[\\W-]',
      '[b-z]',
      '\\n',
      '[.]',
    ];
    const others = ['^', '$', '\\u{1F600}', '[^\\u{1F600}a]', '\\p{L}', '[\\P{L}b]', '😀', '-', '\\.', '\\-x'];
    const unit = fc.constantFrom(...units, ...others);
    const { pattern } = fc.letrec<{ pattern: string; sequence: string; piece: string }>((tie) => ({
      pattern: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((all) => all.join('|')),
      sequence: fc.array(tie('piece'), { maxLength: 4 }).map((all) => all.join('')),
      piece: fc.oneof(
        { maxDepth: 3 },
        unit,
        fc.tuple(fc.constantFrom('(', '(?:', '(?<n>'), tie('pattern')).map(([open, inner]) => `${open}${inner})`),
        fc.tuple(unit, fc.constantFrom('*', '+', '?', '*?', '+?', '{2}', '{1,}')).map((pair) => pair.join('')),
      ),
    }));
    const texts = fc.array(
      fc.string({ unit: fc.constantFrom(...'ab c\n\r\u2028😀é1-.\ud800'.split('')), maxLength: 8 }),
    );
    fc.assert(
      fc.property(pattern, texts, (source, all) => {
        let native: RegExp;
        try {
          native = new RegExp(source, 'u');
        } catch {
          return; // It is none there either.
        }
        const { test } = linear(source);
        for (const one of all) expect([source, one, test(one)]).toEqual([source, one, native.test(one)]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what cannot be run in linear time is refused where it is registered, with place and reason', () => {
  it.each<[schema: object, problem: RegExp]>([
    [{ properties: { a: { pattern: '(?<=x)a' } } }, /^#\/properties\/a\/pattern "\(\?<=x\)a" .*it looks behind/],
    [{ pattern: 'a(?!b)' }, /^#\/pattern .*it looks ahead, by \(\?!/],
    [{ pattern: '(a)\\1' }, /^#\/pattern .*it refers back to a group, by \\1$/],
    [{ pattern: '(?<n>a)\\k<n>' }, /it refers back to a group, by \\k$/],
    [{ patternProperties: { '^(?=a)': { type: 'number' } } }, /^#\/patternProperties .*it looks ahead/],
    [
      { $defs: { 'a/b': { items: { pattern: 'a{1001}' } } }, $ref: '#/$defs/a~1b' },
      /^#\/\$defs\/a~1b\/items\/pattern .*repeat/,
    ],
    [{ pattern: '\\p{scx=Greek}' }, /^#\/pattern .*scx=Greek/],
    [{ pattern: 'x'.repeat(1_025) }, /^#\/pattern .*longer than 1024 characters$/],
    [
      { allOf: Array.from({ length: 30 }, (_, i) => ({ pattern: `a{999}${i}` })) },
      /^#\/allOf\/\d+\/pattern .*20000 instructions/,
    ],
    [{ pattern: '(' }, /^#\/pattern .*Unterminated group/],
    [{ pattern: '\\-' }, /^#\/pattern .*Invalid escape/],
  ])('%j', (schema, problem) => expect(problemOf(schema)).toMatch(problem));

  it('a schema that another one refers to is named', () => {
    const other = text({ $id: 'other.json', pattern: '(?=a)' });
    const reference = { name: 'other.json', subject: 's', version: 1 };
    const schema = { ...text({ $ref: 'other.json' }), references: [reference] };
    expect(schemaProblem(schema, () => other)).toMatch(/^other\.json#\/pattern .*it looks ahead/);
  });

  it('text of examples and of names that read like patterns is none', () => {
    expect(problemOf({ const: { pattern: '(?=a)' }, properties: { pattern: { const: '(' } } })).toBeNull();
  });
});

describe('work is bounded', () => {
  it.each([
    ['^(a+)+$', 'a', '!'],
    ['^(a|a)*$', 'a', '!'],
    ['(x+x+)+y', 'x', ''],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a', ''],
    ['(.*)*,(.*)*;', 'a', ''],
  ])('%s never goes back, over 250,000 characters', (pattern, one, end) => {
    const check = checkOf({ pattern });
    expect(check(one.repeat(250_000) + end)).toMatchObject({ keyword: 'pattern' });
  });

  it('texts too long for the size of the patterns are said to be so, each value judged anew', () => {
    const check = checkOf({ items: { pattern: '[ab]*a[ab]{501}$' } });
    const part = 'ab'.repeat(1_000);
    expect(() => check(Array.from({ length: 20 }, () => part))).toThrow('too long for the patterns');
    expect(check([part])).toBeNull();
    expect(check([`${part}c`])).toMatchObject({ instancePath: '/0', keyword: 'pattern' });
  });

  it('unique items are found in one pass', () => {
    const check = checkOf({ uniqueItems: true });
    const many = Array.from({ length: 100_000 }, (_, i) => (i % 2 === 0 ? i : { a: i, b: [i] }));
    expect(check(many)).toBeNull();
    expect(check([...many, { b: [1], a: 1 }])).toMatchObject({ keyword: 'uniqueItems' });
  });
});

it.each<[items: unknown[], isUnique: boolean]>([
  [[1, '1', true, null, [1], { 1: 1 }], true],
  [[1, 1.0], false],
  [
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    false,
  ],
  [
    [
      { 2: 0, 1: 0 },
      { 1: 0, 2: 0 },
    ],
    false,
  ],
  [[[{ a: 1 }], [{ a: 2 }]], true],
  [[['a', 'b'], { entries: ['a', 'b'] }, { a: 'b' }], true],
  [[[], {}, '', '[]', '{}'], true],
  [[JSON.parse('{"__proto__": 1}'), {}], true],
])('unique: %j is %s', (items, isUnique) => {
  expect(checkOf({ uniqueItems: true })(items) === null).toBe(isUnique);
  expect(checkOf({ uniqueItems: false })(items)).toBeNull();
});
