import { askedAggregateNames } from '../../../events/window.ts';
import { processorNames } from './processors.ts';
import type { ConfigInput } from '../plan.ts';
import type { Random } from '../random.ts';
import { drawTables, drawTransforms } from './transforms.ts';

type Window = NonNullable<ConfigInput['windows']>[number];
type Join = NonNullable<ConfigInput['joins']>[number];
type Rule = NonNullable<ConfigInput['rules']>[number];

export const fieldNames = ['temperature', 'pressure', 'state'] as const;

/** A configuration, and what changes of it make: windows and rules are added, removed and edited. */
export function drawConfigs(
  random: Random,
  count: number,
  { keeps, timezone }: { readonly keeps: boolean; readonly timezone: string },
): ConfigInput[] {
  const configs = [drawConfig(random)];
  while (configs.length < count) configs.push(changed(random, configs.at(-1)!, keeps && random.chance(0.7)));
  return configs.map((config) => ({
    ...config,
    windows: (config.windows ?? []).map((window) => inZone(window, timezone)),
  }));
}

function drawConfig(random: Random): ConfigInput {
  const short = Array.from({ length: random.integer(0, 2) }, (_, i) => drawWindow(random, `w${i + 1}`));
  const { windows: wide, joins } = random.chance(0.3) ? drawFleet(random) : { windows: [], joins: [] };
  const all = random.chance(0.5) ? [...wide, ...short] : [...short, ...wide];
  const windows = random.chance(0.4) ? withFold(random, all) : all;
  const rules = Array.from({ length: random.integer(1, 3) }, (_, i) => drawRule(random, `r${i + 1}`, windows));
  return {
    windows,
    joins,
    rules: [...rules, ...joins.map(({ name }) => drawJoinRule(random, name))],
    ...(random.chance(0.3) ? { transforms: drawTransforms(random), tables: drawTables(random) } : {}),
    ...(random.chance(0.1) ? { limits: { devicesMax: random.integer(1, 3) } } : {}),
    ...(random.chance(0.3) ? { alerts: { maxAge: seconds(random.integer(5, 60)) } } : {}),
    ...(random.chance(0.2) ? { state: { retain: seconds(random.pick([2, 5, 12])) } } : {}),
    clock: { maxAhead: seconds(random.pick([2, 10, 60])) },
    ...(random.chance(0.25) ? { processors: drawProcessors(random) } : {}),
  };
}

/** Some of them, of one state or another of their files. */
function drawProcessors(random: Random): NonNullable<ConfigInput['processors']> {
  return processorNames
    .filter(() => random.chance(0.6))
    .map((name) => ({ name, file: `${name}.ts#${random.integer(1, 2)}` }));
}

function changed(random: Random, before: ConfigInput, keepably: boolean): ConfigInput {
  let { windows = [], rules = [] } = before;
  let { joins = [] } = before;
  const what = keepably ? 7 : random.integer(0, 6);
  if (what === 0 && windows.length < 4) windows = [...windows, drawWindow(random, `w${random.integer(3, 9)}`)];
  if (what === 1) windows = windows.slice(1);
  if (what === 2)
    windows = windows.map((window) =>
      random.chance(0.5) && window.from === undefined ? drawWindow(random, window.name, window.by) : window,
    );
  if (what === 3 && rules.length < 5) rules = [...rules, drawRule(random, `r${random.integer(4, 9)}`, windows)];
  if (what === 4) rules = rules.slice(1);
  if (what === 5) rules = rules.map((rule) => (random.chance(0.5) ? drawRule(random, rule.name, windows) : rule));
  if (what === 6 && hasFleetParts(before)) {
    joins = joins.length === 0 || random.chance(0.5) ? [drawJoin(random, 'delta')] : [];
    if (random.chance(0.5)) windows = [...windows, drawWindow(random, 'wide', random.pick(groupings))];
  }
  if (!keepably && hasFleetParts(before) && random.chance(0.2)) {
    windows = windows.filter((window) => !hasFleetParts({ windows: [window] }));
    joins = [];
  } else if (!keepably && !hasFleetParts(before) && random.chance(0.1)) {
    const fleet = drawFleet(random);
    windows = [...windows, ...fleet.windows];
    joins = fleet.joins;
    rules = [
      ...rules,
      ...joins.map(({ name }) => drawJoinRule(random, name)),
      ...(fleet.windows.length === 0 ? [] : [drawRule(random, `r${random.integer(4, 9)}`, fleet.windows)]),
    ];
  }
  if (what === 7) {
    if (random.chance(0.8)) windows = keptWindows(random, windows);
    if (random.chance(0.5)) rules = rules.map((rule) => (random.chance(0.6) ? otherLimits(random, rule) : rule));
  }
  const named = <T extends { name: string }>(items: readonly T[]) => [
    ...new Map(items.map((item) => [item.name, item])).values(),
  ];
  windows = named(windows);
  // What was folded from a window that is gone or another one goes with it, and what was folded from that.
  const stays = ({ from }: Window): boolean => {
    const source = windows.find(({ name }) => name === from);
    const isSame = what === 7 || (source !== undefined && before.windows?.includes(source) === true);
    return from === undefined || (source !== undefined && isSame && stays(source));
  };
  windows = windows.filter(stays);
  const fits = ({ window, field }: Rule) => {
    if (window === undefined) return true;
    const fields = windows.find(({ name }) => name === window)?.fields;
    return windows.some(({ name }) => name === window) && (fields === undefined || fields.includes(field));
  };
  const transforms = random.chance(0.15) ? { transforms: drawTransforms(random), tables: drawTables(random) } : {};
  const tables = random.chance(0.2) && before.tables !== undefined ? { tables: drawTables(random) } : {};
  const state = random.chance(0.1) ? { state: { retain: seconds(random.pick([2, 5, 12, 300])) } } : {};
  const processors =
    before.processors !== undefined && random.chance(0.4) ? { processors: drawProcessors(random) } : {};
  return {
    ...before,
    ...state,
    ...processors,
    ...transforms,
    ...tables,
    windows,
    joins,
    rules: named(rules).filter(fits),
  };
}

const seconds = (count: number) => `${Math.round(count * 1e3)}ms`;

function drawWindow(random: Random, name: string, by?: string[]): Window {
  const kind = random.pick(['tumbling', 'tumbling', 'hopping', 'session', 'sliding', 'count'] as const);
  const size = random.pick([1, 2, 5, 10, 30]);
  const times = drawTimes(random);
  const fields = random.chance(0.3) ? { fields: ['temperature'] } : {};
  const asked = askedAggregateNames.filter(() => random.chance(0.3));
  const texts = random.chance(0.25) && asked.length > 0 ? { aggregates: asked } : {};
  const any = { name, kind, ...(by === undefined ? {} : { by }), ...fields, ...texts };
  if (kind === 'count') return { ...any, count: random.integer(1, 6) };
  if (kind === 'session') return { ...any, ...times, gap: seconds(random.pick([0.5, 1, 2, 6])) };
  if (kind === 'sliding') return { ...any, size: seconds(size), lateness: times.lateness };
  if (kind === 'hopping')
    return { ...any, ...times, size: seconds(size), every: seconds(size / random.pick([1, 2, 4])) };
  if (random.chance(0.12)) return { ...any, ...times, ...drawDays(random) };
  return { ...any, ...times, size: seconds(size) };
}

/** In place of the zone of the plant. */
const here = 'here';

/** Local days: the story begins near midnight, or where the clocks change. */
function drawDays(random: Random) {
  return { size: random.pick(['1d', '1d', '2d', '7d']), timezone: here };
}

function inZone(window: Window, timezone: string): Window {
  return window.timezone === here ? { ...window, timezone } : window;
}

/** The same windows with other times and fields. Long ones take the fields of their short ones. */
function keptWindows(random: Random, windows: readonly Window[]): Window[] {
  const other = new Set(windows.filter(({ from }) => from === undefined && random.chance(0.3)).map(({ name }) => name));
  const rootOf = ({ name, from }: Window): string =>
    from === undefined ? name : rootOf(windows.find((window) => window.name === from)!);
  return windows.map((window) => {
    const timed = random.chance(0.7) ? otherTimes(random, window) : window;
    if (!other.has(rootOf(window))) return timed;
    const { fields, ...rest } = timed;
    return fields === undefined ? { ...rest, fields: ['temperature'] } : rest;
  });
}

function otherTimes(random: Random, window: Window): Window {
  const { lateness, ...times } = drawTimes(random);
  if (window.kind === 'count') return window;
  if (window.kind === 'sliding') return { ...window, lateness };
  return { ...window, ...times, ...(window.from === undefined ? { lateness } : {}) };
}

/** The same rule under other limits and times. */
function otherLimits(random: Random, { name, field, window, aggregate }: Rule): Rule {
  const { above, below, outside, clear, ...times } = drawRule(random, name, []);
  const limits = Object.fromEntries(
    Object.entries({ above, below, outside, clear }).filter(([, limit]) => limit !== undefined),
  );
  return { ...times, name, field, ...limits, ...(window === undefined ? {} : { window, aggregate }) };
}

function drawTimes(random: Random) {
  return {
    lateness: seconds(random.pick([0, 0.5, 1, 3, 8])),
    idle: seconds(random.pick([1, 3, 8, 20])),
    retain: seconds(random.pick([0, 1, 4, 15])),
  };
}

/** And a longer one that is folded from one of them, and perhaps one from that. */
function withFold(random: Random, windows: readonly Window[]): Window[] {
  const from = windows.find(({ kind, timezone }) => kind === 'tumbling' && timezone === undefined);
  if (from === undefined) return [...windows];
  const { fields, aggregates, by } = from;
  const sizes = parseInt(from.size!, 10) * random.pick([2, 3, 6]);
  const of = {
    ...(fields === undefined ? {} : { fields }),
    ...(aggregates === undefined ? {} : { aggregates }),
    ...(by === undefined ? {} : { by }),
  };
  const times = { idle: seconds(random.pick([1, 8, 20])), retain: seconds(random.pick([0, 1, 15])) };
  const long = random.pick<Partial<Window>>([
    { kind: 'tumbling', size: `${sizes}ms` },
    { kind: 'tumbling', size: `${sizes}ms` },
    { kind: 'hopping', size: `${sizes}ms`, every: from.size! },
    { kind: 'tumbling', ...drawDays(random) },
  ]);
  const fold = { name: `f-${from.name}`, from: from.name, ...long, ...times, ...of } as Window;
  if (fold.kind === 'hopping' || fold.timezone !== undefined || random.chance(0.6)) return [...windows, fold];
  return [{ ...fold, name: `ff-${from.name}`, size: `${2 * sizes}ms`, from: fold.name }, ...windows, fold];
}

const groupings = [['site'], ['site'], ['line'], []];

/** What spans devices: windows by tag or of all, joins, or both. */
function drawFleet(random: Random): { windows: Window[]; joins: Join[] } {
  const count = random.integer(0, 2);
  const windows = Array.from({ length: count }, (_, i) => drawWindow(random, `g${i + 1}`, random.pick(groupings)));
  return { windows, joins: count === 0 || random.chance(0.5) ? [drawJoin(random, 'delta')] : [] };
}

function drawJoin(random: Random, name: string): Join {
  const side = () => ({
    field: random.chance(0.7) ? 'temperature' : random.pick(fieldNames),
    where: random.pick<Record<string, string>>([{}, { device: 'a' }, { device: 'b' }, { site: 'plant1' }]),
  });
  return {
    name,
    left: side(),
    right: side(),
    by: random.pick([[], ['site'], ['device']]),
    tolerance: seconds(random.pick([0.1, 0.5, 1, 4])),
    lateness: seconds(random.pick([0, 0.5, 2, 8])),
    expression: 'left - right',
  };
}

function drawJoinRule(random: Random, field: string): Rule {
  const limit = random.integer(-4, 4) / 2;
  const times = { for: seconds(random.pick([0, 0, 1, 3])), stale: seconds(random.pick([2, 5, 300])) };
  return {
    name: `on-${field}`,
    field,
    ...random.pick([{ above: limit }, { below: limit, clear: limit + 1 }]),
    ...times,
  };
}

/** It has something for the fleet's worker. */
export function hasFleetParts({ windows = [], joins = [] }: ConfigInput): boolean {
  return joins.length > 0 || windows.some(({ by }) => by?.includes('device') === false);
}

function drawRule(random: Random, name: string, windows: readonly Window[]): Rule {
  const window = random.chance(0.4) && windows.length > 0 ? random.pick(windows) : undefined;
  const limit = random.integer(2, 18) / 2;
  const limits = random.pick([
    { above: limit },
    { above: limit, clear: limit - random.integer(0, 4) / 2 },
    { below: limit },
    { below: limit, clear: limit + random.integer(0, 4) / 2 },
    { outside: [limit - 1, limit + 2] as [number, number] },
  ]);
  const where = random.pick<Record<string, string>>([{}, {}, {}, { site: 'plant1' }, { device: 'a' }]);
  const field = window?.fields === undefined && random.chance(0.3) ? random.pick(fieldNames) : 'temperature';
  return {
    name,
    field,
    ...(window === undefined ? {} : { window: window.name, aggregate: random.pick([...aggregates, ...exact(window)]) }),
    ...limits,
    for: seconds(random.pick([0, 0, 1, 2.5, 6])),
    stale: seconds(random.pick([2, 5, 12, 300])),
    where,
  };
}

/** What can be asked for and has no error. */
function exact({ aggregates: asked = [] }: Window): ('distinct' | 'increase')[] {
  return (['distinct', 'increase'] as const).filter((name) => asked.includes(name));
}

const aggregates = ['min', 'max', 'sum', 'count', 'first', 'last'] as const;
