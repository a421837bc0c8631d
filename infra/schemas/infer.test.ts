import fc from 'fast-check';
import { expect, it } from 'vitest';
import { schemaProblem } from './compatibility.ts';
import { emptyShape, observe } from './observed-shape.ts';
import { parseAvro } from './parse-avro.ts';
import { parseJsonSchema } from './parse-json-schema.ts';
import { proposeAvro, proposeJsonSchema } from './propose-schema.ts';
import { filterProblem, isUnderFilter } from './topic-filter.ts';

const seen = (...values: unknown[]) => {
  const shape = emptyShape();
  for (const value of values) observe(shape, value);
  return shape;
};
const text = (value: unknown, type: 'AVRO' | 'JSON') => ({ type, text: JSON.stringify(value), references: [] });

const payloads = [
  { temperature: 20, motor: { speed: 1.5 }, state: 'on' },
  { temperature: 71.5, motor: { speed: 3 }, alarm: true, state: null },
];

it('proposes JSON Schema: types, what is required, ranges as comments', () => {
  expect(proposeJsonSchema(seen(...payloads))).toEqual({
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    required: ['temperature', 'motor', 'state'],
    properties: {
      temperature: { type: 'number', $comment: 'seen from 20 to 71.5 in 2 values' },
      motor: {
        type: 'object',
        required: ['speed'],
        properties: { speed: { type: 'number', $comment: 'seen from 1.5 to 3 in 2 values' } },
      },
      state: { type: ['null', 'string'] },
      alarm: { type: 'boolean' },
    },
  });
});

it('proposes Avro, and says what has no name in it', () => {
  expect(proposeAvro(seen(...payloads, { 'a-b': 1 }))).toMatchObject({
    leftOut: ['Reading: "a-b" is no name in Avro'],
    schema: {
      type: 'record',
      name: 'Reading',
      fields: [
        { name: 'temperature', type: ['null', 'double'], default: null, doc: 'seen from 20 to 71.5 in 2 values' },
        { name: 'motor', type: ['null', { type: 'record', name: 'Reading_motor' }] },
        { name: 'state', type: ['null', 'string'] },
        { name: 'alarm', type: ['null', 'boolean'] },
      ],
    },
  });
});

it('what is proposed is a schema, and holds for what it was made of', () => {
  const value = fc.jsonValue({ maxDepth: 4 });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
      const shape = seen(...values.map((one) => JSON.parse(JSON.stringify(one)) as unknown));
      const schema = text(proposeJsonSchema(shape), 'JSON');
      const parsed = parseJsonSchema(schema, () => null);
      expect(parsed).toHaveProperty('value');
      const holds = (one: unknown) => 'value' in parsed && parsed.value(one) === null;
      expect(values.filter((one) => !holds(one))).toEqual([]);
      expect(schemaProblem(text(proposeAvro(shape).schema, 'AVRO'), () => null)).toBeNull();
      expect(parseAvro(text(proposeAvro(shape).schema, 'AVRO'), () => null)).toHaveProperty('value');
    }),
  );
});

it.each([
  ['a/+/c', 'a/b/c', true],
  ['a/+', 'a/b/c', false],
  ['a/#', 'a/b/c', true],
  ['a/#', 'a', true],
  ['a/b', 'a/b', true],
  ['a/b/c', 'a/b', false],
  ['#', 'x', true],
])('%s takes in %s: %s', (filter, topic, expected) => expect(isUnderFilter(filter, topic)).toBe(expected));

it.each(['a+', '#/a', 'a/b#', ''])('"%s" is no filter', (filter) =>
  expect(filterProblem(filter)).toMatch('no topic filter'),
);
it.each(['a', '+/#', '/'])('"%s" is one', (filter) => expect(filterProblem(filter)).toBeNull());
