import type { PositionReport } from '../../events/health.ts';
import { streams, subjects } from '../../events/subjects.ts';

export type Reader = Omit<PositionReport, 'position'>;

/** Who reads what, whichever process does it: none of it may be trimmed before it is read. */
export function readersOf(partitions: number): Reader[] {
  const readers: Reader[] = [];
  const add = (reader: string, stream: string, subject: string) => readers.push({ reader, stream, subject });
  const results = (lane: number | 'fleet') => {
    for (const [stream, subject] of [
      [streams.windows, subjects.windows(lane)],
      [streams.derived, subjects.derived(lane)],
    ] as const)
      add(storageReader(subject), stream, subject);
  };
  for (let partition = 0; partition < partitions; partition++) {
    const subject = subjects.log(partition);
    add(workerReader(partition), streams.log, subject);
    add(storageReader(subject), streams.log, subject);
    results(partition);
  }
  results('fleet');
  add(workerReader('fleet'), streams.log, everyLog);
  add(webhooksReader, streams.alerts, everyAlert);
  return readers;
}

export const workerReader = (lane: number | 'fleet') => `worker.${lane}`;
export const storageReader = (subject: string) => `storage.${subject}`;
export const webhooksReader = 'webhooks';
export const everyLog = 'log.>';
export const everyAlert = 'alerts.>';

/**
 * Where the readers stand, in whichever process, from what the processes report. A position that was saved once stays
 * true when its holder dies: whoever takes over begins there.
 */
export class PositionBook {
  readonly #reads: (reader: string) => boolean;
  readonly #readers: readonly Reader[];
  readonly #positions = new Map<string, number>();

  /** @param reads whether a reader is one now: it is asked each time. */
  constructor(reads: (reader: string) => boolean, readers: readonly Reader[]) {
    this.#reads = reads;
    this.#readers = readers;
  }

  take(reports: readonly PositionReport[]): void {
    for (const { reader, position } of reports) this.#positions.set(reader, position);
  }

  /** Of one reader; 0 when it has not been heard of. */
  at(reader: string): number {
    return this.#positions.get(reader) ?? 0;
  }

  /** Of the readers of a stream, or of one of its subjects; 0 of one that has not been heard of. */
  of(stream: string, subject: string | null): number[] {
    return this.#readers
      .filter((reader) => reader.stream === stream && (subject === null || covers(reader.subject, subject)))
      .filter(({ reader }) => this.#reads(reader))
      .map(({ reader }) => this.#positions.get(reader) ?? 0);
  }
}

function covers(filter: string, subject: string): boolean {
  return filter === subject || (filter.endsWith('.>') && subject.startsWith(filter.slice(0, -1)));
}
