import type { Transition } from '../../../events/alert.ts';
import type { WindowAggregates } from '../../../events/window.ts';
import type { ProcessingConfig, RuleConfig } from '../../../infra/config/schema.ts';
import { Alert, type Evidence, type ExpectedTransition, type Judge } from './alert.ts';
import { livesOf } from './lives.ts';
import type { Moment } from './log-time.ts';
import type { Fate, Fates } from './readings.ts';
import type { ExpectedWindow } from './window-results.ts';
import { order } from './windows.ts';

/** All transitions of all rules, in order of message, rule, device and field. */
export function transitionsOf(
  moments: readonly Moment[],
  configs: readonly ProcessingConfig[],
  { fates, forgettings }: Fates,
  windows: readonly ExpectedWindow[],
): ExpectedTransition[] {
  const readings = fates.filter(({ kind }) => kind === 'reading');
  const about = new Map(readings.map(({ key, device, tags }) => [key!, { device, tags }]));
  const lives = livesOf(moments, configs, (config) =>
    config.rules.map((rule): Judge => {
      return { rule, window: config.windows.find(({ name }) => name === rule.window) ?? null };
    }),
  );
  const maxAgeUs = ({ config }: Moment) => configs[config]!.alerts.maxAge * 1e3;
  const readingsAt = Map.groupBy(readings, ({ at, key }) => `${at.sequence} ${key}`);
  const windowsAt = Map.groupBy(windows, ({ origin, key }) => `${origin.sequence} ${key}`);
  const isForgotten = (key: string, at: Moment) => forgettings.some((one) => one.key === key && one.at === at);
  const said: ExpectedTransition[] = [];
  /** What subscribers of an edited rule were told, by the moment of the edit, rule and device. */
  const handedOn = new Map<string, Alert>();
  // Lives come in the order in which they began: what is handed on is there.
  for (const life of lives) {
    for (const [key, { device, tags }] of about) {
      const { rule } = life.part;
      if (!concerns(rule, device, tags)) continue;
      const id = (at: Moment) => JSON.stringify([at.sequence, rule.name, rule.field, key]);
      const alert = new Alert(life.part, key, maxAgeUs, handedOn.get(id(life.moments[0]!)));
      for (const at of life.moments)
        alert.pass(
          at,
          isForgotten(key, at),
          evidenceOf(rule, readingsAt.get(`${at.sequence} ${key}`), windowsAt.get(`${at.sequence} ${key}`)),
        );
      if (life.ended !== null) {
        const { ended } = life;
        const successor = configs[ended.config]!.rules.find(({ name }) => name === rule.name);
        const goesOn = successor?.field === rule.field && concerns(successor, device, tags);
        alert.retire(ended, goesOn, successor === undefined ? 'removed' : 'edited');
        if (goesOn && alert.exists) handedOn.set(id(ended), alert);
      }
      said.push(...alert.said);
    }
  }
  return said.toSorted(
    (a, b) =>
      a.origin.sequence - b.origin.sequence || order(a.rule, b.rule) || order(a.key, b.key) || order(a.field, b.field),
  );
}

function concerns({ where }: RuleConfig, device: string, tags: Transition['tags']): boolean {
  return Object.entries(where).every(([name, value]) => (name === 'device' ? device : tags[name]) === value);
}

function evidenceOf(
  rule: RuleConfig,
  readings: readonly Fate[] = [],
  windows: readonly ExpectedWindow[] = [],
): Evidence[] {
  if (rule.window === undefined)
    return readings
      .filter(({ fields }) => Object.hasOwn(fields, rule.field) && typeof fields[rule.field] !== 'string')
      .map(({ fields, timeUs, index }) => ({ value: Number(fields[rule.field]), timeUs, index }));
  return windows
    .filter(({ window, field, revision }) => window === rule.window && field === rule.field && revision === 0)
    .flatMap((result) => {
      const value = result[rule.aggregate as keyof WindowAggregates];
      return value === null ? [] : [{ value, timeUs: result.endUs, index: result.origin.index }];
    });
}
