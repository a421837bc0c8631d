import { fleetPart } from '../../infra/config/fleet-scope.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import type { StretchMessage } from '../change/read-stretch.ts';
import { freshWindows } from '../change/rebuild.ts';
import { RebuiltOutputs } from '../change/rebuilt-outputs.ts';
import type { RebuiltState } from '../change/state-change.ts';
import { createIntake } from '../intake.ts';
import { freshJoins } from '../joins/join-set.ts';
import type { LogMessage, Step } from '../step.ts';
import { Synchronous } from '../worker/synchronous.ts';
import { configText } from '../snapshot/config-text.ts';
import { createFleetPipeline, type FleetPipeline } from './fleet-pipeline.ts';

/** Whether a change has anything for the fleet's worker to rebuild: it reads the stretch of all partitions for it. */
export function rebuildsFleet(before: ProcessingConfig, after: ProcessingConfig): boolean {
  const [old, next] = [fleetPart(before), fleetPart(after)];
  const rules = new Set(old.rules.map(configText));
  return (
    freshWindows(old, next).size > 0 ||
    freshJoins(old.joins, next.joins).size > 0 ||
    next.rules.some((rule) => !rules.has(configText(rule)))
  );
}

/**
 * A stretch of the log, of all partitions in the order of the stream, through intakes and a fleet of its own, under a
 * new configuration (`Rebuild` does the same for a partition). It ends at the control record of partition 0, where the
 * fleet's worker switches. Pure.
 */
export class FleetRebuild {
  readonly #config: ProcessingConfig;
  readonly #partitions: number;
  readonly #intakes = new Map<number, Synchronous<LogMessage, Step>>();
  readonly #fleet: FleetPipeline;
  readonly #steps: Synchronous<Step, Step>;
  readonly #outputs = new RebuiltOutputs();
  #nowUs = 0;
  /** What a producer seems to have left out was removed. */
  #isRemoved = false;

  /** @param elapsedUs of the fleet's clock at the control record, and @param passesUs of it in the stretch. */
  constructor(config: ProcessingConfig, partitions: number, elapsedUs: number, passesUs: number) {
    this.#config = config;
    this.#partitions = partitions;
    const beganUs = Math.max(0, elapsedUs - passesUs);
    this.#fleet = createFleetPipeline(config, {
      clock: { previousUs: null, elapsedUs: beganUs, elapsedAtTickUs: beganUs },
      joins: [],
      windows: { clockUs: 0, windows: [] },
      rules: [],
      gaps: [],
    });
    this.#steps = new Synchronous(this.#fleet.operator);
  }

  /** The messages of the stretch in the order of the stream, each once. */
  take({ missing, sinceUs, ...message }: StretchMessage): void {
    const { partition, sequence, nowUs, records } = message;
    this.#nowUs = nowUs;
    if (records.some(({ kind }) => kind === 'control')) return;
    if (missing > 0 && !this.#isRemoved)
      this.#fleet.gap({ cause: 'never-arrived', from: sequence, to: sequence, messages: missing, sinceUs });
    this.#isRemoved = false;
    this.#outputs.take(this.#steps.push(this.#intakeOf(partition).push(message)));
  }

  /** Messages were removed before the next one. */
  removed(from: number, to: number): void {
    this.#isRemoved = true;
    this.#fleet.gap({ cause: 'removed', from, to, messages: to - from + 1, sinceUs: this.#nowUs });
  }

  /** @param before the configuration that was in force: of what it has unchanged nothing is handed on */
  result(before: ProcessingConfig): RebuiltState {
    const { windows, rules, joins } = this.#fleet.snapshot();
    const [old, next] = [fleetPart(before), fleetPart(this.#config)];
    return {
      windows,
      rules,
      joins,
      closed: this.#outputs.closed(freshWindows(old, next)),
      transitions: this.#outputs.transitions(),
      derived: this.#outputs.derived(freshJoins(old.joins, next.joins)),
    };
  }

  #intakeOf(partition: number): Synchronous<LogMessage, Step> {
    const known = this.#intakes.get(partition);
    if (known !== undefined) return known;
    const intake = createIntake({ config: this.#config, partition, partitions: this.#partitions });
    const steps = new Synchronous(intake.operator);
    this.#intakes.set(partition, steps);
    return steps;
  }
}
