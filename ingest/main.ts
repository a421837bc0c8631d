import { randomBytes } from 'node:crypto';
import { partitionOf } from '../events/topics.ts';
import type { IngestReport } from '../events/health.ts';
import { credentialCount } from '../infra/bus/credential-count.ts';
import { refuseAnonymous } from '../infra/config/binding.ts';
import { connectBus, type BusOptions } from '../infra/bus/connection.ts';
import { createLogPublisher } from '../infra/bus/log-publisher.ts';
import type { Config } from '../infra/config/schema.ts';
import { startReporting } from '../infra/health/reporting.ts';
import type { Log } from '../infra/log.ts';
import { openTlsFiles } from '../infra/tls/tls-files.ts';
import { startAccess } from './access/start-access.ts';
import { BoundedPersistence, persistenceLimits } from './bounded-persistence.ts';
import { Broker, type BrokerLimits } from './broker.ts';
import { CommandBook } from './commands/command-book.ts';
import { CommandService } from './commands/command-service.ts';
import { commitLimits, type CommitLimits } from './group-commit.ts';
import type { GuardLimits } from './header-guard.ts';
import { createReport } from './health.ts';
import type { Access } from './access/identity.ts';
import { Bridges } from './bridge/bridges.ts';
import { HttpCounts } from './http/counts.ts';
import { writeRoutes } from './http/write-routes.ts';
import { LogWriter } from './log-writer.ts';
import { openDurable } from './durable/durable-broker.ts';
import { followOthers } from './durable/log-follower.ts';
import { IngestMetrics } from './metrics.ts';
import { createPartitioner } from './partitioner.ts';
import { pressureLog } from './pressure-log.ts';
import { deliverRebirths } from './rebirths.ts';
import { serveRedrive } from './redrive.ts';
import { routedWriter } from './routed-writer.ts';
import { RefusalLog, type RefusalLine } from './refusal-log.ts';
import { refusalReasons, Refusals } from './refusals.ts';
import { Listeners } from './listeners.ts';
import { isLongerThan, topicBytesTaken } from './topic-text.ts';
import { everySecond } from './ticker.ts';
import { createWallClock } from './wall-clock.ts';

/** How long a stop waits for what is not stored yet, ms; twice: for publishes, then for wills and disconnects. */
const flushTimeoutMs = 4_000;
/** Bytes of a CONNECT (identifiers, a will, credentials), and of a SUBSCRIBE. */
const packetLimits = { connectBytesMax: 4 * 1024, controlBytesMax: 64 * 1024 };
/** How often refusals that came again are told, ms. */
const refusalsDueMs = 5_000;

export interface IngestOptions {
  readonly config: Config;
  readonly bus: BusOptions;
  readonly instance: string;
  /** Names the process over its restarts: what it kept before is found under it. */
  readonly slot?: string;
  readonly log: Log;
  /** Who may do what over HTTP, for tests; absent: what the configuration and the credentials say. */
  readonly access?: Access;
}

export interface Ingest extends AsyncDisposable {
  readonly mqttPort: number;
  /** Null without TLS. */
  readonly mqttsPort: number | null;
  readonly httpPort: number;
  /** How it stands now: what it reports once a second. */
  report(): IngestReport;
  /** Rejects when the service cannot go on and has to be started anew. */
  readonly failed?: Promise<never>;
  /** Stops accepting, stores what waits, disconnects the clients. */
  stop(): Promise<void>;
}

/**
 * Sensor -> MQTT, HTTP or another broker -> log.
 * @throws PORT_TAKEN, LOG_UNAVAILABLE, ANONYMOUS_REFUSED, CONFIG_INVALID
 */
export async function startIngest(options: IngestOptions, commit: CommitLimits = commitLimits): Promise<Ingest> {
  const { config, bus: busOptions, instance, slot = 'ingest', log } = options;
  const { partitions } = config.log;
  const { payloadMax, topicBytesMax, ...clientLimits } = config.limits;
  const guard: GuardLimits = {
    ...packetLimits,
    payloadBytesMax: payloadMax,
    topicBytesMax: topicBytesTaken(topicBytesMax),
  };
  const limits: BrokerLimits = { ...persistenceLimits, ...clientLimits, ...guard };

  const tlsFiles = config.tls ? openTlsFiles(config.tls, log) : null;
  const bus = await connectBus(busOptions);
  try {
    refuseAnonymous(config, { credentials: await credentialCount(bus) });
  } catch (error) {
    await bus.close();
    throw error;
  }
  // A new producer at each start: its sequences count from 1.
  const producer = randomBytes(9).toString('base64url');
  const publisher = createLogPublisher(bus, { producer });
  const clock = createWallClock();
  const refusalLog = new RefusalLog();
  const tellRefusal = (line: RefusalLine | null) => {
    if (line !== null) log.warn(line, refusalReasons[line.reason]);
  };
  const refusals = new Refusals((reason, who) => tellRefusal(refusalLog.note(reason, who, performance.now())));
  const refusalsDue = setInterval(() => refusalLog.due(performance.now()).forEach(tellRefusal), refusalsDueMs);
  const {
    access,
    audit,
    strangers,
    stop: stopAccess,
  } = await startAccess(bus, config, log, clock.nowUs).catch(async (error: unknown) => {
    clearInterval(refusalsDue);
    await bus.close();
    throw error;
  });
  const httpCounts = new HttpCounts();
  const persistence = new BoundedPersistence(limits, refusals);
  // Alone, it takes care of what any process before it has left.
  const commandBook = new CommandBook((owner) => owner === slot || config.processes.ingest === 1);
  const durable = await openDurable({ bus, slot, log, persistence, commands: commandBook });
  const { settled } = durable;
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
      stored(records, ms, sequence) {
        settled.stored(sequence);
        metrics.onStored(records, ms);
      },
      refused: (partition, err) => log.error({ err, partition }, 'the log refuses a batch; it is tried again'),
      pressure(present, state) {
        broker.listen(present === 'open' && !stopping);
        if (present === 'open') bridges.resume();
        tellPressure(present, state, writer.waiting);
      },
    },
  });
  const partitionFor = createPartitioner(config.topics, partitions);
  const commands = new CommandService({
    bus,
    config,
    book: commandBook,
    owner: slot,
    log,
    nowUs: clock.nowUs,
    append(record, onStored) {
      const held = settled.begin();
      writer.append(partitionOf(record.device, partitions), record, () => {
        onStored();
        settled.end(held);
      });
    },
    onStrayAnswer: () => refusals.count('command-answer'),
  });
  const writable = () => publisher.state === 'ok' && writer.pressure !== 'full';
  const intake = {
    partitionFor,
    nowUs: clock.nowUs,
    onPublish(topic: string, client: string) {
      metrics.onPublish();
      if (isLongerThan(topic, topicBytesMax)) refusals.count('topic-too-long', client);
    },
    onAcknowledged: (ms: number) => metrics.onAcknowledged(ms),
  };
  const broker = await Broker.start({
    ...intake,
    writer,
    persistence,
    settled,
    commands,
    isShared: config.processes.ingest > 1,
    limits,
    refusals,
    access,
    audit,
    producer,
    onError: (err) => log.error({ err }, 'the broker failed at something'),
    onClientError: (err, client) => log.debug({ err, client }, 'a client failed'),
  });
  const otherWays = {
    writer: routedWriter(writer, settled, (packet, sequence, done) => broker.route(packet, null, sequence, done)),
    isCommandTopic: (topic: string) => commands.rules.kindOf(topic).kind === 'command',
  };
  const bridges = new Bridges({
    ...intake,
    ...otherWays,
    bridges: config.bridges,
    payloadBytesMax: config.limits.payloadMax,
    bus,
    instance,
    start: producer,
    refusals,
    log,
  });
  const stopRedrive = serveRedrive({
    bus,
    writer,
    partitionFor,
    onError: (err) => log.error({ err }, 'a request to redrive failed'),
  });
  commands.start();
  const following = new AbortController();
  let followed: Promise<void> | null = null;
  if (config.processes.ingest > 1) {
    const after = settled.latest;
    settled.followed(after);
    followed = followOthers({
      bus,
      log,
      producer,
      after,
      signal: following.signal,
      route: (packet, sequence) => broker.route(packet, null, sequence, () => {}),
      onPosition: (sequence) => settled.followed(sequence),
    });
  }
  const stopTicks = everySecond(() => {
    clock.correct();
    // A tick says that devices could be heard in this second.
    if (writer.pressure === 'open') writer.tick(instance);
  });
  const stopRebirths = deliverRebirths(bus, {
    deliver: (topic, payload) => broker.deliver(topic, payload),
    ask: (...what) => bridges.ask(...what),
  });
  const reporting = new AbortController();
  const report = createReport({ instance, broker, bridges, writer, metrics, refusals, access, strangers, writable });
  startReporting(bus, 'ingest', report, reporting.signal);

  const listeners = new Listeners();
  const stop = async () => {
    stopping = true;
    stopTicks();
    stopRebirths();
    stopRedrive();
    commands.stop();
    following.abort();
    await followed;
    clearInterval(refusalsDue);
    listeners.close();
    tlsFiles?.close();
    broker.listen(false);
    await bridges.stop();
    await writer.flush(flushTimeoutMs);
    await broker.close();
    const lost = await writer.flush(flushTimeoutMs);
    if (lost > 0) log.warn({ records: lost }, 'stopped with records that the log has not taken; none is acknowledged');
    await durable.close(flushTimeoutMs);
    writer.stop();
    listeners.destroy();
    reporting.abort();
    publisher.close();
    await stopAccess();
    await bus.close();
  };
  const { bodyMax, requestsMax, waitingBytesMax, ackTimeout } = config.ingestHttp;
  const requests = {
    access: options.access ?? access,
    routes: writeRoutes(config),
    store: { ...intake, ...otherWays, writable, ackTimeoutMs: ackTimeout },
    bodyBytesMax: bodyMax,
    admission: { requestsMax, waitingBytesMax },
    senderLimits: limits,
    counts: httpCounts,
    onError: (err: unknown) => log.error({ err }, 'an HTTP request failed'),
  };
  try {
    await listeners.open({ config, broker, limits, refusals, tlsFiles, requests });
    await bridges.start();
  } catch (error) {
    await stop();
    throw error;
  }
  const { mqttPort, mqttsPort, httpPort } = listeners;
  log.info({ mqttPort, mqttsPort, httpPort, producer }, 'sensors may connect');
  return { mqttPort, mqttsPort, httpPort, report, stop, failed: bridges.failed, [Symbol.asyncDispose]: stop };
}
