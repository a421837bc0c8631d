interface Level<T> {
  readonly children: Map<string, Level<T>>;
  readonly values: Set<T>;
}

/**
 * MQTT topic filters with what belongs to each: a trie of levels, `+` one level, `#` the rest and the level above it
 * (section 4.7). That `$SYS/...` does not match a leading wildcard is the subscriber's business.
 *
 * @example
 * const filters = new TopicFilters<string>();
 * filters.add('sensors/+/press-7', 'a');
 * filters.match('sensors/plant1/press-7'); // ['a']
 */
export class TopicFilters<T> {
  size = 0;
  readonly #root: Level<T> = emptyLevel();

  add(filter: string, value: T): void {
    let level = this.#root;
    for (const word of filter.split('/')) {
      let next = level.children.get(word);
      if (next === undefined) level.children.set(word, (next = emptyLevel()));
      level = next;
    }
    if (!level.values.has(value)) this.size++;
    level.values.add(value);
  }

  remove(filter: string, value: T): void {
    const words = filter.split('/');
    const path = [this.#root];
    for (const word of words) {
      const next = path.at(-1)!.children.get(word);
      if (next === undefined) return;
      path.push(next);
    }
    if (path.at(-1)!.values.delete(value)) this.size--;
    // Empty branches go, or filters of clients long gone would stay for ever.
    for (let depth = words.length; depth > 0; depth--) {
      const { values, children } = path[depth]!;
      if (values.size > 0 || children.size > 0) return;
      path[depth - 1]!.children.delete(words[depth - 1]!);
    }
  }

  /** The values of all filters that match; a value under two matching filters comes twice. */
  match(topic: string): T[] {
    const found: T[] = [];
    if (this.#mayMatch(topic)) this.#walk(this.#root, topic.split('/'), 0, found);
    return found;
  }

  /** Nearly all topics of sensors have no subscriber: their first level says so, before they are split. */
  #mayMatch(topic: string): boolean {
    const { children } = this.#root;
    if (children.size === 0) return false;
    const end = topic.indexOf('/');
    return children.has(end < 0 ? topic : topic.slice(0, end)) || children.has('#') || children.has('+');
  }

  #walk(level: Level<T>, words: readonly string[], depth: number, found: T[]): void {
    const rest = level.children.get('#');
    if (rest !== undefined) found.push(...rest.values);
    if (depth === words.length) {
      found.push(...level.values);
      return;
    }
    const word = words[depth]!;
    const exact = word === '+' || word === '#' ? undefined : level.children.get(word);
    if (exact !== undefined) this.#walk(exact, words, depth + 1, found);
    const any = level.children.get('+');
    if (any !== undefined) this.#walk(any, words, depth + 1, found);
  }
}

function emptyLevel<T>(): Level<T> {
  return { children: new Map(), values: new Set() };
}
