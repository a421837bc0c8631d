import { createWriteStream, readFileSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { applyFaults } from './faults/apply-faults.ts';
import type { FaultName, FaultRates } from './faults/fault-names.ts';
import { readCsv, replay } from './csv.ts';
import { createFleet } from './fleet.ts';
import type { Publication } from './publication.ts';
import { schedule } from './schedule.ts';
import { Sender } from './sender.ts';

export interface SimulationOptions {
  readonly url: string;
  readonly devices: number;
  /** Readings per second. */
  readonly rate: number;
  readonly seed: number;
  readonly faults: FaultRates;
  readonly durationMs?: number | undefined;
  /** A data set to replay in place of the fleet, `speed` times as fast. */
  readonly csv?: { readonly file: string; readonly speed: number; readonly originalTime: boolean } | undefined;
  /** Where each acknowledged reading becomes a line of JSON: `{"key","timeUs","fields"}`. */
  readonly acksFile?: string | undefined;
  readonly signal: AbortSignal;
  /** Called once a second. */
  readonly onProgress: (progress: SimulationProgress) => void;
}

export interface SimulationProgress {
  readonly devices: number;
  readonly connections: number;
  readonly connected: number;
  readonly published: number;
  readonly acknowledged: number;
  /** Publishes over the last second. */
  readonly perS: number;
  readonly ackP99Ms: number | null;
  readonly faults: Readonly<Partial<Record<FaultName, number>>>;
  readonly elapsedMs: number;
  readonly durationMs: number | null;
  /** Why there is no connection; empty when there is. */
  readonly error: string;
}

/** Devices beyond this share connections. */
const connectionsMax = 1_000;
/** How long the last acknowledgements are waited for. */
const settleMs = 10_000;

/** Runs a simulated fleet, or replays a data set, until its end or until `signal`. */
export async function simulate(options: SimulationOptions): Promise<SimulationProgress> {
  const { signal, seed, csv } = options;
  const startUs = Date.now() * 1000;
  const counts: Partial<Record<FaultName, number>> = {};
  const count = (fault: FaultName) => (counts[fault] = (counts[fault] ?? 0) + 1);

  const rows = csv ? readCsv(readFileSync(csv.file, 'utf8')) : [];
  const shiftUs = csv?.originalTime ? 0 : startUs - (rows.at(-1)?.timeUs ?? 0);
  const devices = csv ? new Set(rows.map(({ site, device }) => `${site}/${device}`)).size : options.devices;
  const connections = Math.max(1, Math.min(devices, connectionsMax));
  const record = options.acksFile === undefined ? null : openRecord(options.acksFile);

  let sender: Sender | null = null;
  let total: SimulationProgress | null = null;
  let startedAt = performance.now();
  let before = { at: startedAt, published: 0 };
  const progress = (): SimulationProgress => {
    const at = performance.now();
    const published = sender?.published ?? 0;
    const perS = ((published - before.published) * 1000) / Math.max(1, at - before.at);
    before = { at, published };
    return {
      devices,
      connections,
      connected: sender?.connected ?? 0,
      published,
      acknowledged: sender?.acknowledged ?? 0,
      perS,
      ackP99Ms: sender?.latencies.percentile(0.99) ?? null,
      faults: counts,
      elapsedMs: at - startedAt,
      durationMs: options.durationMs ?? null,
      error: sender !== null && sender.connected === 0 ? sender.lastError : '',
    };
  };
  const timer = setInterval(() => options.onProgress(progress()), 1000);
  try {
    const name = `simulator-${process.pid}`;
    const onAcknowledged = record?.write;
    sender = await Sender.open(
      { url: options.url, connections, name, onAcknowledged },
      signal,
      (opening) => (sender = opening),
    );
    startedAt = performance.now();
    // The fleet's clock starts when it is connected: its first readings are of now.
    const beginUs = Date.now() * 1000;
    const readings = csv
      ? replay(rows, csv.speed, shiftUs, options.durationMs)
      : schedule({
          fleet: createFleet({ devices, seed, startUs: beginUs }),
          rate: options.rate,
          startUs: beginUs,
          durationMs: options.durationMs,
        });
    await sendAll(
      applyFaults(readings, options.faults, seed, () => count('lost')),
      sender,
      startedAt,
      signal,
      count,
    );
    await sender.settled(settleMs, signal.aborted);
    total = progress();
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(timer);
    await sender?.close();
    await record?.close();
  }
  total ??= progress();
  return { ...total, perS: (total.published * 1000) / Math.max(1, total.elapsedMs) };
}

/** Sends each when it is due; what is overdue goes out at once, as fast as acknowledgements come. */
async function sendAll(
  publications: Iterable<Publication>,
  sender: Sender,
  startedAt: number,
  signal: AbortSignal,
  count: (fault: FaultName) => void,
): Promise<void> {
  for (const publication of publications) {
    const waitMs = publication.dueMs - (performance.now() - startedAt);
    if (waitMs > 1) await pause(waitMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    for (const fault of publication.faults) count(fault);
    await sender.send(publication);
  }
}

function openRecord(file: string) {
  const stream = createWriteStream(file, { flags: 'a' });
  return {
    write: ({ key, timeUs, fields, faults }: Publication) => {
      if (!faults.includes('malformed') && !faults.includes('stray'))
        stream.write(`${JSON.stringify({ key, timeUs, fields })}\n`);
    },
    close: async () => {
      stream.end();
      await finished(stream);
    },
  };
}
