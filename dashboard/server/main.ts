import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Readiness } from '../../events/api.ts';
import { buckets } from '../../events/subjects.ts';
import type { BusOptions } from '../../infra/bus/connection.ts';
import { isLoopback } from '../../infra/config/loopback.ts';
import { hashPassword, isPasswordHash } from '../../infra/password.ts';
import { PasswordAccess } from './access/password-access.ts';
import { requireSignIn } from './http/sign-in.ts';
import { readAudit } from '../../infra/access/audit-trail.ts';
import { CredentialAdmin } from '../../infra/access/credential-admin.ts';
import { CredentialBook } from '../../infra/access/credential-book.ts';
import { connectBus } from '../../infra/bus/connection.ts';
import { askLife } from '../../infra/bus/device-life.ts';
import { openBucket } from '../../infra/bus/kv.ts';
import type { Config } from '../../infra/config/schema.ts';
import { MillraceError } from '../../infra/errors.ts';
import type { Log } from '../../infra/log.ts';
import { Registry } from '../../infra/schemas/registry.ts';
import { SchemaStore } from '../../infra/schemas/schema-store.ts';
import { askInForce } from '../../infra/schemas/in-force-request.ts';
import { openTlsFiles } from '../../infra/tls/tls-files.ts';
import { allowedNetworks, createTargetGuard } from '../../infra/targets/target-guard.ts';
import { AlertBook } from './alerts/alert-book.ts';
import { SystemAlarms } from './alerts/system-alarms.ts';
import { CommandLink } from './commands/command-link.ts';
import { ConfigInForce } from './config-in-force.ts';
import { DeviceFeed } from './devices/device-feed.ts';
import { DeviceMirror } from './devices/device-mirror.ts';
import { PipelineWatch } from './figures/pipeline-watch.ts';
import { readiness } from './figures/readiness.ts';
import { ReportBook } from './figures/report-book.ts';
import { SampleRing } from './figures/sample-ring.ts';
import { LiveTail } from './history/live-tail.ts';
import { createApp } from './http/app.ts';
import { createGuard } from './http/guard.ts';
import { servePage } from './http/page.ts';
import { QuarantineBook } from './intake/quarantine-book.ts';
import { QuarantineScan } from './intake/quarantine-scan.ts';
import { RedrivenBook } from './intake/redriven-book.ts';
import { Redriver } from './intake/redriver.ts';
import { UnmatchedTopics } from './intake/unmatched-topics.ts';
import { LiveHub } from './live/live-hub.ts';
import { serveLive } from './live/live-socket.ts';
import { ScreenLatency } from './live/screen-latency.ts';
import { WindowFeed } from './live/window-feed.ts';
import { WindowWatch } from './live/window-watch.ts';
import { serveRegistry } from './registry/registry-app.ts';
import { accessRoutes } from './routes/access-routes.ts';
import { alertRoutes } from './routes/alert-routes.ts';
import { commandRoutes } from './routes/command-routes.ts';
import { deviceLifeRoutes } from './routes/device-life-routes.ts';
import { deviceRoutes } from './routes/device-routes.ts';
import { healthRoutes } from './routes/health-routes.ts';
import { intakeRoutes } from './routes/intake-routes.ts';
import { pipelineRoutes } from './routes/pipeline-routes.ts';
import { quarantineRoutes } from './routes/quarantine-routes.ts';
import { webhookRoutes } from './routes/webhook-routes.ts';
import { followStreams } from './streams.ts';
import type { Views } from './views.ts';
import { DeliveryBook } from './webhooks/delivery-book.ts';
import { WebhookStore } from './webhooks/webhook-store.ts';

/** Devices that the server shows; about 1.5 KB of memory each. */
export const mirroredDevicesMax = 100_000;

export interface DashboardOptions {
  readonly config: Config;
  readonly bus: BusOptions;
  readonly influx: { readonly url: string; readonly token?: string };
  /** Tells processes of one kind apart. */
  readonly instance: string;
  /** What an acknowledged write survives; whoever runs the NATS server knows. */
  readonly durability?: Readiness['durability'];
  /** Lets in the process that runs this one where people need a password. */
  readonly token?: string;
  readonly log: Log;
  /** The built page; default: `dashboard/web/dist` of this checkout. */
  readonly webRoot?: string;
}

export interface Dashboard extends AsyncDisposable {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts the dashboard's server. @throws PORT_TAKEN, LOG_UNAVAILABLE, PASSWORD_NEEDED, CONFIG_INVALID */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { config, instance, log, durability = 'process' } = options;
  const checkout = join(import.meta.dirname, '../..');
  const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as { version: string };
  const clockUs = () => Date.now() * 1_000;
  const startedAtUs = clockUs();
  const stopping = new AbortController();
  const { signal } = stopping;
  const { partitions } = config.log;

  const tls = config.tls ? openTlsFiles(config.tls, log) : null;
  const bus = await connectBus(options.bus);
  const alerts = new AlertBook();
  const alarms = new SystemAlarms();
  const quarantine = new QuarantineBook();
  const redriven = new RedrivenBook();
  const unmatched = new UnmatchedTopics(config.topics);
  const inForce = new ConfigInForce(config, unmatched);
  const deliveries = new DeliveryBook();
  const webhooks = new WebhookStore(await openBucket(bus, buckets.webhooks), config.webhooks);
  const credentials = new CredentialBook();
  const credentialAdmin = await CredentialAdmin.open(bus, clockUs);
  const reports = new ReportBook();
  const samples = new SampleRing();
  const tail = new LiveTail();
  const screen = new ScreenLatency();

  const hello = () => ({ type: 'hello', instance, startedAtUs, atUs: clockUs() }) as const;
  const windows = new WindowWatch(`${instance} ${startedAtUs}`);
  const hub = new LiveHub({
    alerts,
    tail,
    windows,
    onWanted: () => windowFeed.wanted(),
    hello,
    onFrames: () => screen.frames(clockUs()),
  });
  const windowFeed = new WindowFeed({ bus, windows, log, onBatch: (batch) => hub.openWindows(batch) });
  const mirror = new DeviceMirror(Math.min(config.limits.devicesMax, mirroredDevicesMax), alerts, hub);
  hub.attach(mirror);
  const watch = new PipelineWatch({
    instance,
    mirror,
    alerts,
    alarms,
    quarantine,
    unmatched,
    reports,
    samples,
    hub,
    screen,
    configVersion: () => inForce.version,
    clockUs,
  });
  const feed = new DeviceFeed({ bus, partitions, mirror, log, onBatch: (batch) => watch.batch(batch) });
  watch.run(bus, signal);
  const followingConfig = inForce.follow(bus, signal, log);
  const followingCredentials = credentials.follow(bus, signal, log);
  const following = followStreams({
    bus,
    signal,
    log,
    startedAtUs,
    mirror,
    alerts,
    alarms,
    quarantine,
    redriven,
    unmatched,
    deliveries,
    webhooks,
  });

  const targets = createTargetGuard(allowedNetworks(config));
  const influx = { url: options.influx.url, database: config.influx.bucket, ...tokenOf(options.influx) };
  const views: Views = {
    bus,
    mqtt: config.mqtt,
    commandTemplates: config.commands,
    commands: new CommandLink(bus, () => reports.alive('ingest', clockUs()).length),
    inForce,
    version,
    instance,
    startedAtUs,
    mirror,
    feed,
    partitions,
    life: (partition, request) => askLife(bus, partition, request),
    alerts,
    quarantine,
    quarantineScan: new QuarantineScan(bus, redriven),
    redriver: new Redriver(bus, clockUs),
    unmatched,
    reports,
    samples,
    influx,
    tail,
    webhooks,
    deliveries,
    targetRefusal: (url) => targets.refusal(url),
    figures: () => watch.figures(),
    readiness: () => readiness(reports, partitions, durability, clockUs(), bus.connected),
    needsPassword: config.http.password !== undefined,
    hasTls: config.tls !== undefined,
    clockUs,
  };
  const guard = createGuard(config.http.host, config.http.hosts);
  const app = await createApp(guard, log, version, tls);
  const access = await passwordAccess(config, options.token);
  if (access !== null) requireSignIn(app, access);
  healthRoutes(app, views);
  pipelineRoutes(app, views);
  deviceRoutes(app, views);
  commandRoutes(app, views);
  deviceLifeRoutes(app, views);
  alertRoutes(app, views);
  intakeRoutes(app, views);
  quarantineRoutes(app, views);
  webhookRoutes(app, views);
  const registry = new Registry(await SchemaStore.open(bus));
  await serveRegistry(app, { registry, inForce: () => askInForce(bus), log });
  accessRoutes(app, {
    credentials,
    credentialAdmin,
    audit: (limit, before) => readAudit(bus, limit, before, signal),
  });
  await servePage(app, options.webRoot ?? join(checkout, 'dashboard/web/dist'), views.needsPassword);
  const stopLive = serveLive(app.server, hub, guard, access);

  const stop = async () => {
    stopping.abort();
    stopLive();
    await app.close();
    windowFeed[Symbol.dispose]();
    await feed[Symbol.asyncDispose]();
    await Promise.all([following, followingConfig, followingCredentials]);
    tls?.close();
    await bus.close();
  };
  try {
    await app.listen(config.http);
  } catch (cause) {
    await stop();
    throw portTaken(config.http, cause);
  }
  const { port } = app.server.address() as AddressInfo;
  log.info({ port }, 'the dashboard listens');
  return { port, stop, [Symbol.asyncDispose]: stop };
}

/** Null: no password is asked for, which is for loopback only. @throws PASSWORD_NEEDED */
async function passwordAccess({ http }: Config, token: string | undefined): Promise<PasswordAccess | null> {
  const { host, password } = http;
  if (password === undefined && isLoopback(host)) return null;
  if (password === undefined)
    throw new MillraceError('PASSWORD_NEEDED', `http.host is ${host}: set MILLRACE_PASSWORD or http.password.`);
  const hash = isPasswordHash(password) ? password : await hashPassword(password);
  return new PasswordAccess({ hash, token, nowMs: Date.now });
}

function tokenOf({ token }: { token?: string }): { token?: string } {
  return token === undefined ? {} : { token };
}

function portTaken({ host, port }: Config['http'], cause: unknown): unknown {
  if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') return cause;
  const message = `port ${port} on ${host} is taken. Set MILLRACE_HTTP_PORT or http.port.`;
  return new MillraceError('PORT_TAKEN', message, { cause });
}
