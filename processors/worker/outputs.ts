import type { Bus } from '../../infra/bus/connection.ts';
import { createFencedWriter, type FencedWriter } from '../../infra/bus/fenced-writer.ts';
import { streams, subjects } from '../../events/subjects.ts';
import type { Transition } from '../../events/alert.ts';
import { erasedIn } from '../life/erased-in.ts';
import { PassWriter } from '../life/pass-writer.ts';
import type { Step } from '../step.ts';

/** Outputs of one kind that wait to be stored; at it the worker stops reading. */
const pendingMax = 20_000;

/** The fenced subjects of one partition's worker, or of the fleet's, and what it passes on to other partitions. */
export interface Outputs {
  /** Appends what a step gave. @returns its transitions that no run before this one has stored. */
  write(step: Step): readonly Transition[];
  readonly full: boolean;
  /** Resolves when none is full. Rejects as `failed`. */
  room(): Promise<void>;
  /** Resolves when all that was written before the call is stored. Rejects as `failed`. */
  drained(): Promise<void>;
  /** Rejects when another worker took over (FENCED), or a subject refuses. */
  readonly failed: Promise<never>;
  close(): void;
}

/**
 * Reads where each subject stands and takes them over from the worker before.
 * @param confirmed awaited before each publish, see `Lease`
 */
export async function openOutputs(
  bus: Bus,
  lane: number | 'fleet',
  signal: AbortSignal,
  confirmed?: () => Promise<void>,
): Promise<Outputs> {
  const open = (stream: string, subject: string) =>
    createFencedWriter(bus, { stream, subject, pendingMax, confirmed }, signal);
  const windows = await open(streams.windows, subjects.windows(lane));
  const alerts = await open(streams.alerts, subjects.alerts(lane));
  const quarantine = await open(streams.quarantine, subjects.quarantine(lane));
  const redriven = await open(streams.quarantine, subjects.quarantineRedriven(lane));
  const derived = await open(streams.derived, subjects.derived(lane));
  const passedOn = new PassWriter(bus, { confirmed });
  const all: readonly Pick<FencedWriter, 'full' | 'room' | 'drained' | 'failed' | 'close'>[] = [
    windows,
    alerts,
    quarantine,
    redriven,
    derived,
    passedOn,
  ];
  const failed = Promise.race(all.map((writer) => writer.failed));
  // The worker waits for it together with the next message; before that it is no unhandled rejection.
  failed.catch(() => undefined);
  return {
    write(step) {
      const erased = erasedIn(step);
      windows.write(step.sequence, [...step.windows, ...erased]);
      quarantine.write(step.sequence, step.quarantined);
      redriven.write(step.sequence, step.redriven);
      derived.write(step.sequence, [...step.derived, ...erased]);
      passedOn.write(step.passedOn);
      return step.transitions.slice(alerts.write(step.sequence, step.transitions));
    },
    get full() {
      return all.some((writer) => writer.full);
    },
    async room() {
      await Promise.all(all.map((writer) => writer.room()));
    },
    async drained() {
      await Promise.all(all.map((writer) => writer.drained()));
    },
    failed,
    close() {
      for (const writer of all) writer.close();
    },
  };
}
