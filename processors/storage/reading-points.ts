import type { Quarantined } from '../../events/quarantine.ts';
import { inLogOrder } from '../../events/record.ts';
import { quarantinedArrival } from '../operators/set-aside.ts';
import type { Arrival, Step } from '../step.ts';
import type { LedgerBook } from './ledger-book.ts';
import { readingLine, type LineNames } from './line-protocol.ts';
import type { Point } from './pending-points.ts';
import { beyondRetention } from './retention.ts';

/** A step's readings as points, and those that cannot be stored. */
export interface ReadingPoints {
  readonly points: readonly Point<Arrival>[];
  readonly quarantined: readonly Quarantined[];
}

/** Makes points of a step and enters in the ledger what became of each publish. */
export function readingPoints(step: Step, names: LineNames, ledger: LedgerBook): ReadingPoints {
  const points: Point<Arrival>[] = [];
  const quarantined: Quarantined[] = [];
  // The total counts publishes as they came, so that one which is lost further on leaves the ledger unbalanced.
  ledger.countTotal('received', step.received);
  const heardOf = (key: string | null) => key !== null && ledger.countDevice('received', key);
  for (const { key: of, reason } of step.quarantined) {
    // A device that is refused has no page: its name costs nothing that stays.
    const key = reason === 'too-many-devices' ? null : of;
    heardOf(key);
    ledger.count('quarantined', key);
  }
  for (const { key } of step.duplicates) {
    heardOf(key);
    ledger.count('duplicate', key);
  }
  for (const { key } of step.filtered) {
    heardOf(key);
    ledger.count('filtered', key);
  }
  for (const arrival of step.arrivals) {
    const { reading } = arrival;
    heardOf(reading.key);
    const refusal = beyondRetention('readings', reading.timeUs, step.nowUs)
      ? ({
          reason: 'beyond-retention',
          detail: `its time is ${new Date(reading.timeUs / 1000).toISOString()}`,
        } as const)
      : null;
    const line = refusal === null ? readingLine(reading, names) : null;
    if (line?.kind === 'line') {
      ledger.count('inFlight', reading.key);
      points.push({ line: line.text, policy: 'readings', source: arrival });
      continue;
    }
    ledger.count('quarantined', reading.key);
    const why = refusal ?? ({ reason: 'storage-refused', detail: line!.detail } as const);
    quarantined.push(quarantinedArrival(arrival, why));
  }
  return { points, quarantined };
}

/** Enters InfluxDB's answer for a point. */
export function countAnswer({ reading: { key } }: Arrival, refusal: string | null, ledger: LedgerBook): void {
  ledger.count('inFlight', key, -1);
  ledger.count(refusal === null ? 'stored' : 'quarantined', key);
}

/** What goes to quarantine of a message that is answered, in the order of its records. */
export function quarantinedOf(
  made: readonly Quarantined[],
  refused: readonly { readonly source: Arrival; readonly detail: string }[],
): Quarantined[] {
  const byServer = refused.map(({ source, detail }) =>
    quarantinedArrival(source, {
      reason: /beyond retention policy|outside retention policy/i.test(detail) ? 'beyond-retention' : 'storage-refused',
      detail,
    }),
  );
  return [...made, ...byServer].toSorted(inLogOrder);
}
