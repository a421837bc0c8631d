import type { Sent } from '../../events/bridge-client.ts';
import type { PublishRecord } from '../../events/record.ts';
import type { TopicConfig, TopicOf } from '../../infra/config/topic-schema.ts';
import type { DecodedPayload } from '../step.ts';
import { availability } from './availability.ts';
import { csv } from './csv.ts';
import type { FieldNames } from './field-names.ts';
import type { ReadingLimits } from './json-object.ts';
import { lineProtocol } from './line-protocol.ts';
import { mappedJson } from './mapped-json.ts';
import { noReading, type NoReading } from './no-reading.ts';
import { decodePayload } from './payload.ts';
import type { Refusal } from './refusal.ts';
import { createSchemaDecoder } from './schema/schema-decoder.ts';
import { SchemaReaders } from './schema/schema-readers.ts';
import { senml } from './senml.ts';
import { createSparkplugDecoder } from './sparkplug/decoder.ts';
import { EdgeNodes } from './sparkplug/edge-nodes.ts';

/** What a publish says: a reading, or several (never none), each of which may be refused alone, or why it says none. */
export type Decoded = DecodedPayload | Refusal | NoReading | readonly (DecodedPayload | Refusal)[];

/**
 * Decodes what is published under one topic template. Pure: never throws, and its work is bounded by the payload's
 * bytes and `limits`.
 *
 * @param field value of the topic's `{field}` (format `line-protocol`: of `{precision}`); null without one
 */
export type Decoder = (
  record: Pick<PublishRecord, 'payload' | 'topic' | 'receivedAtUs' | 'redriven'> & Partial<Sent>,
  field: string | null,
) => Decoded;

/** What decoders keep between publishes: state of the partition, in its checkpoint. */
export interface DecoderMemory {
  readonly edgeNodes: EdgeNodes;
}

/** The decoder of a template, by its format. */
export function createDecoder(
  topic: TopicConfig,
  limits: ReadingLimits,
  names: FieldNames,
  { edgeNodes }: DecoderMemory = { edgeNodes: new EdgeNodes() },
  readers = new SchemaReaders([]),
): Decoder {
  switch (topic.format) {
    case 'json':
      return isMapped(topic) ? mappedJson(topic, limits, names) : plain(topic, limits, names);
    case 'value':
      return plain(topic, limits, names);
    case 'csv':
      return csv(topic, limits, names);
    case 'senml-json':
    case 'senml-cbor':
      return senml(topic, limits, names);
    case 'line-protocol':
      return lineProtocol(topic, limits, names);
    case 'availability':
      return availability(topic, limits, names);
    case 'avro':
    case 'protobuf':
    case 'json-schema':
      return createSchemaDecoder(topic, limits, names, readers);
    case 'drop':
      return () => noReading;
    case 'sparkplug':
      return createSparkplugDecoder(edgeNodes, limits, names, topic.template.endsWith('/{device}'));
  }
}

/** Fields under their own names, the time where it usually stands: the fastest way. */
function plain(topic: TopicOf<'json' | 'value'>, limits: ReadingLimits, names: FieldNames): Decoder {
  const { format } = topic;
  const takesObjects = topic.format === 'value' && topic.objects === 'fields';
  return ({ payload }, field) => decodePayload({ format, field, takesObjects }, payload, limits, names);
}

/** Whether a topic of JSON says anything of where things stand. */
function isMapped({ template: _, format: _format, ...options }: TopicOf<'json'>): boolean {
  return Object.values(options).some((option) => option !== undefined);
}
