/** The terms of a search, parted by spaces outside quotes: `press line:bake temperature>80 is:stale`. */
export function termsOf(search: string): string[] {
  return search.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
}

/** The name before `:` of a term such as `site:plant1`; null for words and comparisons. */
export function termName(term: string): string | null {
  return /^([^\s:<>="]+):/.exec(term)?.[1] ?? null;
}

/** The search with one term `name:value` (null: none), in place of the one of that name. */
export function withTerm(search: string, name: string, value: string | null): string {
  const terms = termsOf(search);
  const at = terms.findIndex((term) => termName(term) === name);
  const others = terms.filter((term) => termName(term) !== name);
  if (value === null) return others.join(' ');
  const term = `${name}:${/[\s"]/.test(value) ? `"${value.replaceAll('"', '')}"` : value}`;
  others.splice(at < 0 ? others.length : Math.min(at, others.length), 0, term);
  return others.join(' ');
}

/** The value of the term of a name, null without one. */
export function termValue(search: string, name: string): string | null {
  const term = termsOf(search).find((candidate) => termName(candidate) === name);
  return term === undefined ? null : term.slice(name.length + 1).replaceAll('"', '');
}

/** The search without its `index`-th term. */
export function withoutTerm(search: string, index: number): string {
  return termsOf(search)
    .filter((_, i) => i !== index)
    .join(' ');
}
