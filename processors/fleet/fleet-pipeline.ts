import { map, pipe, type MonoTypeOperatorFunction, type OperatorFunction } from 'rxjs';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import { resetState, type StateChange } from '../change/state-change.ts';
import { LogClock, type LogClockSnapshot } from '../clock/log-clock.ts';
import type { LogGap } from '../../events/ledger.ts';
import { GapBook, type FoundGap } from '../gaps/gap-book.ts';
import { JoinSet, type JoinSetSnapshot } from '../joins/join-set.ts';
import { closeWindows } from '../operators/close-windows.ts';
import { judgeRules } from '../operators/judge-rules.ts';
import { momentOf } from '../operators/moment-of.ts';
import { sortTransitions } from '../operators/sort-transitions.ts';
import { NameTable } from '../snapshot/names.ts';
import { RuleSet, type RuleSetSnapshot } from '../rules/rule-set.ts';
import type { Step } from '../step.ts';
import { everyone } from '../windows/group-key.ts';
import { WindowSet, type WindowSetSnapshot } from '../windows/window-set.ts';
import { fleetPart } from '../../infra/config/fleet-scope.ts';

export interface FleetPipelineSnapshot {
  readonly clock: LogClockSnapshot;
  readonly joins: JoinSetSnapshot;
  readonly windows: WindowSetSnapshot;
  readonly rules: RuleSetSnapshot;
  readonly gaps: readonly LogGap[];
}

export interface FleetPipeline {
  /** From the step of a partition's intake to the same step with what the fleet makes of it. */
  readonly operator: OperatorFunction<Step, Step>;
  /** Unchanged windows, joins and rules keep their state; with changed ones it is done as `change` says. */
  reconfigure(config: ProcessingConfig, change?: StateChange): void;
  /** Messages of the log are missing before the next one: windows that they may have been for are incomplete. */
  gap(gap: FoundGap): void;
  snapshot(): FleetPipelineSnapshot;
  /** The fleet's time with ticks, us. */
  readonly elapsedUs: number;
}

/**
 * What spans devices, behind the intakes of all partitions. Its clock is that of the stream: the timestamps of the
 * messages of all partitions in stream order, and the ticks of any of them.
 */
export function createFleetPipeline(config: ProcessingConfig, saved: FleetPipelineSnapshot | null): FleetPipeline {
  let inForce = config;
  const clock = new LogClock(saved?.clock);
  let { elapsedUs } = clock.snapshot();
  const scope = fleetPart(config);
  const joins = new JoinSet(scope.joins, saved?.joins);
  const windows = new WindowSet(scope.windows, elapsedUs, saved?.windows, config.state.retain * 1e3);
  const rules = new RuleSet(scope, elapsedUs, saved?.rules);

  const gaps = new GapBook(0, saved?.gaps);

  /** Of this step's derived readings, those that a rebuild brought: they come first, and were judged there. */
  let handedOn = 0;
  const handOn: MonoTypeOperatorFunction<Step> = map((step) => {
    const rebuilt = joins.takeRebuilt();
    handedOn = rebuilt.length;
    for (const reading of rebuilt) step.derived.push(reading);
    return step;
  });
  const readClock: MonoTypeOperatorFunction<Step> = map((step) => {
    elapsedUs = clock.read(step.nowUs, step.records);
    // What the partition's own worker says of the message is left to it.
    // A device that is called like the group of all devices is not that group.
    const forgotten = step.forgotten.filter((key) => key !== everyone);
    return { ...step, elapsedUs, forgotten, quarantined: [], redriven: [], failures: [] };
  });
  const noteLeftOut: MonoTypeOperatorFunction<Step> = map((step) => {
    step.leftOut.push(...joins.takeLeftOut(), ...windows.takeLeftOut());
    return step;
  });
  return {
    operator: pipe(
      readClock,
      handOn,
      joinReadings(joins),
      closeWindows(windows, gaps),
      noteLeftOut,
      judgeRules(() => inForce, rules),
      judgeJoined(
        () => inForce,
        rules,
        () => handedOn,
      ),
      sortTransitions(),
    ),
    reconfigure(next, change = resetState) {
      inForce = next;
      const part = fleetPart(next);
      joins.reconfigure(part.joins, change);
      windows.retainState(next.state.retain * 1e3, elapsedUs);
      windows.reconfigure(part.windows, elapsedUs, change);
      rules.reconfigure(part, change);
    },
    gap(gap) {
      gaps.add(gap);
      rules.gap();
    },
    get elapsedUs() {
      return elapsedUs;
    },
    snapshot: () => {
      const names = new NameTable();
      return {
        clock: clock.snapshot(),
        joins: joins.snapshot(),
        windows: windows.snapshot(names),
        rules: rules.snapshot(names),
        gaps: gaps.list(),
      };
    },
  };
}

/** What is decided by the message's clock, then by its readings. */
function joinReadings(joins: JoinSet): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    step.derived.push(...joins.advance(step));
    for (const { reading, device } of step.arrivals) if (!device.retired) step.derived.push(...joins.add(reading));
    return step;
  });
}

/** A rule whose field is the name of a join judges what that gives. */
function judgeJoined(
  config: () => ProcessingConfig,
  rules: RuleSet,
  handedOn: () => number,
): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    const moment = momentOf(step, config());
    const rebuilt = handedOn();
    for (const joined of rebuilt === 0 ? step.derived : step.derived.slice(rebuilt))
      rules.judgeReading({ ...joined, ownTime: true, receivedAtUs: joined.timeUs }, moment, step.transitions);
    return step;
  });
}
