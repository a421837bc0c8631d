import { type Entry, type Say, entries, entry } from './check-entries.ts';
import { nameProblem, texts, topicsOf } from './known-names.ts';
import { suggestion } from './nearest-name.ts';

/** What topics demand of themselves beyond their own keys, and fields of topics. */
export function checkTopics(raw: Entry, say: Say): void {
  for (const [i, topic] of entries(raw['topics'])) {
    const sayAt: Say = (path, message) => say(['topics', i, ...path], message);
    checkNames(topic, sayAt);
    if (topic['format'] === 'csv') checkColumns(topic, sayAt);
    if (topic['format'] === 'json' && topic['rest'] !== undefined && topic['fields'] === undefined)
      sayAt(['rest'], 'is about what "fields" does not name: there is no "fields"');
  }
  const templates = topicsOf(raw).flatMap(([, { template }]) => (typeof template === 'string' ? [template] : []));
  for (const [i, { topic }] of entries(raw['fields'])) {
    if (typeof topic === 'string' && !templates.includes(topic))
      say(['fields', i, 'topic'], `is not a template of topics: "${topic}"${suggestion(topic, templates)}`);
  }
}

/** Tags and fields that payloads bring are named like any other, and no tag twice. */
function checkNames({ template, format, tags, fields }: Entry, say: Say): void {
  const placeholders = typeof template === 'string' ? [...template.matchAll(/\{(\w+)/g)].map((match) => match[1]!) : [];
  const list = Array.isArray(tags);
  const written = list ? texts(tags) : Object.keys(entry(tags));
  for (const [j, tag] of written.entries()) {
    const at = ['tags', list ? j : tag];
    const problem = nameProblem(tag);
    if (problem !== null) say(at, problem);
    else if (tag === 'device') say(at, 'names the device: write it under "device"');
    else if (placeholders.includes(tag)) say(at, `"${tag}" is a placeholder of the template already`);
    else if (list && written.indexOf(tag) < j) say(at, `"${tag}" is a tag already`);
  }
  if (format !== 'json') return;
  for (const name of Object.keys(entry(fields))) {
    const problem = nameProblem(name);
    if (problem !== null) say(['fields', name], problem);
  }
}

/** Columns are named by the configuration or by the first line. */
function checkColumns({ columns, header, device, time, tags, delimiter, decimal }: Entry, say: Say): void {
  if (columns === undefined && header !== true) say(['columns'], 'is missing: name the columns, or write header: true');
  if (decimal === ',' && (delimiter === undefined || delimiter === ','))
    say(['decimal'], 'is the delimiter, too: write delimiter: ";" or another');
  if (!Array.isArray(columns)) return;
  const names = texts(columns);
  for (const [j, name] of names.entries()) {
    if (name !== '' && names.indexOf(name) < j) say(['columns', j], `"${name}" is a column already`);
  }
  const check = (path: (string | number)[], name: unknown) => {
    if (typeof name !== 'string' || names.includes(name)) return;
    say(path, `is no column: "${name}"${suggestion(name, names)}`);
  };
  check(['device'], device);
  check(['time'], time);
  for (const [j, tag] of texts(tags).entries()) check(['tags', j], tag);
}
