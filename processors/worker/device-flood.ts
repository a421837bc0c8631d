import { compileTemplate, matchTopic, type CompiledTemplate, type TopicTemplate } from '../../events/topics.ts';
import type { Alarms } from '../alarms.ts';
import type { Step } from '../step.ts';

/** Devices whose topics are looked at for what varies. */
const sampleMax = 500;
/** Without a refusal for so long the alarm ends, ms. */
const quietMs = 300_000;

/** What of a pipeline is looked at. */
interface Known {
  readonly devices: {
    readonly count: number;
    page(after: string | undefined, limit: number): readonly { readonly topic: string }[];
  };
}

/** Says loudly, once, that a partition knows as many devices as it may, and which level of the topics makes them. */
export class DeviceFlood {
  readonly #alarms: Pick<Alarms, 'set'>;
  readonly #code: string;
  #refusedAtMs = -Infinity;
  #isOn = false;

  constructor(partition: number, alarms: Pick<Alarms, 'set'>) {
    this.#alarms = alarms;
    this.#code = `too-many-devices-${partition}`;
  }

  /** After each message. @param nowMs a monotonic clock */
  look(
    { quarantined }: Pick<Step, 'quarantined'>,
    known: Known,
    topics: readonly TopicTemplate[],
    nowMs: number,
  ): void {
    const refused = quarantined.find(({ reason }) => reason === 'too-many-devices');
    if (refused !== undefined) {
      this.#refusedAtMs = nowMs;
      if (this.#isOn) return;
      this.#isOn = true;
      const sample = known.devices.page(undefined, sampleMax).map(({ topic }) => topic);
      this.#alarms.set(this.#code, floodText(known.devices.count, refused.topic, [...sample, refused.topic], topics));
    } else if (this.#isOn && nowMs - this.#refusedAtMs > quietMs) {
      this.#isOn = false;
      this.#alarms.set(this.#code, null);
    }
  }
}

/** The alarm as a sentence: what happened, what it means, what to do. */
export function floodText(
  devices: number,
  refused: string,
  sample: readonly string[],
  templates: readonly TopicTemplate[],
): string {
  const compiled = templates.map(compileTemplate);
  const template = templateOf(refused, compiled);
  const of = sample.filter((topic) => templateOf(topic, compiled) === template);
  const level = varyingLevel(of);
  const begin = `A partition knows ${devices} devices, which is its share of limits.devicesMax: readings of new ones, such as ${refused}, are set aside.`;
  if (level === null || template === null) return `${begin} Raise limits.devicesMax if they are devices.`;
  const name = template.levels[level.at]?.name ?? '';
  const called = name === '' ? '' : ` ({${name}})`;
  return `${begin} Level ${level.at + 1}${called} of their topics has ${level.distinct} values in ${of.length} topics looked at, such as ${level.example}: a time or counter there makes each publish a device of its own. Have the sensors publish without it, or raise limits.devicesMax if they are devices.`;
}

function templateOf(topic: string, compiled: readonly CompiledTemplate[]): CompiledTemplate | null {
  return matchTopic(compiled, topic)?.template ?? null;
}

/** The level that tells most topics apart; null where none has another value in at least half of them. */
export function varyingLevel(topics: readonly string[]): { at: number; distinct: number; example: string } | null {
  const values: Set<string>[] = [];
  for (const topic of topics)
    for (const [at, value] of topic.split('/').entries()) (values[at] ??= new Set<string>()).add(value);
  let found: { at: number; distinct: number; example: string } | null = null;
  for (const [at, set] of values.entries())
    if (set.size > (found?.distinct ?? 0)) found = { at, distinct: set.size, example: [...set].at(-1)! };
  return found === null || found.distinct * 2 < topics.length ? null : found;
}
