import type { Step } from '../../processors/step.ts';
import type { Failure } from './check.ts';
import { compare } from './compare.ts';
import { isKnown } from './oracle/keeping.ts';
import { momentsOf } from './oracle/log-time.ts';
import { alone, pastsOf } from './oracle/past.ts';
import { fromProcessors } from './oracle/processors.ts';
import { fatesOf, placeOf, type Fate } from './oracle/readings.ts';
import { transformed } from './oracle/transforms.ts';
import { ofDevices } from './oracle/scopes.ts';
import { judgedOf, transitionsOf } from './oracle/rules.ts';
import { windowsOf } from './oracle/windows.ts';
import type { VirtualLog } from './virtual/log.ts';

/** Holds an uninterrupted run against what the specification says, computed anew from the log. */
export function againstOracle(log: VirtualLog, partition: number, steps: readonly Step[]): Failure | null {
  const configs = log.configurations.map(({ config }) => ofDevices(config));
  const messages = log.of(partition);
  const moments = momentsOf(messages, false, log.removed);
  const all = transformed(moments, configs, fatesOf(moments, configs, log.partitions));
  const { fates } = all;
  const intake = againstFates(steps, fates);
  if (intake !== null || !isKnown(moments, configs)) return intake;
  const pasts = pastsOf(log, messages, moments, false, (stretch, _, config) => {
    const only = alone(configs, config);
    const read = transformed(stretch, only, fatesOf(stretch, only, log.partitions));
    const { judged } = windowsOf(stretch, only, read);
    const evidence = judgedOf(read, judged);
    const transitions = transitionsOf(stretch, only, evidence);
    return { ...read, moments: stretch, joined: [], windows: judged, judged: evidence, transitions };
  });
  const windows = windowsOf(moments, configs, all, pasts);
  const processed = fromProcessors(moments, configs, fates);
  const processors = new Set(configs.flatMap((config) => config.processors.map(({ name }) => name)));
  const said = steps.flatMap((step) => step.transitions);
  const transitions = transitionsOf(moments, configs, judgedOf(all, windows.judged), pasts);

  return (
    compare(
      'windows',
      steps.flatMap((step) => step.windows),
      windows.results,
    ) ??
    compare(
      'late readings',
      steps.flatMap(({ late }) => late),
      fates.filter((fate) => windows.late.has(fate)).map(about),
    ) ??
    compare(
      'transitions',
      said.filter(({ rule }) => !processors.has(rule)),
      transitions,
    ) ??
    compare(
      'alerts of processors',
      said.filter(({ rule }) => processors.has(rule)),
      processed.transitions,
    ) ??
    compare(
      'derived readings',
      steps.flatMap(({ derived }) => derived),
      processed.derived,
    )
  );
}

/** What became of each publish. */
function againstFates(steps: readonly Step[], fates: readonly Fate[]): Failure | null {
  const of = (kind: Fate['kind']) => fates.filter((fate) => fate.kind === kind);
  const duplicates = fates.filter(({ kind }) => ['retransmission', 'repeat', 'redriven'].includes(kind));
  return (
    ledger(steps, fates) ??
    compare(
      'readings',
      steps.flatMap(({ readings }) =>
        readings.map((reading) => ({ ...reading, names: Object.keys(reading.fields).toSorted().join() })),
      ),
      of('reading').map((fate) => ({
        ...about(fate),
        timeUs: fate.timeUs,
        fields: fate.fields,
        names: Object.keys(fate.fields).toSorted().join(),
        tags: fate.tags,
      })),
    ) ??
    compare(
      'quarantined',
      steps.flatMap(({ quarantined }) => quarantined),
      of('quarantined').map((fate) => ({ ...about(fate), reason: fate.reason })),
    ) ??
    compare(
      'filtered',
      steps.flatMap((step) => step.filtered),
      of('filtered').map((fate) => ({ ...about(fate), transform: fate.filteredBy })),
    ) ??
    compare(
      'duplicates',
      steps.flatMap((step) => step.duplicates),
      duplicates.map((fate) => ({ ...about(fate), kind: fate.kind })),
    )
  );
}

function about({ key, at, index }: Fate) {
  return { key, origin: { sequence: at.sequence, index } };
}

/** Each publish of the log is a reading, a duplicate, filtered or quarantined, exactly once. */
function ledger(steps: readonly Step[], fates: readonly Fate[]): Failure | null {
  const ends = new Map<string, number>();
  for (const { readings, quarantined, duplicates, filtered } of steps)
    for (const { origin } of [...readings, ...quarantined, ...duplicates, ...filtered]) {
      const place = `${origin.sequence}.${placeOf(origin)}`;
      ends.set(place, (ends.get(place) ?? 0) + 1);
    }
  const received = steps.reduce((sum, step) => sum + step.received, 0);
  const wrong = fates.find(({ at, index }) => ends.get(`${at.sequence}.${index}`) !== 1);
  if (wrong === undefined && ends.size === fates.length && received === fates.length) return null;
  const where = wrong === undefined ? '' : `, first at ${wrong.at.sequence}.${wrong.index}`;
  return {
    property: 'the ledger balances',
    detail: `${fates.length} readings, ${received} received, ${ends.size} accounted for${where}`,
  };
}
