import { parseJsonSchema } from '../../../infra/schemas/parse-json-schema.ts';
import { parseProtobuf } from '../../../infra/schemas/parse-protobuf.ts';
import type { Parsed, ResolveReference, SchemaInForce, SchemaType } from '../../../infra/schemas/schema-text.ts';
import { quote, refuse, type Refusal } from '../refusal.ts';
import { avroReader } from './avro-reader.ts';
import { readingType } from './avro-types.ts';
import { jsonReader } from './json-reader.ts';
import type { Plain } from './plain-value.ts';
import { protobufReader } from './protobuf-reader.ts';

/** How the payload says which message of a Protobuf file it is: by indexes before it, or not at all. */
export type MessageChoice = { readonly kind: 'indexes' } | { readonly kind: 'named'; readonly name: string | null };

/** Reads the bytes of one value. Never throws; work is bounded by the bytes. */
export type SchemaReader = (bytes: Buffer, choice: MessageChoice) => { readonly value: Plain } | Refusal;

/** The schemas that are in force under one configuration, each made ready when the first payload needs it. */
export class SchemaReaders {
  readonly #schemas: readonly SchemaInForce[];
  readonly #byId = new Map<number, SchemaInForce>();
  readonly #readers = new Map<number, SchemaReader | Refusal>();

  constructor(schemas: readonly SchemaInForce[]) {
    this.#schemas = schemas;
    for (const schema of schemas) this.#byId.set(schema.id, schema);
  }

  ofId(id: number, type: SchemaType): SchemaReader | Refusal {
    const schema = this.#byId.get(id);
    if (schema === undefined) return refuse('unknown-schema', `no schema of id ${id} is in force`);
    if (schema.type !== type)
      return refuse('unknown-schema', `schema ${id} is of type ${schema.type}, the template is for ${type}`);
    let reader = this.#readers.get(id);
    if (reader === undefined) {
      reader = readerOf(schema, this.#resolve);
      this.#readers.set(id, reader);
    }
    return reader;
  }

  /** @param version null: the subject's latest */
  ofSubject(subject: string, version: number | null, type: SchemaType): SchemaReader | Refusal {
    const found = this.#schemas.findLast(
      (schema) => schema.subject === subject && (version === null ? !schema.deleted : schema.version === version),
    );
    if (found !== undefined) return this.ofId(found.id, type);
    const which = version === null ? '' : ` version ${version}`;
    return refuse('unknown-schema', `no schema of subject ${quote(subject)}${which} is in force`);
  }

  readonly #resolve: ResolveReference = ({ subject, version }) =>
    this.#schemas.find((schema) => schema.subject === subject && schema.version === version) ?? null;
}

function readerOf(schema: SchemaInForce, resolve: ResolveReference): SchemaReader | Refusal {
  const parsed = parse(schema, resolve);
  return 'value' in parsed
    ? parsed.value
    : refuse('unknown-schema', `schema ${schema.id} cannot be used: ${parsed.problem}`);
}

function parse(schema: SchemaInForce, resolve: ResolveReference): Parsed<SchemaReader> {
  switch (schema.type) {
    case 'AVRO': {
      const type = readingType(schema, resolve);
      return 'value' in type ? { value: avroReader(type.value) } : type;
    }
    case 'PROTOBUF': {
      const file = parseProtobuf(schema, resolve);
      return 'value' in file ? { value: protobufReader(file.value) } : file;
    }
    case 'JSON': {
      const check = parseJsonSchema(schema, resolve);
      return 'value' in check ? { value: jsonReader(check.value) } : check;
    }
  }
}
