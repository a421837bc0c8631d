import { severities } from '../../../events/alert.ts';
import type { AlertStatus } from '../../../events/device.ts';
import type { AlertCounts } from '../../../events/pipeline.ts';

/** Ends remembered so that an older page of a worker cannot bring back what ended. */
export const endsMax = 10_000;

/** The state of one rule on one field of one device, and where in the log it was decided. */
export interface AlertEntry {
  readonly status: AlertStatus;
  /** An alert is on: firing, or unknown since its device fell silent while it fired. */
  readonly active: boolean;
  readonly firingSinceUs: number;
  readonly sequence: number;
  readonly partition: number;
}

type StateName = Pick<AlertStatus, 'key' | 'rule' | 'field'>;

/** States other than ok, by device. Bounded by the rules' states that exist. */
export class AlertStates {
  readonly #byDevice = new Map<string, Map<string, AlertEntry>>();
  readonly #ends = new Map<string, { readonly partition: number; readonly sequence: number }>();
  readonly #active = new Set<AlertEntry>();
  readonly #counts = { info: 0, warning: 0, critical: 0, total: 0 };

  get(name: StateName): AlertEntry | undefined {
    return this.#byDevice.get(name.key)?.get(stateId(name));
  }

  /** Log sequence at which the present state was decided, 0 when nothing is known. */
  decidedAt(name: StateName): number {
    return this.get(name)?.sequence ?? this.#ends.get(`${name.key}\n${stateId(name)}`)?.sequence ?? 0;
  }

  set(entry: AlertEntry): void {
    const { status, sequence, partition } = entry;
    const before = this.get(status);
    if (before !== undefined) this.delete(before);
    const id = stateId(status);
    if (status.state === 'ok') {
      this.#ends.set(`${status.key}\n${id}`, { partition, sequence });
      if (this.#ends.size > endsMax) this.#ends.delete(this.#ends.keys().next().value!);
      return;
    }
    let entries = this.#byDevice.get(status.key);
    if (entries === undefined) this.#byDevice.set(status.key, (entries = new Map()));
    entries.set(id, entry);
    if (entry.active) this.#count(entry, 1);
  }

  delete(entry: AlertEntry): void {
    const entries = this.#byDevice.get(entry.status.key);
    entries?.delete(stateId(entry.status));
    if (entries?.size === 0) this.#byDevice.delete(entry.status.key);
    if (this.#active.has(entry)) this.#count(entry, -1);
  }

  forget(partition: number): void {
    for (const entries of this.#byDevice.values())
      for (const entry of entries.values()) if (entry.partition === partition) this.delete(entry);
    for (const [id, end] of this.#ends) if (end.partition === partition) this.#ends.delete(id);
  }

  of(key: string): readonly AlertEntry[] {
    const entries = this.#byDevice.get(key);
    return entries === undefined ? [] : [...entries.values()];
  }

  active(): readonly AlertEntry[] {
    return [...this.#active].toSorted(compareAlerts);
  }

  counts(): AlertCounts {
    return { ...this.#counts };
  }

  #count(entry: AlertEntry, by: 1 | -1): void {
    if (by === 1) this.#active.add(entry);
    else this.#active.delete(entry);
    this.#counts[entry.status.severity] += by;
    this.#counts.total += by;
  }
}

/** Most severe first, then the longest. */
export function compareAlerts(a: AlertEntry, b: AlertEntry): number {
  const bySeverity = severities.indexOf(b.status.severity) - severities.indexOf(a.status.severity);
  return bySeverity || a.firingSinceUs - b.firingSinceUs;
}

function stateId({ rule, field }: StateName): string {
  return `${rule}\n${field}`;
}
