import type { Checkpoints } from '../../infra/bus/checkpoints.ts';

/**
 * Checkpoints that are kept, one for each hour of the log's clock, for as long as the log reaches them: replays begin
 * there. Named `worker.<partition>.at.<position>`, of the fleet's worker `worker.fleet.at.<position>`.
 */
export const keptName = (lane: Lane, position: number) => `worker.${lane}.at.${position}`;

type Lane = number | 'fleet';

const hourUs = 3_600_000_000;

/** Whether one is due: the first checkpoint of another hour of the log's clock than the last one kept. */
export function keepIsDue(nowUs: number, keptAtUs: number): boolean {
  return Math.floor(nowUs / hourUs) > Math.floor(keptAtUs / hourUs);
}

interface KeptName {
  readonly name: string;
  readonly lane: Lane;
  readonly position: number;
}

async function keptNames(checkpoints: Checkpoints): Promise<KeptName[]> {
  return (await checkpoints.names()).flatMap((name) => {
    const match = /^worker\.(\d+|fleet)\.at\.(\d+)$/.exec(name);
    if (match === null) return [];
    return [{ name, lane: match[1] === 'fleet' ? 'fleet' : Number(match[1]), position: Number(match[2]) }];
  });
}

/** The latest from which message `from` is reached, or the latest of all; null without one. */
export async function keptBefore(
  checkpoints: Checkpoints,
  lane: Lane,
  from: number | 'checkpoint',
): Promise<{ readonly position: number; readonly bytes: Uint8Array } | null> {
  const own = (await keptNames(checkpoints))
    .filter((kept) => kept.lane === lane && (from === 'checkpoint' || kept.position < from))
    .toSorted((a, b) => b.position - a.position);
  for (const { name, position } of own) {
    const bytes = await checkpoints.load(name);
    if (bytes !== null) return { position, bytes };
  }
  return null;
}

/**
 * Removes those that the log no longer reaches, all but the latest of each lane: a replay from the log's beginning
 * starts with its state, which knows all devices, if not what came between.
 * @returns how many.
 */
export async function sweepKept(checkpoints: Checkpoints, firstSequence: number): Promise<number> {
  const reached = new Map<Lane, number>();
  const names = await keptNames(checkpoints);
  for (const { lane, position } of names)
    if (position < firstSequence) reached.set(lane, Math.max(reached.get(lane) ?? 0, position));
  const gone = names.filter(({ lane, position }) => position < (reached.get(lane) ?? 0));
  for (const { name } of gone) await checkpoints.remove(name);
  return gone.length;
}
