import { keyText } from './topics.ts';

/**
 * Topics of commands: `sensors/{site}/{device}/commands/{command}`. The placeholders other than `{command}` and `{id}`
 * are the device's own, in the order in which they make its key.
 */
export interface CommandTemplate {
  readonly template: string;
  readonly levels: readonly { readonly literal: string | null; readonly name: string }[];
  /** Names of the device's placeholders, in topic order. */
  readonly route: readonly string[];
  /** The last level that names the device. */
  readonly deviceLevel: number;
}

/** What a topic says of the command that is on it. */
export interface CommandMatch {
  /** Device key. */
  readonly device: string;
  /** Null where the template has no such placeholder. */
  readonly command: string | null;
  readonly id: string | null;
}

const placeholder = /^\{([a-z][a-z0-9_]*)\}$/i;
const own = ['command', 'id'];

/** @throws RangeError with what is wrong with it */
export function compileCommandTemplate(template: string): CommandTemplate {
  const levels = template.split('/').map((level) => {
    const name = placeholder.exec(level)?.[1];
    if (name !== undefined) return { literal: null, name };
    if (/[{}#+\0]/.test(level)) throw new RangeError(`level "${level}" is neither a literal nor a {placeholder}`);
    return { literal: level, name: '' };
  });
  const names = levels.flatMap(({ literal, name }) => (literal === null ? [name] : []));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new RangeError(`placeholder {${twice}} appears twice`);
  if (!names.includes('device')) throw new RangeError('needs a {device} placeholder');
  if (names.includes('field')) throw new RangeError('{field} is for readings');
  const route = names.filter((name) => !own.includes(name));
  // Who subscribes to what is for a Sparkplug edge node's devices is the edge node: nobody else watches all of them.
  const isLast = ({ literal, name }: (typeof levels)[number]) =>
    literal === null && !own.includes(name) && !(name === 'device' && names.includes('node'));
  const deviceLevel = levels.findLastIndex(isLast);
  return { template, levels, route, deviceLevel };
}

/** The topic read by the template; null when it is another's. An empty level fills no placeholder. */
export function matchCommandTopic({ levels }: CommandTemplate, topic: string): CommandMatch | null {
  const words = topic.split('/');
  if (words.length !== levels.length) return null;
  const route: string[] = [];
  let command: string | null = null;
  let id: string | null = null;
  for (const [i, { literal, name }] of levels.entries()) {
    const word = words[i]!;
    if (literal !== null) {
      if (literal !== word) return null;
    } else if (word === '') return null;
    else if (name === 'command') command = word;
    else if (name === 'id') id = word;
    else route.push(word);
  }
  return { device: keyText(route), command, id };
}

/** The topic of a command to a device. Null when the device's key has another number of parts. */
export function commandTopic(
  template: CommandTemplate,
  device: string,
  { command, id }: { readonly command: string; readonly id: string },
): string | null {
  const parts = device.split('/').map(decodeURIComponent);
  if (parts.length !== template.route.length) return null;
  let next = 0;
  const words = template.levels.map(({ literal, name }) => {
    if (literal !== null) return literal;
    if (name === 'command') return command;
    return name === 'id' ? id : parts[next++]!;
  });
  return words.join('/');
}

/** Could one topic be read by both? */
export function templatesOverlap(a: string, b: string): boolean {
  const [left, right] = [a.split('/'), b.split('/')];
  return (
    left.length === right.length &&
    left.every((word, i) => word === right[i] || placeholder.test(word) || placeholder.test(right[i]!))
  );
}

/** Is whatever the second reads read by the first, too? */
export function templateCovers(covering: string, covered: string): boolean {
  const [left, right] = [covering.split('/'), covered.split('/')];
  return left.length === right.length && left.every((word, i) => word === right[i] || placeholder.test(word));
}

/**
 * Does a subscription mean this device alone? One with a wildcard where the device is named belongs to somebody who
 * watches many.
 */
export function namesDevice({ deviceLevel }: CommandTemplate, filter: string, topic: string): boolean {
  const [words, levels] = [filter.split('/'), topic.split('/')];
  for (let i = 0; i <= deviceLevel; i++) if (words[i] !== levels[i]) return false;
  return true;
}
