import { map, type MonoTypeOperatorFunction } from 'rxjs';
import { passOn, passReadingOn, type PassedOn, type Passing } from '../life/passing.ts';
import type { DeviceLives } from '../life/device-lives.ts';
import type { Step } from '../step.ts';

/**
 * What hardware sends that has replaced other is a reading of the device that was replaced: here, or where that is in
 * another partition, there. With its readings the ends of its connections go there, in the order of this partition.
 */
export function followReplacements(lives: DeviceLives, passing: Passing): MonoTypeOperatorFunction<Step> {
  return map((step) => {
    const { replacements } = lives;
    if (replacements.any) follow(step);
    if (passing.carries) tellEnds(step);
    return step;

    function follow({ arrivals, passedOn }: Step): void {
      let kept = 0;
      for (const arrival of arrivals) {
        const { route } = arrival;
        // What was passed on is under its owner's key: it goes no further.
        const owner = route.key === null || arrival.passed ? undefined : replacements.ownerOf(route.key);
        if (owner !== undefined) arrival.route = replacements.routeOf(route, owner);
        if (owner === undefined || owner.partition === null) {
          arrivals[kept++] = arrival;
          continue;
        }
        passing.carried(arrival.record.connection, owner.partition);
        passedOn.push(passReadingOn(owner.partition, arrival));
      }
      step.received -= arrivals.length - kept;
      arrivals.length = kept;
    }
  });

  function tellEnds({ records, passedOn, partition, sequence }: Step): void {
    for (const [index, record] of records.entries()) {
      if (record.kind !== 'disconnect') continue;
      for (const to of passing.end(record.connection))
        passedOn.push(passOn(to, { partition, sequence, index }, record));
    }
    passedOn.sort(inOrder);
  }
}

/** All of one message. */
function inOrder(a: PassedOn, b: PassedOn): number {
  const [left, right] = [a.record.from!, b.record.from!];
  return left.index - right.index || (left.part ?? 0) - (right.part ?? 0);
}
