import type { TopicOf } from '../../../infra/config/topic-schema.ts';
import { registryFormats } from '../../../infra/schemas/registry-formats.ts';
import type { Decoder } from '../decoder.ts';
import type { FieldNames } from '../field-names.ts';
import type { ReadingLimits } from '../json-object.ts';
import { refuse, type Refusal } from '../refusal.ts';
import { plainReadings } from './plain-reading.ts';
import type { MessageChoice, SchemaReader, SchemaReaders } from './schema-readers.ts';

/** Magic byte 0 and the schema's id, 4 bytes, big-endian: what a payload of the Confluent wire format begins with. */
const wirePrefixBytes = 5;

/**
 * Decodes payloads of a template of format `avro`, `protobuf` or `json-schema`: bare ones of its `schema`, without that
 * those of the Confluent wire format.
 */
export function createSchemaDecoder(
  topic: TopicOf<'avro' | 'protobuf' | 'json-schema'>,
  limits: ReadingLimits,
  names: FieldNames,
  readers: SchemaReaders,
): Decoder {
  const type = registryFormats.get(topic.format)!;
  const list = topic.readings?.split('.') ?? null;
  const { schema, schemaVersion = null } = topic;
  const message = topic.format === 'protobuf' ? (topic.message ?? null) : null;
  const bare: SchemaReader | Refusal | null =
    schema === undefined ? null : readers.ofSubject(schema, schemaVersion, type);
  const choice: MessageChoice = schema === undefined ? { kind: 'indexes' } : { kind: 'named', name: message };
  return ({ payload }) => {
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    let reader = bare;
    if (reader === null) {
      if (bytes.length < wirePrefixBytes || bytes[0] !== 0)
        return refuse('schema', 'the payload does not begin with byte 0 and a schema id of 4 bytes');
      reader = readers.ofId(bytes.readUInt32BE(1), type);
    }
    if (typeof reader !== 'function') return reader;
    const read = reader(bare === null ? bytes.subarray(wirePrefixBytes) : bytes, choice);
    if ('reason' in read) return read;
    return plainReadings(read.value, { list, limits, names });
  };
}
