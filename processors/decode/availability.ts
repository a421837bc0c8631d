import type { TopicOf } from '../../infra/config/topic-schema.ts';
import type { Decoder } from './decoder.ts';
import type { FieldNames } from './field-names.ts';
import type { ReadingLimits } from './json-object.ts';
import { parsePath, scalarText, valueAt } from './json-path.ts';
import { noReading } from './no-reading.ts';
import { ReadingFields } from './reading-fields.ts';
import { quote, refuse } from './refusal.ts';
import { decodeUtf8 } from './text.ts';

/** The field that says whether a device is online. */
export const onlineField = 'online';

/**
 * Whether a device is online, as Home Assistant's `availability` has it (https://www.home-assistant.io/integrations/mqtt/):
 * the payload is one of two texts, alone or in JSON (`{"state": "online"}`).
 */
export function availability(topic: TopicOf<'availability'>, limits: ReadingLimits, names: FieldNames): Decoder {
  const available = topic.payloadAvailable ?? 'online';
  const notAvailable = topic.payloadNotAvailable ?? 'offline';
  const path = parsePath(topic.path ?? 'state');
  return ({ payload }) => {
    // A bridge hands on without its mark what only clears a retained message.
    if (payload.length === 0) return noReading;
    const text = decodeUtf8(payload)?.trim();
    if (text === undefined) return refuse('bad-text', 'the payload is not valid UTF-8');
    const said = text.startsWith('{') ? textAt(text, path.keys) : text;
    if (said !== available && said !== notAvailable)
      return refuse('malformed', `${quote(said ?? text)} is neither ${quote(available)} nor ${quote(notAvailable)}`);
    const isOnline = said === available;
    const fields = new ReadingFields(limits, names);
    return fields.add(onlineField, isOnline) ?? fields.reading(null, { presence: isOnline ? 'online' : 'offline' });
  };
}

/** The text, number or boolean at a place of JSON, as text; null where there is none. */
function textAt(json: string, keys: readonly string[]): string | null {
  try {
    return scalarText(valueAt(JSON.parse(json), keys));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
