import type { PublishRecord } from '../../events/record.ts';
import type { TopicConfig } from '../../infra/config/topic-schema.ts';
import type { DecodedPayload } from '../step.ts';
import type { FieldNames } from './field-names.ts';
import type { ReadingLimits } from './json-object.ts';
import { decodePayload } from './payload.ts';
import type { Refusal } from './refusal.ts';
import { createSparkplugDecoder } from './sparkplug/decoder.ts';
import type { EdgeNodes } from './sparkplug/edge-nodes.ts';

/** A publish that holds no reading, and is not meant to: the configuration says so. It counts as filtered. */
export interface NoReading {
  readonly noReading: true;
}

export const noReading: NoReading = { noReading: true };

/** What a publish says: a reading, or several (never none), each of which may be refused alone, or why it says none. */
export type Decoded = DecodedPayload | Refusal | NoReading | readonly (DecodedPayload | Refusal)[];

/**
 * Decodes what is published under one topic template. Pure: never throws, and its work is bounded by the payload's
 * bytes and `limits`.
 *
 * @param field value of the topic's `{field}` (format `line-protocol`: of `{precision}`); null without one
 */
export type Decoder = (
  record: Pick<PublishRecord, 'payload' | 'topic' | 'receivedAtUs'>,
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
  { edgeNodes }: DecoderMemory,
): Decoder {
  switch (topic.format) {
    case 'drop':
      return () => noReading;
    case 'sparkplug':
      return createSparkplugDecoder(edgeNodes, limits, names, topic.template.endsWith('/{device}'));
    default:
      return ({ payload }, field) => decodePayload({ format: topic.format, field }, payload, limits, names);
  }
}
