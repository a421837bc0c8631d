import { rangeText, type Shape } from './observed-shape.ts';

/** A JSON Schema (draft 7) that holds for what was seen: types, what was always there; ranges as comments. */
export function proposeJsonSchema(shape: Shape): object {
  return { $schema: 'http://json-schema.org/draft-07/schema#', ...jsonNode(shape) };
}

function jsonNode(shape: Shape): Record<string, unknown> {
  const types = [
    ...(shape.nulls > 0 ? ['null'] : []),
    ...(shape.booleans > 0 ? ['boolean'] : []),
    ...(shape.fractions > 0 ? ['number'] : shape.integers > 0 ? ['integer'] : []),
    ...(shape.texts > 0 ? ['string'] : []),
    ...(shape.lists > 0 ? ['array'] : []),
    ...(shape.objects > 0 ? ['object'] : []),
  ];
  const range = rangeText(shape);
  const required = [...shape.fields].filter(([, { count }]) => count === shape.objects).map(([name]) => name);
  return {
    ...(types.length > 0 && { type: types.length === 1 ? types[0] : types }),
    ...(range !== '' && { $comment: range }),
    ...(shape.objects > 0 && {
      properties: Object.fromEntries([...shape.fields].map(([name, field]) => [name, jsonNode(field)])),
      ...(required.length > 0 && { required }),
    }),
    ...(shape.items !== null && shape.items.count > 0 && { items: jsonNode(shape.items) }),
  };
}

/** A proposal, and what it had to leave out, as sentences. */
export interface AvroProposal {
  readonly schema: object | string;
  readonly leftOut: readonly string[];
}

const avroName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** An Avro schema of what was seen; what was not always there may be null. */
export function proposeAvro(shape: Shape, name = 'Reading'): AvroProposal {
  const leftOut: string[] = [];
  const record = (one: Shape, own: string): object => ({
    type: 'record',
    name: own,
    fields: [...one.fields].flatMap(([field, inner]) => {
      if (!avroName.test(field)) {
        leftOut.push(`${own}: "${field.slice(0, 80)}" is no name in Avro`);
        return [];
      }
      const type = union(inner, `${own}_${field}`, inner.count < one.objects);
      const range = rangeText(inner);
      return [{ name: field, type, ...(range !== '' && { doc: range }), ...(isNullable(type) && { default: null }) }];
    }),
  });
  const union = (one: Shape, own: string, isOptional: boolean): unknown => {
    const types = [
      ...(one.nulls > 0 || isOptional ? ['null'] : []),
      ...(one.booleans > 0 ? ['boolean'] : []),
      ...(one.fractions > 0 ? ['double'] : one.integers > 0 ? ['long'] : []),
      ...(one.texts > 0 ? ['string'] : []),
      ...(one.lists > 0 ? [{ type: 'array', items: union(one.items!, `${own}_item`, false) }] : []),
      ...(one.objects > 0 ? [record(one, own)] : []),
    ];
    if (types.length === 0) return 'null';
    return types.length === 1 ? types[0] : types;
  };
  return { schema: union(shape, name, false) as object | string, leftOut };
}

function isNullable(type: unknown): boolean {
  return type === 'null' || (Array.isArray(type) && type[0] === 'null');
}
