import { check } from './check.ts';
import { drawPlan } from './world/draw-plan.ts';
const tally = { messages: 0, readings: 0, outputs: 0, checkpoints: 0 };
const n = Number(process.argv[2] ?? 200); const from = Number(process.argv[3] ?? 1);
const t = Date.now(); const props = new Map<string, number[]>();
for (let seed = from; seed < from + n; seed++) {
  const failure = check(drawPlan(seed), {}, tally);
  if (failure) { const list = props.get(failure.property) ?? []; if (list.length === 0) console.log(seed, failure.property, failure.detail); list.push(seed); props.set(failure.property, list); }
}
console.log(n / ((Date.now() - t) / 60000), 'seeds/min', tally);
for (const [p, l] of props) console.log(p, l.length, l.slice(0, 5));
