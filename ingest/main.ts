import { randomBytes } from 'node:crypto';
import type { IngestReport } from '../events/health.ts';
import { connectBus, type BusOptions } from '../infra/bus/connection.ts';
import { createLogPublisher } from '../infra/bus/log-publisher.ts';
import type { Config } from '../infra/config/schema.ts';
import { startReporting } from '../infra/health/reporting.ts';
import type { Log } from '../infra/log.ts';
import { BoundedPersistence, persistenceLimits } from './bounded-persistence.ts';
import { Broker } from './broker.ts';
import { commitLimits, type CommitLimits } from './group-commit.ts';
import type { GuardLimits } from './header-guard.ts';
import { createReport } from './health.ts';
import { openAccess, type Access } from './access/identity.ts';
import { Bridges } from './bridge/bridges.ts';
import { HttpCounts } from './http/counts.ts';
import { listenHttp } from './http/listen.ts';
import { writeRoutes } from './http/write-routes.ts';
import { LogWriter } from './log-writer.ts';
import { IngestMetrics } from './metrics.ts';
import { createPartitioner } from './partitioner.ts';
import { pressureLog } from './pressure-log.ts';
import { deliverRebirths } from './rebirths.ts';
import { serveRedrive } from './redrive.ts';
import { Refusals } from './refusals.ts';
import { listenTcp } from './tcp.ts';
import { everySecond } from './ticker.ts';
import { createWallClock } from './wall-clock.ts';

/** How long a stop waits for what is not stored yet, ms; twice: for publishes, then for wills and disconnects. */
const flushTimeoutMs = 4_000;
/** Bytes of a CONNECT (identifiers, a will, credentials), a topic, a SUBSCRIBE. */
const packetLimits = { connectBytesMax: 4 * 1024, topicBytesMax: 4 * 1024, controlBytesMax: 64 * 1024 };

export interface IngestOptions {
  readonly config: Config;
  readonly bus: BusOptions;
  readonly instance: string;
  readonly log: Log;
  /** Who may do what; absent: everybody everything. */
  readonly access?: Access;
}

export interface Ingest extends AsyncDisposable {
  readonly mqttPort: number;
  readonly httpPort: number;
  /** How it stands now: what it reports once a second. */
  report(): IngestReport;
  /** Rejects when the service cannot go on and has to be started anew. */
  readonly failed?: Promise<never>;
  /** Stops accepting, stores what waits, disconnects the clients. */
  stop(): Promise<void>;
}

/** Sensor -> MQTT, HTTP or another broker -> log. @throws PORT_TAKEN, LOG_UNAVAILABLE */
export async function startIngest(options: IngestOptions, commit: CommitLimits = commitLimits): Promise<Ingest> {
  const { config, bus: busOptions, instance, log, access = openAccess } = options;
  const { partitions } = config.log;
  const guard: GuardLimits = { ...packetLimits, payloadBytesMax: config.limits.payloadMax };
  const limits = { ...guard, ...persistenceLimits, connectionsMax: config.limits.connectionsMax };

  const bus = await connectBus(busOptions);
  // A new producer at each start: its sequences count from 1.
  const producer = randomBytes(9).toString('base64url');
  const publisher = createLogPublisher(bus, { producer });
  const clock = createWallClock();
  const refusals = new Refusals();
  const httpCounts = new HttpCounts();
  const metrics = new IngestMetrics({
    refusals,
    httpRequests: () => httpCounts.rows(),
    bridges: () => bridges.reports,
    connections: () => broker.connections,
    waiting: () => writer.waiting,
    ticksDropped: () => writer.ticksDropped,
    writable: () => writable(),
  });
  let stopping = false;
  const tellPressure = pressureLog(log);
  const writer = new LogWriter({
    publisher,
    partitions,
    limits: commit,
    nowUs: clock.nowUs,
    events: {
      stored: (records, ms) => metrics.onStored(records, ms),
      refused: (partition, err) => log.error({ err, partition }, 'the log refuses a batch; it is tried again'),
      pressure(present, state) {
        broker.listen(present === 'open' && !stopping);
        if (present === 'open') bridges.resume();
        tellPressure(present, state, writer.waiting);
      },
    },
  });
  const writable = () => publisher.state === 'ok' && writer.pressure !== 'full';
  const partitionFor = createPartitioner(config.topics, partitions);
  const intake = {
    writer,
    partitionFor,
    nowUs: clock.nowUs,
    onPublish: () => metrics.onPublish(),
    onAcknowledged: (ms: number) => metrics.onAcknowledged(ms),
  };
  const bridges = new Bridges({
    ...intake,
    bridges: config.bridges,
    payloadBytesMax: config.limits.payloadMax,
    bus,
    instance,
    start: producer,
    refusals,
    log,
  });
  const broker = await Broker.start({
    ...intake,
    persistence: new BoundedPersistence(persistenceLimits, refusals),
    limits,
    refusals,
    producer,
    onError: (err) => log.error({ err }, 'the broker failed at something'),
    onClientError: (err, client) => log.debug({ err, client }, 'a client failed'),
  });
  const stopRedrive = serveRedrive({
    bus,
    writer,
    partitionFor,
    onError: (err) => log.error({ err }, 'a request to redrive failed'),
  });
  const stopTicks = everySecond(() => {
    clock.correct();
    // A tick says that devices could be heard in this second.
    if (writer.pressure === 'open') writer.tick(instance);
  });
  const stopRebirths = deliverRebirths(bus, (topic, payload) => broker.deliver(topic, payload));
  const reporting = new AbortController();
  const report = createReport({ instance, broker, bridges, writer, metrics, refusals, writable });
  startReporting(bus, 'ingest', report, reporting.signal);

  const listeners: { readonly port: number; close(): void; destroy?(): void }[] = [];
  const stop = async () => {
    stopping = true;
    stopTicks();
    stopRebirths();
    stopRedrive();
    for (const listener of listeners) listener.close();
    broker.listen(false);
    await bridges.stop();
    await writer.flush(flushTimeoutMs);
    await broker.close();
    const lost = await writer.flush(flushTimeoutMs);
    if (lost > 0) log.warn({ records: lost }, 'stopped with records that the log has not taken; none is acknowledged');
    writer.stop();
    for (const listener of listeners) listener.destroy?.();
    reporting.abort();
    publisher.close();
    await bus.close();
  };
  try {
    const onSocket = (socket: Parameters<Broker['attach']>[0]) => broker.attach(socket);
    const messageBytesMax = 2 * (guard.payloadBytesMax + guard.topicBytesMax);
    // One alone has its port to itself: sharing it with an unknown second one would hide a mistake.
    const isShared = config.processes.ingest > 1;
    listeners.push(await listenTcp({ ...config.mqtt, isShared }, onSocket));
    const { bodyMax, requestsMax, waitingBytesMax, requestTimeout, ackTimeout } = config.ingestHttp;
    const requests = {
      access,
      routes: writeRoutes(config),
      store: { ...intake, writable, ackTimeoutMs: ackTimeout },
      bodyBytesMax: bodyMax,
      admission: { requestsMax, waitingBytesMax },
      counts: httpCounts,
      onError: (err: unknown) => log.error({ err }, 'an HTTP request failed'),
    };
    listeners.push(
      await listenHttp({
        ...config.ingestHttp,
        isShared,
        messageBytesMax,
        requestTimeoutMs: requestTimeout,
        connectionsMax: config.limits.connectionsMax,
        refusals,
        requests,
        onSocket,
      }),
    );
    await bridges.start();
  } catch (error) {
    await stop();
    throw error;
  }
  const [mqttPort, httpPort] = listeners.map(({ port }) => port) as [number, number];
  log.info({ mqttPort, httpPort, producer }, 'sensors may connect');
  return { mqttPort, httpPort, report, stop, failed: bridges.failed, [Symbol.asyncDispose]: stop };
}
