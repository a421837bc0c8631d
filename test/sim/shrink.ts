import { check, type Failure } from './check.ts';
import { minimize } from './minimize.ts';
import type { ConfigInput, Entry, Op, Plan } from './plan.ts';
import type { Variant } from './variant.ts';

/** Runs that a shrink may take: seconds, not minutes. */
const runsMax = 6_000;

export interface Shrunk {
  readonly plan: Plan;
  readonly failure: Failure;
  readonly runs: number;
}

/** The smallest plan found that violates the same property. */
export function shrink(plan: Plan, failure: Failure, variant: Variant = {}): Shrunk {
  let best = { plan, failure };
  let runs = 0;
  const fails = (candidate: Plan): boolean => {
    if (++runs > runsMax) return false;
    const found = check(candidate, variant);
    if (found?.property !== failure.property) return false;
    best = { plan: candidate, failure: found };
    return true;
  };
  // Mostly one lane is at fault: that of the others need not happen.
  for (const lane of new Set(plan.faults.map((op) => op.lane)))
    if (fails({ ...plan, faults: plan.faults.filter((op) => op.lane === lane) })) break;
  const round = () => {
    // What is large first: each later part is tried on a smaller plan.
    minimize(best.plan.faults, (faults) => fails({ ...best.plan, faults }));
    minimize(best.plan.log, (log) => fails({ ...best.plan, log }));
    // A checkpoint stays at the same message when as many are left out of what was taken before it.
    minimize(best.plan.log, (log) => {
      const fewer = best.plan.log.length - log.length;
      return fails({ ...best.plan, log, faults: withoutTakes(best.plan.faults, fewer) });
    });
    for (const [i, entry] of best.plan.log.entries())
      shrinkBatch(entry, (smaller) => fails(replaced(best.plan, i, smaller)));
    for (let i = 0; i < best.plan.configs.length; i++) shrinkConfig(i, () => best.plan, fails);
  };
  for (;;) {
    const before = sizeOf(best.plan);
    round();
    if (sizeOf(best.plan) === before || runs > runsMax) break;
  }
  return { ...best, runs };
}

/** The first messages that are taken are not. */
function withoutTakes(faults: readonly Op[], count: number): Op[] {
  let left = count;
  return faults.flatMap((op) => {
    if (op.kind !== 'take' || left === 0) return [op];
    const less = Math.min(left, op.count);
    left -= less;
    return less === op.count ? [] : [{ ...op, count: op.count - less }];
  });
}

function sizeOf({ log, faults, configs }: Plan): string {
  const records = log.reduce((sum, entry) => sum + (entry.kind === 'batch' ? entry.records.length : 1), 0);
  return `${log.length} ${records} ${faults.length} ${JSON.stringify(configs).length}`;
}

function replaced(plan: Plan, at: number, entry: Entry): Plan {
  return { ...plan, log: plan.log.with(at, entry) };
}

function shrinkBatch(entry: Entry, fails: (entry: Entry) => boolean): void {
  if (entry.kind !== 'batch') return;
  let batch = entry;
  const tries = (smaller: typeof entry) => {
    const still = fails(smaller);
    if (still) batch = smaller;
    return still;
  };
  if (entry.missing > 0) tries({ ...batch, missing: 0 });
  if (entry.removed) tries({ ...batch, removed: false });
  minimize(batch.records, (records) => tries({ ...batch, records }));
}

function shrinkConfig(at: number, plan: () => Plan, fails: (plan: Plan) => boolean): void {
  const tries = (change: (config: ConfigInput) => ConfigInput) =>
    fails({ ...plan(), configs: plan().configs.with(at, change(plan().configs[at]!)) });
  const config = () => plan().configs[at]!;
  minimize(config().rules ?? [], (rules) => tries((other) => ({ ...other, rules: [...rules] })));
  minimize(config().transforms ?? [], (transforms) => tries((other) => ({ ...other, transforms: [...transforms] })));
  minimize(config().joins ?? [], (joins) => tries((other) => ({ ...other, joins: [...joins] })));
  minimize(config().windows ?? [], (windows) => tries((other) => ({ ...other, windows: [...windows] })));
  for (const key of ['limits', 'alerts', 'clock', 'state', 'transforms', 'tables'] as const) {
    if (config()[key] !== undefined) tries(({ [key]: _, ...rest }) => rest);
  }
}
