import { describe, expect, it } from 'vitest';
import { Sightings } from './sightings.ts';

const member = (id: string, revision: number, isLeaving = false) => ({ id, revision, isLeaving });

/** Looks every second of 1 to n; `revisions[second]` of the one member that is looked at, undefined: did not look. */
function livesAfter(revisions: readonly (number | undefined)[]): boolean {
  const sightings = new Sightings(4_000, 2_000);
  for (const [second, revision] of revisions.entries())
    if (revision !== undefined) sightings.look(second * 1_000, [member('a', revision)]);
  return sightings.living().length === 1;
}

describe('sightings', () => {
  it.each<[what: string, revisions: (number | undefined)[], lives: boolean]>([
    ['seen once', [1], true],
    ['renewed', [1, 2, 3, 4, 5, 6], true],
    ['silent for less than its term', [1, 2, 2, 2, 2], true],
    ['silent for its term', [1, 1, 1, 1, 1], false],
    ['back', [1, 1, 1, 1, 1, 2], true],
    [
      'nobody looked for so long: it may have been renewed all the while',
      [1, undefined, undefined, undefined, 1],
      true,
    ],
    ['from then on it has a full term', [1, undefined, undefined, undefined, 1, 1, 1, 1], true],
    ['and no more', [1, undefined, undefined, undefined, 1, 1, 1, 1, 1], false],
  ])('%s', (_what, revisions, lives) => expect(livesAfter(revisions)).toBe(lives));

  it('who took its key away is gone at once', () => {
    const sightings = new Sightings(4_000, 2_000);
    sightings.look(0, [member('a', 1), member('b', 2)]);
    sightings.look(1_000, [member('b', 3)]);
    expect(sightings.living().map(({ id }) => id)).toEqual(['b']);
  });

  it('are as of when they were asked for: an answer that was long on its way makes nobody dead', async () => {
    const sightings = new Sightings(4_000, 2_000);
    let nowMs = 0;
    const now = () => nowMs;
    const rounds = [
      { sentMs: 0, answeredMs: 0 },
      { sentMs: 1_500, answeredMs: 2_000 },
      { sentMs: 2_500, answeredMs: 4_000 },
    ];
    for (const { sentMs, answeredMs } of rounds) {
      nowMs = sentMs;
      const answer = Promise.withResolvers<ReturnType<typeof member>[]>();
      const looked = sightings.lookAt(() => answer.promise, now);
      nowMs = answeredMs;
      answer.resolve([member('a', 1)]);
      await looked;
    }
    expect([sightings.living().length, sightings.silentMs('a')]).toEqual([1, 2_500]);
  });
});
