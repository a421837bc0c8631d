import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { Transition } from '../../events/alert.ts';
import type { DeviceLife, DeviceState, Presence } from '../../events/device.ts';
import type { LiveFrame } from '../../events/frames.ts';
import type { IngestReport, ProcessorsReport } from '../../events/health.ts';
import { emptyLedger } from '../../events/ledger.ts';
import type { DevicesPage, LiveBatch } from '../../events/live.ts';
import { subjects } from '../../events/subjects.ts';
import { connectBus } from '../../infra/bus/connection.ts';
import type { Bus } from '../../infra/bus/connection.ts';
import { publishCore, serveRequests } from '../../infra/bus/core.ts';
import { ensureStreams } from '../../infra/bus/streams.ts';
import { configSchema } from '../../infra/config/schema.ts';
import type { Config } from '../../infra/config/schema.ts';
import { createLogger } from '../../infra/log.ts';
import { runNats } from '../../test/running-servers.ts';
import type { NatsUnderTest } from '../../test/running-servers.ts';
import { startDashboard } from './main.ts';

/** The dashboard's server on a real nats-server, with a test in the place of ingest and processors. */
export interface PipelineUnderTest extends AsyncDisposable {
  readonly url: string;
  readonly bus: Bus;
  readonly nats: NatsUnderTest;
  /** What the worker of partition 0 answers to `query.devices.0`. */
  readonly worker: { devices: DeviceState[]; page: Partial<DevicesPage> };
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the test says which answer it expects
  get<T>(path: string, headers?: Record<string, string>): Promise<{ status: number; body: T }>;
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the test says which answer it expects
  send<T>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: T }>;
  live(batch: Partial<LiveBatch>): void;
  report(report: Partial<IngestReport> | Partial<ProcessorsReport>): void;
  /** Stores items in a stream, as a fenced writer does. */
  store(subject: string, items: unknown): Promise<void>;
  viewer(subscription?: object): Promise<ViewerUnderTest>;
}

/** A browser's end of `/live`. */
export interface ViewerUnderTest extends Disposable {
  readonly socket: WebSocket;
  readonly frames: LiveFrame[];
  of<T extends LiveFrame['type']>(type: T): Extract<LiveFrame, { type: T }>[];
}

export interface PipelineOptions {
  readonly config?: object;
  readonly influxUrl?: string;
  readonly devices?: readonly DeviceState[];
}

export async function startPipeline(options: PipelineOptions = {}): Promise<PipelineUnderTest> {
  const nats = await runNats();
  const bus = await connectBus(nats.busOptions('test'));
  await ensureStreams(bus, { partitions: 1, maxBytes: 64 * 2 ** 20, replicas: 1 });
  const config: Config = configSchema.parse({ http: { port: 0 }, log: { partitions: 1 }, ...options.config });
  const webRoot = await builtPage();
  const worker: PipelineUnderTest['worker'] = { devices: [...(options.devices ?? [])], page: {} };
  serveRequests(bus, subjects.queryDevices(0), (data) => answer(worker, data), fail);
  const dashboard = await startDashboard({
    config,
    bus: nats.busOptions('dashboard', 'dashboard'),
    influx: { url: options.influxUrl ?? 'http://127.0.0.1:9' },
    instance: 'd1',
    log: createLogger('dashboard', 'silent'),
    webRoot,
  }).catch(async (error: unknown) => {
    // A start that is refused leaves nothing behind.
    await bus.close();
    await nats[Symbol.asyncDispose]();
    throw error;
  });
  const url = `http://127.0.0.1:${dashboard.port}`;
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the test says which answer it expects
  const send = async <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const json =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } };
    const response = await fetch(url + path, { method, headers, ...json });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, body: (isJson && text !== '' ? JSON.parse(text) : text) as T };
  };
  return {
    url,
    bus,
    nats,
    worker,
    send,
    get: (path, headers) => send('GET', path, undefined, headers),
    live: (batch) => publishCore(bus, subjects.live(0), JSON.stringify({ ...emptyBatch, ...batch })),
    report(report) {
      const whole = { ...(report.process === 'ingest' ? ingestReport() : processorsReport()), ...report };
      publishCore(bus, subjects.health(whole.process, whole.instance), JSON.stringify(whole));
    },
    async store(subject, items) {
      await bus.jetstream.publish(subject, JSON.stringify(items));
    },
    viewer: (subscription) => openViewer(url, subscription),
    async [Symbol.asyncDispose]() {
      await dashboard.stop();
      await bus.close();
      await nats[Symbol.asyncDispose]();
      await rm(webRoot, { recursive: true });
    },
  };
}

async function builtPage(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'millrace-page-'));
  await mkdir(join(root, 'assets'));
  await writeFile(join(root, 'index.html'), '<!doctype html><title>Millrace</title>');
  await writeFile(join(root, 'sign-in.html'), '<!doctype html><title>Sign in</title>');
  await writeFile(join(root, 'assets/page-1a2b3c.js'), 'export {};');
  return root;
}

function answer(worker: PipelineUnderTest['worker'], data: Uint8Array): Uint8Array {
  const { after, key } = JSON.parse(Buffer.from(data).toString()) as { after?: string; key?: string };
  // Two to a page, so that paging is part of every test.
  const sorted = worker.devices.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const rest = sorted.filter((one) => (key === undefined ? one.key > (after ?? '') : one.key === key));
  const devices = rest.slice(0, 2);
  const next = rest.length > 2 ? devices[1]!.key : null;
  const page: DevicesPage = {
    partition: 0,
    sequence: 1,
    nowUs: nowUs(),
    devices,
    alerts: [],
    ledger: null,
    partials: [],
    next,
  };
  return Buffer.from(JSON.stringify({ ...page, ...worker.page }));
}

function fail(error: unknown): never {
  throw error;
}

const emptyBatch: LiveBatch = {
  partition: 0,
  nowUs: 0,
  sequence: 0,
  items: [],
  readings: 0,
  oldestReceivedAtUs: null,
  newestReceivedAtUs: null,
  forgotten: [],
  devices: [],
  transitions: [],
};

export const nowUs = () => Date.now() * 1_000;

export const noLife: DeviceLife = { label: '', retired: false, replacedBy: null };

export function presenceOf(state: Presence['state'], sinceUs = nowUs()): Presence {
  const cause = state === 'online' ? 'reading' : state === 'offline' ? 'broken' : 'silence';
  return { state, cause, sinceUs, intervalUs: state === 'unknown' ? null : 1_000_000 };
}

export function device(key: string, more: Partial<DeviceState> = {}): DeviceState {
  const [site, name] = key.split('/') as [string, string];
  const timeUs = nowUs();
  return {
    key,
    device: name,
    tags: { site },
    topic: `sensors/${key}`,
    fields: { temperature: { value: 20, timeUs, intervalUs: 1_000_000 } },
    lastTimeUs: timeUs,
    lastSeenUs: timeUs,
    clockOffsetUs: 0,
    readings: 1,
    presence: presenceOf('online', timeUs),
    life: noLife,
    ...more,
  };
}

export function firing(key: string, sequence: number, more: Partial<Transition> = {}): Transition {
  const [site, name] = key.split('/') as [string, string];
  return {
    id: `t${sequence}`,
    rule: 'hot',
    key,
    device: name,
    tags: { site },
    field: 'temperature',
    from: 'ok',
    to: 'firing',
    severity: 'critical',
    value: 91.5,
    threshold: 85,
    timeUs: nowUs(),
    decidedAtUs: nowUs(),
    sinceUs: nowUs(),
    historical: false,
    notify: 'firing',
    condition: 'temperature above 85',
    origin: { partition: 0, sequence, index: 0 },
    ...more,
  };
}

const facts = () => ({ instance: 'test', pid: 1, startedAtUs: 1, atUs: nowUs(), rssBytes: 1 });

function ingestReport(): IngestReport {
  const latencies = { ack: { p50: 1, p99: 2 }, store: { p50: 1, p99: 2 } };
  const counts = {
    connections: 3,
    publishes: 0,
    acknowledged: 0,
    waiting: 0,
    batchRecords: 1,
    batches: 0,
    refused: {},
    asksWho: false,
    unknown: { connected: 0, refused: 0 },
  };
  return { ...facts(), process: 'ingest', writable: true, ...counts, ...latencies };
}

function processorsReport(): ProcessorsReport {
  const position = { partition: 0, position: 1, lagMs: 0, stopped: '' };
  return {
    ...facts(),
    process: 'processors',
    holds: [],
    positions: [],
    fleet: null,
    workers: [
      {
        ...position,
        nowUs: nowUs(),
        pending: 0,
        devices: 1,
        received: 0,
        late: 0,
        forgotten: 0,
        transforms: {},
        gaps: [],
      },
    ],
    storages: [{ ...position, ledger: emptyLedger }],
    readings: 0,
    late: 0,
    quarantined: {},
    read: { p50: 1, p99: 2 },
    write: { p50: 1, p99: 2 },
    influxError: '',
    influxDownSinceUs: null,
    influxNextTryAtUs: null,
    webhooks: [],
    forgotten: 0,
    windowsClosed: 0,
    transitions: 0,
    log: null,
    alarms: [],
  };
}

function openViewer(url: string, subscription?: object): Promise<ViewerUnderTest> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/live`);
  const frames: LiveFrame[] = [];
  const viewer: ViewerUnderTest = {
    socket,
    frames,
    of: <T extends LiveFrame['type']>(type: T) =>
      frames.filter((frame): frame is Extract<LiveFrame, { type: T }> => frame.type === type),
    [Symbol.dispose]: () => socket.terminate(),
  };
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data) => {
      frames.push(JSON.parse((data as Buffer).toString()) as LiveFrame);
      if (frames.length > 1) return;
      if (subscription !== undefined) socket.send(JSON.stringify({ type: 'subscribe', ...subscription }));
      resolve(viewer);
    });
  });
}
