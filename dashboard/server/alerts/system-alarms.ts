import type { SystemAlarm } from '../../../events/alert.ts';

const alarmsMax = 50;

/** The product's own alarms that are on, by code. */
export class SystemAlarms {
  readonly #active = new Map<string, SystemAlarm>();

  add(alarm: SystemAlarm): void {
    this.#active.delete(alarm.code);
    if (!alarm.active) return;
    this.#active.set(alarm.code, alarm);
    if (this.#active.size > alarmsMax) this.#active.delete(this.#active.keys().next().value!);
  }

  sentences(): readonly string[] {
    return [...this.#active.values()].map(({ message }) => message);
  }
}
