import type { PublishRecord } from '../../events/record.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { DecodedPayload } from '../step.ts';
import type { FieldNames } from './field-names.ts';
import type { ReadingLimits } from './json-object.ts';
import { decodePayload } from './payload.ts';
import type { Refusal } from './refusal.ts';
import { createSchemaDecoder } from './schema/schema-decoder.ts';
import type { SchemaReaders } from './schema/schema-readers.ts';

/** What a publish says: a reading, or several (never none), each of which may be refused alone, or why it says none. */
export type Decoded = DecodedPayload | Refusal | readonly (DecodedPayload | Refusal)[];

/**
 * Decodes what is published under one topic template. Pure: never throws, and its work is bounded by the payload's
 * bytes and `limits`.
 *
 * @param field value of the topic's `{field}`; null without one
 */
export type Decoder = (
  record: Pick<PublishRecord, 'payload' | 'topic' | 'receivedAtUs'>,
  field: string | null,
) => Decoded;

/** The decoder of a template, by its format. */
export function createDecoder(
  topic: ProcessingConfig['topics'][number],
  limits: ReadingLimits,
  names: FieldNames,
  readers: SchemaReaders,
): Decoder {
  const { format } = topic;
  if (format === 'avro' || format === 'protobuf' || format === 'json-schema')
    return createSchemaDecoder(topic, limits, names, readers);
  return ({ payload }, field) => decodePayload({ format, field }, payload, limits, names);
}
