import type { UnmatchedTopic, UnmatchedTopicsAnswer } from '../../../events/api-intake.ts';
import type { Quarantined } from '../../../events/quarantine.ts';
import { compileTemplate, matchTopic } from '../../../events/topics.ts';
import type { CompiledTemplate, TopicTemplate } from '../../../events/topics.ts';
import { payloadFormat } from './payload-format.ts';
import { suggestTemplates, takesIn } from './suggest-templates.ts';

export const unmatchedTopicsMax = 1_000;

type Seen = Omit<UnmatchedTopic, 'suggestion'>;

/** Topics that no template of the present configuration matches. Past `unmatchedTopicsMax` of them new ones are only counted. */
export class UnmatchedTopics {
  readonly #topics = new Map<string, Seen>();
  #templates: readonly CompiledTemplate[];
  #beyondMax = 0;

  constructor(templates: readonly TopicTemplate[]) {
    this.#templates = templates.map(compileTemplate);
  }

  /** Other templates are in force: topics that they match are no strays any more. */
  use(templates: readonly TopicTemplate[]): void {
    this.#templates = templates.map(compileTemplate);
    for (const topic of this.#topics.keys()) {
      if (matchTopic(this.#templates, topic) !== null) this.#topics.delete(topic);
    }
  }

  get size(): number {
    return this.#topics.size;
  }

  add(item: Quarantined): void {
    const { topic, client, firstBytes, bytes, receivedAtUs } = item;
    const known = this.#topics.get(topic);
    if (known === undefined) {
      // Set aside under an earlier configuration: today's takes the topic in.
      if (matchTopic(this.#templates, topic) !== null) return;
      if (this.#topics.size >= unmatchedTopicsMax) {
        this.#beyondMax++;
        return;
      }
    }
    const count = (known?.count ?? 0) + 1;
    this.#topics.set(topic, { topic, count, lastAtUs: receivedAtUs, client, firstBytes, bytes });
  }

  /** The `limit` most frequent topics, and lines for all that are kept. */
  answer(limit: number): UnmatchedTopicsAnswer {
    const topics = [...this.#topics.values()].toSorted((a, b) => b.count - a.count || b.lastAtUs - a.lastAtUs);
    const strays = topics.map((seen) => {
      const payload = Buffer.from(seen.firstBytes, 'base64');
      return { topic: seen.topic, count: seen.count, format: payloadFormat(payload, payload.length >= seen.bytes) };
    });
    const suggestions = suggestTemplates(strays);
    const items = topics.slice(0, limit).map((seen, index): UnmatchedTopic => {
      const { format } = strays[index]!;
      const at = suggestions.findIndex(
        (line) => line.format === format && takesIn(line.template, line.format, seen.topic),
      );
      return { ...seen, suggestion: at < 0 ? null : at };
    });
    return { topics: items, suggestions, beyondMax: this.#beyondMax };
  }
}
