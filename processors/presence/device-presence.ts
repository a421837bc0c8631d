import type { Presence } from '../../events/device.ts';
import { gapMinUs, gapUs } from '../../events/device.ts';
import type { ColumnReader } from '../snapshot/column-reader.ts';
import type { ColumnWriter } from '../snapshot/column-writer.ts';

/** So many absences in a row that were longer than the stay before them are the device's way of sending. */
const habitFrom = 2;
/** Distances between the beginnings of bursts that are remembered, the last. */
const distancesKept = 4;

/** How a device comes and goes: it stays, and is gone. All times in `elapsed`, us. */
class Habit {
  /** Absences in a row that were longer than the stay before. */
  count = 0;
  beganUs = 0;

  /** It is back. True: it was gone for longer than it had stayed. */
  back(leftUs: number, backUs: number): boolean {
    const longer = backUs - leftUs > leftUs - this.beganUs;
    this.count = longer ? Math.min(this.count + 1, habitFrom) : 0;
    this.beganUs = backUs;
    return longer;
  }

  get isHabit(): boolean {
    return this.count >= habitFrom;
  }
}

/** A deadline that one device waits for; another takes its place when that moves earlier. */
export interface Watch {
  readonly device: DevicePresence;
  dueUs: number;
}

/** What a reading says about the device being there. */
export interface Heard {
  readonly connection: string;
  readonly nowUs: number;
  readonly elapsedUs: number;
  /** What its payload says of it. */
  readonly said: 'online' | 'offline' | undefined;
  /** The shortest learned interval of its fields, by event time; null while unlearned. */
  readonly eventIntervalUs: number | null;
}

/**
 * Whether one device is there.
 *
 *     online ── said so ──────────────────────────────► offline (said)
 *     online ── its connection ends ──────────────────► offline (goodbye, broken)   unless it connects only to send
 *     online ── silent for three intervals ───────────► stale, or unknown while no interval is learned
 *     any    ── a reading, or said so ────────────────► online
 *
 * A device that is twice in a row away for longer than it had been connected connects only to send: it is judged by its
 * silence alone. And one that is twice in a row silent for longer than it had been sending sends what it has gathered:
 * its interval is the distance between such bursts, not that of the times in them.
 */
export class DevicePresence {
  readonly key: string;
  /** Connection of its last reading; empty while unknown. */
  connection = '';
  /** That connection has ended. */
  ended = false;
  clean = false;
  endedElapsedUs = 0;
  /** When its book looks for its silence; not part of the snapshot. */
  watch: Watch | null = null;
  readonly #visits = new Habit();
  readonly #bursts = new Habit();
  #distances: number[] = [];
  #seenElapsedUs = 0;
  #said = false;
  #silent = false;
  #eventIntervalUs: number | null = null;
  #state: Presence['state'] = 'unknown';
  #cause: Presence['cause'] = 'silence';
  #sinceUs = 0;
  #heard = false;

  constructor(key: string) {
    this.key = key;
  }

  /** A reading came. True: its presence is another. */
  hear({ connection, nowUs, elapsedUs, said, eventIntervalUs }: Heard): boolean {
    const silenceUs = elapsedUs - this.#seenElapsedUs;
    if (!this.#heard) this.#visits.beganUs = this.#bursts.beganUs = elapsedUs;
    else if (silenceUs > gapMinUs && silenceUs > gapUs(this.#eventIntervalUs ?? gapMinUs)) {
      const before = this.#bursts.beganUs;
      if (this.#bursts.back(this.#seenElapsedUs, elapsedUs))
        this.#distances = [...this.#distances.slice(1 - distancesKept), elapsedUs - before];
      else this.#distances = [];
    }
    // A will comes from a connection that has ended: it is no return.
    if (connection !== this.connection) {
      if (this.#heard && this.ended) this.#visits.back(this.endedElapsedUs, elapsedUs);
      else this.#visits.beganUs = elapsedUs;
      this.connection = connection;
      this.ended = false;
    }
    this.#heard = true;
    this.#seenElapsedUs = elapsedUs;
    this.#eventIntervalUs = eventIntervalUs;
    this.#silent = false;
    this.#said = said === 'offline';
    return this.#judge(nowUs, said === undefined ? 'reading' : 'said');
  }

  /** Its connection ended. True: its presence is another. */
  end(clean: boolean, nowUs: number, elapsedUs: number): boolean {
    this.ended = true;
    this.clean = clean;
    this.endedElapsedUs = elapsedUs;
    return this.#judge(nowUs, this.#cause);
  }

  /** It was silent up to `silentAtUs`. True: its presence is another. */
  fallSilent(nowUs: number): boolean {
    this.#silent = true;
    return this.#judge(nowUs, 'silence');
  }

  /** In `elapsed`, when it will have been silent for too long; null when it is, or when that would say nothing new. */
  get silentAtUs(): number | null {
    return this.#silent || !this.#heard ? null : this.#seenElapsedUs + gapUs(this.intervalUs);
  }

  get intervalUs(): number | null {
    const ofTimes = this.#eventIntervalUs;
    if (!this.#bursts.isHabit) return ofTimes;
    const distances = this.#distances.toSorted((a, b) => a - b);
    return Math.max(ofTimes ?? 0, distances[(distances.length - 1) >> 1]!);
  }

  get presence(): Presence {
    return { state: this.#state, cause: this.#cause, sinceUs: this.#sinceUs, intervalUs: this.intervalUs };
  }

  #judge(nowUs: number, cause: Presence['cause']): boolean {
    const [stateBefore, causeBefore] = [this.#state, this.#cause];
    if (this.#said) this.#move('offline', 'said');
    else if (this.ended && !this.#visits.isHabit) this.#move('offline', this.clean ? 'goodbye' : 'broken');
    else if (this.#silent) this.#move(this.intervalUs === null ? 'unknown' : 'stale', 'silence');
    else if (this.#state === 'online' && cause !== 'said') return false;
    else this.#move('online', cause);
    const changed = this.#state !== stateBefore;
    if (changed) this.#sinceUs = nowUs;
    return changed || this.#cause !== causeBefore;
  }

  #move(state: Presence['state'], cause: Presence['cause']): void {
    this.#state = state;
    this.#cause = cause;
  }

  write(columns: ColumnWriter): void {
    columns.key(this.key);
    columns.text(this.connection);
    for (const flag of [this.ended, this.clean, this.#said, this.#silent]) columns.flag(flag);
    columns.number(this.endedElapsedUs);
    for (const habit of [this.#visits, this.#bursts]) {
      columns.whole(habit.count);
      columns.number(habit.beganUs);
    }
    columns.list(this.#distances, (distance) => columns.number(distance));
    columns.number(this.#seenElapsedUs);
    columns.flag(this.#eventIntervalUs !== null);
    if (this.#eventIntervalUs !== null) columns.number(this.#eventIntervalUs);
    columns.text(this.#state);
    columns.text(this.#cause);
    columns.real(this.#sinceUs);
  }

  static read(columns: ColumnReader): DevicePresence {
    const device = new DevicePresence(columns.key());
    device.connection = columns.text();
    device.ended = columns.flag();
    device.clean = columns.flag();
    device.#said = columns.flag();
    device.#silent = columns.flag();
    device.endedElapsedUs = columns.number();
    for (const habit of [device.#visits, device.#bursts]) {
      habit.count = columns.whole();
      habit.beganUs = columns.number();
    }
    device.#distances = columns.list(() => columns.number());
    device.#seenElapsedUs = columns.number();
    device.#eventIntervalUs = columns.flag() ? columns.number() : null;
    device.#state = columns.text() as Presence['state'];
    device.#cause = columns.text() as Presence['cause'];
    device.#sinceUs = columns.real();
    device.#heard = true;
    return device;
  }
}
