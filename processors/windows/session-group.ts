import type { ColumnReader } from '../snapshot/column-reader.ts';
import type { ColumnWriter } from '../snapshot/column-writer.ts';
import type { FieldPlan } from './aggregates/field-plan.ts';
import type { FieldState } from './aggregates/field-state.ts';
import type { Closable, ClockWait } from './closing-times.ts';
import type { GroupKey } from './group-key.ts';
import { readFields, writeFields } from './window-state.ts';

/** Results that were given of a session, by the start that it had then: how many of each field. */
export interface Told {
  readonly startUs: number;
  endUs: number;
  readonly results: Map<string, number>;
}

export interface Session {
  startUs: number;
  /** Time of its last reading, us. It ends a gap later. */
  lastUs: number;
  /** Messages of the log are missing that may have been for it. */
  incomplete: boolean;
  readonly fields: Map<string, FieldState>;
  told: Told[];
}

/** The sessions of one device, or of one group of devices. */
export class SessionGroup implements Closable {
  readonly key: string;
  readonly #gapUs: number;
  device: string;
  tags: GroupKey['tags'];
  greatestUs = 0;
  settledUpToUs = 0;
  seenElapsedUs = 0;
  /** Both at least a gap apart from each other, the oldest first. */
  open: Session[] = [];
  closed: Session[] = [];
  waiting: ClockWait | null = null;

  constructor({ key, device, tags }: GroupKey, gapUs: number) {
    this.key = key;
    this.device = device;
    this.tags = tags;
    this.#gapUs = gapUs;
  }

  seenUs(): number {
    return this.seenElapsedUs;
  }

  firstEndUs(): number | null {
    return this.open.length === 0 ? null : this.open[0]!.lastUs + this.#gapUs;
  }

  /** End of the last session that is held; -infinity without one. */
  lastEndUs(): number {
    const last = Math.max(this.open.at(-1)?.lastUs ?? -Infinity, this.closed.at(-1)?.lastUs ?? -Infinity);
    return last + this.#gapUs;
  }
}

export function writeSessionGroup(columns: ColumnWriter, group: SessionGroup): void {
  columns.source(group);
  columns.real(group.greatestUs);
  columns.number(group.settledUpToUs);
  columns.number(group.seenElapsedUs);
  columns.list(group.open, (session) => writeSession(columns, session));
  columns.list(group.closed, (session) => writeSession(columns, session));
}

export function readSessionGroup(columns: ColumnReader, plan: FieldPlan, gapUs: number): SessionGroup {
  const group = new SessionGroup(columns.source(), gapUs);
  group.greatestUs = columns.real();
  group.settledUpToUs = columns.number();
  group.seenElapsedUs = columns.number();
  group.open = columns.list(() => readSession(columns, plan));
  group.closed = columns.list(() => readSession(columns, plan));
  return group;
}

function writeSession(columns: ColumnWriter, { startUs, lastUs, incomplete, fields, told }: Session): void {
  columns.real(startUs);
  columns.real(lastUs);
  columns.flag(incomplete);
  writeFields(columns, fields);
  columns.list(told, (one) => {
    columns.real(one.startUs);
    columns.real(one.endUs);
    columns.list([...one.results], ([name, results]) => {
      columns.fieldName(name);
      columns.number(results);
    });
  });
}

function readSession(columns: ColumnReader, plan: FieldPlan): Session {
  const startUs = columns.real();
  const lastUs = columns.real();
  const incomplete = columns.flag();
  const fields = readFields(plan, columns);
  const told = columns.list(() => readTold(columns));
  return { startUs, lastUs, incomplete, fields, told };
}

function readTold(columns: ColumnReader): Told {
  const startUs = columns.real();
  const endUs = columns.real();
  return { startUs, endUs, results: new Map(columns.list(() => [columns.fieldName(), columns.number()] as const)) };
}
