import { z } from 'zod';
import { timeZoneProblem } from './time-zones.ts';

/** What each payload format takes beside its template. All options may be absent; decoders know the defaults. */

const template = z
  .string()
  .describe(
    'topic levels; {device}, {field} and other {placeholders} stand for one level, {device...} and {field...} for one or more',
  );

const path = z.string().min(1);

const timezone = z
  .string()
  .check(({ value, issues }) => {
    const problem = timeZoneProblem(value);
    if (problem !== '') issues.push({ code: 'custom', path: [], message: problem, input: value });
  })
  .optional()
  .describe('of times without an offset, such as Europe/Berlin; default UTC');

const timeUnit = z
  .enum(['s', 'ms', 'us', 'ns'])
  .optional()
  .describe('of a time that is a number; default: by its magnitude');

const jsonTopic = z.strictObject({
  template,
  format: z.literal('json').describe('an object of fields, or an array of these'),
  readings: path.optional().describe('path of the object or array that holds the readings; default: the whole payload'),
  device: path.optional().describe('path of the name of the device; $.a is a path from the top of the payload'),
  tags: z.record(z.string(), path).optional().describe('tag -> path'),
  time: path.optional().describe('path of the time; default: time, timestamp or ts'),
  timeUnit,
  timezone,
  fields: z.record(z.string(), path).optional().describe('field -> path'),
  rest: z.enum(['keep', 'drop']).optional().describe('what "fields" does not name; default keep'),
  arrays: z
    .enum(['refuse', 'index'])
    .optional()
    .describe(
      'a list within a reading: refuse the reading, or a field for each item (power.0, power.1); default refuse',
    ),
  empty: z
    .enum(['refuse', 'drop'])
    .optional()
    .describe('an object without a field, such as {}: refuse it, or count it as filtered; default refuse'),
});

const valueTopic = z.strictObject({
  template,
  format: z.literal('value').describe('a bare number, boolean or text'),
  objects: z
    .enum(['refuse', 'fields'])
    .optional()
    .describe('a JSON object instead of a value: refuse it, or take its fields as {field}.name; default refuse'),
});

const csvTopic = z.strictObject({
  template,
  format: z.literal('csv').describe('a reading for each line'),
  columns: z.array(z.string()).min(1).max(1024).optional().describe('their names in order; one called "" is left out'),
  header: z
    .boolean()
    .optional()
    .describe('the first line names the columns; with "columns" it is skipped; default false'),
  delimiter: z.string().length(1, 'must be one character').optional().describe('default ,'),
  decimal: z.enum(['.', ',']).optional().describe('mark before the decimals; default .'),
  device: z.string().min(1).optional().describe('column of the name of the device'),
  tags: z.array(z.string().min(1)).optional().describe('columns that are tags'),
  time: z.string().min(1).optional().describe('column of the time; default: time, timestamp or ts'),
  timeUnit,
  timezone,
});

const baseName = z
  .enum(['device', 'field'])
  .optional()
  .describe('base names are devices, or only the beginning of field names; default device');

const senmlJsonTopic = z.strictObject({
  template,
  format: z.literal('senml-json').describe('a SenML pack (RFC 8428) in JSON'),
  baseName,
});

const senmlCborTopic = z.strictObject({
  template,
  format: z.literal('senml-cbor').describe('a SenML pack (RFC 8428) in CBOR'),
  baseName,
});

const lineProtocolTopic = z.strictObject({
  template,
  format: z.literal('line-protocol').describe('InfluxDB line protocol, a reading for each line'),
  precision: z
    .enum(['ns', 'us', 'ms', 's', 'm', 'h'])
    .optional()
    .describe('of the timestamps; a {precision} in the template says it instead; default ns'),
  device: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('the first of these tags that a line has names the device; default [device, host]'),
  defaultDevice: z.string().min(1).optional().describe('the device of lines without such a tag; default: refused'),
  attributes: z
    .array(z.string().min(1))
    .optional()
    .describe('tags that describe a device; by the others its series are told apart'),
});

const availabilityTopic = z.strictObject({
  template,
  format: z.literal('availability').describe('whether the device is online: a reading with the boolean field "online"'),
  payloadAvailable: z.string().min(1).optional().describe('default online'),
  payloadNotAvailable: z.string().min(1).optional().describe('default offline'),
  path: path.optional().describe('where that stands in a payload of JSON; default state'),
});

const sparkplugTopic = z.strictObject({
  template,
  format: z
    .literal('sparkplug')
    .describe('Sparkplug B: <namespace>/{group}/{message}/{node}, and with /{device}; the profile has both'),
});

const dropTopic = z.strictObject({
  template,
  format: z.literal('drop').describe('no readings: publishes are counted as filtered, payloads not looked at'),
});

const schema = z
  .string()
  .min(1)
  .max(255)
  .optional()
  .describe('subject of the schema of bare payloads; without it payloads begin with the id, as Confluent has it');
const schemaVersion = z.int().min(1).optional().describe('of the subject; default: the latest in force');
const records = path.optional().describe('path of the list whose items are readings; default: the whole value');

const avroTopic = z.strictObject({
  template,
  format: z.literal('avro').describe('Avro, by a schema of the registry'),
  schema,
  schemaVersion,
  readings: records,
});

const protobufTopic = z.strictObject({
  template,
  format: z.literal('protobuf').describe('Protobuf, by a schema of the registry'),
  schema,
  schemaVersion,
  message: z.string().min(1).optional().describe('with "schema": the message type; default: the first of the file'),
  readings: records,
});

const jsonSchemaTopic = z.strictObject({
  template,
  format: z.literal('json-schema').describe('JSON that a JSON Schema of the registry holds for'),
  schema,
  schemaVersion,
  readings: records,
});

/** One for each payload format. */
export const topicFormats = [
  jsonTopic,
  valueTopic,
  csvTopic,
  senmlJsonTopic,
  senmlCborTopic,
  lineProtocolTopic,
  availabilityTopic,
  sparkplugTopic,
  avroTopic,
  protobufTopic,
  jsonSchemaTopic,
  dropTopic,
] as const;
