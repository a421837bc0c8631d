import type { Step } from '../../../processors/step.ts';

/** A partition, or all of them for what spans devices. */
export type Lane = number | 'fleet';

export interface TakenCheckpoint {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** The product's core of a lane on a virtual log. */
export interface LaneRun {
  readonly atEnd: boolean;
  /** In force. */
  readonly configVersion: number;
  /** Takes the next message; null: there is none, it was a repeat, or it was read and its configuration is fetched. */
  take(): Step | null;
  /** All state; null before the first message. */
  checkpoint(): TakenCheckpoint | null;
}

/** What a step writes, in the order of `outputNames`. */
export function outputsOf(step: Step): readonly (readonly unknown[])[] {
  return [step.windows, step.transitions, step.quarantined, step.derived, step.redriven];
}

/** All steps to the end of the log. */
export function stepsOf(run: LaneRun): Step[] {
  const steps: Step[] = [];
  while (!run.atEnd) {
    const step = run.take();
    if (step !== null) steps.push(step);
  }
  return steps;
}

/** Bytes as they come from a store: at an odd offset of a larger buffer. */
export function atOddOffset(bytes: Uint8Array): Uint8Array {
  const larger = new Uint8Array(bytes.length + 3);
  larger.set(bytes, 3);
  return larger.subarray(3);
}
