import { z } from 'zod';
import { registryFormats } from '../schemas/registry-formats.ts';
import { type Entry, type Say, entries } from './check-entries.ts';

/** What topics whose payloads need a schema of the registry take beside template and format. */
export const schemaOptions = {
  schema: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('subject of the schema of bare payloads; without it payloads begin with the id, as Confluent has it'),
  schemaVersion: z.int().min(1).optional().describe('of the subject; default: the latest in force'),
  message: z.string().min(1).optional().describe('protobuf: the message type; default: the first of the file'),
  readings: z
    .string()
    .min(1)
    .optional()
    .describe('avro, protobuf, json-schema: path of the list whose items are readings; default: the payload is one'),
};

/** Options that say nothing under the format that they stand at. */
export function checkSchemaOptions(raw: Entry, say: Say): void {
  for (const [i, topic] of entries(raw['topics'])) {
    const { format, schema, schemaVersion, message } = topic;
    if (typeof format !== 'string') continue;
    if (!registryFormats.has(format)) {
      const option = Object.keys(schemaOptions).find((key) => topic[key] !== undefined);
      if (option !== undefined) say(['topics', i, option], `is for formats ${[...registryFormats.keys()].join(', ')}`);
      continue;
    }
    if (schemaVersion !== undefined && schema === undefined)
      say(['topics', i, 'schemaVersion'], 'is of a subject: there is no "schema"');
    if (message !== undefined && (format !== 'protobuf' || schema === undefined))
      say(['topics', i, 'message'], 'is for format protobuf with a "schema": else payloads say it themselves');
  }
}
