import type { SystemAlarm } from '../../../events/alert.ts';

const alarmsMax = 50;

/** The product's own alarms that are on, by code and by the process that said so. */
export class SystemAlarms {
  readonly #active = new Map<string, SystemAlarm>();

  add(alarm: SystemAlarm): void {
    const id = `${alarm.code} ${alarm.by ?? ''}`;
    this.#active.delete(id);
    if (!alarm.active) return;
    this.#active.set(id, alarm);
    if (this.#active.size > alarmsMax) this.#active.delete(this.#active.keys().next().value!);
  }

  sentences(): readonly string[] {
    return [...this.#active.values()].map(({ message }) => message);
  }
}
