import type { Transition } from '../../../events/alert.ts';
import type { ProcessingConfig, RuleConfig } from '../../../infra/config/schema.ts';
import { Alert, type Evidence, type ExpectedTransition, type Judge } from './alert.ts';
import { judgesOn } from './keeping.ts';
import { livesOf } from './lives.ts';
import type { Moment } from './log-time.ts';
import { noPasts, pastOf, type Past, type Pasts } from './past.ts';
import type { Fate, Fates } from './readings.ts';
import type { ExpectedWindow } from './window-results.ts';
import { order } from './windows.ts';

/** What rules judge: readings (or what joins made of them) and windows, with what is known of those they are about. */
export interface Judged {
  readonly readings: readonly JudgedReading[];
  readonly windows: readonly ExpectedWindow[];
  readonly forgettings: Fates['forgettings'];
  readonly about: ReadonlyMap<string, Pick<Transition, 'device' | 'tags'>>;
}

interface JudgedReading extends Pick<Fate, 'at' | 'index' | 'timeUs' | 'fields'> {
  readonly key: string;
  /** The message it came with, where that is not the one it is judged in. */
  readonly sequence?: number;
}

/** The readings of a partition's devices, as its rules judge them. */
export function judgedOf({ fates, forgettings }: Fates, windows: readonly ExpectedWindow[]): Judged {
  const readings = fates.filter(({ kind }) => kind === 'reading').map((fate) => ({ ...fate, key: fate.key! }));
  return { readings, windows, forgettings, about: new Map(readings.map((reading) => [reading.key, reading])) };
}

/** All transitions of all rules, in order of message, rule, device and field. */
export function transitionsOf(
  moments: readonly Moment[],
  configs: readonly ProcessingConfig[],
  judged: Judged,
  pasts: Pasts = noPasts,
): ExpectedTransition[] {
  const judgesOf = ({ rules, windows: all, joins }: ProcessingConfig) =>
    rules.map((rule): Judge => {
      const window = all.find(({ name }) => name === rule.window) ?? null;
      const join = rule.window === undefined ? joins.find(({ name }) => name === rule.field) : undefined;
      return { rule, window, join: join ?? null };
    });
  const lives = livesOf(moments, configs, judgesOf, judgesOn);
  const maxAgeUs = ({ config }: Moment) => configs[config]!.alerts.maxAge * 1e3;
  const present = evidenceIn(judged);
  const said: { readonly at: Moment; readonly transition: ExpectedTransition }[] = [];
  /** What subscribers of an edited rule were told, by the moment of the edit, rule and device. */
  const handedOn = new Map<string, Alert>();
  // Lives come in the order in which they began: what is handed on is there.
  for (const life of lives) {
    const past = pastOf(pasts, life);
    if (past !== null) said.push(...historyOf(past, life.part.rule.name, life.moments[0]!));
    for (const [key, { device, tags }] of new Map([...(past?.judged.about ?? []), ...judged.about])) {
      const judgeAt = (at: Moment) => life.parts.get(at)!;
      const isConcerned = (at: Moment) => concerns(judgeAt(at).rule, device, tags);
      if (!life.moments.some(isConcerned)) continue;
      const first = judgeAt(life.moments[0]!);
      const { rule } = life.part;
      const id = (at: Moment) => JSON.stringify([at.sequence, rule.name, rule.field, key]);
      const before = handedOn.get(id(life.moments[0]!));
      const rebuilt = past === null ? null : rebuiltAlert(first, key, maxAgeUs, past);
      rebuilt?.remember(before);
      const alert = rebuilt ?? new Alert(first, key, maxAgeUs, before);
      const tell = (at: Moment) => said.push(...alert.said.splice(0).map((transition) => ({ at, transition })));
      for (const [i, at] of life.moments.entries()) {
        if (i > 0 && isConcerned(life.moments[i - 1]!) && !isConcerned(at)) {
          alert.meetGap(at);
          alert.end(at, 'edited');
        }
        if (isConcerned(at)) {
          alert.follow(judgeAt(at));
          alert.pass(at, ...present(rule, key, at));
        }
        tell(at);
      }
      if (life.ended === null) continue;
      const { ended } = life;
      const successor = configs[ended.config]!.rules.find(({ name }) => name === rule.name);
      const goesOn = successor?.field === rule.field && concerns(successor, device, tags);
      alert.meetGap(ended);
      alert.retire(ended, goesOn, successor === undefined ? 'removed' : 'edited');
      if (goesOn && alert.exists) handedOn.set(id(ended), alert);
      tell(ended);
    }
  }
  return said
    .toSorted(
      ({ at, transition: a }, { at: other, transition: b }) =>
        at.sequence - other.sequence || order(a.rule, b.rule) || order(a.key, b.key) || order(a.field, b.field),
    )
    .map(({ transition }) => transition);
}

/** What each message brings to an alert: whether its device is forgotten, and what there is to judge. */
function evidenceIn({ readings, windows, forgettings }: Judged) {
  const readingsAt = Map.groupBy(readings, ({ at, key }) => `${at.sequence} ${key}`);
  const windowsAt = Map.groupBy(windows, ({ origin, key }) => `${origin.sequence} ${key}`);
  return (rule: RuleConfig, key: string, at: Moment): [forgotten: boolean, evidence: Evidence[]] => {
    const id = `${at.sequence} ${key}`;
    const forgotten = forgettings.some((one) => one.key === key && one.at === at);
    return [forgotten, evidenceOf(rule, readingsAt.get(id), windowsAt.get(id))];
  };
}

/** The alert as the stretch leaves it; null when there is none. */
function rebuiltAlert(judge: Judge, key: string, maxAgeUs: (at: Moment) => number, past: Past): Alert | null {
  const alert = new Alert(judge, key, maxAgeUs);
  const evidence = evidenceIn(past.judged);
  for (const at of past.moments) alert.pass(at, ...evidence(judge.rule, key, at));
  return alert.exists ? alert : null;
}

/** What a rule would have said in the stretch, recorded at the change. */
function historyOf(past: Past, rule: string, at: Moment) {
  return past.transitions
    .filter((transition) => transition.rule === rule)
    .map((transition) => {
      const origin = { sequence: at.sequence, index: -1 };
      return { at, transition: { ...transition, origin, decidedAtUs: at.nowUs, historical: true, notify: null } };
    });
}

function concerns({ where }: RuleConfig, device: string, tags: Transition['tags']): boolean {
  return Object.entries(where).every(([name, value]) => (name === 'device' ? device : tags[name]) === value);
}

function evidenceOf(
  rule: RuleConfig,
  readings: readonly JudgedReading[] = [],
  windows: readonly ExpectedWindow[] = [],
): Evidence[] {
  if (rule.window === undefined)
    return readings
      .filter(({ fields }) => Object.hasOwn(fields, rule.field) && typeof fields[rule.field] !== 'string')
      .map(({ fields, timeUs, index, sequence }) => ({ value: Number(fields[rule.field]), timeUs, index, sequence }));
  return windows
    .filter(({ window, field, revision }) => window === rule.window && field === rule.field && revision === 0)
    .flatMap((result) => {
      const value = result[rule.aggregate!];
      return value === null || value === undefined ? [] : [{ value, timeUs: result.endUs, index: result.origin.index }];
    });
}
