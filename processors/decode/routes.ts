import type { CompiledTemplate } from '../../events/topics.ts';
import { compileTemplate, keyText, matchTopic } from '../../events/topics.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import { nameProblem } from './field-names.ts';
import { Generations } from './generations.ts';
import { hashText } from './hash.ts';
import type { KnownDevice } from './known-devices.ts';
import { quote, refuse, type Refusal } from './refusal.ts';

/** What a topic alone says about the publishes under it. */
export interface Route {
  /** Device key; null when no template matches. */
  readonly key: string | null;
  readonly device: string;
  /** The field a bare value is stored under, or what prefixes the fields of an object; null without `{field}`. */
  readonly field: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly format: CompiledTemplate['format'];
  /** Why nothing under this topic can become a reading; null when it can. */
  readonly refusal: Refusal | null;
  /** Hash of the topic, for the identity of a packet. */
  readonly topicHash: number;
  /** Hash of the tags' names and values, for the identity of a reading. */
  readonly tagsHash: number;
  /** The device under the key, once it is known: found without a look-up. */
  known: KnownDevice | null;
}

/** Topics remembered in each of two generations, about 0.5 KiB each; a forgotten one is matched again, which takes 6 us. */
const routesKept = 131_072;

/** Characters that a topic may not hold: controls, and the mark that a decoder leaves where UTF-8 was invalid. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const badTopicText = /[\u0000-\u001f\u007f-\u009f\ufffd]/;

/** Finds the route of each topic under the templates and limits of one configuration. */
export class Routes {
  readonly #templates: readonly CompiledTemplate[];
  readonly #limits: ProcessingConfig['limits'];
  readonly #known = new Generations<Route>(routesKept);

  constructor(config: Pick<ProcessingConfig, 'topics' | 'limits'>) {
    this.#templates = config.topics.map(compileTemplate);
    this.#limits = config.limits;
  }

  of(topic: string): Route {
    const known = this.#known.get(topic);
    if (known !== undefined) return known;
    const tooLong = this.#lengthProblem(topic);
    // Only topics of bounded length are remembered.
    if (tooLong !== null) return refusedRoute(topic, null, tooLong);
    const route = this.#find(topic);
    this.#known.set(topic, route);
    return route;
  }

  #lengthProblem(topic: string): Refusal | null {
    const { topicBytesMax, topicLevelsMax } = this.#limits;
    const bytes = Buffer.byteLength(topic);
    if (bytes > topicBytesMax) return refuse('bad-key', `topic has ${bytes} bytes, topicBytesMax is ${topicBytesMax}`);
    const levels = topic.split('/').length;
    if (levels > topicLevelsMax) {
      return refuse('no-template', `topic has ${levels} levels, topicLevelsMax is ${topicLevelsMax}`);
    }
    return null;
  }

  #find(topic: string): Route {
    if (badTopicText.test(topic) || !topic.isWellFormed()) {
      return refusedRoute(
        topic,
        null,
        refuse('bad-text', `topic ${quote(topic)} holds control characters or is not valid UTF-8`),
      );
    }
    const match = matchTopic(this.#templates, topic);
    if (match === null) return refusedRoute(topic, null, refuse('no-template', `no template matches ${quote(topic)}`));
    const key = keyText(match.route);
    for (const value of match.field === null ? match.route : [...match.route, match.field]) {
      const problem = nameProblem(value);
      if (problem !== null) return refusedRoute(topic, key, refuse(problem.reason, `topic level ${problem.detail}`));
    }
    const { device, field, tags } = match;
    return {
      key,
      device: device ?? '',
      field,
      tags,
      format: match.template.format,
      refusal: null,
      topicHash: hashText(topic),
      tagsHash: hashText(JSON.stringify(tags)),
      known: null,
    };
  }
}

function refusedRoute(topic: string, key: string | null, refusal: Refusal): Route {
  const topicHash = hashText(topic);
  return { key, device: '', field: null, tags: {}, format: 'json', refusal, topicHash, tagsHash: 0, known: null };
}
