// `npm run sim`: seed after seed, until one fails, or the time or the seeds are up.
import { parseArgs } from 'node:util';
import { check, emptyTally } from './check.ts';
import { printPlan } from './print.ts';
import { shrink } from './shrink.ts';
import { drawPlan } from './world/draw-plan.ts';

const usage = `npm run sim -- [options]
  --seconds <n>  how long to run, default 60
  --seeds <n>    how many seeds to run, whatever time they take
  --from <n>     the first seed; by default the clock chooses, so that each run sees new ones
  --seed <n>     this seed alone
`;

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { seconds: text, seeds: text, from: text, seed: text } });

function wholeNumber(name: keyof typeof values, otherwise: number): number {
  const value = values[name] === undefined ? otherwise : Number(values[name]);
  if (value >= 0 && (Number.isSafeInteger(value) || value === otherwise)) return value;
  process.stderr.write(`error  --${name} takes a whole number\n${usage}`);
  process.exit(2);
}

const first = wholeNumber('seed', wholeNumber('from', Math.floor(Date.now() / 1e3)));
const count = values.seed === undefined ? wholeNumber('seeds', Infinity) : 1;
const untilMs = performance.now() + 1e3 * wholeNumber('seconds', count === Infinity ? 60 : Infinity);
const tally = emptyTally();
const beganMs = performance.now();

let seed = first;
for (; seed < first + count && performance.now() < untilMs; seed++) {
  const plan = drawPlan(seed);
  const failure = check(plan, {}, tally);
  if (failure === null) continue;
  process.stdout.write(`seed ${seed} fails: ${failure.property}; shrinking\n`);
  const small = shrink(plan, failure);
  process.stdout.write(`\n${printPlan(small.plan, small.failure)}`);
  process.exitCode = 1;
  break;
}

const minutes = (performance.now() - beganMs) / 60e3;
const done = seed - first;
process.stdout.write(
  `sim: ${done} seeds passed from ${first} on, ${Math.round(done / minutes)} a minute; ` +
    `${tally.messages} messages, ${tally.readings} readings, ${tally.outputs} outputs, ${tally.checkpoints} checkpoints, ` +
    `${tally.refused} writes refused\n`,
);
