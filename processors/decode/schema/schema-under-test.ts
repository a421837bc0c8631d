import fc from 'fast-check';
import { quarantineReasons } from '../../../events/quarantine.ts';
import { configSchema } from '../../../infra/config/schema.ts';
import type { TopicOf } from '../../../infra/config/topic-schema.ts';
import type { SchemaInForce, SchemaType } from '../../../infra/schemas/schema-text.ts';
import { FieldNames } from '../field-names.ts';
import { createSchemaDecoder } from './schema-decoder.ts';
import { SchemaReaders } from './schema-readers.ts';

const { limits } = configSchema.parse({});

/** A schema in force under subject `s`, id 7, unless said otherwise. */
export function inForce(type: SchemaType, text: string, more: Partial<SchemaInForce> = {}): SchemaInForce {
  const place = { subject: 's', version: 1, id: 7, name: 's version 1', hash: String(more.id ?? 7) };
  return { type, text, references: [], ...place, ...more };
}

const formats = { AVRO: 'avro', PROTOBUF: 'protobuf', JSON: 'json-schema' } as const;

/** Decodes under a template of one schema's subject. */
export function decoderOf(schemas: SchemaInForce[], options: object = { schema: 's' }) {
  const topic = { template: 'a/{device}', format: formats[schemas[0]!.type], ...options };
  const [checked] = configSchema.parse({ topics: [topic] }).topics as TopicOf<'avro' | 'protobuf' | 'json-schema'>[];
  const decode = createSchemaDecoder(checked!, limits, new FieldNames(), new SchemaReaders(schemas));
  return (payload: Uint8Array) => decode({ payload, topic: 'a/b', receivedAtUs: 0 }, null);
}

/** A payload of the Confluent wire format. */
export const wire = (id: number, bytes: Uint8Array) => {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(id, 1);
  return Buffer.concat([prefix, bytes]);
};

/** Arbitrary, truncated and mutated payloads: each is what `problem` finds nothing wrong with. */
export function fuzz(decode: (bytes: Uint8Array) => unknown, valid: Buffer): void {
  const settles = (bytes: Uint8Array) => {
    const found = problem(decode(bytes));
    if (found !== null) throw new Error(`${found}: ${Buffer.from(bytes).toString('hex')}`);
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => settles(bytes)),
    { numRuns: 500 },
  );
  for (let length = 0; length < valid.length; length++) settles(valid.subarray(0, length));
  const mutations = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(mutations, (list) => {
      const bytes = Buffer.from(valid);
      for (const [at, byte] of list) bytes[at] = byte;
      settles(bytes);
    }),
    { numRuns: 1_000 },
  );
}

type One = { reason: string; detail: string } | { fields: object; ownTimeUs: number | null };

/** What is neither a refusal nor a reading as it may be; null when all is. */
export function problem(decoded: unknown): string | null {
  for (const one of [decoded].flat() as One[]) {
    if ('reason' in one) {
      if (!(one.reason in quarantineReasons) || one.detail.length > 1_000) return `a refusal for ${one.reason}`;
      continue;
    }
    const values = Object.values(one.fields) as unknown[];
    const isValue = (value: unknown) =>
      typeof value === 'number' ? Number.isFinite(value) : ['boolean', 'string'].includes(typeof value);
    if (values.length === 0 || !values.every(isValue)) return 'a reading of other values';
    if (one.ownTimeUs !== null && !Number.isInteger(one.ownTimeUs)) return `a time of ${one.ownTimeUs}`;
  }
  return null;
}
