import { WorkerCore } from '../processors/worker/worker-core.ts';
import type { Step } from '../processors/step.ts';
import { encodeRecords } from '../events/record-codec.ts';
import { logHeaders } from '../events/subjects.ts';
import { partitions, reading, recoveryConfig } from './recovery-fleet.ts';

export interface BuiltState {
  readonly partition: number;
  /** Where in the log it stands. */
  readonly sequence: number;
  /** Its devices. */
  readonly lane: readonly string[];
  readonly readingsEach: number;
  readonly startUs: number;
  readonly windows?: number;
  readonly fields?: number;
}

/** A worker's core with the state of a fleet that has reported for a while, made without a log. */
export function builtCore({
  partition,
  sequence,
  lane,
  readingsEach,
  startUs,
  windows = 2,
  fields,
}: BuiltState): WorkerCore {
  const core = new WorkerCore({ partition, partitions });
  core.start({ version: 1, config: recoveryConfig(windows), customs: [] });
  let producerSequence = 0;
  for (let round = 0; round < readingsEach; round++) {
    const timeUs = startUs + round * 1e6;
    for (let at = 0; at < lane.length; at += 1_000) {
      const records = lane.slice(at, at + 1_000).map((device) => reading(device, round, timeUs, fields));
      take(core, sequence, timeUs, encodeRecords(records), ++producerSequence);
    }
  }
  return core;
}

function take(
  core: WorkerCore,
  sequence: number,
  timeUs: number,
  data: Uint8Array,
  producerSequence: number,
): Step | null {
  const headers: Record<string, string> = {
    [logHeaders.format]: '1',
    [logHeaders.producer]: 'built',
    [logHeaders.producerSequence]: String(producerSequence),
  };
  const message = { subject: 'log', sequence, timeUs, data, header: (name: string) => headers[name] };
  return core.take(core.read(message), null).step;
}
