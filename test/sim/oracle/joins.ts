import type { ProcessingConfig } from '../../../infra/config/schema.ts';
import { groupKey, groupTags } from './groups.ts';
import { livesOf } from './lives.ts';
import type { Moment } from './log-time.ts';
import { noPasts, pastOf, type Pasts } from './past.ts';
import type { Fate, Fates } from './readings.ts';
import { msToUs } from './story.ts';
import { order } from './windows.ts';

/** A derived reading of a join, with the message that decided it. */
export interface Joined {
  readonly processor: string;
  readonly key: string;
  readonly device: string;
  readonly tags: Fate['tags'];
  readonly timeUs: number;
  readonly fields: Readonly<Record<string, number>>;
  readonly decidedAt: Moment;
  /** Of the reading that left no room for it; -1: time decided it. */
  readonly decidedBy: number;
  /** The reading on the left. */
  readonly left: Fate;
}

/** A reading of one side. */
interface Kept {
  readonly fate: Fate;
  readonly group: string;
  isDecided: boolean;
}

/** Readings kept of one side of a group. */
const keptMax = 4_096;

export interface Joins {
  /** In the order in which they are written. */
  readonly written: readonly Joined[];
  /** Those that rules judge: what a rebuild found of the past they have judged there. */
  readonly judged: readonly Joined[];
}

type Side = ProcessingConfig['joins'][number]['left'];

/**
 * Each left reading with the right one nearest in event time, decided when the log's clock less the lateness has passed
 * its time and the tolerance (docs/transforms.md), or when more wait of its group than are kept. The expression is always `left - right`.
 */
export function joinsOf(
  moments: readonly Moment[],
  configs: readonly ProcessingConfig[],
  { fates: readings }: Pick<Fates, 'fates'>,
  pasts: Pasts = noPasts,
): Joins {
  const joined: Joined[] = [];
  const handedOn: { readonly at: Moment; readonly joined: readonly Joined[] }[] = [];
  for (const life of livesOf(moments, configs, ({ joins }) => joins)) {
    const { part: join } = life;
    const past = pastOf(pasts, life);
    const own = [...(past?.moments ?? []), ...life.moments];
    const all = [...(past?.fates ?? []), ...readings];
    if (past !== null)
      handedOn.push({ at: life.moments[0]!, joined: past.joined.filter(({ processor }) => processor === join.name) });
    const toleranceUs = msToUs(join.tolerance);
    /** Of both sides that were not too late, with where they came in. */
    const lefts: Kept[] = [];
    let rights: Kept[] = [];
    /** Of each device: those of the last reading that was taken. */
    const lastTags = new Map<string | null, Fate['tags']>();
    let watermarkUs = 0;
    const decide = (left: Kept, at: Moment, by = -1) => {
      left.isDecided = true;
      const right = nearest(left, rights, toleranceUs);
      if (right === undefined || past?.moments.includes(at) === true) return;
      const { fate } = left;
      const value = numberIn(fate, join.left) - numberIn(right, join.right);
      joined.push({
        processor: join.name,
        key: left.group,
        device: join.by.includes('device') ? fate.device : '',
        tags: join.by.includes('device') ? lastTags.get(fate.key)! : groupTags(join.by, fate),
        timeUs: fate.timeUs,
        fields: { [join.name]: value + 0 },
        decidedAt: at,
        decidedBy: by,
        left: fate,
      });
    };
    /** The earliest of a group, if these are more than are kept. */
    const beyond = (group: string, kept: readonly Kept[]): Kept | undefined => {
      const ofGroup = kept.length <= keptMax ? [] : kept.filter((one) => one.group === group);
      return ofGroup.length <= keptMax ? undefined : ofGroup.reduce((a, b) => (inTime(a.fate, b.fate) <= 0 ? a : b));
    };
    for (const at of own) {
      watermarkUs = Math.max(watermarkUs, at.nowUs - msToUs(join.lateness));
      for (const left of lefts) if (!left.isDecided && left.fate.timeUs + toleranceUs < watermarkUs) decide(left, at);
      rights = rights.filter(({ fate }) => fate.timeUs + 2 * toleranceUs >= watermarkUs);
      for (const fate of all.filter((one) => one.at === at)) {
        const group = groupKey(join.by, fate);
        if (group === null) continue;
        const isLeft = concerns(join.left, fate) && fate.timeUs + toleranceUs >= watermarkUs;
        const isRight = concerns(join.right, fate) && fate.timeUs + 2 * toleranceUs >= watermarkUs;
        if (isLeft || isRight) lastTags.set(fate.key, fate.tags);
        if (isLeft) {
          lefts.push({ fate, group, isDecided: false });
          const oldest = beyond(
            group,
            lefts.filter(({ isDecided }) => !isDecided),
          );
          if (oldest !== undefined) decide(oldest, at, fate.index);
        }
        if (isRight) {
          rights.push({ fate, group, isDecided: false });
          const oldest = beyond(group, rights);
          rights = rights.filter((one) => one !== oldest);
        }
      }
    }
  }
  const inOrder = joined.toSorted((a, b) => a.decidedAt.sequence - b.decidedAt.sequence || inWrittenOrder(a, b));
  const written = [
    // What a rebuild brings comes first, in the order in which it was found.
    ...handedOn.flatMap(({ at, joined: some }) => some.map((one) => ({ one, sequence: at.sequence - 0.5 }))),
    ...inOrder.map((one) => ({ one, sequence: one.decidedAt.sequence })),
  ].toSorted(
    (a, b) =>
      a.sequence - b.sequence ||
      (Number.isInteger(a.sequence) ? 0 : a.one.decidedAt.sequence - b.one.decidedAt.sequence) ||
      inWrittenOrder(a.one, b.one),
  );
  return { written: written.map(({ one }) => one), judged: inOrder };
}

function inWrittenOrder(a: Joined, b: Joined): number {
  return (
    a.decidedBy - b.decidedBy ||
    a.timeUs - b.timeUs ||
    order(a.processor, b.processor) ||
    order(a.key, b.key) ||
    inPlace(a.left, b.left)
  );
}

/** Of two as near the earlier one, of two at one time the first by device and place in the log. */
function nearest({ fate: left, group }: Kept, rights: readonly Kept[], toleranceUs: number): Fate | undefined {
  const away = ({ timeUs }: Fate) => Math.abs(timeUs - left.timeUs);
  return rights
    .filter((right) => right.group === group && away(right.fate) <= toleranceUs)
    .map(({ fate }) => fate)
    .toSorted((a, b) => away(a) - away(b) || inTime(a, b))[0];
}

function inTime(a: Fate, b: Fate): number {
  return a.timeUs - b.timeUs || inPlace(a, b);
}

function inPlace(a: Fate, b: Fate): number {
  return order(a.key!, b.key!) || a.at.sequence - b.at.sequence || a.index - b.index;
}

const numberIn = ({ fields }: Fate, { field }: Side) => Number(fields[field]);

function concerns({ field, where }: Side, { fields, device, tags }: Fate): boolean {
  if (fields[field] === undefined || typeof fields[field] === 'string') return false;
  return Object.entries(where).every(([name, value]) => (name === 'device' ? device : tags[name]) === value);
}
