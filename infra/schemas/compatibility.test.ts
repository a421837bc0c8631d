import { describe, expect, it } from 'vitest';
import { compatibilityProblems, schemaProblem, type CompatibilityLevel } from './compatibility.ts';
import { parseAvro } from './parse-avro.ts';
import type { SchemaText } from './schema-text.ts';

const none = () => null;
const avro = (schema: unknown): SchemaText => ({ type: 'AVRO', text: JSON.stringify(schema), references: [] });
const proto = (body: string): SchemaText => ({ type: 'PROTOBUF', text: `syntax = "proto3";\n${body}`, references: [] });
const isCompatible = (level: CompatibilityLevel, next: SchemaText, ...earlier: SchemaText[]) =>
  compatibilityProblems(
    level,
    next,
    earlier.map((schema, i) => ({ ...schema, version: i + 1 })),
    none,
  ).length === 0;
const backwardForward = (next: SchemaText, old: SchemaText) => [
  isCompatible('BACKWARD', next, old),
  isCompatible('FORWARD', next, old),
];

const record = (...fields: object[]) => avro({ type: 'record', name: 'User', fields });
const f1 = { name: 'f1', type: 'string' };
const f2 = { name: 'f2', type: 'string', default: 'foo' };
const f2plain = { name: 'f2', type: 'string' };
const field = (type: unknown) => record({ name: 'f', type });
const fixed = (size: number) => ({ type: 'fixed', name: 'F', size });
const enumOf = (symbols: string[], more: object = {}) => ({ type: 'enum', name: 'E', symbols, ...more });

// Avro 1.11.1, "Schema Resolution", and the Confluent documentation's own example ("Schema Evolution and Compatibility").
describe('Avro: [next reads old, old reads next]', () => {
  it.each<[what: string, old: SchemaText, next: SchemaText, expected: [boolean, boolean]]>([
    ['the same', record(f1), record(f1), [true, true]],
    ['a field with a default is added', record(f1), record(f1, f2), [true, true]],
    ['a field without one is added', record(f1), record(f1, f2plain), [false, true]],
    ['a field without a default is removed', record(f1, f2plain), record(f1), [true, false]],
    ['a field with one is removed', record(f1, f2), record(f1), [true, true]],
    ['another name without alias', record(f1), record({ name: 'g', type: 'string' }), [false, false]],
    ['another name with alias', record(f1), record({ name: 'g', type: 'string', aliases: ['f1'] }), [true, false]],
    ['int -> long', field('int'), field('long'), [true, false]],
    ['int -> float', field('int'), field('float'), [true, false]],
    ['int -> double', field('int'), field('double'), [true, false]],
    ['long -> float', field('long'), field('float'), [true, false]],
    ['long -> double', field('long'), field('double'), [true, false]],
    ['float -> double', field('float'), field('double'), [true, false]],
    ['string -> bytes', field('string'), field('bytes'), [true, true]],
    ['int -> string', field('int'), field('string'), [false, false]],
    ['string -> union with it', field('string'), field(['null', 'string']), [true, false]],
    ['a branch of a union less', field(['null', 'string', 'int']), field(['null', 'string']), [false, true]],
    [
      'array items promoted',
      field({ type: 'array', items: 'int' }),
      field({ type: 'array', items: 'long' }),
      [true, false],
    ],
    [
      'map values promoted',
      field({ type: 'map', values: 'int' }),
      field({ type: 'map', values: 'long' }),
      [true, false],
    ],
    ['fixed of another size', field(fixed(4)), field(fixed(8)), [false, false]],
    ['a symbol more', field(enumOf(['A'])), field(enumOf(['A', 'B'])), [true, false]],
    ['a symbol less, with a default', field(enumOf(['A', 'B'])), field(enumOf(['A'], { default: 'A' })), [true, true]],
  ])('%s', (_, old, next, expected) => expect(backwardForward(next, old)).toEqual(expected));
});

const message = (body: string) => proto(`package foo;\nmessage T { ${body} }`);

// https://protobuf.dev/programming-guides/proto3/#updating and the Confluent documentation's "Protobuf compatibility rules".
describe('Protobuf: [next reads old, old reads next]', () => {
  it.each<[what: string, old: SchemaText, next: SchemaText, expected: [boolean, boolean]]>([
    ['a field is added', message('string a = 1;'), message('string a = 1; int32 b = 2;'), [true, true]],
    ['a field is removed', message('string a = 1; int32 b = 2;'), message('string a = 1;'), [true, true]],
    [
      'its number is reserved then',
      message('string a = 1; int32 b = 2;'),
      message('string a = 1; reserved 2;'),
      [true, true],
    ],
    [
      'a reserved number is used',
      message('string a = 1; reserved 2;'),
      message('string a = 1; int32 b = 2;'),
      [false, false],
    ],
    [
      'a number of a reserved range',
      message('string a = 1; reserved 5 to 9;'),
      message('string a = 1; int32 b = 9;'),
      [false, false],
    ],
    [
      'a reserved name is used',
      message('string a = 1; reserved "b";'),
      message('string a = 1; int32 b = 2;'),
      [false, false],
    ],
    ['a field has another name', message('string a = 1;'), message('string b = 1;'), [true, true]],
    ['int32 -> int64', message('int32 a = 1;'), message('int64 a = 1;'), [true, true]],
    ['int32 -> bool', message('int32 a = 1;'), message('bool a = 1;'), [true, true]],
    ['int32 -> enum', message('int32 a = 1;'), message('enum E { Z = 0; } E a = 1;'), [true, true]],
    ['sint32 -> sint64', message('sint32 a = 1;'), message('sint64 a = 1;'), [true, true]],
    ['int32 -> sint32', message('int32 a = 1;'), message('sint32 a = 1;'), [false, false]],
    ['string -> bytes', message('string a = 1;'), message('bytes a = 1;'), [true, true]],
    ['fixed32 -> sfixed32', message('fixed32 a = 1;'), message('sfixed32 a = 1;'), [true, true]],
    ['fixed64 -> double', message('fixed64 a = 1;'), message('double a = 1;'), [false, false]],
    ['float -> double', message('float a = 1;'), message('double a = 1;'), [false, false]],
    ['string -> int32', message('string a = 1;'), message('int32 a = 1;'), [false, false]],
    ['string -> repeated', message('string a = 1;'), message('repeated string a = 1;'), [true, true]],
    ['number -> repeated', message('int32 a = 1;'), message('repeated int32 a = 1;'), [false, false]],
    ['scalar -> message', message('string a = 1;'), message('message M {} M a = 1;'), [false, false]],
    [
      'map of other values',
      message('map<string, int32> a = 1;'),
      message('map<string, double> a = 1;'),
      [false, false],
    ],
    [
      'a message is added',
      message('string a = 1;'),
      proto('package foo; message T { string a = 1; } message U {}'),
      [true, false],
    ],
    ['one field moves into a new oneof', message('string a = 1;'), message('oneof k { string a = 1; }'), [true, true]],
    [
      'two fields move into one',
      message('string a = 1; string b = 2;'),
      message('oneof k { string a = 1; string b = 2; }'),
      [false, true],
    ],
    [
      'a field leaves its oneof',
      message('oneof k { string a = 1; string b = 2; }'),
      message('oneof k { string a = 1; } string b = 2;'),
      [false, false],
    ],
    [
      'an enum has a constant more',
      message('enum E { Z = 0; } E a = 1;'),
      message('enum E { Z = 0; A = 1; } E a = 1;'),
      [true, true],
    ],
    ['another package', proto('package foo; message T {}'), proto('package bar; message T {}'), [false, false]],
    ['optional', message('int32 a = 1;'), message('optional int32 a = 1;'), [true, true]],
  ])('%s', (_, old, next, expected) => expect(backwardForward(next, old)).toEqual(expected));
});

describe('levels', () => {
  // Each can be read after the one before it, the third not after the first: f2 came with a default and lost it.
  const [a, b, c] = [record(f1), record(f1, f2), record(f1, f2plain)] as const;
  it.each<[CompatibilityLevel, SchemaText, SchemaText[], boolean]>([
    ['BACKWARD', c, [a, b], true],
    ['BACKWARD_TRANSITIVE', c, [a, b], false],
    ['FORWARD', a, [c, b], true],
    ['FORWARD_TRANSITIVE', a, [c, b], false],
    ['FULL', b, [a], true],
    ['FULL', c, [a], false],
    ['FULL', c, [a, b], true],
    ['FULL_TRANSITIVE', c, [a, b], false],
    ['NONE', avro('int'), [a, b], true],
    ['BACKWARD', message(''), [a], false],
  ])('%s', (level, next, earlier, expected) => expect(isCompatible(level, next, ...earlier)).toBe(expected));

  it('says where and why', () => {
    const problems = compatibilityProblems('BACKWARD', c, [{ ...a, version: 4 }], none);
    expect(problems).toEqual([expect.stringMatching(/^version 4: .*f2/)]);
    expect(
      compatibilityProblems('BACKWARD', message('int32 a = 1;'), [{ ...message('string a = 1;'), version: 1 }], none),
    ).toEqual(['version 1: foo.T.a (1): the type changes from string to int32']);
  });
});

describe('a schema is refused', () => {
  const deep = `${'{"type":"array","items":'.repeat(100)}"int"${'}'.repeat(100)}`;
  it.each<[SchemaText['type'], string, RegExp]>([
    ['AVRO', 'nonsense', /JSON/],
    ['AVRO', '{"type":"record","name":"a b","fields":[]}', /name/],
    ['AVRO', '{"type":"record","name":"X","fields":[{"name":"a","type":"Y"}]}', /undefined type/],
    ['AVRO', deep, /deeper/],
    ['PROTOBUF', 'message {', /illegal/],
    ['PROTOBUF', 'syntax = "proto3"; import "other.proto"; message M {}', /other\.proto/],
    ['PROTOBUF', 'syntax = "proto3"; message M { Other o = 1; }', /Other/],
    ['PROTOBUF', 'syntax = "proto3"; enum E { A = 0; }', /no message/],
    ['PROTOBUF', 'syntax = "proto3"; message M { reserved 1; int32 a = 1; }', /reserved/],
    ['JSON', '[]', /neither/],
    ['JSON', '{"type":"nonsense"}', /type/],
    ['JSON', '{"$ref":"https://example.com/a.json"}', /resolve/],
  ])('%s %s', (type, text, why) => expect(schemaProblem({ type, text, references: [] }, none)).toMatch(why));
});

it('follows references, and says which is missing or goes round', () => {
  const site = avro({ type: 'record', name: 'plant.Site', fields: [{ name: 'line', type: 'int' }] });
  const reference = { name: 'plant.Site', subject: 'site', version: 1 };
  const text = JSON.stringify({ type: 'record', name: 'R', fields: [{ name: 'site', type: 'plant.Site' }] });
  const schema: SchemaText = { type: 'AVRO', text, references: [reference] };
  expect(parseAvro(schema, () => site)).toHaveProperty('value');
  expect(schemaProblem(schema, none)).toBe('reference "plant.Site" (site, version 1) does not exist');
  expect(schemaProblem(schema, () => schema)).toMatch('needs itself');
});
