/**
 * The load, in a process of its own: `node bench/load-generator.ts '<LoadOptions as JSON>'`. Prints a LoadResult.
 *
 * One publish is one reading of 100 bytes with one field and its own time, QoS 1. The rate is kept by the clock: what a
 * closed window holds up is made up for afterwards, so a slow pipeline shows as latency and as a longer run.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { openPublisher, type Publisher } from './mqtt-publisher.ts';
import { Measurements } from './percentile.ts';
import { openViewer } from './viewer.ts';

export interface LoadOptions {
  readonly mqttPort: number;
  /** Address of `/live` when a viewer is to measure; else acknowledgements are measured. */
  readonly liveUrl?: string;
  readonly site: string;
  readonly connections: number;
  readonly devices: number;
  readonly perS: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly acknowledged: number;
  /** Until the last acknowledgement. */
  readonly tookMs: number;
  /** From the publish call to PUBACK. */
  readonly ackP50Ms: number | null;
  readonly ackP99Ms: number | null;
  /** From the publish call to the frame. */
  readonly liveP50Ms: number | null;
  readonly liveP99Ms: number | null;
  readonly neverShown: number;
  readonly cpuMs: number;
}

/** What is not acknowledged by then is not waited for. */
const settleMs = 30_000;
/** Frames are waited for this long after the last acknowledgement. */
const framesMs = 2_000;
const tickMs = 2;

const options = JSON.parse(process.argv[2]!) as LoadOptions;
process.stdout.write(JSON.stringify(await generate(options)));

async function generate({
  mqttPort,
  liveUrl,
  site,
  connections,
  devices,
  perS,
  seconds,
}: LoadOptions): Promise<LoadResult> {
  const originUs = Math.round(performance.timeOrigin * 1000);
  const nowUs = () => originUs + Math.round(performance.now() * 1000);
  const acks = new Measurements();
  let lastAckMs = 0;
  const onAcknowledged = (publishedAtMs: number) => {
    lastAckMs = performance.now();
    acks.add(lastAckMs - publishedAtMs);
  };
  const publishers: Publisher[] = [];
  for (let i = 0; i < connections; i++) publishers.push(await openPublisher(mqttPort, `${site}-${i}`, onAcknowledged));
  const viewer = liveUrl === undefined ? null : await openViewer(liveUrl, nowUs);

  const perConnection = (perS * seconds) / connections;
  const devicesEach = devices / connections;
  const sent = Array.from({ length: connections }, () => 0);
  const lastTimes = new Map<string, number>();
  const startMs = performance.now();
  const publishOne = (connection: number): boolean => {
    const name = `sensor-${connection * devicesEach + (sent[connection]! % devicesEach)}`;
    const key = `${site}/${name}`;
    // Two readings of one device are never at the same time, or one of them would be a duplicate.
    const timeUs = Math.max(nowUs(), (lastTimes.get(key) ?? 0) + 1);
    if (!publishers[connection]!.publish(`sensors/${key}`, payload(sent[connection]!, timeUs))) return false;
    lastTimes.set(key, timeUs);
    viewer?.published(key, timeUs);
    sent[connection]!++;
    return true;
  };
  for (let isDone = false; !isDone; await pause(tickMs)) {
    const elapsedS = (performance.now() - startMs) / 1000;
    isDone = true;
    for (let connection = 0; connection < connections; connection++) {
      const due = Math.min(perConnection, (elapsedS / seconds) * perConnection);
      while (sent[connection]! < Math.floor(due) && publishOne(connection));
      publishers[connection]!.flush();
      if (sent[connection]! < Math.floor(perConnection)) isDone = false;
    }
    if (elapsedS > seconds + settleMs / 1000) break;
  }
  const deadlineMs = performance.now() + settleMs;
  while (publishers.some(({ inFlight }) => inFlight > 0) && performance.now() < deadlineMs) await pause(10);
  const framesDeadlineMs = performance.now() + framesMs;
  if (viewer) while (viewer.waiting() > 0 && performance.now() < framesDeadlineMs) await pause(10);
  viewer?.close();
  await Promise.all(publishers.map((publisher) => publisher.close()));
  return {
    acknowledged: publishers.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
    tookMs: lastAckMs - startMs,
    ackP50Ms: acks.percentile(0.5),
    ackP99Ms: acks.percentile(0.99),
    liveP50Ms: viewer?.latencies.percentile(0.5) ?? null,
    liveP99Ms: viewer?.latencies.percentile(0.99) ?? null,
    neverShown: viewer?.waiting() ?? 0,
    cpuMs: Math.round(process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000),
  };
}

/** 100 bytes. */
function payload(n: number, timeUs: number): string {
  const value = (20 + (n % 4000) / 100).toFixed(2);
  return `{"bearing_temperature_drive_side_of_the_main_spindle_in_celsius":${value},"time":${timeUs}}     `;
}
