import { compileTemplate, matchTopic, type CompiledTemplate } from '../../events/topics.ts';
import { takesPlainJson, type TopicConfig } from '../../infra/config/topic-schema.ts';
import { topicProblem } from '../topic-text.ts';

/** Finds the topic under which a sensor would have published what a device with these tags measured. */
export class ReadingTopics {
  readonly #templates: readonly CompiledTemplate[];
  readonly #usable: readonly CompiledTemplate[];

  constructor(topics: readonly TopicConfig[]) {
    this.#templates = topics.map(compileTemplate);
    // One that says where fields and time stand, as a product has them, reads something else. {field} gives names a prefix.
    this.#usable = this.#templates.filter(
      ({ levels }, at) =>
        takesPlainJson(topics[at]!) &&
        levels.some(({ name }) => name === 'device') &&
        levels.every(({ name }) => name !== 'field'),
    );
  }

  /**
   * The first JSON template whose placeholders are `device` and exactly these tags, filled; so the device has the key
   * that it has over MQTT. Else what is wrong, as a sentence.
   */
  of(
    device: string,
    tags: Readonly<Record<string, string>>,
  ): { readonly topic: string } | { readonly problem: string } {
    for (const [name, value] of [['device', device] as const, ...Object.entries(tags)])
      if (value === '' || value.includes('/') || topicProblem(value) !== null)
        return {
          problem: `${name} ${JSON.stringify(value)} must be a level of a topic: not empty, without / + # and NUL`,
        };
    for (const template of this.#usable) {
      const names = template.levels.filter(({ literal }) => literal === null).map(({ name }) => name);
      if (names.length !== Object.keys(tags).length + 1) continue;
      if (!names.every((name) => name === 'device' || Object.hasOwn(tags, name))) continue;
      const topic = template.levels
        .map(({ literal, name }) => literal ?? (name === 'device' ? device : tags[name]!))
        .join('/');
      // An earlier template may take that topic, and make another device of it.
      if (matchTopic(this.#templates, topic)?.template === template) return { topic };
    }
    return { problem: `no JSON template of topics has device${tagList(tags)} as its placeholders; ${this.#offer()}` };
  }

  #offer(): string {
    if (this.#usable.length === 0) return 'there is no JSON template with {device}: send with ?topic=';
    return `there is ${this.#usable.map(({ template }) => template).join(', ')}`;
  }
}

function tagList(tags: Readonly<Record<string, string>>): string {
  const names = Object.keys(tags);
  return names.length === 0 ? ' alone' : ` and ${names.join(', ')}`;
}
