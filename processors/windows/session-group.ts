import type { FieldPlan } from './aggregates/field-plan.ts';
import { FieldState, type FieldRow } from './aggregates/field-state.ts';
import type { Closable, ClockWait } from './closing-times.ts';
import type { GroupKey } from './group-key.ts';

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
}

type SessionRow = readonly [
  startUs: number,
  lastUs: number,
  incomplete: boolean,
  fields: readonly (readonly [string, FieldRow])[],
  told: readonly (readonly [startUs: number, endUs: number, results: readonly (readonly [string, number])[]])[],
];

export type SessionGroupRow = readonly [
  key: string,
  device: string,
  tags: GroupKey['tags'],
  greatestUs: number,
  settledUpToUs: number,
  seenElapsedUs: number,
  open: readonly SessionRow[],
  closed: readonly SessionRow[],
];

export function sessionGroupRow(group: SessionGroup): SessionGroupRow {
  const { key, device, tags, greatestUs, settledUpToUs, seenElapsedUs, open, closed } = group;
  return [key, device, tags, greatestUs, settledUpToUs, seenElapsedUs, open.map(sessionRow), closed.map(sessionRow)];
}

export function sessionGroupOf(row: SessionGroupRow, plan: FieldPlan, gapUs: number): SessionGroup {
  const [key, device, tags] = row;
  const group = new SessionGroup({ key, device, tags }, gapUs);
  [, , , group.greatestUs, group.settledUpToUs, group.seenElapsedUs] = row;
  group.open = row[6].map((session) => sessionOf(session, plan));
  group.closed = row[7].map((session) => sessionOf(session, plan));
  return group;
}

function sessionRow({ startUs, lastUs, incomplete, fields, told }: Session): SessionRow {
  return [
    startUs,
    lastUs,
    incomplete,
    Array.from(fields, ([name, state]) => [name, state.toRow()] as const),
    told.map((one) => [one.startUs, one.endUs, [...one.results]] as const),
  ];
}

function sessionOf([startUs, lastUs, incomplete, fields, told]: SessionRow, plan: FieldPlan): Session {
  return {
    startUs,
    lastUs,
    incomplete,
    fields: new Map(fields.map(([name, row]) => [name, FieldState.fromRow(plan, row)])),
    told: told.map((one) => ({ startUs: one[0], endUs: one[1], results: new Map(one[2]) })),
  };
}
