import { connectAsync } from 'mqtt';
import { ingestProcesses, type IngestProcesses } from '../test/ingest-process.ts';
import { openPublisher } from './mqtt-publisher.ts';
import { Measurements } from './percentile.ts';
import { usageOf } from './process-usage.ts';

/**
 * What the broker's memory costs that survives a restart: 10,000 retained topics of 100 bytes and 1,000 persistent
 * sessions with a subscription each. With a real nats-server and ingest as a process of its own.
 */
const topics = 10_000;
const sessions = 1_000;
const publishes = 100_000;
const payload = 'x'.repeat(100);

export interface BrokerMemoryFigures {
  /** From SUBSCRIBE to SUBACK of a persistent session, 50 at a time, ms. */
  readonly subackMs: { readonly p50: number; readonly p99: number };
  /** From the start of the process to its first listening port, ms: with nothing, after a stop, after kill -9. */
  readonly startMs: { readonly empty: number; readonly stopped: number; readonly killed: number };
  /** Of which bringing the memory back, ms. */
  readonly restoreMs: { readonly empty: number; readonly stopped: number; readonly killed: number };
  /** CPU of ingest for a QoS 1 publish, microseconds: on topics without and with retain. */
  readonly cpuUsPerPublish: { readonly plain: number; readonly retained: number };
}

export async function reportBrokerMemory(isJson: boolean): Promise<void> {
  const figures = await benchBrokerMemory();
  process.stdout.write(`${isJson ? JSON.stringify(figures) : JSON.stringify(figures, null, 2)}\n`);
}

async function benchBrokerMemory(): Promise<BrokerMemoryFigures> {
  // One client sends everything: what it costs, not what one may send, is measured.
  await using ingest = await ingestProcesses({ limits: { messagesPerSecond: 1_000_000, bytesPerSecond: '1GiB' } });
  const empty = await timedStart(ingest);
  const suback = await subscribe(ingest);
  await retain(ingest);
  await ingest.stop();
  const stopped = await timedStart(ingest);
  const plain = await cpuOf(ingest, (i) => [`bench/plain/${i % topics}`, false]);
  const retained = await cpuOf(ingest, (i) => [`bench/kept/${i % topics}`, true]);
  await ingest.kill9();
  const killed = await timedStart(ingest);
  return {
    subackMs: { p50: suback.percentile(0.5)!, p99: suback.percentile(0.99)! },
    startMs: { empty: empty.start, stopped: stopped.start, killed: killed.start },
    restoreMs: { empty: empty.restore, stopped: stopped.restore, killed: killed.restore },
    cpuUsPerPublish: { plain, retained },
  };
}

async function timedStart(ingest: IngestProcesses): Promise<{ start: number; restore: number }> {
  const beganMs = performance.now();
  await ingest.start();
  const start = Math.round(performance.now() - beganMs);
  const line = ingest
    .output()
    .split('\n')
    .findLast((text) => text.includes('what the broker held is back'))!;
  return { start, restore: (JSON.parse(line) as { ms: number }).ms };
}

async function subscribe(ingest: IngestProcesses): Promise<Measurements> {
  const measured = new Measurements();
  const one = async (i: number) => {
    const clientId = `session-${i}`;
    const client = await connectAsync(`mqtt://127.0.0.1:${ingest.port()}`, { clientId, clean: false });
    const beganMs = performance.now();
    await client.subscribeAsync(`orders/${i}/#`, { qos: 1 });
    measured.add(performance.now() - beganMs);
    await client.endAsync();
  };
  for (let from = 0; from < sessions; from += 50)
    await Promise.all(Array.from({ length: 50 }, (_, i) => one(from + i)));
  return measured;
}

async function retain(ingest: IngestProcesses): Promise<void> {
  const client = await connectAsync(`mqtt://127.0.0.1:${ingest.port()}`);
  for (let from = 0; from < topics; from += 1_000)
    await Promise.all(
      Array.from({ length: 1_000 }, (_, i) =>
        client.publishAsync(`bench/kept/${from + i}`, payload, { qos: 1, retain: true }),
      ),
    );
  await client.endAsync();
}

async function cpuOf(ingest: IngestProcesses, nth: (i: number) => [topic: string, retain: boolean]): Promise<number> {
  const before = usageOf(ingest.pid())!.cpuMs;
  const publisher = await openPublisher(ingest.port(), 'bench', () => {});
  let sent = 0;
  while (publisher.acknowledged < publishes) {
    while (sent < publishes) {
      const [topic, isRetained] = nth(sent);
      if (!publisher.publish(topic, payload, isRetained)) break;
      sent++;
    }
    publisher.flush();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await publisher.close();
  return Number((((usageOf(ingest.pid())!.cpuMs - before) * 1_000) / publishes).toFixed(1));
}
