import { compileTemplate, partitionOf, routeKey } from '../../../events/topics.ts';
import type { LogRecord } from '../../../events/record.ts';
import { defaultTopics } from '../../../infra/config/topic-schema.ts';
import type { Entry } from '../plan.ts';
import type { Random } from '../random.ts';
import type { Sent } from './device.ts';

const templates = defaultTopics.map(compileTemplate);

/** An ingest process, its downtimes and those of the log's leaders, as the messages that come of them. */
export function drawLog(
  random: Random,
  sent: readonly Sent[],
  { partitions, untilSeconds, beginUs }: { partitions: number; untilSeconds: number; beginUs: number },
): Entry[] {
  const entries: Entry[] = [];
  const clock = drawLeaders(random, untilSeconds);
  const downFrom = random.chance(0.3) ? random.next() * untilSeconds : Infinity;
  const downTo = downFrom + random.integer(2, 25);
  const forgetsTicks = random.chance(0.2) ? 0.3 : 0;
  const repeats = random.chance(0.4) ? 0.1 : 0;
  const losses = random.chance(0.1) ? 0.03 : 0;
  const lingerSeconds = random.pick([0.2, 0.5, 1, 2]);
  const arrivals = sent.toSorted((a, b) => a.atSeconds - b.atSeconds);
  let next = 0;
  let id = 0;
  let lastTick = -1;
  let starts = 1;
  let wasDown = false;

  for (let at = 0; at < untilSeconds + 40; at += lingerSeconds * (0.5 + random.next())) {
    if (at >= downFrom && at < downTo) {
      wasDown = true;
      continue;
    }
    // Another start is another producer.
    if (wasDown) starts++;
    wasDown = false;
    const records: LogRecord[] = [];
    while (next < arrivals.length && arrivals[next]!.atSeconds <= at) records.push(arrivals[next++]!.record);
    const ticks = Math.floor(at) > lastTick && !random.chance(forgetsTicks);
    if (ticks) lastTick = Math.floor(at);
    const tick: LogRecord = { kind: 'tick', instance: `i${starts}`, atUs: beginUs + Math.floor(at) * 1e6 };
    const nowUs = beginUs + Math.round((at + clock(at)) * 1e6) + random.integer(0, 999);
    for (let partition = 0; partition < partitions; partition++) {
      const own = records.filter((record) => laneOf(record, partitions) === partition);
      if (own.length === 0 && !ticks) continue;
      const missing = random.chance(losses) ? random.integer(1, 3) : 0;
      const batch = ticks ? [tick, ...own] : own;
      entries.push({
        kind: 'batch',
        id: ++id,
        partition,
        nowUs,
        producer: `ingest-${starts}`,
        missing,
        removed: false,
        records: batch,
      });
      if (random.chance(repeats)) entries.push({ kind: 'repeat', of: random.integer(Math.max(1, id - 3), id), nowUs });
    }
  }
  return entries;
}

function laneOf(record: LogRecord, partitions: number): number {
  return record.kind === 'publish' ? partitionOf(routeKey(templates, record.topic), partitions) : 0;
}

/** How far the log's clock is off at a time: another leader has another clock. */
function drawLeaders(random: Random, untilSeconds: number): (at: number) => number {
  const changes = Array.from({ length: random.chance(0.5) ? random.integer(1, 3) : 0 }, () => ({
    from: random.next() * untilSeconds,
    offset: random.pick([-10, -2, -0.5, 0.5, 2, 10, 40]),
  }));
  return (at) => changes.findLast(({ from }) => at >= from)?.offset ?? 0;
}
