import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Readiness } from '../../events/api.ts';
import { buckets } from '../../events/subjects.ts';
import type { BusOptions } from '../../infra/bus/connection.ts';
import { readAudit } from '../../infra/access/audit-trail.ts';
import { CredentialAdmin } from '../../infra/access/credential-admin.ts';
import { CredentialBook } from '../../infra/access/credential-book.ts';
import { connectBus } from '../../infra/bus/connection.ts';
import { openBucket } from '../../infra/bus/kv.ts';
import type { Config } from '../../infra/config/schema.ts';
import { MillraceError } from '../../infra/errors.ts';
import type { Log } from '../../infra/log.ts';
import { openTlsFiles } from '../../infra/tls/tls-files.ts';
import { allowedNetworks, createTargetGuard } from '../../infra/targets/target-guard.ts';
import { AlertBook } from './alerts/alert-book.ts';
import { SystemAlarms } from './alerts/system-alarms.ts';
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
import { UnmatchedTopics } from './intake/unmatched-topics.ts';
import { LiveHub } from './live/live-hub.ts';
import { serveLive } from './live/live-socket.ts';
import { ScreenLatency } from './live/screen-latency.ts';
import { accessRoutes } from './routes/access-routes.ts';
import { alertRoutes } from './routes/alert-routes.ts';
import { deviceRoutes } from './routes/device-routes.ts';
import { healthRoutes } from './routes/health-routes.ts';
import { intakeRoutes } from './routes/intake-routes.ts';
import { pipelineRoutes } from './routes/pipeline-routes.ts';
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
  readonly log: Log;
  /** The built page; default: `dashboard/web/dist` of this checkout. */
  readonly webRoot?: string;
}

export interface Dashboard extends AsyncDisposable {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts the dashboard's server. @throws PORT_TAKEN, LOG_UNAVAILABLE, CONFIG_INVALID */
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
  const hub = new LiveHub({ alerts, tail, hello, onFrames: () => screen.frames(clockUs()) });
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
    unmatched,
    deliveries,
    webhooks,
  });

  const targets = createTargetGuard(allowedNetworks(config));
  const influx = { url: options.influx.url, database: config.influx.bucket, ...tokenOf(options.influx) };
  const views: Views = {
    mqtt: config.mqtt,
    inForce,
    version,
    instance,
    startedAtUs,
    mirror,
    feed,
    alerts,
    quarantine,
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
    clockUs,
  };
  const guard = createGuard(config.http.host, config.http.hosts);
  const app = await createApp(guard, log, version, tls);
  healthRoutes(app, views);
  pipelineRoutes(app, views);
  deviceRoutes(app, views);
  alertRoutes(app, views);
  intakeRoutes(app, views);
  webhookRoutes(app, views);
  accessRoutes(app, {
    credentials,
    credentialAdmin,
    audit: (limit, before) => readAudit(bus, limit, before, signal),
  });
  await servePage(app, options.webRoot ?? join(checkout, 'dashboard/web/dist'));
  const stopLive = serveLive(app.server, hub, guard);

  const stop = async () => {
    stopping.abort();
    stopLive();
    await app.close();
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

function tokenOf({ token }: { token?: string }): { token?: string } {
  return token === undefined ? {} : { token };
}

function portTaken({ host, port }: Config['http'], cause: unknown): unknown {
  if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') return cause;
  const message = `port ${port} on ${host} is taken. Set MILLRACE_HTTP_PORT or http.port.`;
  return new MillraceError('PORT_TAKEN', message, { cause });
}
