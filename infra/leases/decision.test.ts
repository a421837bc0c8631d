import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, type Situation } from './decision.ts';

const partitions = ['partition.0', 'partition.1', 'partition.2', 'partition.3'];
const alive = (...ids: string[]) => ids.map((id) => ({ id, revision: 1, isLeaving: id.startsWith('leaving') }));
const decideFor = (over: Partial<Situation>) =>
  decide({ me: 'a', groups: [partitions], living: alive('a'), holders: new Map(), running: new Set(), ...over });
const all = (holder: string) => new Map(partitions.map((name) => [name, holder]));

describe('decision', () => {
  it('alone: takes all, then nothing more', () => {
    expect(decideFor({})).toEqual({ lost: [], release: [], claim: partitions });
    expect(decideFor({ holders: all('a'), running: new Set(partitions) })).toEqual({
      lost: [],
      release: [],
      claim: [],
    });
  });

  it('takes nothing from a living member that has too much, which gives up half', () => {
    expect(decideFor({ living: alive('a', 'b'), holders: all('b') }).claim).toEqual([]);
    const holder = decideFor({ living: alive('a', 'b'), holders: all('a'), running: new Set(partitions) });
    expect(holder.release).toHaveLength(2);
    const holders = new Map([...all('a')].filter(([name]) => !holder.release.includes(name)));
    expect(decideFor({ me: 'b', living: alive('a', 'b'), holders }).claim.toSorted()).toEqual(
      [...holder.release].toSorted(),
    );
  });

  it('takes what the dead held', () => expect(decideFor({ holders: all('dead') }).claim).toEqual(partitions));

  it('drops what another has taken meanwhile', () => {
    const { lost, release } = decideFor({ living: alive('a', 'b'), holders: all('b'), running: new Set(partitions) });
    expect(lost).toEqual(partitions);
    expect(release).toEqual([]);
  });

  it('takes up again what it holds by the table and does not run: the answer to its claim was lost', () =>
    expect(decideFor({ holders: all('a') }).claim).toEqual(partitions));

  it('who leaves gives up all, and nobody takes it before', () => {
    const living = alive('a', 'leaving-b');
    const holders = all('leaving-b');
    expect(decideFor({ living, holders }).claim).toEqual([]);
    expect(decideFor({ me: 'leaving-b', living, holders, running: new Set(partitions) }).release).toEqual(partitions);
  });

  it('members that decide one after another come to rest, all held, evenly, and nothing is ever held twice', () => {
    const script = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.boolean()), { maxLength: 60 });
    fc.assert(
      fc.property(script, (steps) => {
        const holders = new Map<string, string>();
        const members = ['a', 'b', 'c', 'd'].map((id) => ({ id, lives: false, running: new Set<string>() }));
        const turn = (member: (typeof members)[number]) => {
          const living = alive(...members.filter(({ lives }) => lives).map(({ id }) => id));
          const decision = decide({ me: member.id, groups: [partitions], living, holders, running: member.running });
          for (const name of [...decision.lost, ...decision.release]) member.running.delete(name);
          for (const name of decision.release) holders.delete(name);
          for (const name of decision.claim) {
            holders.set(name, member.id);
            member.running.add(name);
          }
          for (const name of partitions)
            expect(members.filter(({ lives, running }) => lives && running.has(name)).length).toBeLessThanOrEqual(1);
        };
        for (const [index, lives] of steps) {
          const member = members[index]!;
          if (!lives) member.running.clear();
          member.lives = lives;
          if (lives) turn(member);
        }
        members[0]!.lives = true;
        const living = members.filter(({ lives }) => lives);
        for (let round = 0; round < 4; round++) for (const member of living) turn(member);
        const counts = living.map(({ running }) => running.size);
        expect(counts.reduce((a, b) => a + b)).toBe(partitions.length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
