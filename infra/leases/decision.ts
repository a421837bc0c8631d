import { assign } from './assignment.ts';
import type { Announcement } from './sightings.ts';

/** What one process sees at one moment. */
export interface Situation {
  readonly me: string;
  /** What there is to hold. Each group is spread by itself. */
  readonly groups: readonly (readonly string[])[];
  readonly living: readonly Announcement[];
  /** By name, who holds it as the table says, the dead included. */
  readonly holders: ReadonlyMap<string, string>;
  /** What this process has begun and not yet ended. */
  readonly running: ReadonlySet<string>;
}

export interface Decision {
  /** Somebody else has it: to be dropped without a word. */
  readonly lost: readonly string[];
  /**
   * To be brought to an end, where it runs, and given up: it is another's turn, or this process leaves. With what it
   * never began because the answer to its claim was lost.
   */
  readonly release: readonly string[];
  /** To be taken by compare-and-set, then begun. */
  readonly claim: readonly string[];
}

/** What to do next. What a living member holds is never taken: it gives it up, or its term runs out. */
export function decide({ me, groups, living, holders, running }: Situation): Decision {
  const alive = new Set(living.map(({ id }) => id));
  const staying = living.filter(({ isLeaving }) => !isLeaving).map(({ id }) => id);
  const held = new Map([...holders].filter(([, holder]) => alive.has(holder)));
  const wanted = new Map(groups.flatMap((names) => [...assign(names, staying, held)]));
  const lost = [...running].filter((name) => holders.get(name) !== me);
  const release = [...holders.keys()].filter((name) => holders.get(name) === me && wanted.get(name) !== me);
  const claim = groups.flat().filter((name) => {
    if (running.has(name) || wanted.get(name) !== me) return false;
    const holder = held.get(name);
    return holder === undefined || holder === me;
  });
  return { lost, release, claim };
}
