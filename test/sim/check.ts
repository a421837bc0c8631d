import type { Transition } from '../../events/alert.ts';
import type { Step } from '../../processors/step.ts';
import { againstOracle } from './against-oracle.ts';
import { outputNames, type Plan } from './plan.ts';
import type { Variant } from './variant.ts';
import { fleetAgainstOracle } from './fleet-against-oracle.ts';
import { asksForFleet } from './oracle/scopes.ts';
import { execute } from './virtual/execute.ts';
import { outputsOf, stepsOf, type Lane } from './virtual/lane-run.ts';
import { openRun } from './virtual/open-run.ts';
import { virtualLog, type VirtualLog } from './virtual/log.ts';
import type { StoredOutput } from './virtual/server.ts';

/** A property that does not hold. */
export interface Failure {
  /** Which one; shrinking looks for smaller plans that violate the same. */
  readonly property: string;
  readonly detail: string;
}

/** What a seed amounted to. */
export interface Tally {
  messages: number;
  readings: number;
  outputs: number;
  checkpoints: number;
  /** Writes of zombies and of those who were late. */
  refused: number;
}

export const emptyTally = (): Tally => ({ messages: 0, readings: 0, outputs: 0, checkpoints: 0, refused: 0 });

/** Checkpoints that a seed replays from, spread over all that were kept. */
const replaysMax = 6;

/** Runs a plan and checks all properties. Null: they hold. A thrown error is a failure of its own. */
export function check(plan: Plan, variant: Variant = {}, tally?: Tally): Failure | null {
  try {
    const log = virtualLog(plan);
    const partitions = Array.from({ length: plan.partitions }, (_, partition) => partition);
    const hasFleet = log.configurations.some(({ config }) => asksForFleet(config));
    for (const lane of hasFleet ? [...partitions, 'fleet' as const] : partitions) {
      const failure = checkLane(plan, log, lane, variant, tally);
      if (failure === null) continue;
      return { ...failure, detail: `${lane === 'fleet' ? lane : `partition ${lane}`}: ${failure.detail}` };
    }
    return null;
  } catch (error) {
    const { name, message, stack } = error as Error;
    return { property: `it runs (${name}: ${message.slice(0, 60)})`, detail: stack ?? message };
  }
}

/** An output with the log message it comes from. */
interface Output {
  readonly sequence: number;
  readonly text: string;
}

function checkLane(
  plan: Plan,
  log: VirtualLog,
  lane: Lane,
  variant: Variant,
  tally: Tally | undefined,
): Failure | null {
  const steps = stepsOf(openRun(log, lane, variant, null));
  const expected = outputsIn(steps);
  const again = stepsOf(openRun(log, lane, variant, null));
  const replay = firstDifference(expected, outputsIn(again));
  if (replay !== null) return { property: 'a replay from zero gives the same', detail: replay };

  const oracle = lane === 'fleet' ? fleetAgainstOracle(log, steps) : againstOracle(log, lane, steps);
  if (oracle !== null) return oracle;

  const { server, finished } = execute(plan, log, lane, variant);
  for (const [i, name] of outputNames.entries()) {
    const stored = server.subjects[i]!.flatMap(itemsOf);
    const texts = expected[i]!.map(({ text }) => text);
    const at = texts.findIndex((text, n) => text !== stored[n]);
    if (at === -1 && stored.length === texts.length) continue;
    if (!finished && stored.length < texts.length && (at === -1 || at === stored.length)) continue;
    const place = at === -1 ? texts.length : at;
    const detail = `${name}, output ${place} of ${texts.length}:\n  stored   ${stored[place]}\n  expected ${texts[place]}`;
    return { property: `${name} are stored as without faults, each once`, detail };
  }
  if (!finished) {
    const open = toldFiring(server.subjects[outputNames.indexOf('alerts')]!.flatMap(itemsOf));
    if (open !== null)
      return { property: 'no alert of the fleet stays when nothing asks for its worker', detail: open };
  }
  const { checkpoints } = server;
  const stride = Math.max(1, Math.ceil(checkpoints.length / replaysMax));
  for (let n = 0; n < checkpoints.length; n += stride) {
    const { position, bytes } = checkpoints[n]!;
    const replayed = outputsIn(stepsOf(openRun(log, lane, variant, bytes)));
    const rest = expected.map((outputs) => outputs.filter(({ sequence }) => sequence > position));
    const difference = firstDifference(rest, replayed);
    if (difference === null) continue;
    return { property: 'a replay from a checkpoint gives the same', detail: `from ${position}, ${difference}` };
  }
  if (tally !== undefined) {
    if (lane !== 'fleet') tally.messages += log.of(lane).length;
    if (lane !== 'fleet') tally.readings += steps.reduce((sum, { readings }) => sum + readings.length, 0);
    tally.outputs += expected.reduce((sum, { length }) => sum + length, 0);
    tally.checkpoints += checkpoints.length;
    tally.refused += server.refused;
  }
  return null;
}

function outputsIn(steps: readonly Step[]): Output[][] {
  return outputNames.map((_, i) =>
    steps.flatMap((step) =>
      outputsOf(step)[i]!.map((output) => ({ sequence: step.sequence, text: JSON.stringify(output) })),
    ),
  );
}

/** An alert of which subscribers were last told that it fires; null: there is none. */
function toldFiring(alerts: readonly string[]): string | null {
  const last = new Map<string, string>();
  for (const text of alerts) {
    const { rule, key, field, notify } = JSON.parse(text) as Transition;
    if (notify !== null) last.set(JSON.stringify([rule, key, field]), notify === 'firing' ? text : '');
  }
  return [...last.values()].find((text) => text !== '') ?? null;
}

function itemsOf({ data }: StoredOutput): string[] {
  return (JSON.parse(data) as unknown[]).map((item) => JSON.stringify(item));
}

function firstDifference(expected: readonly Output[][], given: readonly Output[][]): string | null {
  for (const [i, name] of outputNames.entries()) {
    const [a, b] = [expected[i]!, given[i]!];
    for (let n = 0; n < Math.max(a.length, b.length); n++)
      if (a[n]?.text !== b[n]?.text)
        return `${name}, output ${n} of ${a.length}:\n  gives    ${b[n]?.text}\n  expected ${a[n]?.text}`;
  }
  return null;
}
