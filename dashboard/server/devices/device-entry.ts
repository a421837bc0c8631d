import type { DeviceRow } from '../../../events/api.ts';
import { deviceIntervalUs } from '../../../events/device.ts';
import type { AlertStatus, DeviceState, FieldState } from '../../../events/device.ts';
import type { LiveReading } from '../../../events/live.ts';
import { SparklineRing } from './sparkline.ts';

/** What the mirror knows of one device. Readings change it in place: there are thousands a second. */
export class DeviceEntry {
  state: DeviceState;
  intervalUs: number | null;
  /** Tick of the live feed at which its values last changed, and its row (all but values and times). */
  valuesTick = 0;
  rowTick = 0;
  readonly partition: number;
  /** Names in the order people expect (`press-9` before `press-10`), comparable with `<`. */
  sortKey: string;
  readonly #spark = new SparklineRing();
  #shownIntervalUs: number | null;

  constructor(partition: number, state: DeviceState) {
    this.partition = partition;
    this.state = state;
    this.sortKey = sortKeyOf(state);
    this.intervalUs = deviceIntervalUs(state);
    this.#shownIntervalUs = this.intervalUs;
    this.#trace(state);
  }

  /** Offline, stale or unknown, and nobody has retired it. */
  get stale(): boolean {
    return this.state.presence.state !== 'online' && !this.state.life.retired;
  }

  /**
   * The whole state from the worker. What a reading brought meanwhile with a newer time is kept.
   * @returns whether its row shows it: other tags, presence or life, or an interval that is not just a little
   * jitter.
   */
  replace(state: DeviceState): boolean {
    const before = this.state;
    const fields: Record<string, FieldState> = Object.assign(Object.create(null), state.fields);
    for (const name in this.state.fields) {
      const [mine, theirs] = [this.state.fields[name]!, fields[name]];
      if (theirs !== undefined && mine.timeUs > theirs.timeUs)
        fields[name] = { ...mine, intervalUs: theirs.intervalUs };
    }
    const lastTimeUs = Math.max(state.lastTimeUs, this.state.lastTimeUs);
    const lastSeenUs = Math.max(state.lastSeenUs, this.state.lastSeenUs);
    this.state = { ...state, fields, lastTimeUs, lastSeenUs };
    this.sortKey = sortKeyOf(state);
    this.intervalUs = deviceIntervalUs(this.state);
    const jitter = isClose(this.intervalUs, this.#shownIntervalUs);
    if (!jitter) this.#shownIntervalUs = this.intervalUs;
    const { presence, life } = before;
    return (
      !jitter ||
      !sameTags(before.tags, state.tags) ||
      presence.state !== state.presence.state ||
      presence.cause !== state.presence.cause ||
      life.label !== state.life.label ||
      life.retired !== state.life.retired ||
      life.replacedBy !== state.life.replacedBy
    );
  }

  /** A reading at the log's clock `nowUs`. One older than what is known of a field leaves that field alone. */
  read(reading: LiveReading, nowUs: number): void {
    const state = this.state as { -readonly [K in keyof DeviceState]: DeviceState[K] };
    const fields = state.fields as Record<string, FieldState>;
    for (const name in reading.fields) {
      const known = fields[name];
      if (known !== undefined && known.timeUs > reading.time) continue;
      fields[name] = { value: reading.fields[name]!, timeUs: reading.time, intervalUs: known?.intervalUs ?? null };
    }
    if (reading.time > state.lastTimeUs) state.lastTimeUs = reading.time;
    if (nowUs > state.lastSeenUs) state.lastSeenUs = nowUs;
    this.#spark.add(reading.time, reading.fields);
  }

  /** Name of the field that its trace shows; empty while no number has come. */
  get tracedField(): string {
    return this.#spark.field;
  }

  latest(): LiveReading {
    return { key: this.state.key, time: this.state.lastTimeUs, fields: this.#values() };
  }

  row(nowUs: number, alert: AlertStatus | null, withTrace: boolean): DeviceRow {
    const { key, device, tags, lastTimeUs, lastSeenUs, presence, life } = this.state;
    const { intervalUs, stale } = this;
    return {
      key,
      device,
      tags,
      fields: this.#values(),
      lastTimeUs,
      lastSeenUs,
      intervalUs,
      presence,
      life,
      stale,
      ratePerS: stale ? 0 : intervalUs === null || intervalUs === 0 ? null : 1e6 / intervalUs,
      alert: alert && {
        rule: alert.rule,
        field: alert.field,
        severity: alert.severity,
        state: alert.state,
        sinceUs: alert.sinceUs,
        condition: alert.condition,
      },
      spark: withTrace ? this.#spark.view(nowUs) : null,
    };
  }

  #values(): LiveReading['fields'] {
    const values: Record<string, LiveReading['fields'][string]> = Object.create(null);
    for (const name in this.state.fields) values[name] = this.state.fields[name]!.value;
    return values;
  }

  #trace(state: DeviceState): void {
    for (const name in state.fields) {
      const { timeUs, value } = state.fields[name]!;
      this.#spark.add(timeUs, { [name]: value });
    }
  }
}

function sortKeyOf({ key, device, life }: Pick<DeviceState, 'key' | 'device' | 'life'>): string {
  const name = (life.label || device).toLowerCase();
  return `${name.replaceAll(/\d+/g, (digits) => digits.padStart(12, '0'))}\n${key}`;
}

/** Within a tenth of what was shown. */
function isClose(intervalUs: number | null, shownUs: number | null): boolean {
  if (intervalUs === null || shownUs === null) return intervalUs === shownUs;
  return Math.abs(intervalUs - shownUs) <= shownUs / 10;
}

function sameTags(a: DeviceState['tags'], b: DeviceState['tags']): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
