import type { Step } from '../../processors/step.ts';
import type { Failure } from './check.ts';
import { compare } from './compare.ts';
import { groupKey, groupTags } from './oracle/groups.ts';
import { joinsOf } from './oracle/joins.ts';
import { isKnown } from './oracle/keeping.ts';
import { momentsOf } from './oracle/log-time.ts';
import { fatesOf } from './oracle/readings.ts';
import { transitionsOf } from './oracle/rules.ts';
import { ofFleet } from './oracle/scopes.ts';
import { transformed } from './oracle/transforms.ts';
import { windowsOf } from './oracle/windows.ts';
import type { VirtualLog } from './virtual/log.ts';

/** Holds an uninterrupted run of the fleet's worker against what the specification says, computed anew from the log. */
export function fleetAgainstOracle(log: VirtualLog, steps: readonly Step[]): Failure | null {
  const whole = log.configurations.map(({ config }) => config);
  const configs = whole.map(ofFleet);
  const moments = momentsOf(log.messages, true);
  if (!isKnown(moments, configs)) return null;
  const placed = new Map(moments.map((at) => [at.sequence, at]));
  const intakes = Array.from({ length: log.partitions }, (_, partition) => {
    const own = momentsOf(log.of(partition));
    return transformed(own, whole, fatesOf(own, whole, log.partitions));
  });
  // In the fleet's time, and in the order of the stream.
  const inTime = <T extends { readonly at: { readonly sequence: number } }>(items: readonly T[]) =>
    items
      .map((item) => ({ ...item, at: placed.get(item.at.sequence)! }))
      .toSorted((a, b) => a.at.sequence - b.at.sequence);
  const fates = inTime(intakes.flatMap((intake) => intake.fates)).filter(({ kind }) => kind === 'reading');
  const forgettings = inTime(intakes.flatMap((intake) => intake.forgettings));

  const joined = joinsOf(moments, configs, fates);
  const windows = windowsOf(moments, configs, { fates, forgettings: [] });
  const about = new Map(joined.map((one) => [one.key, one as Pick<typeof one, 'device' | 'tags'>]));
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
  const transitions = transitionsOf(moments, configs, { readings, windows: windows.results, forgettings, about });
  return (
    compare(
      'joined readings',
      steps.flatMap(({ derived }) => derived),
      joined.map(({ decidedAt: _at, decidedBy: _by, left, ...one }) => {
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
      fates
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
