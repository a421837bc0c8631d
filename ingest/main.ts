import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { IngestReport } from '../events/health.ts';
import { connectBus, type BusOptions } from '../infra/bus/connection.ts';
import { createLogPublisher } from '../infra/bus/log-publisher.ts';
import type { Config } from '../infra/config/schema.ts';
import { startReporting } from '../infra/health/reporting.ts';
import type { Log } from '../infra/log.ts';
import { openTlsFiles } from '../infra/tls/tls-files.ts';
import { startAccess } from './access/start-access.ts';
import { BoundedPersistence, persistenceLimits } from './bounded-persistence.ts';
import { Broker } from './broker.ts';
import { commitLimits, type CommitLimits } from './group-commit.ts';
import type { GuardLimits } from './header-guard.ts';
import { createReport } from './health.ts';
import { listenHttp } from './http.ts';
import { LogWriter } from './log-writer.ts';
import { IngestMetrics } from './metrics.ts';
import { createPartitioner } from './partitioner.ts';
import { peerOf, type Peer } from './peer.ts';
import { pressureLog } from './pressure-log.ts';
import { Refusals } from './refusals.ts';
import { serverTls } from './server-tls.ts';
import { listenTcp, listenTls, type Listener } from './tcp.ts';
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
}

export interface Ingest extends AsyncDisposable {
  readonly mqttPort: number;
  /** Null without TLS. */
  readonly mqttsPort: number | null;
  readonly httpPort: number;
  /** How it stands now: what it reports once a second. */
  report(): IngestReport;
  /** Stops accepting, stores what waits, disconnects the clients. */
  stop(): Promise<void>;
}

/** Sensor -> MQTT -> log. @throws PORT_TAKEN, LOG_UNAVAILABLE, CONFIG_INVALID */
export async function startIngest(options: IngestOptions, commit: CommitLimits = commitLimits): Promise<Ingest> {
  const { config, bus: busOptions, instance, log } = options;
  const { partitions } = config.log;
  const guard: GuardLimits = { ...packetLimits, payloadBytesMax: config.limits.payloadMax };
  const limits = { ...guard, ...persistenceLimits, connectionsMax: config.limits.connectionsMax };

  const tlsFiles = config.tls ? openTlsFiles(config.tls, log) : null;
  const bus = await connectBus(busOptions);
  // A new producer at each start: its sequences count from 1.
  const producer = randomBytes(9).toString('base64url');
  const publisher = createLogPublisher(bus, { producer });
  const clock = createWallClock();
  const refusals = new Refusals();
  const {
    access,
    audit,
    stop: stopAccess,
  } = await startAccess(bus, config, log, clock.nowUs).catch(async (error: unknown) => {
    await bus.close();
    throw error;
  });
  const metrics = new IngestMetrics({
    refusals,
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
        tellPressure(present, state, writer.waiting);
      },
    },
  });
  const writable = () => publisher.state === 'ok' && writer.pressure !== 'full';
  const broker = await Broker.start({
    writer,
    persistence: new BoundedPersistence(persistenceLimits, refusals),
    limits,
    refusals,
    access,
    audit,
    partitionFor: createPartitioner(config.topics, partitions),
    nowUs: clock.nowUs,
    producer,
    onPublish: () => metrics.onPublish(),
    onAcknowledged: (ms) => metrics.onAcknowledged(ms),
    onError: (err) => log.error({ err }, 'the broker failed at something'),
    onClientError: (err, client) => log.debug({ err, client }, 'a client failed'),
  });
  const stopTicks = everySecond(() => {
    clock.correct();
    // A tick says that devices could be heard in this second.
    if (writer.pressure === 'open') writer.tick(instance);
  });
  const reporting = new AbortController();
  const report = createReport({ instance, broker, writer, metrics, refusals, writable });
  startReporting(bus, 'ingest', report, reporting.signal);

  const listeners: Listener[] = [];
  const stop = async () => {
    stopping = true;
    stopTicks();
    for (const listener of listeners) listener.close();
    tlsFiles?.close();
    broker.listen(false);
    await writer.flush(flushTimeoutMs);
    await broker.close();
    const lost = await writer.flush(flushTimeoutMs);
    if (lost > 0) log.warn({ records: lost }, 'stopped with records that the log has not taken; none is acknowledged');
    writer.stop();
    reporting.abort();
    publisher.close();
    await stopAccess();
    await bus.close();
  };
  try {
    const onSocket = (socket: Duplex, peer: Peer) => broker.attach(socket, peer);
    const onTcp = (socket: Socket) => onSocket(socket, peerOf(socket));
    const messageBytesMax = 2 * (guard.payloadBytesMax + guard.topicBytesMax);
    // One alone has its port to itself: sharing it with an unknown second one would hide a mistake.
    const isShared = config.processes.ingest > 1;
    const tls =
      tlsFiles && serverTls(tlsFiles, config.tls!.clientCertificates, refusals, () => broker.closeCertified());
    const { host } = config.mqtt;
    listeners.push(await listenTcp({ ...config.mqtt, isShared }, onTcp));
    listeners.push(await listenHttp({ ...config.ingestHttp, isShared, messageBytesMax, refusals, tls, onSocket }));
    if (tls) listeners.push(await listenTls({ host, port: config.mqtt.tls, isShared }, tls, onTcp));
  } catch (error) {
    await stop();
    throw error;
  }
  const [mqttPort, httpPort] = listeners.map(({ port }) => port) as [number, number];
  const mqttsPort = listeners[2]?.port ?? null;
  log.info({ mqttPort, mqttsPort, httpPort, producer }, 'sensors may connect');
  return { mqttPort, mqttsPort, httpPort, report, stop, [Symbol.asyncDispose]: stop };
}
