import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from './load.ts';
import { conversion, unitNames } from './measuring-units.ts';
import { processingConfig } from './schema.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-transforms-'));
afterAll(() => rmSync(directory, { recursive: true }));

function load(yaml: string, files: Record<string, string> = {}) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  const file = join(directory, 'millrace.yaml');
  writeFileSync(file, yaml);
  return loadConfig({ env: {}, file });
}

function problems(yaml: string, files: Record<string, string> = {}): string[] {
  const loaded = load(yaml, files);
  return 'config' in loaded ? [] : loaded.problems.map(({ at, message }) => `${at}: ${message}`);
}

const fields = 'fields: [{ name: temperature }, { name: voltage }, { name: current }]\n';
const lines = 'tables: [{ name: lines, key: device, rows: [{ device: press-7, line: bake, limit: 85 }] }]\n';
const transforms = (...list: string[]) => `transforms:\n${list.map((one) => `  - ${one}\n`).join('')}`;

describe('transforms that are refused', () => {
  it.each<[yaml: string, expected: string[]]>([
    [
      transforms('{ name: a, where: { site: x } }'),
      [
        'transforms[0]: does nothing: needs one of drop, range, deadband, sample, convert, scale or offset, set, enrich',
      ],
    ],
    [
      transforms('{ name: a, field: t, range: [0, 1], sample: 1s }'),
      ['transforms[0]: does more than one thing (range, sample): make a transform of each'],
    ],
    [transforms('{ name: a, range: [0, 1] }'), ['transforms[0].field: is missing: range needs it']],
    [transforms('{ name: a, scale: 2, offset: 1 }'), ['transforms[0].field: is missing: scale and offset need it']],
    [transforms('{ name: a, offset: 1 }'), ['transforms[0].field: is missing: offset needs it']],
    [transforms('{ name: a, sample: 1s, every: 1m }'), ['transforms[0].every: does not go with sample']],
    [transforms('{ name: a, field: t, offset: 1, tags: [x] }'), ['transforms[0].tags: does not go with offset']],
    [transforms('{ name: a, sample: 0s }'), ['transforms[0].sample: must be more than 0']],
    [
      transforms('{ name: a, field: t, range: [5, 1] }'),
      ['transforms[0].range: must be [least, greatest] with least below greatest'],
    ],
    [transforms('{ name: a, field: t, deadband: -1 }'), ['transforms[0].deadband: must be at least 0, is -1']],
    [
      transforms('{ name: a, field: t, convert: { from: "°F", to: bar } }'),
      ['transforms[0].convert: °F is a temperature, bar a pressure'],
    ],
    [
      transforms('{ name: a, field: t, convert: { from: kpa, to: bar } }'),
      ['transforms[0].convert: knows no unit "kpa" (did you mean "kPa"?)'],
    ],
    [
      transforms('{ name: a, drop: [b], where: { sit: x } }'),
      ['transforms[0].where.sit: no topic has {sit} (did you mean "site"?)'],
    ],
    [
      transforms('{ name: a, drop: [b] }', '{ name: a, drop: [c] }'),
      ['transforms[1].name: "a" is already the name of transforms[0]'],
    ],
    [
      fields + transforms('{ name: a, field: temprature, range: [0, 1] }'),
      [
        'transforms[0].field: names an unknown field: "temprature" (did you mean "temperature"?); fields are declared under "fields:"',
      ],
    ],
    [
      fields + transforms('{ name: a, drop: [rssi, curent] }'),
      [
        'transforms[0].drop[0]: names an unknown field: "rssi"; fields are declared under "fields:"',
        'transforms[0].drop[1]: names an unknown field: "curent" (did you mean "current"?); fields are declared under "fields:"',
      ],
    ],
    [
      transforms('{ name: a, expression: "1" }'),
      ['transforms[0].set: is missing: the field that the expression computes'],
    ],
    [transforms('{ name: a, set: b }'), ['transforms[0].expression: is missing: set needs it']],
    [transforms('{ name: a, set: __proto__, expression: "1" }'), ['transforms[0].set: is a reserved name']],
    [
      fields + transforms('{ name: power, set: power, expression: "voltage * curent" }'),
      [
        'transforms[0].expression: names an unknown field: "curent" at character 11 (did you mean "current"?); fields that expressions use are declared under "fields:"',
      ],
    ],
    [
      fields + transforms('{ name: a, set: b, expression: "voltage / (3 - 3)" }'),
      ['transforms[0].expression: divides by zero: (voltage / (3 - 3))'],
    ],
    [
      fields + transforms('{ name: a, set: b, expression: "voltage *" }'),
      ['transforms[0].expression: does not parse: Expected expression after * at character 10'],
    ],
    [
      lines + transforms('{ name: a, enrich: line, tags: [line] }'),
      ['transforms[0].enrich: names no table: "line" (did you mean "lines"?)'],
    ],
    [
      lines + transforms('{ name: a, enrich: lines }'),
      ['transforms[0].enrich: brings nothing: name columns under tags or fields'],
    ],
    [
      lines + transforms('{ name: a, enrich: lines, fields: [limits] }'),
      ['transforms[0].fields[0]: is no column of table "lines": "limits" (did you mean "limit"?)'],
    ],
    [
      'tables: [{ name: t, key: device, rows: [{ device: d, site: x, window: y, line: z }] }]\n' +
        transforms('{ name: a, enrich: t, tags: [site, window, line] }', '{ name: b, enrich: t, tags: [line] }'),
      [
        'transforms[0].tags[0]: "site" is a placeholder of a topic already',
        'transforms[0].tags[1]: "window" is the name of a tag of Millrace\'s own',
        'transforms[1].tags[0]: "line" is brought by a transform before',
      ],
    ],
  ])('%j', (yaml, expected) => expect(problems(yaml)).toEqual(expected));
});

describe('where fields are declared', () => {
  const made = `${fields}${lines}${transforms(
    '{ name: a, set: power, expression: voltage * current }',
    '{ name: b, enrich: lines, fields: [limit] }',
  )}`;
  const windows = (names: string) => `windows: [{ name: w, size: 1m, fields: [${names}] }]\n`;
  const rule = (more: string) => `rules: [{ name: r, above: 1, ${more} }]\n`;
  const joined = (left: string) =>
    `joins: [{ name: delta, left: { field: ${left} }, right: { field: power }, tolerance: 1s, expression: left }]\n`;
  const unknown = (name: string, near: string) =>
    `names an unknown field: "${name}" (did you mean "${near}"?); fields are declared under "fields:"`;

  it.each<[yaml: string, expected: string[]]>([
    [windows('temprature, power, limit'), [`windows[0].fields[0]: ${unknown('temprature', 'temperature')}`]],
    [windows("'*'"), []],
    [rule('field: temprature'), [`rules[0].field: ${unknown('temprature', 'temperature')}`]],
    [rule('field: power'), []],
    [
      windows('voltage') + rule('field: voltag, window: w, aggregate: mean'),
      [`rules[0].field: ${unknown('voltag', 'voltage')}`],
    ],
    [joined('limt'), [`joins[0].left.field: ${unknown('limt', 'limit')}`]],
    [joined('limit') + rule('field: delta'), []],
    [
      joined('limit') + windows("'*'") + rule('field: delta, window: w, aggregate: mean'),
      ['rules[0].field: names an unknown field: "delta"; fields are declared under "fields:"'],
    ],
  ])('%j', (yaml, expected) => expect(problems(made + yaml)).toEqual(expected));

  it('nothing is known without any', () => {
    expect(problems(windows('temprature') + rule('field: temprature') + joined('a'))).toEqual([]);
  });
});

describe('tables that are refused', () => {
  const uses = transforms('{ name: a, enrich: t, fields: [limit] }');
  it.each<[yaml: string, files: Record<string, string>, expected: string[]]>([
    ['tables: [{ name: t, key: device }]', {}, ['tables[0]: needs one of rows, file and kv']],
    ['tables: [{ name: t, key: device, rows: [], kv: x }]', {}, ['tables[0].kv: is one too many: rows and kv']],
    ['tables: [{ name: t, key: device, file: nowhere.csv }]', {}, ['tables[0].file: nowhere.csv: does not exist']],
    [
      'tables: [{ name: t, key: device, file: bad.csv }]',
      { 'bad.csv': 'device,limit\na,1,2\n' },
      ['tables[0].file: bad.csv: Invalid Record Length: expect 2, got 3 on line 2'],
    ],
    [
      'tables: [{ name: t, key: device, file: twice.csv }]',
      { 'twice.csv': 'device,limit\na,1\nb,2\na,3\n,4\n' },
      ['tables[0].rows[2]: has the same key as rows[0]: a', 'tables[0].rows[3]: has no "device", which is of the key'],
    ],
    [
      `tables: [{ name: t, key: lin, rows: [{ lin: a, limit: 1 }] }]\n${uses}`,
      {},
      ['tables[0].key: "lin" is no tag that readings have here: no topic has {lin}; known: site, device'],
    ],
    [
      'tables: [{ name: t, key: device, file: many.csv }]',
      { 'many.csv': `device\n${Array.from({ length: 10_001 }, (_, i) => `d${i}\n`).join('')}` },
      ['tables: have 10001 rows together, at most 10000 are taken'],
    ],
    [
      'tables: [{ name: t, key: device, file: large.csv }]',
      { 'large.csv': `device,text\n${Array.from({ length: 5_000 }, (_, i) => `d${i},${'x'.repeat(120)}\n`).join('')}` },
      ['tables: make the configuration 728KiB with all their rows, at most 512KiB can be put in force'],
    ],
    [
      'tables: [{ name: t, key: device, file: wide.csv }]',
      { 'wide.csv': `device,${Array.from({ length: 64 }, (_, i) => `c${i}`).join()}\nd${',1'.repeat(64)}\n` },
      ['tables[0].rows: have 65 columns, at most 64 are taken'],
    ],
  ])('%j', (yaml, files, expected) => expect(problems(yaml, files)).toEqual(expected));
});

describe('joins that are refused', () => {
  const delta = (more: string) =>
    `joins: [{ name: delta, left: { field: a }, right: { field: b }, tolerance: 1s, ${more} }]`;
  it.each([
    [
      delta('expression: "left - rigth"'),
      [
        'joins[0].expression: names an unknown field: "rigth" at character 8 (did you mean "right"?); there are left and right',
      ],
    ],
    [
      delta('expression: left, by: [site, device]'),
      ['joins[0].by: names device and more: a device has its tags already, so write [device]'],
    ],
    [delta('expression: left, by: [sit]'), ['joins[0].by[0]: no topic has {sit} (did you mean "site"?)']],
    [
      'joins: [{ name: d, left: { field: a, where: { sit: x } }, right: { field: b }, tolerance: 1s, expression: left }]',
      ['joins[0].left.where.sit: no topic has {sit} (did you mean "site"?)'],
    ],
  ])('%j', (yaml, expected) => expect(problems(yaml)).toEqual(expected));
});

it('a CSV file becomes rows of the configuration version', () => {
  const yaml = `tables: [{ name: t, key: [site, device], file: t.csv }]\n${transforms(
    '{ name: a, enrich: t, tags: [line], fields: [limit] }',
    '{ name: b, where: { line: bake }, set: over, expression: limit > 80 }',
  )}rules: [{ name: r, field: over, above: 0, where: { line: bake } }]`;
  const loaded = load(yaml, {
    't.csv': '\ufeffsite, device,line,limit,code\np,"a ""b"", c",bake,85.50,007\nq,d,,,true\n\n',
  });
  if (!('config' in loaded)) throw new Error(JSON.stringify(loaded.problems));
  expect(processingConfig(loaded.config).tables).toEqual([
    {
      name: 't',
      key: ['site', 'device'],
      rows: [
        { site: 'p', device: 'a "b", c', line: 'bake', limit: 85.5, code: '007' },
        { site: 'q', device: 'd', code: true },
      ],
    },
  ]);
});

describe('units of measurement', () => {
  const convert = (value: number, from: string, to: string) => {
    const found = conversion(from, to);
    if ('problem' in found) throw new Error(found.problem);
    return ((value + found.before) * found.multiply) / found.divide + found.after;
  };
  it.each([
    [212, '°F', '°C', 100],
    [32, '°F', '°C', 0],
    [-40, '°C', '°F', -40],
    [100, '°C', '°F', 212],
    [0, '°C', 'K', 273.15],
    [0, 'K', '°F', -459.67],
    [459.67 - 459.67, '°F', 'K', 255.372222222],
    [1, 'bar', 'kPa', 100],
    [14.6959488, 'psi', 'bar', 1.01325],
    [1, 'in', 'mm', 25.4],
    [36, 'km/h', 'm/s', 10],
    [1, 'kWh', 'MJ', 3.6],
    [60, 'l/min', 'l/s', 1],
    [1_500, 'rpm', 'Hz', 25],
    [50, '%', '1', 0.5],
  ])('%d %s in %s', (value, from, to, expected) => expect(convert(value, from, to)).toBeCloseTo(expected, 6));

  it('each there and back', () => {
    for (const names of unitNames().values())
      for (const from of names)
        for (const to of names) expect(convert(convert(20, from, to), to, from)).toBeCloseTo(20, 8);
  });
});

it('docs/transforms.md names every unit', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/transforms.md'), 'utf8');
  for (const [quantity, names] of unitNames())
    expect(page).toMatch(new RegExp(`\\| ${quantity} +\\| ${names.map((one) => `\`${one}\``).join(' ')} +\\|`));
});

it('the sample with all that it shows is correct', () => {
  const sample = readFileSync(join(import.meta.dirname, '../../millrace.sample.yaml'), 'utf8');
  const shown = sample
    .replaceAll(/^(transforms|tables|joins): \[\]$/gm, '$1:')
    .replaceAll(/^# {2}- \{ name: ops.*$/gm, '')
    .replaceAll(/^# {2}( *)(- |left|right|by:|tolerance|expression)/gm, '  $1$2');
  const loaded = load(shown, { 'lines.csv': 'device,line,limit\npress-7,bake,85\n' });
  if (!('config' in loaded)) throw new Error(JSON.stringify(loaded.problems));
  const { transforms: steps, tables, joins } = loaded.config;
  expect([steps.length, tables.length, joins.length]).toEqual([7, 1, 1]);
});
