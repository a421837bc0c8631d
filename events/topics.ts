/**
 * Topic templates: `sensors/{site}/{device}/{field}`. A placeholder stands for one whole level, `{device...}` and
 * `{field...}` for one or more.
 * Templates are tried in the order of the configuration; the first that matches wins.
 */

/** How the payload under a template is decoded. */
export const payloadFormats = [
  'json',
  'value',
  'csv',
  'senml-json',
  'senml-cbor',
  'line-protocol',
  'availability',
  'drop',
] as const;

export type PayloadFormat = (typeof payloadFormats)[number];

export interface TopicTemplate {
  readonly template: string;
  readonly format: PayloadFormat;
}

interface Level {
  /** Null for a placeholder. */
  readonly literal: string | null;
  /** Of the placeholder; empty for a literal. */
  readonly name: string;
  /** What the placeholder's value is: part of the route, or given to the decoder. */
  readonly isArgument: boolean;
}

/** A template, ready to match. */
export interface CompiledTemplate extends TopicTemplate {
  readonly levels: readonly Level[];
  /** Index of the level that stands for one or more; -1 without one. */
  readonly manyAt: number;
}

/** What a topic says about the reading published under it. */
export interface TopicMatch {
  readonly template: CompiledTemplate;
  /** Values of the placeholders other than `{field}`, in topic order: they make the route key. */
  readonly route: readonly string[];
  /** Value of `{device}`; null where the template has none. */
  readonly device: string | null;
  /** Value of `{field}` (format `line-protocol`: of `{precision}`); null where the template has none. */
  readonly field: string | null;
  /** Placeholders other than `device` and `field`. */
  readonly tags: Readonly<Record<string, string>>;
}

const placeholder = /^\{([a-z][a-z0-9_]*)(\.\.\.)?\}$/i;

/** Compiles a template. @throws RangeError with what is wrong with it. */
export function compileTemplate({ template, format }: TopicTemplate): CompiledTemplate {
  const names = new Set<string>();
  let manyAt = -1;
  const levels = template.split('/').map((level, index): Level => {
    const [, name, many] = placeholder.exec(level) ?? [];
    if (name === undefined) {
      if (/[{}#+\0]/.test(level)) throw new RangeError(`level "${level}" is neither a literal nor a {placeholder}`);
      return { literal: level, name: '', isArgument: false };
    }
    if (names.has(name)) throw new RangeError(`placeholder {${name}} appears twice`);
    names.add(name);
    if (many !== undefined) {
      if (name !== 'device' && name !== 'field')
        throw new RangeError(`{${name}...}: only {device...} and {field...} stand for several levels`);
      if (manyAt >= 0) throw new RangeError('only one placeholder may stand for several levels');
      manyAt = index;
    }
    return { literal: null, name, isArgument: name === argumentOf(format) };
  });
  return { template, format, levels, manyAt };
}

/** The placeholder whose value goes to the decoder, and is no part of who the device is. */
function argumentOf(format: PayloadFormat): string {
  return format === 'line-protocol' ? 'precision' : 'field';
}

/** The placeholders of a template that become tags, in its order. */
export function templateTags({ levels }: CompiledTemplate): string[] {
  return levels
    .filter(({ name, isArgument }) => name !== '' && name !== 'device' && !isArgument)
    .map(({ name }) => name);
}

/** Matches a topic against the templates, first match wins; null if none does. An empty level fills no placeholder. */
export function matchTopic(templates: readonly CompiledTemplate[], topic: string): TopicMatch | null {
  const levels = topic.split('/');
  for (const template of templates) {
    const match = matchLevels(template, levels);
    if (match !== null) return match;
  }
  return null;
}

function matchLevels(template: CompiledTemplate, levels: readonly string[]): TopicMatch | null {
  const { manyAt } = template;
  /** Levels that the placeholder for several takes beyond one. */
  const more = levels.length - template.levels.length;
  if (manyAt < 0 ? more !== 0 : more < 0) return null;
  const route: string[] = [];
  const tags: Record<string, string> = {};
  let device: string | null = null;
  let field: string | null = null;
  for (let i = 0; i < template.levels.length; i++) {
    const { literal, name, isArgument } = template.levels[i]!;
    const at = manyAt >= 0 && i > manyAt ? i + more : i;
    let level = levels[at]!;
    if (literal !== null) {
      if (literal !== level) return null;
      continue;
    }
    if (level === '') return null;
    if (i === manyAt && more > 0) {
      const taken = levels.slice(at, at + more + 1);
      if (taken.includes('')) return null;
      level = taken.join(isArgument ? '.' : '/');
    }
    if (isArgument) field = level;
    else {
      route.push(level);
      if (name === 'device') device = level;
      else tags[name] = level;
    }
  }
  return { template, route, device, field, tags };
}

/** The route values percent-encoded and joined by `/`: the text of a device key, `plant1/press-7`. */
export function keyText(values: readonly string[]): string {
  return values.map(encodeSegment).join('/');
}

const unreserved = /^[A-Za-z0-9._~-]+$/;
const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

function encodeSegment(value: string): string {
  if (unreserved.test(value)) return value;
  return encodeURIComponent(value.replaceAll(loneSurrogate, '\uFFFD'));
}

/** The route key of a topic: the placeholders except `{field}`; without a matching template the whole topic. */
export function routeKey(templates: readonly CompiledTemplate[], topic: string): string {
  const match = matchTopic(templates, topic);
  return match === null ? topic : keyText(match.route);
}

const encoder = new TextEncoder();

/** The partition of a route key: FNV-1a (32 bit, over UTF-8) modulo the number of partitions. Fixed for a log's life. */
export function partitionOf(key: string, partitions: number): number {
  return fnv1a(encoder.encode(key)) % partitions;
}

/** FNV-1a, 32 bit, unsigned (http://www.isthe.com/chongo/tech/comp/fnv/). */
export function fnv1a(bytes: Uint8Array, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash >>> 0;
}
