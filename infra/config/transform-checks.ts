import { compileExpression } from '../expression/expression.ts';
import { type Entry, type Say, entries, entry, isZero } from './check-entries.ts';
import { checkEnrichment } from './enrichment-checks.ts';
import { declaredFields, fieldProblem, nameProblem, placeholdersOf, tagProblem, texts } from './known-names.ts';
import { conversion } from './measuring-units.ts';

/** The keys that make a kind of transform, and those that go with it: needed (`!`) or not. */
const kinds: readonly { readonly by: readonly string[]; readonly with: readonly string[] }[] = [
  { by: ['drop'], with: [] },
  { by: ['range'], with: ['field!'] },
  { by: ['deadband'], with: ['field!', 'every'] },
  { by: ['sample'], with: [] },
  { by: ['convert'], with: ['field!'] },
  { by: ['scale', 'offset'], with: ['field!'] },
  { by: ['set'], with: ['expression!'] },
  { by: ['enrich'], with: ['tags', 'fields'] },
];
const declaration = '; fields that expressions use are declared under "fields:"';
const accompanying = ['field', 'every', 'expression', 'tags', 'fields'];

/** What transforms demand of themselves, of the fields, of the topics and of the tables. */
export function checkTransforms(raw: Entry, say: Say): void {
  const declared = declaredFields(raw);
  /** As the transforms before left them. */
  const fields = [...declared];
  const tags = placeholdersOf(raw);
  for (const [i, transform] of entries(raw['transforms'])) {
    const at = (...path: (string | number)[]) => ['transforms', i, ...path];
    checkKind(transform, (path, message) => say(at(...path), message));
    for (const tag of Object.keys(entry(transform['where']))) {
      const problem = tagProblem(tag, tags);
      if (problem !== null) say(at('where', tag), problem);
    }
    checkValues(transform, (path, message) => say(at(...path), message));
    const sayUnlessKnown = (name: unknown, path: (string | number)[]) => {
      const problem = fieldProblem(name, declared.length === 0 ? null : fields);
      if (problem !== null) say(at(...path), problem);
    };
    sayUnlessKnown(transform['field'], ['field']);
    for (const [j, name] of texts(transform['drop']).entries()) sayUnlessKnown(name, ['drop', j]);
    if (typeof transform['expression'] === 'string') {
      const compiled = compileExpression(transform['expression'], fields, declaration);
      if ('problem' in compiled) say(at('expression'), compiled.problem);
    }
    if (transform['enrich'] !== undefined) checkEnrichment(raw, i, transform, tags, say);
    if (typeof transform['set'] === 'string') fields.push(transform['set']);
    fields.push(...texts(transform['fields']));
    tags.push(...texts(transform['tags']));
  }
}

function checkKind(transform: Entry, say: Say): void {
  const isSet = (key: string) => transform[key] !== undefined;
  const found = kinds.filter(({ by }) => by.some(isSet));
  if (found.length === 0) {
    if (isSet('expression')) say(['set'], 'is missing: the field that the expression computes');
    else say([], `does nothing: needs one of ${kinds.map(({ by }) => by.join(' or ')).join(', ')}`);
    return;
  }
  if (found.length > 1) {
    say(
      [],
      `does more than one thing (${found.map(({ by }) => by.join(' and ')).join(', ')}): make a transform of each`,
    );
    return;
  }
  const { by, with: companions } = found[0]!;
  const used = by.filter(isSet);
  for (const companion of companions)
    if (companion.endsWith('!') && !isSet(companion.slice(0, -1)))
      say([companion.slice(0, -1)], `is missing: ${used.join(' and ')} ${used.length > 1 ? 'need' : 'needs'} it`);
  const allowed = companions.map((name) => name.replace('!', ''));
  for (const key of accompanying)
    if (isSet(key) && !allowed.includes(key)) say([key], `does not go with ${by.find(isSet)}`);
}

function checkValues(transform: Entry, say: Say): void {
  const { range, convert } = transform;
  if (Array.isArray(range) && typeof range[0] === 'number' && typeof range[1] === 'number' && range[0] >= range[1])
    say(['range'], 'must be [least, greatest] with least below greatest');
  for (const key of ['sample', 'every']) if (isZero(transform[key])) say([key], 'must be more than 0');
  if (typeof transform['set'] === 'string' && transform['set'] !== '') {
    const problem = nameProblem(transform['set']);
    if (problem !== null) say(['set'], problem);
  }
  const { from, to } = entry(convert);
  if (typeof from !== 'string' || typeof to !== 'string') return;
  const found = conversion(from, to);
  if ('problem' in found) say(['convert'], found.problem);
}
