import { compileExpression } from '../expression/expression.ts';
import { type Entry, type Say, entries, entry } from './check-entries.ts';
import { fieldProblem, knownFields, tagNames, tagProblem, texts } from './known-names.ts';

/** What joins demand: tags that readings have, an expression of `left` and `right`. */
export function checkJoins(raw: Entry, say: Say): void {
  const tags = tagNames(raw);
  const fields = knownFields(raw);
  const processors = entries(raw['processors']);
  for (const [i, join] of entries(raw['joins'])) {
    const at = (...path: (string | number)[]) => ['joins', i, ...path];
    for (const side of ['left', 'right']) {
      const { field, where } = entry(join[side]);
      const unknown = fieldProblem(field, fields);
      if (unknown !== null) say(at(side, 'field'), unknown);
      for (const tag of Object.keys(entry(where))) {
        const problem = tagProblem(tag, tags);
        if (problem !== null) say(at(side, 'where', tag), problem);
      }
    }
    const by = texts(join['by']);
    if (by.includes('device') && by.length > 1)
      say(at('by'), 'names device and more: a device has its tags already, so write [device]');
    for (const [j, tag] of by.entries()) {
      const problem = tagProblem(tag, tags);
      if (problem !== null) say(at('by', j), problem);
    }
    const taken = processors.findIndex(([, { name }]) => name === join['name']);
    if (taken >= 0) say(at('name'), `"${String(join['name'])}" is already the name of processors[${taken}]`);
    if (typeof join['expression'] !== 'string') continue;
    const compiled = compileExpression(join['expression'], ['left', 'right'], '; there are left and right');
    if ('problem' in compiled) say(at('expression'), compiled.problem);
  }
}
