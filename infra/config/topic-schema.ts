import { z } from 'zod';
import { compileTemplate, matchTopic } from '../../events/topics.ts';
import { topicFormats } from './topic-formats.ts';
import { expandProfile, profile } from './topic-profiles.ts';

/** A topic template with what is under it: which options there are goes by `format`. */
export const topic = z.discriminatedUnion('format', topicFormats).check(({ value, issues }) => {
  const message = templateProblem(value);
  if (message !== null) issues.push({ code: 'custom', path: ['template'], message, input: value.template });
});

export type TopicConfig = z.output<typeof topic>;

/** The topic of one format: `TopicOf<'csv'>`. */
export type TopicOf<Format extends TopicConfig['format']> = Extract<TopicConfig, { format: Format }>;

/** Topics as they are written; a line may stand for all topics of a product. */
export const topicEntry = z.union([topic, profile], 'must be a map with template and format, or with profile');

export const defaultTopics: TopicConfig[] = [
  { template: 'sensors/{site}/{device}', format: 'json' },
  { template: 'sensors/{site}/{device}/{field}', format: 'value' },
];

/** Where ingest puts what comes by InfluxDB's own HTTP API: see `docs/formats.md`. */
const lineProtocolTopics: TopicConfig[] = [
  { template: 'influx/{bucket}', format: 'line-protocol', defaultDevice: 'influx' },
  { template: 'influx/{bucket}/{precision}', format: 'line-protocol', defaultDevice: 'influx' },
];

/** What is in force: profiles expanded, and behind it all the topics of line protocol unless some take these in. */
export function topicsInForce(written: readonly z.output<typeof topicEntry>[]): TopicConfig[] {
  const topics = written.flatMap((one): TopicConfig[] => ('profile' in one ? expandProfile(one) : [one]));
  const own = topics.filter(({ format }) => format === 'line-protocol').map(compileTemplate);
  const missing = lineProtocolTopics.filter(({ template }) => {
    const example = template.replace('{bucket}', 'bucket').replace('{precision}', 'ns');
    return matchTopic(own, example) === null;
  });
  return [...topics, ...missing];
}

/** What is wrong with a template under its format; null when nothing is. */
function templateProblem(one: TopicConfig): string | null {
  let names: string[];
  try {
    names = compileTemplate(one).levels.map(({ name }) => name);
  } catch (cause) {
    return (cause as Error).message;
  }
  const { format } = one;
  if (format === 'drop') return null;
  if (format === 'sparkplug') return sparkplugProblem(one.template);
  if (!names.includes('device') && !namesDevice(one)) {
    return `needs a {device} placeholder${format === 'json' || format === 'csv' ? ', or "device" where payloads name it' : ''}`;
  }
  if (format === 'value' && !names.includes('field')) return 'format "value" needs a {field} placeholder';
  if (format !== 'value' && format !== 'json' && names.includes('field'))
    return `format "${format}" takes no {field}: payloads name their fields`;
  return null;
}

const sparkplugEnd = /(?:^|\/)\{group\}\/\{message\}\/\{node\}(?:\/\{device\})?$/;

function sparkplugProblem(template: string): string | null {
  if (sparkplugEnd.test(template)) return null;
  return 'format "sparkplug" needs {group}/{message}/{node} or {group}/{message}/{node}/{device} at its end';
}

/** Whether payloads say themselves which device it is. */
export function namesDevice(one: TopicConfig): boolean {
  switch (one.format) {
    case 'json':
    case 'csv':
      return one.device !== undefined;
    case 'senml-json':
    case 'senml-cbor':
      return one.baseName !== 'field';
    case 'line-protocol':
      return true;
    default:
      return false;
  }
}

/** Keys of a JSON topic that say where something stands: with one of them `{"temperature": 1, "time": ...}` may say something else. */
const places = ['readings', 'device', 'tags', 'time', 'timeUnit', 'fields', 'rest'] as const;

/** Is an object of fields with a `time` a reading under the topic, whoever writes it? */
export function takesPlainJson(one: TopicConfig): boolean {
  return one.format === 'json' && places.every((key) => one[key] === undefined);
}
