import { pipe, type OperatorFunction } from 'rxjs';
import type { ProcessingConfig } from '../infra/config/schema.ts';
import { LogClock } from './clock/log-clock.ts';
import { FieldNames } from './decode/field-names.ts';
import { KnownDevices, type DeviceBounds } from './decode/known-devices.ts';
import { Retransmissions } from './decode/retransmissions.ts';
import { Routes } from './decode/routes.ts';
import { EdgeNodes } from './decode/sparkplug/edge-nodes.ts';
import { TakenRedriven } from './decode/taken-redriven.ts';
import { admitDevices } from './operators/admit-devices.ts';
import { askForBirths, forgetEdgeNodes } from './operators/edge-nodes.ts';
import { decodePayloads } from './operators/decode-payloads.ts';
import { dropRedriven } from './operators/drop-redriven.ts';
import { dropRepeats } from './operators/drop-repeats.ts';
import { dropRetransmissions } from './operators/drop-retransmissions.ts';
import { makeReadings } from './operators/make-readings.ts';
import { refuseWrongClocks } from './operators/refuse-wrong-clocks.ts';
import { routeTopics } from './operators/route-topics.ts';
import { sortSetAside } from './operators/sort-set-aside.ts';
import { startStep } from './operators/start-step.ts';
import { tellRedriven } from './operators/tell-redriven.ts';
import { transformReadings } from './operators/transform-readings.ts';
import { DeviceLives } from './life/device-lives.ts';
import { applyLives } from './operators/apply-lives.ts';
import { followReplacements } from './operators/follow-replacements.ts';
import { NameTable } from './snapshot/names.ts';
import { readSnapshot, snapshotFormat, type IntakeSnapshot } from './snapshot/format.ts';
import type { LogMessage, Step } from './step.ts';
import { TransformSet } from './transforms/transform-set.ts';

export interface IntakeOptions {
  readonly config: ProcessingConfig;
  readonly partition: number;
  /**
   * Number of partitions of the log. Each takes its share of `devicesMax`, rounded up: keys spread evenly, and no
   * partition needs to know of the others.
   */
  readonly partitions: number;
  /** What `snapshot()` returned, after any MessagePack round trip; absent or null: a fresh state. */
  readonly restored?: unknown;
  /** Storage, which takes what it had set aside once more when that is redriven; others have it already. */
  readonly isStorage?: boolean;
}

/** The front of the pipeline, which storage runs too: from log messages to readings, each once. */
export interface Intake {
  /** Emits exactly one step for each message, synchronously. */
  readonly operator: OperatorFunction<LogMessage, Step>;
  /** One plain value for MessagePack; a copy that later messages do not change. */
  snapshot(): unknown;
  /** Puts another configuration in force. Call it before the control record's message is pushed. */
  reconfigure(config: ProcessingConfig): void;
  /** What people did with the partition's devices. */
  readonly lives: Pick<DeviceLives, 'isErased'>;
}

/** @throws MillraceError CHECKPOINT_UNREADABLE when `restored` is of another format */
export function createIntake(options: IntakeOptions): Intake {
  return createIntakeOf(options, readSnapshot(options.restored) as IntakeSnapshot | null);
}

/** For the pipeline, which holds the intake's snapshot within its own. `elapsedUs`: where the log's time stands. */
export function createIntakeOf(
  options: IntakeOptions,
  saved: IntakeSnapshot | null | undefined,
): Omit<Intake, 'snapshot' | 'lives'> & {
  snapshot(names?: NameTable): IntakeSnapshot;
  readonly elapsedUs: number;
  readonly lives: DeviceLives;
} {
  const { partitions } = options;
  let { config } = options;
  const fieldNames = new FieldNames();
  const edgeNodes = new EdgeNodes(saved?.edgeNodes);
  let routes = new Routes(config, fieldNames, { edgeNodes });
  const clock = new LogClock(saved?.clock);
  const retransmissions = new Retransmissions(saved?.retransmissions);
  const lives = new DeviceLives(saved?.lives);
  const isRetired = (key: string) => lives.isRetired(key);
  const devices = new KnownDevices(boundsOf(config, partitions), clock.elapsedUs, saved?.devices, isRetired);
  const transforms = new TransformSet(config, saved?.transforms);
  const redriven = new TakenRedriven(saved?.redriven);

  const decode: OperatorFunction<LogMessage, Step> = pipe(
    startStep(clock, devices),
    applyLives(lives, devices, () => boundsOf(config, partitions).devicesMax),
    routeTopics(() => routes),
    dropRetransmissions(retransmissions),
    forgetEdgeNodes(edgeNodes),
    decodePayloads(() => routes),
    followReplacements(lives),
    askForBirths(edgeNodes),
    refuseWrongClocks(() => config),
  );
  const operator: OperatorFunction<LogMessage, Step> = pipe(
    decode,
    admitDevices(devices),
    dropRedriven(redriven, options.isStorage === true),
    dropRepeats(),
    makeReadings(),
    transformReadings(transforms),
    sortSetAside(),
    tellRedriven(),
  );

  return {
    operator,
    reconfigure: (next) => {
      config = next;
      routes = new Routes(next, fieldNames, { edgeNodes });
      devices.rebound(boundsOf(next, partitions), clock.elapsedUs);
      transforms.reconfigure(next);
    },
    snapshot: (names = new NameTable()) => {
      const taken = redriven.snapshot();
      const nodes = edgeNodes.snapshot();
      return {
        format: snapshotFormat,
        clock: clock.snapshot(),
        retransmissions: retransmissions.snapshot(names),
        devices: devices.snapshot(names),
        lives: lives.snapshot(names),
        transforms: transforms.snapshot(names),
        ...(nodes.length > 0 && { edgeNodes: nodes }),
        ...(taken && { redriven: taken }),
      };
    },
    lives,
    get elapsedUs() {
      return clock.elapsedUs;
    },
  };
}

function boundsOf({ limits, state }: ProcessingConfig, partitions: number): DeviceBounds {
  return {
    devicesMax: Math.ceil(limits.devicesMax / partitions),
    fieldsPerDeviceMax: limits.fieldsPerDeviceMax,
    retainUs: Math.round(state.retain * 1e3),
  };
}
