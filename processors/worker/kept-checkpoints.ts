import type { Checkpoints } from '../../infra/bus/checkpoints.ts';

/**
 * Checkpoints that are kept, one for each hour of the log's clock, for as long as the log reaches them: replays begin
 * there. Named `worker.<partition>.at.<position>`.
 */
export const keptName = (partition: number, position: number) => `worker.${partition}.at.${position}`;

const hourUs = 3_600_000_000;

/** Whether one is due: the first checkpoint of another hour of the log's clock than the last one kept. */
export function keepIsDue(nowUs: number, keptAtUs: number): boolean {
  return Math.floor(nowUs / hourUs) > Math.floor(keptAtUs / hourUs);
}

interface KeptName {
  readonly name: string;
  readonly partition: number;
  readonly position: number;
}

async function keptNames(checkpoints: Checkpoints): Promise<KeptName[]> {
  return (await checkpoints.names()).flatMap((name) => {
    const match = /^worker\.(\d+)\.at\.(\d+)$/.exec(name);
    return match === null ? [] : [{ name, partition: Number(match[1]), position: Number(match[2]) }];
  });
}

/** The latest from which message `from` is reached, or the latest of all; null without one. */
export async function keptBefore(
  checkpoints: Checkpoints,
  partition: number,
  from: number | 'checkpoint',
): Promise<{ readonly position: number; readonly bytes: Uint8Array } | null> {
  const own = (await keptNames(checkpoints))
    .filter((kept) => kept.partition === partition && (from === 'checkpoint' || kept.position < from))
    .toSorted((a, b) => b.position - a.position);
  for (const { name, position } of own) {
    const bytes = await checkpoints.load(name);
    if (bytes !== null) return { position, bytes };
  }
  return null;
}

/** Removes those that the log no longer reaches: a replay from one would begin with a gap. @returns how many. */
export async function sweepKept(checkpoints: Checkpoints, firstSequence: number): Promise<number> {
  const gone = (await keptNames(checkpoints)).filter(({ position }) => position + 1 < firstSequence);
  for (const { name } of gone) await checkpoints.remove(name);
  return gone.length;
}
