import type { LogRecord } from '../../events/record.ts';
import type { Failure } from './check.ts';
import { outputNames, type Entry, type Op, type Plan } from './plan.ts';

/** A failing plan for people: configurations, the log, what happens to the workers, what went wrong. */
export function printPlan(plan: Plan, { property, detail }: Failure): string {
  const used = new Set([0, ...plan.log.flatMap((entry) => (entry.kind === 'control' ? [entry.config] : []))]);
  return [
    `seed ${plan.seed} fails: ${property}`,
    '',
    ...plan.configs.flatMap((config, i) => (used.has(i) ? [`configuration ${i + 1}: ${JSON.stringify(config)}`] : [])),
    '',
    `log, ${plan.partitions} partition(s); times are seconds after ${new Date(plan.beginUs / 1e3).toISOString()}`,
    ...plan.log.map((entry) => entryText(entry, (us) => ((us - plan.beginUs) / 1e6).toFixed(6))),
    '',
    'workers',
    ...repeated(plan.faults.map(opText)).map((text) => `  ${text}`),
    '  at the end: a new worker finishes, then those left over go on',
    '',
    detail,
    '',
    `rerun: npm run sim -- --seed ${plan.seed}`,
    '',
  ].join('\n');
}

type At = (us: number) => string;

/** Equal lines that follow each other, as one. */
function repeated(lines: readonly string[]): string[] {
  const runs: { readonly line: string; times: number }[] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last?.line === line) last.times++;
    else runs.push({ line, times: 1 });
  }
  return runs.map(({ line, times }) => (times === 1 ? line : `${line} (${times} times)`));
}

function entryText(entry: Entry, at: At): string {
  const head = `  ${at(entry.nowUs)}`;
  if (entry.kind === 'repeat') return `${head}  batch ${entry.of} once more`;
  if (entry.kind === 'control') {
    const back = entry.state === 'rebuild' ? ` from ${entry.back} messages before` : '';
    return `${head}  control: configuration ${entry.config + 1}, ${entry.state} state${back}`;
  }
  const missing = entry.missing === 0 ? '' : `, ${entry.missing} before it missing`;
  const removed = entry.removed ? ', removed before it was read' : '';
  const lines = entry.records.map((record) => `      ${recordText(record, at)}`);
  return [`${head}  batch ${entry.id} log.${entry.partition} of ${entry.producer}${missing}${removed}`, ...lines].join(
    '\n',
  );
}

function recordText(record: LogRecord, at: At): string {
  if (record.kind !== 'publish') return record.kind;
  const { topic, payload, client, packetId, qos, dup, receivedAtUs } = record;
  const packet = `${client} qos ${qos}${qos === 0 ? '' : ` packet ${packetId}`}${dup ? ' dup' : ''}`;
  return `${topic} ${payloadText(payload)}  (${packet}, received ${at(receivedAtUs)})`;
}

/** Of a payload that is printed, characters. */
const payloadCharsMax = 400;

function payloadText(payload: Uint8Array): string {
  const text = Buffer.from(payload).toString();
  return text.length <= payloadCharsMax ? text : `${text.slice(0, payloadCharsMax)}... (${payload.length} bytes)`;
}

function opText(op: Op): string {
  if (op.kind === 'apply') return 'the next configuration is published';
  if (op.kind === 'arrive') return `${laneText(op)}: what was on its way longest arrives`;
  const who = `${laneText(op)} worker ${op.slot}`;
  if (op.kind === 'take') return `${who} takes ${op.count}`;
  if (op.kind === 'publish') return `${who} publishes ${outputNames[op.output]}: ${op.answer}`;
  return op.kind === 'save' ? `${who} saves its checkpoint: ${op.answer}` : `${who} ${op.kind}`;
}

const laneText = ({ lane }: Op) => (lane === 'fleet' ? lane : `p${lane}`);
