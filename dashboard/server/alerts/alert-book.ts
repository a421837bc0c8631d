import type { Transition } from '../../../events/alert.ts';
import type { PastAlert as ToldAlert } from '../../../events/api-alerts.ts';
import type { AlertStatus, DeviceState } from '../../../events/device.ts';
import type { AlertCounts } from '../../../events/pipeline.ts';
import { AlertStates, compareAlerts } from './alert-states.ts';
import type { AlertEntry } from './alert-states.ts';

/** An alert that ended, as the log says it: what people call its device now is in no transition. */
type PastAlert = Omit<ToldAlert, 'label'>;

/** Bounds of what is kept; the oldest go first. */
export const transitionsMax = 20_000;
export const pastAlertsMax = 1_000;

/**
 * The rules' states, folded from transitions (which may come twice, by the live feed and by the stream) and from the
 * workers' pages. The log position decides which is newer.
 */
export class AlertBook {
  readonly #states = new AlertStates();
  readonly #transitions = new Map<string, Transition>();
  readonly #past: PastAlert[] = [];

  /** @returns false when it was known already, or is older than what is known. */
  add(transition: Transition): boolean {
    if (this.#transitions.has(transition.id)) return false;
    this.#transitions.set(transition.id, transition);
    if (this.#transitions.size > transitionsMax) this.#transitions.delete(this.#transitions.keys().next().value!);
    if (transition.notify === 'resolved') this.#past.push(past(transition));
    if (this.#past.length > pastAlertsMax) this.#past.shift();
    const known = this.#states.get(transition);
    const { partition, sequence } = transition.origin;
    if (sequence < this.#states.decidedAt(transition)) return false;
    const wasActive = known?.active === true;
    const firingSinceUs = wasActive ? known.firingSinceUs : transition.sinceUs;
    // Of a rule or a device that is gone the end is told with its last step, which leads to unknown.
    const isOn = isActive(transition) || (transition.to === 'unknown' && wasActive);
    const active = isOn && transition.notify !== 'resolved';
    this.#states.set({ status: status(transition), active, firingSinceUs, sequence, partition });
    return true;
  }

  /** A page of a worker at `sequence`: for its devices it replaces what was decided up to there. */
  replace(
    partition: number,
    sequence: number,
    devices: readonly Pick<DeviceState, 'key'>[],
    statuses: readonly AlertStatus[],
  ): void {
    const listed = new Set(statuses.map(({ id }) => id));
    for (const { key } of devices)
      for (const entry of this.#states.of(key))
        if (entry.sequence <= sequence && !listed.has(entry.status.id)) this.#states.delete(entry);
    for (const found of statuses) {
      const known = this.#states.get(found);
      if (this.#states.decidedAt(found) > sequence || known?.status.id === found.id) continue;
      const led = this.#transitions.get(found.id);
      const active = found.state === 'firing' || (found.state === 'unknown' && led !== undefined && isActive(led));
      this.#states.set({ status: found, active, firingSinceUs: led?.sinceUs ?? found.sinceUs, sequence, partition });
    }
  }

  /** The partition's log is another one: positions start anew, and what was decided before is gone. */
  forget(partition: number): void {
    this.#states.forget(partition);
    for (const [id, { origin }] of this.#transitions) if (origin.partition === partition) this.#transitions.delete(id);
  }

  /** States other than ok of a device. */
  of(key: string): readonly AlertEntry[] {
    return this.#states.of(key);
  }

  /** The most severe of a device's alerts that are on. */
  worst(key: string): AlertStatus | null {
    let worst: AlertEntry | null = null;
    for (const entry of this.#states.of(key))
      if (entry.active && (worst === null || compareAlerts(entry, worst) < 0)) worst = entry;
    return worst?.status ?? null;
  }

  /** Most severe first, then the longest. */
  active(): readonly AlertEntry[] {
    return this.#states.active();
  }

  counts(): AlertCounts {
    return this.#states.counts();
  }

  /** Alerts that ended at or after `sinceUs`, latest first. */
  past(sinceUs: number, limit: number): readonly PastAlert[] {
    const late = this.#past.filter((alert) => alert.resolvedAtUs >= sinceUs);
    return late.toSorted((a, b) => b.resolvedAtUs - a.resolvedAtUs).slice(0, limit);
  }

  transition(id: string): Transition | undefined {
    return this.#transitions.get(id);
  }

  /** Steps for which `wanted` holds, newest first. */
  steps(wanted: (transition: Transition) => boolean, limit: number): readonly Transition[] {
    const steps = [...this.#transitions.values()].filter(wanted);
    steps.sort((a, b) => b.origin.sequence - a.origin.sequence || b.timeUs - a.timeUs);
    return steps.slice(0, limit);
  }
}

/** Firing, or fallen silent while it fired: the alert has not ended. */
function isActive({ from, to }: Transition): boolean {
  return to === 'firing' || (to === 'unknown' && from === 'firing');
}

function status(transition: Transition): AlertStatus {
  const { id, rule, key, device, tags, field, severity, value, threshold, condition, to, sinceUs, timeUs } = transition;
  const began = to === 'firing' ? sinceUs : timeUs;
  return { id, rule, key, device, tags, field, severity, value, threshold, condition, state: to, sinceUs: began };
}

function past(transition: Transition): PastAlert {
  const { id, rule, key, device, tags, field, severity, condition, value, sinceUs, timeUs } = transition;
  const [firingSinceUs, resolvedAtUs] = [sinceUs, timeUs];
  return { id, rule, key, device, tags, field, severity, condition, value, firingSinceUs, resolvedAtUs };
}
