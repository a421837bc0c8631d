import type { Replayed } from './lane-reader.ts';

/** What a replay has done so far. */
export interface ReplayFigures {
  readonly messages: number;
  readonly readings: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly late: number;
  /** Results of windows, revisions included. */
  readonly windows: number;
  readonly transitions: number;
  readonly derived: number;
  /** Points that InfluxDB has taken, and those that it refused or no longer keeps. */
  readonly stored: number;
  readonly refused: number;
  readonly gaps: number;
  /** Results that are not written, as messages are missing that they may depend on: the stream WINDOWS may have them. */
  readonly withheld: number;
  /** Later results of windows that were written, of messages behind the stretch. */
  readonly revised: number;
  /** Results of windows that the log no longer tells of, from the stream WINDOWS. */
  readonly restored: number;
  /** How much of the stretch is read, 0 to 1. */
  readonly done: number;
  /** The log's clock at the first message read, and at the one that is furthest, us; 0 before any. */
  readonly firstUs: number;
  readonly nowUs: number;
  readonly tookMs: number;
}

type Counted = Exclude<keyof ReplayFigures, 'done' | 'tookMs'>;

/** Counts for all lanes together. */
export class ReplayCounts {
  readonly counts: Record<Counted, number> = {
    messages: 0,
    readings: 0,
    duplicates: 0,
    quarantined: 0,
    late: 0,
    windows: 0,
    transitions: 0,
    derived: 0,
    stored: 0,
    refused: 0,
    gaps: 0,
    withheld: 0,
    revised: 0,
    restored: 0,
    firstUs: 0,
    nowUs: 0,
  };
  /** By lane, 0 to 1. */
  readonly done: number[];

  constructor(lanes: number) {
    this.done = Array.from({ length: lanes }, () => 0);
  }

  take(step: Replayed): void {
    const { counts } = this;
    counts.readings += step.readings.length;
    counts.duplicates += step.duplicates.length;
    counts.quarantined += step.quarantined.length;
    counts.late += step.late.length;
    counts.windows += step.windows.length;
    counts.transitions += step.transitions.length;
    counts.derived += step.derived.length;
    if (counts.firstUs === 0 || step.nowUs < counts.firstUs) counts.firstUs = step.nowUs;
    counts.nowUs = Math.max(counts.nowUs, step.nowUs);
  }

  figures(tookMs: number): ReplayFigures {
    const done = this.done.reduce((sum, share) => sum + share, 0) / Math.max(1, this.done.length);
    return { ...this.counts, done, tookMs };
  }
}
