/**
 * Topic templates: `sensors/{site}/{device}/{field}`. A placeholder stands for one whole level.
 * Templates are tried in the order of the configuration; the first that matches wins.
 */

/** How the payload under a template is decoded. */
export const payloadFormats = ['json', 'value', 'avro', 'protobuf', 'json-schema'] as const;

export type PayloadFormat = (typeof payloadFormats)[number];

export interface TopicTemplate {
  readonly template: string;
  readonly format: PayloadFormat;
}

/** A template, ready to match. */
export interface CompiledTemplate extends TopicTemplate {
  readonly levels: readonly { readonly literal: string | null; readonly name: string }[];
}

/** What a topic says about the reading published under it. */
export interface TopicMatch {
  readonly template: CompiledTemplate;
  /** Values of the placeholders other than `{field}`, in topic order: they make the route key. */
  readonly route: readonly string[];
  /** Value of `{device}`; null where the template has none. */
  readonly device: string | null;
  /** Value of `{field}`; null where the template has none. */
  readonly field: string | null;
  /** Placeholders other than `device` and `field`. */
  readonly tags: Readonly<Record<string, string>>;
}

const placeholder = /^\{([a-z][a-z0-9_]*)\}$/i;

/** Compiles a template. @throws RangeError with what is wrong with it. */
export function compileTemplate(source: TopicTemplate): CompiledTemplate {
  const names = new Set<string>();
  const levels = source.template.split('/').map((level) => {
    const name = placeholder.exec(level)?.[1];
    if (name === undefined) {
      if (/[{}#+\0]/.test(level)) throw new RangeError(`level "${level}" is neither a literal nor a {placeholder}`);
      return { literal: level, name: '' };
    }
    if (names.has(name)) throw new RangeError(`placeholder {${name}} appears twice`);
    names.add(name);
    return { literal: null, name };
  });
  if (!names.has('device')) throw new RangeError('needs a {device} placeholder');
  if (source.format === 'value' && !names.has('field'))
    throw new RangeError('format "value" needs a {field} placeholder');
  return { ...source, levels };
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
  if (template.levels.length !== levels.length) return null;
  const route: string[] = [];
  const tags: Record<string, string> = {};
  let device: string | null = null;
  let field: string | null = null;
  for (let i = 0; i < levels.length; i++) {
    const { literal, name } = template.levels[i]!;
    const level = levels[i]!;
    if (literal !== null) {
      if (literal !== level) return null;
      continue;
    }
    if (level === '') return null;
    if (name === 'field') field = level;
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
