import type { Reading } from '../../events/reading.ts';
import type { Origin } from '../../events/record.ts';
import type { WindowResult } from '../../events/window.ts';
import { isFleetWindow } from '../../infra/config/fleet-scope.ts';
import type { WindowConfig } from '../../infra/config/schema.ts';
import { Deadlines } from '../clock/deadlines.ts';
import type { LogTime } from '../clock/log-time.ts';
import { ColumnReader } from '../snapshot/column-reader.ts';
import { ColumnRoom, ColumnWriter } from '../snapshot/column-writer.ts';
import type { Columns } from '../snapshot/columns.ts';
import type { NameTable } from '../snapshot/names.ts';
import { fieldPlan, type FieldPlan } from './aggregates/field-plan.ts';
import { nothing } from './aggregates/field-state.ts';
import { ClockTimes, IdleTimes, type ClosingTimes } from './closing-times.ts';
import { groupFinder, type GroupKey } from './group-key.ts';
import { groupsMax } from './groups-max.ts';
import { readSessionGroup, SessionGroup, writeSessionGroup, type Session, type Told } from './session-group.ts';
import type { WindowOperator } from './window-operator.ts';
import { windowResult } from './window-result.ts';
import { hasValue, mergeFields, takeReading } from './window-state.ts';

/** Closed sessions of a group that are held for late readings, whatever `retain` says. */
const heldMax = 64;

/**
 * Sessions: readings less than `gap` apart. One that bridges two makes them one. A session closes when the watermark
 * reaches its last reading + gap, or by silence. A late reading reopens the closed session that it belongs to, or
 * begins one; a start that results were given under and that is no more gets a result of count 0.
 */
export class SessionWindows implements WindowOperator {
  readonly #name: string;
  readonly #plan: FieldPlan;
  readonly #gapUs: number;
  readonly #latenessUs: number;
  readonly #retainUs: number;
  readonly #fleet: boolean;
  readonly #groupKey: (reading: Reading) => GroupKey | null;
  readonly #times: ClosingTimes<SessionGroup>;
  readonly #room = new ColumnRoom();
  readonly #groups = new Map<string, SessionGroup>();
  /** Groups of the fleet, by when the log's clock lets go of their last sessions. A device's are forgotten with it. */
  readonly #over = new Deadlines<SessionGroup>((group) => group.lastEndUs() + this.#retainUs + this.#latenessUs);
  leftOut = 0;
  /** Closed sessions that the running message changed. */
  readonly #changed = new Map<Session, SessionGroup>();
  #nowUs = 0;

  /** @param elapsedUs where time stands. @param restored what `snapshot` returned. */
  constructor(config: WindowConfig, elapsedUs: number, restored?: unknown) {
    this.#name = config.name;
    this.#plan = fieldPlan(config);
    this.#gapUs = Math.round(config.gap! * 1e3);
    this.#latenessUs = Math.round(config.lateness * 1e3);
    this.#retainUs = Math.round(config.retain * 1e3);
    this.#fleet = isFleetWindow(config);
    this.#groupKey = groupFinder(config.by);
    const idleUs = Math.round(config.idle * 1e3);
    this.#times = this.#fleet ? new ClockTimes(this.#latenessUs) : new IdleTimes(idleUs, elapsedUs);
    if (restored !== undefined) this.#restore(new ColumnReader(restored as Columns));
  }

  advance(at: LogTime, origin: Origin, closed: WindowResult[]): void {
    this.#nowUs = at.nowUs;
    this.#times.advance(at, (group, upToUs) => this.#closeUpTo(group, upToUs, origin, closed));
    this.#over.advance(at.nowUs, (group) => {
      this.#settle(group);
      this.#watchOrForget(group);
    });
  }

  add(reading: Reading, at: LogTime, closed: WindowResult[]): boolean {
    const key = this.#groupKey(reading);
    if (key === null) return false;
    const group = this.#groupOf(key);
    if (group === null) return false;
    group.seenElapsedUs = at.elapsedUs;
    // The log's clock has moved on without a look at this group, or it was kept under less lateness or retain.
    this.#closeUpTo(group, this.#watermarkUs(group), reading.origin, closed);
    const late = hasValue(this.#plan, reading) && this.#place(group, reading);
    if (reading.timeUs > group.greatestUs) group.greatestUs = reading.timeUs;
    this.#closeUpTo(group, this.#watermarkUs(group), reading.origin, closed);
    if (this.#fleet) this.#watchOrForget(group);
    return late;
  }

  revise(origin: Origin, closed: WindowResult[]): void {
    for (const [session, group] of this.#changed) this.#emit(group, session, origin, closed);
    this.#changed.clear();
  }

  partials(key: string, origin: Origin, found: WindowResult[]): void {
    const group = this.#groups.get(key);
    for (const { startUs, lastUs, incomplete, fields, told } of group?.open ?? []) {
      const results = told.find((one) => one.startUs === startUs)?.results;
      for (const [field, state] of fields) {
        const place = { startUs, endUs: lastUs + this.#gapUs, revision: results?.get(field) ?? 0 };
        const of = { window: this.#name, group: group!, field, incomplete, origin, ...place };
        found.push({ ...windowResult(of, this.#plan, state), varies: true, partial: true });
      }
    }
  }

  gap(): void {
    for (const { open } of this.#groups.values()) for (const session of open) session.incomplete = true;
  }

  closeAll(key: string, origin: Origin, closed: WindowResult[]): void {
    const group = this.#groups.get(key);
    if (group !== undefined) this.#closeUpTo(group, Infinity, origin, closed);
  }

  forget(key: string): number {
    const group = this.#groups.get(key);
    if (group === undefined) return 0;
    this.#groups.delete(key);
    return group.open.splice(0).length;
  }

  snapshot(names?: NameTable): Columns {
    const columns = new ColumnWriter(names, this.#room);
    for (const group of this.#groups.values()) writeSessionGroup(columns, group);
    return columns.columns();
  }

  #restore(columns: ColumnReader): void {
    while (!columns.isAtEnd) {
      const group = readSessionGroup(columns, this.#plan, this.#gapUs);
      this.#groups.set(group.key, group);
      if (group.open.length > 0) this.#times.watch(group);
      if (this.#fleet) this.#watchOrForget(group);
    }
  }

  /** A group of the fleet is kept while it holds sessions. */
  #watchOrForget(group: SessionGroup): void {
    if (group.lastEndUs() > -Infinity) this.#over.watch(group);
    else this.#groups.delete(group.key);
  }

  /** Null: it would be one too many. */
  #groupOf(key: GroupKey): SessionGroup | null {
    let group = this.#groups.get(key.key);
    if (group === undefined) {
      if (this.#fleet && this.#groups.size >= groupsMax) {
        this.leftOut++;
        return null;
      }
      group = new SessionGroup(key, this.#gapUs);
      this.#groups.set(key.key, group);
    }
    group.device = key.device;
    group.tags = key.tags;
    return group;
  }

  #watermarkUs(group: SessionGroup): number {
    return (this.#fleet ? this.#nowUs : group.greatestUs) - this.#latenessUs;
  }

  /** Puts a reading into its session, new or one of one or two. True: it is late. */
  #place(group: SessionGroup, reading: Reading): boolean {
    const { timeUs } = reading;
    const closed = take(group.closed, (session) => this.#joins(session, timeUs));
    const sessions = [...closed, ...take(group.open, (session) => this.#joins(session, timeUs))].toSorted(byStart);
    const session = sessions[0] ?? {
      startUs: timeUs,
      lastUs: timeUs,
      incomplete: false,
      fields: new Map(),
      told: [] as Told[],
    };
    for (const later of sessions.slice(1)) {
      mergeFields(this.#plan, session.fields, later.fields);
      session.lastUs = later.lastUs;
      session.incomplete ||= later.incomplete;
      session.told.push(...later.told);
      this.#changed.delete(later);
    }
    takeReading(this.#plan, session.fields, reading);
    session.startUs = Math.min(session.startUs, timeUs);
    session.lastUs = Math.max(session.lastUs, timeUs);

    const endUs = session.lastUs + this.#gapUs;
    const over = endUs <= this.#watermarkUs(group);
    if (!over) {
      this.#changed.delete(session);
      insert(group.open, session);
      this.#times.watch(group);
    } else if (closed.length > 0 || this.#isHeld(group, endUs)) {
      insert(group.closed, session);
      this.#changed.set(session, group);
    }
    return over || closed.length > 0;
  }

  #joins({ startUs, lastUs }: Session, timeUs: number): boolean {
    return timeUs > startUs - this.#gapUs && timeUs < lastUs + this.#gapUs;
  }

  #isHeld(group: SessionGroup, endUs: number): boolean {
    return endUs > group.settledUpToUs && endUs + this.#retainUs > this.#watermarkUs(group);
  }

  #closeUpTo(group: SessionGroup, upToUs: number, origin: Origin, closed: WindowResult[]): void {
    while (group.open.length > 0 && group.open[0]!.lastUs + this.#gapUs <= upToUs) {
      const session = group.open.shift()!;
      this.#emit(group, session, origin, closed);
      insert(group.closed, session);
    }
    this.#settle(group);
  }

  /** Lets go of closed sessions that late readings no longer change. */
  #settle(group: SessionGroup): void {
    const held = group.closed;
    while (held.length > 0 && (held.length > heldMax || !this.#isHeld(group, held[0]!.lastUs + this.#gapUs)))
      group.settledUpToUs = Math.max(group.settledUpToUs, held.shift()!.lastUs + this.#gapUs);
  }

  #emit(group: SessionGroup, session: Session, origin: Origin, closed: WindowResult[]): void {
    const { startUs, incomplete, fields } = session;
    const endUs = session.lastUs + this.#gapUs;
    for (const old of session.told) {
      if (old.startUs === startUs) continue;
      for (const [field, revision] of old.results) {
        const { key, device, tags } = group;
        const of = { window: this.#name, key, device, field, tags, revision, varies: true, origin } as const;
        closed.push({ ...of, startUs: old.startUs, endUs: old.endUs, ...nothing });
      }
    }
    const own = session.told.find((told) => told.startUs === startUs) ?? { startUs, endUs, results: new Map() };
    own.endUs = endUs;
    session.told = [own];
    for (const [field, state] of fields) {
      const revision = own.results.get(field) ?? 0;
      own.results.set(field, revision + 1);
      const of = { window: this.#name, group, field, startUs, endUs, revision, incomplete, origin };
      closed.push({ ...windowResult(of, this.#plan, state), varies: true });
    }
  }
}

/** Takes those out of a list that meet a condition. */
function take(sessions: Session[], meets: (session: Session) => boolean): Session[] {
  const taken: Session[] = [];
  for (let i = sessions.length - 1; i >= 0; i--) {
    if (meets(sessions[i]!)) taken.unshift(...sessions.splice(i, 1));
  }
  return taken;
}

function insert(sessions: Session[], session: Session): void {
  let at = sessions.length;
  while (at > 0 && sessions[at - 1]!.startUs > session.startUs) at--;
  sessions.splice(at, 0, session);
}

function byStart(a: Session, b: Session): number {
  return a.startUs - b.startUs;
}
