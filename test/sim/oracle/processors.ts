import type { AlertState } from '../../../events/alert.ts';
import type { ProcessingConfig } from '../../../infra/config/schema.ts';
import { livesOf } from './lives.ts';
import type { Moment } from './log-time.ts';
import type { Fate } from './readings.ts';
import { order } from './windows.ts';

/** An alert of a processor, as far as the simulation's make any. */
interface Cell {
  state: AlertState;
  told: boolean;
  judgedUs: number;
}

export interface FromProcessors {
  readonly derived: readonly object[];
  readonly transitions: readonly object[];
}

/**
 * What the processors of `world/processors.ts` make of a partition's readings, each once, in the order of the log
 * (processors/README.md): one that throws is stopped with the reading that did it, keeps its state, and runs again
 * once its file has changed; one that emits late says nothing at all. The end of a removed one's alerts is told.
 */
export function fromProcessors(
  moments: readonly Moment[],
  configs: readonly ProcessingConfig[],
  fates: readonly Fate[],
): FromProcessors {
  const readingsAt = Map.groupBy(
    fates.filter(({ kind }) => kind === 'reading'),
    ({ at }) => at,
  );
  const derived: { readonly place: readonly [sequence: number, processor: number]; readonly one: object }[] = [];
  const said: { readonly at: Moment; readonly rule: string; readonly key: string; readonly one: object }[] = [];
  const placeOf = ({ processors }: ProcessingConfig, name: string) =>
    processors.findIndex((processor) => processor.name === name);
  const pathOf = (file: string) => file.split('#')[0]!;
  const lives = livesOf(moments, configs, ({ processors }) =>
    processors.map(({ name, file }) => ({ name, file: pathOf(file) })),
  );
  for (const { part, moments: own, ended } of lives) {
    const { name, file: path } = part;
    const seen = new Map<string, number>();
    const cells = new Map<string, Cell>();
    let stopped: string | null = null;
    for (const at of own) {
      const config = configs[at.config]!;
      const { file } = config.processors[placeOf(config, name)]!;
      if (stopped !== file) stopped = null;
      for (const { key, device, tags, timeUs, fields, index } of readingsAt.get(at) ?? []) {
        if (stopped !== null || path === 'late.ts') break;
        const origin = { sequence: at.sequence, index };
        const derive = (values: object) =>
          derived.push({
            place: [at.sequence, placeOf(config, name)],
            one: { processor: name, key, device, tags, timeUs, fields: values, origin },
          });
        if (path === 'throw.ts') {
          if (typeof fields['temperature'] === 'number' && fields['temperature'] > 9) stopped = file;
          else derive({ cool: true });
          continue;
        }
        const value = (seen.get(key!) ?? 0) + 1;
        seen.set(key!, value);
        derive({ seen: value });
        const cell = cells.get(key!) ?? { state: 'unknown', told: false, judgedUs: 0 };
        cells.set(key!, cell);
        cell.judgedUs = timeUs;
        const to: AlertState = value % 4 >= 2 ? 'firing' : 'ok';
        const historical = timeUs < at.nowUs - config.alerts.maxAge * 1e3;
        const isNews = (to === 'firing') !== cell.told;
        const notify = historical || !isNews ? null : to === 'firing' ? 'firing' : 'resolved';
        if (to === cell.state && notify === null) continue;
        const one = { rule: name, key, from: cell.state, to, value, timeUs, historical, notify, origin };
        said.push({ at, rule: name, key: key!, one });
        cell.state = to;
        if (notify !== null) cell.told = notify === 'firing';
      }
    }
    if (ended === null) continue;
    for (const [key, { state, told, judgedUs }] of cells) {
      if (state === 'unknown' && !told) continue;
      const historical = !told && judgedUs < ended.nowUs - configs[ended.config]!.alerts.maxAge * 1e3;
      const origin = { sequence: ended.sequence, index: -1 };
      const notify = told ? 'resolved' : null;
      const of = { rule: name, key, from: state, to: 'unknown', why: 'removed', value: null };
      said.push({ at: ended, rule: name, key, one: { ...of, timeUs: ended.nowUs, historical, notify, origin } });
    }
  }
  return {
    derived: derived.toSorted((a, b) => a.place[0] - b.place[0] || a.place[1] - b.place[1]).map(({ one }) => one),
    transitions: said
      .toSorted((a, b) => a.at.sequence - b.at.sequence || order(a.rule, b.rule) || order(a.key, b.key))
      .map(({ one }) => one),
  };
}
