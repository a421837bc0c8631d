import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { streams, subjects } from '../../events/subjects.ts';
import type { Checkpoints } from '../../infra/bus/checkpoints.ts';
import { getConfigVersion } from '../../infra/bus/config-versions.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { publishCore } from '../../infra/bus/core.ts';
import type { StreamMessage } from '../../infra/bus/stream-message.ts';
import { readStream } from '../../infra/bus/stream-reader.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { Lease } from '../../infra/leases/lease.ts';
import type { Alarms } from '../alarms.ts';
import { CheckpointTiming } from '../checkpoint-timing.ts';
import { everyLog } from '../trimmer/position-book.ts';
import { groupsMax } from '../windows/groups-max.ts';
import { firstConfiguration } from '../worker/configurations.ts';
import { keepIsDue, keptName } from '../worker/kept-checkpoints.ts';
import { openOutputs, type Outputs } from '../worker/outputs.ts';
import { fleetRebuiltFor } from './rebuild-fleet.ts';
import {
  FleetCore,
  fleetCheckpointFormat,
  fleetCheckpointName,
  type FleetMessage,
  type VersionedConfig,
} from './fleet-core.ts';

const restingSaveEveryMs = 1_000;
const turnMaxMs = 10;
const lastCheckpointMaxMs = 5_000;

export interface FleetContext {
  readonly bus: Bus;
  readonly partitions: number;
  readonly checkpoints: Checkpoints;
  readonly alarms: Alarms;
  readonly lease: Pick<Lease, 'confirmed'>;
  /** Told where the run stands, after each message and when it is restored. */
  readonly onPosition: (sequence: number, timeUs: number, pending: number) => void;
  /** Told how many readings a window or join left out, as their groups would be too many. */
  readonly onLeftOut: (readings: number) => void;
  /** Told the version in force for what spans devices, when it is restored and when it changes. */
  readonly onVersion: (version: number) => void;
  /** Told the position of each checkpoint loaded and saved. */
  readonly onSaved: (position: number) => void;
}

/** One run of the fleet's worker: from its checkpoint until the signal, or a failure. */
export async function runFleet(context: FleetContext, signal: AbortSignal): Promise<void> {
  const { bus, lease } = context;
  const stop = new AbortController();
  const outputs = await openOutputs(bus, 'fleet', signal, () => lease.confirmed());
  outputs.failed.catch((error: unknown) => stop.abort(error));
  try {
    const run = new FleetRun(context, outputs, await restore(context), (error) => stop.abort(error));
    await run.follow(AbortSignal.any([signal, stop.signal]));
    if (stop.signal.aborted) throw stop.signal.reason;
    await Promise.race([run.saveLast(), wait(lastCheckpointMaxMs, undefined, { ref: false })]);
  } finally {
    stop.abort();
    outputs.close();
  }
}

async function restore({
  bus,
  partitions,
  checkpoints,
  onPosition,
  onSaved,
  onVersion,
}: FleetContext): Promise<FleetCore> {
  const bytes = await checkpoints.load(fleetCheckpointName);
  if (bytes === null) return new FleetCore(partitions);
  const checkpoint = fleetCheckpointFormat.decode(fleetCheckpointName, bytes);
  const configs = new Map<number, ProcessingConfig>();
  for (const { configVersion } of [checkpoint, ...checkpoint.lanes.map(([, lane]) => lane)])
    if (!configs.has(configVersion)) configs.set(configVersion, await getConfigVersion(bus, configVersion));
  onPosition(checkpoint.position, checkpoint.nowUs, 0);
  onSaved(checkpoint.position);
  onVersion(checkpoint.configVersion);
  return FleetCore.restore(partitions, checkpoint, configs);
}

/** The edge around the core: reads, fetches configurations, writes, and times the checkpoints. */
class FleetRun {
  readonly #context: FleetContext;
  readonly #outputs: Outputs;
  readonly #core: FleetCore;
  readonly #fail: (error: unknown) => void;
  #savedPosition: number;
  readonly #timing = new CheckpointTiming(() => performance.now());
  #saving: Promise<void> | null = null;
  /** The log's clock at the last checkpoint that is kept. */
  #keptAtUs: number;

  constructor(context: FleetContext, outputs: Outputs, core: FleetCore, fail: (error: unknown) => void) {
    this.#context = context;
    this.#outputs = outputs;
    this.#core = core;
    this.#savedPosition = core.position;
    this.#keptAtUs = core.nowUs;
    this.#fail = fail;
  }

  async follow(signal: AbortSignal): Promise<void> {
    const { bus, alarms } = this.#context;
    const onGap = (from: number, to: number) => {
      this.#core.gap('removed', from, to);
      alarms.happened('log-gap', `The fleet: log messages ${from} to ${to} were removed before they were read.`);
    };
    const resting = setInterval(() => this.#saveIfDue(), restingSaveEveryMs);
    let turnBeganMs = performance.now();
    const options = { stream: streams.log, subject: everyLog, after: this.#core.position, signal, onGap };
    try {
      for await (const message of readStream(bus, options)) {
        await this.#take(message, signal);
        this.#saveIfDue();
        if (this.#outputs.full) await this.#outputs.room();
        if (performance.now() - turnBeganMs < turnMaxMs) continue;
        await nextTurn();
        turnBeganMs = performance.now();
        if (signal.aborted) return;
      }
    } finally {
      clearInterval(resting);
    }
  }

  async #take(message: StreamMessage, signal: AbortSignal): Promise<void> {
    const read = this.#core.read(message);
    const before = this.#core.configVersion;
    const next = await this.#configurationOf(read);
    const rebuilt = await fleetRebuiltFor(this.#context, this.#core, read, next, signal);
    const step = this.#core.take(read, next, rebuilt);
    this.#timing.read(step?.readings.length ?? 0);
    for (const { part, name, readings } of step?.leftOut ?? []) {
      this.#context.onLeftOut(readings);
      this.#context.alarms.set(
        `groups-${part}-${name}`,
        `The ${part} ${name} has ${groupsMax} groups by its tags: readings of further ones are left out of it. How many is in the metrics.`,
      );
    }
    if (step !== null)
      for (const transition of this.#outputs.write(step))
        publishCore(
          this.#context.bus,
          subjects.feedAlerts(transition.rule, transition.key),
          JSON.stringify(transition),
        );
    this.#context.onPosition(message.sequence, message.timeUs, message.pending);
    if (this.#core.configVersion !== before) this.#context.onVersion(this.#core.configVersion);
  }

  async #configurationOf({ needs, partition, sequence }: FleetMessage): Promise<VersionedConfig | null> {
    const { bus } = this.#context;
    if (needs === null) return null;
    if (needs === 'first') return firstConfiguration(bus, partition, sequence);
    return { version: needs, config: await getConfigVersion(bus, needs) };
  }

  #saveIfDue(): void {
    if (this.#saving !== null || this.#core.position === this.#savedPosition) return;
    if (!this.#timing.isDue) return;
    this.#saving = this.#save()
      .catch(this.#fail)
      .finally(() => (this.#saving = null));
  }

  /** The state is taken now; it is stored once every output up to here is. */
  async #save(): Promise<void> {
    const { checkpoints, onSaved } = this.#context;
    const taken = this.#timing.take(() => {
      const checkpoint = this.#core.checkpoint();
      if (checkpoint === null) return null;
      const { position, nowUs } = checkpoint;
      return { position, nowUs, bytes: fleetCheckpointFormat.encode(checkpoint) };
    });
    if (taken === null) return;
    await this.#outputs.drained();
    const { position, nowUs, bytes } = taken;
    await checkpoints.save(fleetCheckpointName, bytes);
    if (keepIsDue(nowUs, this.#keptAtUs)) {
      await checkpoints.keep(keptName('fleet', position), bytes);
      this.#keptAtUs = nowUs;
    }
    this.#savedPosition = position;
    onSaved(position);
  }

  async saveLast(): Promise<void> {
    await this.#saving;
    await this.#save();
  }
}
