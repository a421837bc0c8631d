import type { BridgeConfig } from '../../infra/config/schema.ts';
import { TopicFilters } from '../topic-filters.ts';
import { topicProblem } from '../topic-text.ts';

export type BridgeTopic =
  | { readonly topic: string }
  | { readonly refusal: 'not-bridged' | NonNullable<ReturnType<typeof topicProblem>> };

/** The topics of another broker under the names that they get here: by the first filter of the list that matches. */
export class BridgeTopics {
  readonly #topics: BridgeConfig['topics'];
  readonly #filters = new TopicFilters<number>();

  constructor(topics: BridgeConfig['topics']) {
    this.#topics = topics;
    for (const [i, { filter }] of topics.entries()) this.#filters.add(filter, i);
  }

  of(topic: string): BridgeTopic {
    const matches = this.#filters.match(topic);
    if (matches.length === 0) return { refusal: 'not-bridged' };
    const named = nameHere(this.#topics[Math.min(...matches)]!, topic);
    const problem = topicProblem(named);
    return problem === null ? { topic: named } : { refusal: problem };
  }

  /**
   * What a topic here is called at the other broker, by the names of a message that came from there.
   * @param from the topic that the message got here @returns null when nothing there has such a name here
   */
  back(from: string, topic: string): string | null {
    for (const [i, one] of this.#topics.entries())
      for (const there of namesThere(one, from)) {
        const isItsSource = Math.min(...this.#filters.match(there)) === i && nameHere(one, there) === from;
        const named = namesThere(one, topic).find((name) => nameHere(one, name) === topic);
        if (isItsSource && named !== undefined) return topicProblem(named) === null ? named : null;
      }
    return null;
  }
}

type Names = BridgeConfig['topics'][number];

function nameHere({ strip = '', prefix = '' }: Names, there: string): string {
  return prefix + (there.startsWith(strip) ? there.slice(strip.length) : there);
}

/** Topics there that may have this name here: with what is stripped, and without. */
function namesThere({ strip = '', prefix = '' }: Names, here: string): string[] {
  if (!here.startsWith(prefix)) return [];
  const rest = here.slice(prefix.length);
  return strip === '' ? [rest] : [strip + rest, rest];
}
