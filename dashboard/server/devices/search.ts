import type { DeviceState } from '../../../events/device.ts';

/** What `is:` can ask for. */
const marks = ['online', 'offline', 'stale', 'unknown', 'retired', 'alert'] as const;

type Comparison = '>' | '<' | '>=' | '<=' | '=';

/** One term of the devices' search box. */
export type SearchTerm =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'tag'; readonly name: string; readonly value: string }
  | { readonly kind: 'field'; readonly name: string; readonly comparison: Comparison; readonly value: string }
  | { readonly kind: 'is'; readonly mark: (typeof marks)[number] };

export type ParsedSearch =
  | { readonly kind: 'terms'; readonly terms: readonly SearchTerm[] }
  | { readonly kind: 'wrong'; readonly message: string };

/** What a term is held against. */
export interface SearchSubject {
  readonly state: Pick<DeviceState, 'key' | 'device' | 'tags' | 'fields' | 'presence' | 'life'>;
  readonly inAlert: boolean;
}

const termsMax = 20;

/** Parses `press line:bake temperature>80 is:stale`. A term in double quotes may hold spaces. */
export function parseSearch(text: string): ParsedSearch {
  const parts = text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
  if (parts.length > termsMax) return wrong(`A search has at most ${termsMax} terms.`);
  const terms: SearchTerm[] = [];
  for (const quoted of parts) {
    const part = quoted.replaceAll('"', '');
    if (part === '') continue;
    const term = parseTerm(part);
    if (typeof term === 'string') return wrong(term);
    terms.push(term);
  }
  return { kind: 'terms', terms };
}

function wrong(message: string): ParsedSearch {
  return { kind: 'wrong', message };
}

function parseTerm(part: string): SearchTerm | string {
  const comparison = /^([^<>=:]+)(>=|<=|>|<|=)(.*)$/.exec(part);
  if (comparison) {
    const [, name, operator, value] = comparison as unknown as [string, string, Comparison, string];
    if (value === '') return `"${part}" has no value after ${operator}.`;
    if (operator !== '=' && Number.isNaN(Number(value))) return `"${part}" compares with something that is no number.`;
    return { kind: 'field', name: name.toLowerCase(), comparison: operator, value };
  }
  const colon = part.indexOf(':');
  if (colon <= 0) return { kind: 'word', text: part.toLowerCase() };
  const [name, value] = [part.slice(0, colon).toLowerCase(), part.slice(colon + 1).toLowerCase()];
  if (name !== 'is') return { kind: 'tag', name, value };
  const mark = marks.find((one) => one === value);
  if (mark !== undefined) return { kind: 'is', mark };
  return `"is:${value}" is not known: there are ${marks.map((one) => `is:${one}`).join(', ')}.`;
}

/** Whether all terms hold. Names and texts are compared without regard to case. */
export function matches(terms: readonly SearchTerm[], subject: SearchSubject): boolean {
  return terms.every((term) => holds(term, subject));
}

function holds(term: SearchTerm, { state, inAlert }: SearchSubject): boolean {
  switch (term.kind) {
    case 'is':
      if (term.mark === 'alert') return inAlert;
      // Nobody waits for one that is retired.
      return term.mark === 'retired' ? state.life.retired : !state.life.retired && state.presence.state === term.mark;
    case 'word':
      if (state.life.label.toLowerCase().includes(term.text)) return true;
      if (state.device.toLowerCase().includes(term.text) || state.key.toLowerCase().includes(term.text)) return true;
      return Object.values(state.tags).some((value) => value.toLowerCase().includes(term.text));
    case 'tag':
      if (term.name === 'device') return state.device.toLowerCase() === term.value;
      return Object.entries(state.tags).some(
        ([name, value]) =>
          name.toLowerCase() === term.name && (term.value === '' || value.toLowerCase() === term.value),
      );
    case 'field':
      return Object.entries(state.fields).some(
        ([name, { value }]) => name.toLowerCase() === term.name && compare(value, term.comparison, term.value),
      );
  }
}

function compare(value: number | boolean | string, comparison: Comparison, text: string): boolean {
  if (typeof value !== 'number') return comparison === '=' && String(value).toLowerCase() === text.toLowerCase();
  const limit = Number(text);
  switch (comparison) {
    case '>':
      return value > limit;
    case '<':
      return value < limit;
    case '>=':
      return value >= limit;
    case '<=':
      return value <= limit;
    case '=':
      return value === limit;
  }
}
