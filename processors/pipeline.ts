import { pipe, type OperatorFunction } from 'rxjs';
import type { AlertStatus, DeviceState } from '../events/device.ts';
import type { Ledger, LogGap } from '../events/ledger.ts';
import { partitionScope } from '../infra/config/fleet-scope.ts';
import type { WindowResult } from '../events/window.ts';
import type { ProcessingConfig } from '../infra/config/schema.ts';
import type { CustomProcessor } from './custom/load.ts';
import { ProcessorSet } from './custom/processor-set.ts';
import { DeviceDirectory } from './devices/device-directory.ts';
import { resetState, withoutErased, type StateChange } from './change/state-change.ts';
import { GapBook, type FoundGap } from './gaps/gap-book.ts';
import { createIntakeOf, type Intake, type IntakeOptions } from './intake.ts';
import { closeWindows } from './operators/close-windows.ts';
import { countStep, emptyTotals, type Totals } from './operators/count-step.ts';
import { judgePresence } from './operators/judge-presence.ts';
import { judgeRules } from './operators/judge-rules.ts';
import { learnDevices } from './operators/learn-devices.ts';
import { runProcessors } from './operators/run-processors.ts';
import { sortTransitions } from './operators/sort-transitions.ts';
import { PresenceBook } from './presence/presence-book.ts';
import type { MeasuredState } from './devices/device-memory.ts';
import { RuleSet } from './rules/rule-set.ts';
import { NameTable } from './snapshot/names.ts';
import { readSnapshot, snapshotFormat, type PipelineSnapshot } from './snapshot/format.ts';
import type { DeviceLives } from './life/device-lives.ts';
import type { LogMessage, Step } from './step.ts';
import { WindowSet } from './windows/window-set.ts';

export interface PipelineOptions extends IntakeOptions {
  /** The processors that `config.processors` names, loaded (`loadProcessors` in custom/load.ts). */
  readonly customs: readonly CustomProcessor[];
}

export interface Pipeline extends Omit<Intake, 'reconfigure' | 'lives'> {
  /**
   * Puts another configuration in force: unchanged windows and rules keep their state, with others it is done as
   * `change` says (reset by default). Call it before the control record's message is pushed, whose step carries what
   * the change itself brings about.
   */
  reconfigure(config: ProcessingConfig, customs: readonly CustomProcessor[], change?: StateChange): void;
  /**
   * Messages of the log are missing before the next one: alerts become unknown, windows incomplete. Call it before
   * that message is pushed, whose step carries it.
   */
  gap(gap: FoundGap): void;
  /** The latest gaps in the log, oldest first. */
  gaps(): readonly LogGap[];
  readonly devices: {
    readonly count: number;
    /** At most `limit` devices in key order, those after `after`; from the beginning without it. */
    page(after: string | undefined, limit: number): DeviceState[];
    get(key: string): DeviceState | null;
  };
  /** What people did with them. */
  readonly lives: Pick<DeviceLives, 'of' | 'replacementProblem' | 'isErased' | 'erasures'>;
  /** The states of all rules on these devices; without keys on all. */
  alerts(keys?: readonly string[]): AlertStatus[];
  /** The open windows of a device so far, marked `partial`; `at` is the last message that was pushed. */
  partials(key: string, at: { readonly sequence: number }): WindowResult[];
  /** The worker's part of a device's ledger: received, quarantined, duplicate, filtered, late; the rest is 0. */
  ledger(key: string): Ledger | null;
  /** Custom processors that were stopped, and why; they stay so over restarts, until their file has changed. */
  stoppedProcessors(): readonly { readonly processor: string; readonly message: string }[];
  readonly totals: Readonly<Totals>;
  /** The log's time with ticks, us. */
  readonly elapsedUs: number;
}

/**
 * The whole way of a reading through one partition, as an RxJS operator from log messages to steps. All of it is
 * synchronous, and its only input is the log: the same messages give the same steps, live and in replay.
 *
 * @throws MillraceError CHECKPOINT_UNREADABLE when `restored` is of another format
 */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { partition, customs } = options;
  const saved = readSnapshot(options.restored) as PipelineSnapshot | null;
  let config = options.config;

  const intake = createIntakeOf(options, saved?.intake);
  const directory = new DeviceDirectory(saved?.directory);
  const presence = new PresenceBook(intake.elapsedUs, saved?.presence);
  const stateOf = (measured: MeasuredState): DeviceState => ({
    ...measured,
    presence: presence.of(measured.key) ?? { ...unnoted, sinceUs: measured.lastSeenUs },
    life: intake.lives.of(measured.key),
  });
  const scope = partitionScope(config);
  const windows = new WindowSet(scope.windows, intake.elapsedUs, saved?.windows);
  const rules = new RuleSet(scope, intake.elapsedUs, saved?.rules);
  const processors = new ProcessorSet(customs, partition, saved?.processors);
  const gaps = new GapBook(partition, saved?.gaps);
  const totals = { ...emptyTotals(), ...saved?.totals };

  const operator: OperatorFunction<LogMessage, Step> = pipe(
    intake.operator,
    learnDevices(directory),
    judgePresence(presence),
    closeWindows(windows, gaps),
    judgeRules(() => config, rules),
    runProcessors(() => config, processors),
    sortTransitions(),
    countStep(totals, directory),
  );

  return {
    operator,
    reconfigure: (next, nextCustoms, change = resetState) => {
      config = next;
      intake.reconfigure(next);
      const nextScope = partitionScope(next);
      const lasting = withoutErased(change, (key, sequence) => intake.lives.isErased(key, sequence));
      windows.reconfigure(nextScope.windows, intake.elapsedUs, lasting);
      rules.reconfigure(nextScope, lasting);
      processors.reconfigure(nextCustoms);
    },
    gap: (gap) => {
      totals.gaps++;
      gaps.add(gap);
      rules.gap();
    },
    gaps: () => gaps.list(),
    snapshot: (): PipelineSnapshot => {
      const names = new NameTable();
      return {
        format: snapshotFormat,
        intake: intake.snapshot(names),
        directory: directory.snapshot(names),
        presence: presence.snapshot(names),
        windows: windows.snapshot(names),
        rules: rules.snapshot(names),
        processors: processors.snapshot(),
        gaps: gaps.list(),
        totals: structuredClone(totals),
      };
    },
    devices: {
      get count() {
        return directory.size;
      },
      page: (after, limit) => directory.page(after, limit).map(stateOf),
      get(key) {
        const measured = directory.get(key);
        return measured === null ? null : stateOf(measured);
      },
    },
    lives: intake.lives,
    alerts: (keys) => [...rules.status(keys), ...processors.status(keys)],
    partials: (key, { sequence }) => windows.partials(key, { partition, sequence, index: -1 }),
    ledger: (key) => directory.ledger(key),
    stoppedProcessors: () => processors.stopped(),
    totals,
    get elapsedUs() {
      return intake.elapsedUs;
    },
  };
}

/** In a checkpoint of a version that did not note it. */
const unnoted = { state: 'unknown', cause: 'silence', intervalUs: null } as const;
