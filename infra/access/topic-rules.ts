/** The name of an identity and what its credential, certificate or token says of it: they fill placeholders. */
export interface RuleSubject {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** The levels of an MQTT filter: `+` one level, `#` the rest and the level above it (MQTT 3.1.1, 4.7). */
export type Pattern = readonly string[];

const placeholder = /^\{([a-z][a-z0-9_]*)\}$/i;
/** They all stand for the name: who could choose what fills a rule could choose the rule. */
const nameWords = new Set(['name', 'device', 'client']);

/** May the text stand for one level of a topic? A `+` in a name would be a right to everybody's topics. */
export function isLevel(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what it is about
  return text !== '' && !/[/+#{}\u0000-\u001f\u007f\ufffd]/.test(text) && !text.startsWith('$');
}

/** What is wrong with a rule such as `sensors/{site}/{device}/#`; null when nothing is. */
export function ruleProblem(rule: string, tags: Readonly<Record<string, string>>): string | null {
  const levels = rule.split('/');
  if (rule === '' || rule.length > ruleCharsMax) return `must have 1 to ${ruleCharsMax} characters`;
  for (const [at, level] of levels.entries()) {
    if (level === '#' && at < levels.length - 1) return '# has to be the last level';
    if (level === '#' || level === '+') continue;
    const name = placeholder.exec(level)?.[1];
    if (name === undefined) {
      if (level !== '' && !isLevel(level)) return `level "${level}" is neither a text, + or #, nor a {placeholder}`;
    } else if (!nameWords.has(name) && tags[name] === undefined)
      return `{${name}} is no tag of the credential: it has ${Object.keys(tags).join(', ') || 'none'}`;
  }
  return null;
}

const ruleCharsMax = 256;

/** The rules with placeholders filled. One that cannot be filled allows nothing and is left out. */
export function compileRules(rules: readonly string[], subject: RuleSubject): Pattern[] {
  return rules
    .filter((rule) => ruleProblem(rule, subject.tags) === null)
    .map((rule) => rule.split('/').map((level) => filled(level, placeholder.exec(level)?.[1], subject)));
}

/**
 * A device's own topics: what begins as a template does up to `{device}`, with its name and tags in it and `+` for what is
 * not known of it. So its readings, its state, commands for it and its answers are within. A template that does not say
 * where the device stands gives none.
 */
export function ownTopics(templates: readonly string[], subject: RuleSubject): Pattern[] {
  const patterns = new Map<string, Pattern>();
  for (const template of templates) {
    const levels = template.split('/');
    const end = levels.findIndex((level) => templatePlaceholder.exec(level)?.[1] === 'device');
    const before = levels.slice(0, end + 1).map((level) => {
      const [, word, rest] = templatePlaceholder.exec(level) ?? [];
      // Several unknown levels have no wildcard in the middle of a filter.
      return rest !== undefined && word !== 'device' ? null : filled(level, word, subject);
    });
    if (end < 0 || before.includes(null)) continue;
    const pattern = [...(before as string[]), '#'];
    patterns.set(pattern.join('/'), pattern);
  }
  return [...patterns.values()];
}

/** As in templates of topics, where `{device...}` stands for several levels. */
const templatePlaceholder = /^\{([a-z][a-z0-9_]*)(\.\.\.)?\}$/i;

function filled(level: string, word: string | undefined, { name, tags }: RuleSubject): string {
  if (word === undefined) return level;
  if (nameWords.has(word)) return name;
  return (Object.hasOwn(tags, word) ? tags[word] : undefined) ?? '+';
}

/**
 * Is every topic that the filter stands for allowed by one of the patterns? A topic is a filter without wildcards. Never
 * says yes wrongly; what only several patterns together would allow, it refuses.
 */
export function isCovered(patterns: readonly Pattern[], filter: string): boolean {
  const levels = filter.split('/');
  return patterns.some((pattern) => covers(pattern, levels));
}

function covers(pattern: Pattern, levels: readonly string[]): boolean {
  // A wildcard at the beginning does not reach topics that begin with $ (MQTT-4.7.2-1).
  if (levels[0]!.startsWith('$') && pattern[0] !== levels[0]) return false;
  for (let at = 0; at < pattern.length; at++) {
    const wanted = pattern[at]!;
    if (wanted === '#') return true;
    const level = levels[at];
    if (level === undefined || level === '#') return false;
    if (wanted !== '+' && wanted !== level) return false;
  }
  return levels.length === pattern.length;
}
