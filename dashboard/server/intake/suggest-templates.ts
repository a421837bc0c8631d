import type { TopicSuggestion } from '../../../events/api-intake.ts';
import { compileTemplate, matchTopic } from '../../../events/topics.ts';
import type { PayloadFormat } from '../../../events/topics.ts';

/** A topic that no template matches, and which format its payload has. */
export interface StrayTopic {
  readonly topic: string;
  readonly count: number;
  readonly format: PayloadFormat | null;
}

/** From as many different first levels on, the first level is taken for a placeholder. */
const firstLevelsMax = 3;
/** From as many topics on, a last level that never differs is taken for a literal. */
const constantMin = 3;
const suggestionsMax = 50;
const examplesMax = 3;
const tagNames = ['site', 'area', 'line', 'cell'];

/** Last levels that say what is sent rather than who sends it (Tasmota, Zigbee2MQTT, Shelly, ThingsBoard, LoRa servers). */
const suffixes = new Set(
  'sensor state status telemetry data up uplink event events attributes value values json rpc measurement measurements reading readings'.split(
    ' ',
  ),
);

/** Topics that one template could take in: which level is what. */
interface Group {
  readonly format: PayloadFormat;
  readonly device: number;
  readonly field: number | null;
  /** Levels that stay as they are. */
  readonly literals: ReadonlySet<number>;
  readonly topics: readonly (StrayTopic & { readonly levels: readonly string[] })[];
}

/**
 * For topics that match no template, the lines that would take them in, most frequent first; similar topics are
 * folded into one. Each line was tried: it matches every topic it is counted for.
 */
export function suggestTemplates(topics: readonly StrayTopic[]): readonly TopicSuggestion[] {
  const byTemplate = new Map<string, { format: PayloadFormat; topics: StrayTopic[] }>();
  for (const similar of groupTopics(topics)) {
    const { format } = similar;
    const template = templateOf(similar);
    const fitting = similar.topics.filter(({ topic }) => takesIn(template, format, topic));
    if (fitting.length === 0) continue;
    const known = byTemplate.get(`${format} ${template}`);
    if (known === undefined) byTemplate.set(`${format} ${template}`, { format, topics: fitting });
    else known.topics.push(...fitting);
  }
  const suggestions = [...byTemplate].map(([id, { format, topics: fitting }]) => {
    const template = id.slice(format.length + 1);
    const examples = fitting.toSorted((a, b) => b.count - a.count || (a.topic < b.topic ? -1 : 1));
    return {
      template,
      format,
      line: `- { template: ${JSON.stringify(template)}, format: ${format} }`,
      topics: fitting.length,
      count: fitting.reduce((sum, { count }) => sum + count, 0),
      examples: examples.slice(0, examplesMax).map(({ topic }) => topic),
    };
  });
  return suggestions
    .toSorted((a, b) => b.count - a.count || (a.template < b.template ? -1 : 1))
    .slice(0, suggestionsMax);
}

/** Whether a template matches a topic; false also for a template that may not exist. */
export function takesIn(template: string, format: PayloadFormat, topic: string): boolean {
  if (!template.split('/').includes('{device}')) return false;
  try {
    return matchTopic([compileTemplate({ template, format })], topic) !== null;
  } catch {
    // Names the caller tried out; nothing is wrong with them.
    return false;
  }
}

function groupTopics(topics: readonly StrayTopic[]): readonly Group[] {
  const shapes = new Map<string, (StrayTopic & { levels: readonly string[]; format: PayloadFormat })[]>();
  for (const stray of topics) {
    if (stray.format === null) continue;
    const levels = stray.topic.split('/');
    const shape = [
      stray.format,
      levels.length,
      suffixOf(stray.format, levels),
      levels.map((level) => +(level === '')).join(''),
    ];
    const id = shape.join('\n');
    const member = { ...stray, levels, format: stray.format };
    const members = shapes.get(id);
    if (members === undefined) shapes.set(id, [member]);
    else members.push(member);
  }
  return [...shapes.values()].flatMap(splitByFirstLevel);
}

function suffixOf(format: PayloadFormat, levels: readonly string[]): string {
  const last = levels.at(-1)!;
  return format === 'json' && levels.length > 1 && (last === '' || suffixes.has(last.toLowerCase())) ? last : '';
}

/** A few first levels are names of systems and stay literal, one group each; many are names of places. */
function splitByFirstLevel(
  members: readonly (StrayTopic & { levels: readonly string[]; format: PayloadFormat })[],
): Group[] {
  const byFirst = Map.groupBy(members, ({ levels }) => levels[0]!);
  if (byFirst.size > firstLevelsMax) return [group(members, false)];
  return [...byFirst.values()].map((part) => group(part, true));
}

function group(
  topics: readonly (StrayTopic & { levels: readonly string[]; format: PayloadFormat })[],
  firstLiteral: boolean,
): Group {
  const { format, levels } = topics[0]!;
  const last = levels.length - 1;
  const literals = new Set<number>();
  levels.forEach((level, index) => level === '' && literals.add(index));
  let device = format === 'value' ? last - 1 : last;
  const distinct = (index: number) => new Set(topics.map((topic) => topic.levels[index])).size;
  const constantLast = topics.length >= constantMin && last >= 2 && distinct(last) === 1 && distinct(last - 1) > 1;
  if (format === 'json' && last > 0 && (constantLast || suffixOf(format, levels) !== '')) {
    literals.add(last);
    device = last - 1;
  }
  while (device > 0 && literals.has(device)) device--;
  // An empty first level (`/plant/press`) is a literal already; the one behind it is the system's name then.
  const first = levels.findIndex((level) => level !== '');
  if (firstLiteral && first >= 0 && first < device) literals.add(first);
  return { format, device, field: format === 'value' ? last : null, literals, topics };
}

function templateOf({ device, field, literals, topics }: Group): string {
  let tags = 0;
  const levels = topics[0]!.levels.map((level, index) => {
    if (index === device) return '{device}';
    if (index === field) return '{field}';
    if (literals.has(index)) return level;
    const name = tagNames[tags++] ?? `level${index + 1}`;
    return `{${name}}`;
  });
  return levels.join('/');
}
