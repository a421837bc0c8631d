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
    const { strip = '', prefix = '' } = this.#topics[Math.min(...matches)]!;
    const named = prefix + (topic.startsWith(strip) ? topic.slice(strip.length) : topic);
    const problem = topicProblem(named);
    return problem === null ? { topic: named } : { refusal: problem };
  }
}
