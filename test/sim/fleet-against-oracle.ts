import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { Step } from '../../processors/step.ts';
import type { Failure } from './check.ts';
import { compare } from './compare.ts';
import { groupKey, groupTags } from './oracle/groups.ts';
import { joinsOf, type Joined } from './oracle/joins.ts';
import { isKnown } from './oracle/keeping.ts';
import { momentsOf, type Moment } from './oracle/log-time.ts';
import { alone, pastsOf } from './oracle/past.ts';
import { fatesOf, type Fates } from './oracle/readings.ts';
import { transitionsOf, type Judged } from './oracle/rules.ts';
import { ofFleet } from './oracle/scopes.ts';
import { transformed } from './oracle/transforms.ts';
import type { ExpectedWindow } from './oracle/window-results.ts';
import { windowsOf } from './oracle/windows.ts';
import type { VirtualLog, VirtualMessage } from './virtual/log.ts';

/** Holds an uninterrupted run of the fleet's worker against what the specification says, computed anew from the log. */
export function fleetAgainstOracle(log: VirtualLog, steps: readonly Step[]): Failure | null {
  const whole = log.configurations.map(({ config }) => config);
  const configs = whole.map(ofFleet);
  const moments = momentsOf(log.messages, true, log.removed);
  if (!isKnown(moments, configs)) return null;
  const read = readBy(log.partitions, log.messages, moments, whole, null);
  const pasts = pastsOf(log, log.messages, moments, true, (stretch, messages, config) => {
    const only = alone(configs, config);
    const own = readBy(log.partitions, messages, stretch, alone(whole, config), config);
    const { judged: joined } = joinsOf(stretch, only, own);
    const { judged: windows } = windowsOf(stretch, only, { ...own, forgettings: [] });
    const judged = judgedOf(own, joined, windows, only);
    return { ...own, moments: stretch, joined, windows, judged, transitions: transitionsOf(stretch, only, judged) };
  });

  const joined = joinsOf(moments, configs, read, pasts);
  const windows = windowsOf(moments, configs, { fates: read.fates, forgettings: [] }, pasts);
  const transitions = transitionsOf(moments, configs, judgedOf(read, joined.judged, windows.judged, configs), pasts);
  return (
    compare(
      'joined readings',
      steps.flatMap(({ derived }) => derived),
      joined.written.map(({ decidedAt: _at, decidedBy: _by, left, ...one }) => {
        return { ...one, origin: { sequence: left.at.sequence, index: left.index } };
      }),
    ) ??
    compare(
      'windows of the fleet',
      steps.flatMap((step) => step.windows),
      windows.results,
    ) ??
    compare(
      'late readings of the fleet',
      steps.flatMap(({ late }) => late),
      read.fates
        .filter((fate) => windows.late.has(fate))
        .map(({ key, at, index }) => ({ key, origin: { sequence: at.sequence, index } })),
    ) ??
    compare(
      'transitions of the fleet',
      steps.flatMap((step) => step.transitions),
      transitions,
    )
  );
}

/** What the intakes of all partitions make of their messages, in the fleet's time and the order of the stream. */
function readBy(
  partitions: number,
  messages: readonly VirtualMessage[],
  moments: readonly Moment[],
  configs: readonly ProcessingConfig[],
  only: number | null,
): Fates {
  const placed = new Map(moments.map((at) => [at.sequence, at]));
  const intakes = Array.from({ length: partitions }, (_, partition) => {
    const all = momentsOf(messages.filter((message) => message.partition === partition));
    const own = only === null ? all : all.flatMap((at) => (at.isControl ? [] : [{ ...at, config: only }]));
    return transformed(own, configs, fatesOf(own, configs, partitions));
  });
  const inTime = <T extends { readonly at: { readonly sequence: number } }>(items: readonly T[]) =>
    items
      .map((item) => ({ ...item, at: placed.get(item.at.sequence)! }))
      .toSorted((a, b) => a.at.sequence - b.at.sequence);
  return {
    fates: inTime(intakes.flatMap((intake) => intake.fates)).filter(({ kind }) => kind === 'reading'),
    forgettings: inTime(intakes.flatMap((intake) => intake.forgettings)),
  };
}

/** What the fleet's rules judge. */
function judgedOf(
  { fates, forgettings }: Fates,
  joined: readonly Joined[],
  windows: readonly ExpectedWindow[],
  configs: readonly ProcessingConfig[],
): Judged {
  const about = new Map(joined.map((one) => [one.key, one as Pick<Joined, 'device' | 'tags'>]));
  for (const { windows: own } of configs)
    for (const { by } of own)
      for (const fate of fates) {
        const key = groupKey(by, fate);
        if (key !== null) about.set(key, { device: '', tags: groupTags(by, fate) });
      }
  const readings = joined.map((one) => {
    const { index, at } = one.left;
    return { ...one, at: one.decidedAt, index, sequence: at.sequence };
  });
  return { readings, windows, forgettings, about };
}
