import type { SystemAlarm } from '../events/alert.ts';
import type { AlarmReport } from '../events/health.ts';
import { streams, subjects } from '../events/subjects.ts';
import type { Bus } from '../infra/bus/connection.ts';
import { appendMessage } from '../infra/bus/append.ts';
import { allMessages } from '../infra/bus/all-messages.ts';
import type { Log } from '../infra/log.ts';

/** Alarms kept for the report, newest last; older ones are in the stream and in the log file. */
const alarmsMax = 100;

/**
 * The product's alarms about itself: in the log file, on `alerts.system`, and in the process's report. By the wall
 * clock, outside replay.
 */
export class Alarms {
  readonly #bus: Bus;
  readonly #log: Log;
  readonly #active = new Map<string, string>();
  readonly #lasting: string[] = [];
  readonly #by: string;

  /** @param by this start of this process, as its leases name it */
  constructor(bus: Bus, log: Log, by = '') {
    this.#bus = bus;
    this.#log = log;
    this.#by = by;
  }

  /** Ends the alarms that processes which are no more left on. What still holds is raised again. */
  async endThoseOfTheDead(isAlive: (by: string) => boolean): Promise<void> {
    const on = new Map<string, SystemAlarm>();
    for (const message of await allMessages(this.#bus, streams.alerts, subjects.alertsSystem))
      for (const alarm of JSON.parse(Buffer.from(message.data).toString()) as SystemAlarm[])
        if (alarm.active) on.set(`${alarm.code} ${alarm.by ?? ''}`, alarm);
        else on.delete(`${alarm.code} ${alarm.by ?? ''}`);
    for (const { code, message, by = '' } of on.values()) if (!isAlive(by)) this.#publish(code, message, false, by);
  }

  /** Something happened that cannot be undone, such as a gap in the log. */
  happened(code: string, message: string): void {
    this.#lasting.push(message);
    if (this.#lasting.length > alarmsMax) this.#lasting.shift();
    this.#publish(code, message, true);
  }

  /** A condition begins or ends. Saying the same again changes nothing. */
  set(code: string, message: string | null): void {
    const before = this.#active.get(code);
    if (message === null) {
      if (before === undefined) return;
      this.#active.delete(code);
      this.#publish(code, before, false);
      return;
    }
    this.#active.set(code, message);
    if (before === undefined) this.#publish(code, message, true);
  }

  list(): AlarmReport[] {
    const on = [...this.#active].map(([code, message]) => ({ code, message }));
    return [...on, ...this.#lasting.map((message) => ({ code: null, message }))];
  }

  #publish(code: string, message: string, active: boolean, by = this.#by): void {
    this.#log[active ? 'error' : 'info']({ alarm: code, active }, message);
    const alarm: SystemAlarm = { kind: 'system', code, message, atUs: Date.now() * 1000, active, by };
    appendMessage(this.#bus, streams.alerts, subjects.alertsSystem, JSON.stringify([alarm])).catch((error: unknown) =>
      this.#log.warn({ error }, 'an alarm could not be written to the log'),
    );
  }
}
