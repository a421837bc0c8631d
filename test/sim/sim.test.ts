import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { check, emptyTally } from './check.ts';
import { minimize } from './minimize.ts';
import { printPlan } from './print.ts';
import { shrink } from './shrink.ts';
import { drawPlan } from './world/draw-plan.ts';

/** About ten seconds of one core; `npm run sim` runs others, and more. */
const seeds = 400;

it('the processing is right under faults, as the oracle says, once and in order', () => {
  const tally = emptyTally();
  for (let seed = 1; seed <= seeds; seed++) {
    const plan = drawPlan(seed);
    const failure = check(plan, {}, tally);
    if (failure === null) continue;
    const small = shrink(plan, failure);
    expect.fail(printPlan(small.plan, small.failure));
  }
  // It is about something: each seed has readings, outputs, checkpoints and writers that were refused.
  expect(Math.min(...Object.values(tally))).toBeGreaterThan(seeds);
}, 240_000);

it('a seed gives the same plan again, and another seed another', () => {
  expect(drawPlan(7)).toEqual(drawPlan(7));
  expect(drawPlan(7)).not.toEqual(drawPlan(8));
});

it('runs from the command line', () => {
  const main = join(import.meta.dirname, 'main.ts');
  const output = execFileSync(process.execPath, [main, '--seeds', '3', '--from', '5'], { encoding: 'utf8' });
  expect(output).toMatch(/^sim: 3 seeds passed from 5 on, \d+ a minute; \d+ messages/);
});

it('what matters is all that minimize leaves', () => {
  const items = Array.from({ length: 50 }, (_, i) => i);
  expect(minimize(items, (some) => some.includes(3) && some.includes(40))).toEqual([3, 40]);
});
