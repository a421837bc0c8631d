import type { CompiledTemplate } from '../../events/topics.ts';
import { compileTemplate, keyText, matchTopic } from '../../events/topics.ts';
import type { Reading } from '../../events/reading.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { DecodedPayload } from '../step.ts';
import { createDecoder, type Decoder, type DecoderMemory } from './decoder.ts';
import { FieldNames, nameProblem } from './field-names.ts';
import { Generations } from './generations.ts';
import { hashText } from './hash.ts';
import type { KnownDevice } from './known-devices.ts';
import { quote, refuse, type Refusal } from './refusal.ts';
import { SchemaReaders } from './schema/schema-readers.ts';

/** What a topic alone says about the publishes under it. */
export interface Route {
  /** Device key, or the route key under which a payload's devices stand; null when no template matches. */
  readonly key: string | null;
  /** Null where the topic names none and the payload has to. */
  readonly device: string | null;
  /** The field a bare value is stored under, or what prefixes the fields of an object; null without `{field}`. */
  readonly field: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly decode: Decoder;
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

/** Different tags remembered in each of two generations. */
const tagsKept = 10_000;

/** Characters that a topic may not hold: controls, and the mark that a decoder leaves where UTF-8 was invalid. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const badTopicText = /[\u0000-\u001f\u007f-\u009f\ufffd]/;

/**
 * Finds the route of each topic, and of devices that payloads name, under the templates and limits of one
 * configuration.
 */
export class Routes {
  readonly #templates: readonly CompiledTemplate[];
  readonly #decoders: ReadonlyMap<CompiledTemplate, Decoder>;
  readonly #limits: ProcessingConfig['limits'];
  readonly #known = new Generations<Route>(routesKept);
  /** Equal tags are one object: the devices of a line, whatever their number, have one. */
  readonly #tags = new Generations<Route['tags']>(tagsKept);
  /** Of devices named in payloads, by topic, device and tags. */
  readonly #within = new Generations<Route>(routesKept);

  constructor(
    {
      topics,
      limits,
      schemas = [],
    }: Pick<ProcessingConfig, 'topics' | 'limits'> & Partial<Pick<ProcessingConfig, 'schemas'>>,
    names = new FieldNames(),
    memory?: DecoderMemory,
  ) {
    const readers = new SchemaReaders(schemas);
    this.#templates = topics.map(compileTemplate);
    this.#decoders = new Map(
      topics.map((topic, i) => [this.#templates[i]!, createDecoder(topic, limits, names, memory, readers)]),
    );
    this.#limits = limits;
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

  /** The route of a device that a payload under `topic` names, with tags of its own. */
  within(topic: string, route: Route, { device, tags }: Pick<DecodedPayload, 'device' | 'tags'>): Route {
    const name = `${topic}\0${device ?? ''}\0${tags === undefined ? '' : JSON.stringify(tags)}`;
    const known = this.#within.get(name);
    if (known !== undefined) return known;
    const found = findWithin(topic, route, device, tags);
    if (name.length <= withinCharsMax) this.#within.set(name, found);
    return found;
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
    const { device, field } = match;
    const tagsText = JSON.stringify(match.tags);
    const tags = this.#tags.get(tagsText) ?? match.tags;
    if (tags === match.tags) this.#tags.set(tagsText, tags);
    return {
      key,
      device,
      field,
      tags,
      decode: this.#decoders.get(match.template)!,
      refusal: null,
      topicHash: hashText(topic),
      tagsHash: hashText(tagsText),
      known: null,
    };
  }
}

function refusedRoute(topic: string, key: string | null, refusal: Refusal): Route {
  const topicHash = hashText(topic);
  const decode = () => refusal;
  return { key, device: null, field: null, tags: {}, decode, refusal, topicHash, tagsHash: 0, known: null };
}

/** Characters of topic, device and tags up to which a route within is remembered. */
const withinCharsMax = 2_048;

function findWithin(topic: string, route: Route, device: string | undefined, tags: Reading['tags'] = {}): Route {
  // Where the topic is a device too, such as a gateway, the name is unique only together with it.
  const name = device === undefined || route.device === null ? (device ?? route.device) : `${route.device}/${device}`;
  if (name === null)
    return refusedRoute(topic, route.key, refuse('no-device', 'neither the topic nor the payload names a device'));
  for (const text of [...(device === undefined ? [] : [device]), ...Object.keys(tags), ...Object.values(tags)]) {
    const problem = nameProblem(text);
    if (problem !== null) return refusedRoute(topic, route.key, problem);
  }
  const twice = Object.keys(tags).find((tag) => tag === 'device' || Object.hasOwn(route.tags, tag));
  if (twice !== undefined)
    return refusedRoute(topic, route.key, refuse('bad-key', `tag ${quote(twice)} is a name of the topic, too`));
  // In one order, whatever theirs is: they are part of what a reading is told apart by.
  const own = Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const all = { ...route.tags, ...Object.fromEntries(own) };
  return {
    ...route,
    key: device === undefined ? route.key : joinKeys(route.key!, keyText([device])),
    device: name,
    tags: all,
    tagsHash: hashText(JSON.stringify(all)),
    known: null,
  };
}

function joinKeys(route: string, device: string): string {
  return route === '' ? device : `${route}/${device}`;
}
