import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Transition } from '../../events/alert.ts';
import type { StateChoice } from '../../events/record.ts';
import { publishConfig } from '../bus/config-versions.ts';
import { credentialCount } from '../bus/credential-count.ts';
import { refuseAnonymous } from '../config/binding.ts';
import { type Bus, type BusOptions, connectBus } from '../bus/connection.ts';
import { subscribeCore } from '../bus/core.ts';
import { ensureStreams } from '../bus/streams.ts';
import { joinFile, writeJoinFile } from '../commands/join.ts';
import { resolvedConfigVariable, writeResolvedConfig } from '../config/resolved.ts';
import { planConfig, refuseUnkeepable } from '../changes/change-config.ts';
import { planText } from '../changes/plan-text.ts';
import type { Config } from '../config/schema.ts';
import { MillraceError } from '../errors.ts';
import { watchHealth } from '../health/reporting.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import { labelled } from '../terminal/labelled.ts';
import { type AlertCount, watchAlertCount } from './alert-count.ts';
import { logText } from './announcement.ts';
import { serviceChildren } from './children.ts';
import { createPipelineStatus, type PipelineStatus } from './pipeline-status.ts';
import { dashboardUrl } from './own-dashboard.ts';
import type { Screen } from './screen.ts';
import type { Servers } from './servers.ts';

export interface PipelineParts {
  readonly config: Config;
  readonly servers: Servers;
  readonly supervisor: Supervisor;
  readonly screen: Screen;
  /** What becomes of the state of windows and rules that the configuration edits. */
  readonly state: StateChoice;
}

/** A pipeline that runs. */
export interface Pipeline {
  readonly status: PipelineStatus;
  /** How many credentials there were when it started: with any of them nobody is let in unknown. */
  readonly credentials: number;
  /** Begins to show how it goes. */
  watch(): void;
  /** Ends that. Reports are still taken. */
  unwatch(): void;
  close(): Promise<void>;
}

/** A server elsewhere that does not answer within this time is a mistake in the configuration. */
const firstConnectMs = 15_000;
/** When the present rate says something about how long the log lasts. */
const logTextAfterMs = 20_000;

/**
 * Starts servers, then brings streams and configuration version up to date, then starts the services. Rejects when any
 * of it cannot be; what runs by then is stopped by the caller.
 */
export async function startPipeline({ config, servers, supervisor, screen, state }: PipelineParts): Promise<Pipeline> {
  const { partitions, maxBytes, dedupeWindow } = config.log;
  for (const spec of servers.children) {
    screen.progress(spec.name);
    await supervisor.start(spec);
  }
  const bus = await connectWithin(servers.bus, firstConnectMs);
  screen.progress('streams');
  await ensureStreams(bus, {
    partitions,
    maxBytes: maxBytes!,
    replicas: config.nats.replicas,
    dedupeWindowMs: dedupeWindow,
  });
  const credentials = await credentialCount(bus);
  refuseAnonymous(config, { credentials });
  const plan = await planConfig(bus, config);
  if (plan.isChanged && plan.version !== null) screen.say(`${planText(screen.style, plan.changes, state)}\n`);
  refuseUnkeepable(plan, state);
  await publishConfig(bus, partitions, plan.next, state);

  const status = createPipelineStatus();
  const reported = new Set<number>();
  watchHealth(bus, (report) => {
    reported.add(report.pid);
    status.take(report);
  });

  const resolved = join(config.data, 'run', 'config.json');
  writeResolvedConfig(resolved, config);
  // With it `up` reads the dashboard's figures where people need a password.
  const dashboardToken = randomBytes(24).toString('base64url');
  const environment = {
    common: {
      [resolvedConfigVariable]: resolved,
      MILLRACE_NATS_URL: servers.natsUrl,
      MILLRACE_INFLUX_URL: servers.influxUrl,
      MILLRACE_DURABILITY: servers.durability ?? undefined,
    },
    user: (name: 'ingest' | 'processors' | 'dashboard') => ({
      ...servers.environment(name),
      ...(name === 'dashboard' ? { MILLRACE_DASHBOARD_TOKEN: dashboardToken } : {}),
    }),
  };
  const childEnvironment = (name: 'ingest' | 'processors' | 'dashboard') => ({
    ...definedOnly(environment.common),
    ...environment.user(name),
  });
  writeJoinFile(joinFile(config.data), {
    ingest: childEnvironment('ingest'),
    processors: childEnvironment('processors'),
    dashboard: childEnvironment('dashboard'),
  });
  screen.progress('ingest, processors, dashboard');
  const services = serviceChildren(config, environment, randomBytes(4).toString('hex'), (pid) => reported.has(pid));
  await Promise.all(services.map((spec) => supervisor.start(spec)));

  return { status, credentials, ...watching(bus, config, dashboardToken, status, screen), close: () => bus.close() };
}

function definedOnly(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

async function connectWithin(options: BusOptions, ms: number): Promise<Bus> {
  const connecting = connectBus(options);
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unreachable(options.url, ms)), ms);
  });
  try {
    return await Promise.race([connecting, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function unreachable(url: string, ms: number): MillraceError {
  return new MillraceError(
    'LOG_UNAVAILABLE',
    `The NATS server at ${url} did not answer within ${ms / 1000} s. Check nats.url.`,
  );
}

function watching(
  bus: Bus,
  config: Config,
  dashboardToken: string,
  status: PipelineStatus,
  screen: Screen,
): Pick<Pipeline, 'watch' | 'unwatch'> {
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let unsubscribe = () => {};
  let alerts: AlertCount | undefined;
  let isLogTextShown = false;
  const tick = () => {
    const upMs = performance.now() - startedAt;
    const figures = status.figures(upMs, alerts?.count ?? null);
    screen.status(figures, status.problems());
    const bytesPerS = status.logBytesPerS();
    if (isLogTextShown || upMs < logTextAfterMs || bytesPerS === null || figures.inPerS === 0) return;
    isLogTextShown = true;
    screen.say(labelled(screen.style, 'log', logText(config.log.maxBytes!, bytesPerS, figures.inPerS)));
  };
  return {
    watch() {
      alerts = watchAlertCount(dashboardUrl(config), dashboardToken);
      unsubscribe = subscribeCore(bus, 'feed.alerts.>', (data) => {
        screen.transition(JSON.parse(Buffer.from(data).toString()) as Transition);
      });
      timer = setInterval(tick, 1000);
    },
    unwatch() {
      clearInterval(timer);
      unsubscribe();
      alerts?.stop();
    },
  };
}
