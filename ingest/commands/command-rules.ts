import { compileCommandTemplate, matchCommandTopic, type CommandTemplate } from '../../events/command-topics.ts';
import { compileTemplate, matchTopic, type CompiledTemplate, type TopicTemplate } from '../../events/topics.ts';
import type { Config } from '../../infra/config/schema.ts';

/** What a publish of a client is, as its topic says. */
export type TopicKind =
  | { readonly kind: 'reading' }
  /** Nobody but Millrace publishes there. */
  | { readonly kind: 'command' }
  | { readonly kind: 'answer'; readonly device: string; readonly id: string | null };

const reading: TopicKind = { kind: 'reading' };
const command: TopicKind = { kind: 'command' };

/** The topics of commands and of their answers. */
export class CommandRules {
  readonly #commands: readonly CommandTemplate[];
  readonly #answers: readonly CommandTemplate[];
  /** Numbers of levels that these topics have: nearly all topics of readings have another. */
  readonly #levels: ReadonlySet<number>;

  readonly #sparkplug: readonly CompiledTemplate[];

  constructor(commands: Config['commands'], topics: readonly TopicTemplate[] = []) {
    this.#sparkplug = topics.filter(({ format }) => format === 'sparkplug').map(compileTemplate);
    this.#commands = commands.map(({ template }) => compileCommandTemplate(template));
    this.#answers = commands
      .filter(({ acknowledge }) => acknowledge === 'answer')
      .map(({ template, answerTemplate }) => compileCommandTemplate(answerTemplate ?? `${template}/answer`));
    const all = [...this.#commands, ...this.#answers, ...this.#sparkplug];
    this.#levels = new Set(all.map(({ levels }) => levels.length));
  }

  kindOf(topic: string): TopicKind {
    return this.#levels.has(levelsOf(topic)) ? this.#judge(topic) : reading;
  }

  /** The template that a topic of a command follows; null when it is none. */
  templateOf(topic: string): CommandTemplate | null {
    return this.#commands.find((template) => matchCommandTopic(template, topic) !== null) ?? null;
  }

  /** The key of the device that a command's topic names; null when it names none. */
  addresseeOf(topic: string): string | null {
    const template = this.templateOf(topic);
    return template === null ? null : (matchCommandTopic(template, topic)?.device ?? null);
  }

  /** NCMD and DCMD steer what Sparkplug's edge nodes do: those of other hosts are refused. */
  #isSparkplugCommand(topic: string): boolean {
    const message = matchTopic(this.#sparkplug, topic)?.field;
    return message === 'NCMD' || message === 'DCMD';
  }

  #judge(topic: string): TopicKind {
    if (this.templateOf(topic) !== null || this.#isSparkplugCommand(topic)) return command;
    for (const template of this.#answers) {
      const match = matchCommandTopic(template, topic);
      if (match !== null) return { kind: 'answer', device: match.device, id: match.id };
    }
    return reading;
  }
}

function levelsOf(topic: string): number {
  let levels = 1;
  for (let at = topic.indexOf('/'); at >= 0; at = topic.indexOf('/', at + 1)) levels++;
  return levels;
}
