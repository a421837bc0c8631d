import { join, resolve } from 'node:path';
import type { Terminal } from '../commands/terminal.ts';
import { type ConfigCommandFlags, loadOrExplain } from '../commands/validate.ts';
import type { Config } from '../config/schema.ts';
import { startDemoReceiver } from '../demo/demo-receiver.ts';
import { demoConfigFile, demoDataDirectory, plantChild } from '../demo/plant.ts';
import { prepare } from '../setup/prepare.ts';
import { lockDataDirectory } from '../supervisor/data-lock.ts';
import { listenForStop, type StopSignals } from '../supervisor/stop-signals.ts';
import { createSupervisor } from '../supervisor/supervisor.ts';
import { askSecret } from '../terminal/ask-secret.ts';
import { labelled } from '../terminal/labelled.ts';
import { announcement } from './announcement.ts';
import { withDashboardPassword } from './dashboard-password.ts';
import { withLogBounds } from './log-bounds.ts';
import { reachOf } from './addresses.ts';
import { asksWho } from './first-publish.ts';
import { reachable, withPorts } from './ports.ts';
import { createScreen } from './screen.ts';
import { describeServers, natsDirectory } from './servers.ts';
import { startPipeline } from './start-pipeline.ts';
import { stopPipeline } from './stop-pipeline.ts';
import { withWebhookSecrets } from './webhook-secrets.ts';

export interface UpFlags extends ConfigCommandFlags {
  readonly demo?: boolean;
  /** The state of edited windows and rules goes on. */
  readonly keep?: boolean;
}

/**
 * `millrace up`: runs the whole pipeline until a signal stops it. Exit codes: 0 after a complete stop, 1 for a wrong
 * configuration, 130 when Ctrl-C cut the start or the stop short. What failed is thrown as MillraceError.
 */
export async function up(terminal: Terminal, flags: UpFlags, version: string): Promise<number> {
  const config = loadOrExplain(terminal, ...sources(flags));
  if (config === null) return 1;
  const directory = resolve(config.data);
  const release = lockDataDirectory(directory);
  const signals = listenForStop();
  try {
    return await run(terminal, { ...config, data: directory }, signals, version, flags);
  } finally {
    signals.dispose();
    release();
  }
}

/** The demo has a configuration and a data directory of its own; environment and flags override them as ever. */
function sources(flags: UpFlags): [UpFlags, string | undefined] {
  if (!flags.demo) return [flags, flags.config];
  const file = flags.config ?? (process.env['MILLRACE_CONFIG'] || demoConfigFile);
  return [{ ...flags, data: flags.data ?? (process.env['MILLRACE_DATA'] || demoDataDirectory) }, file];
}

async function run(
  terminal: Terminal,
  given: Config,
  signals: StopSignals,
  version: string,
  flags: UpFlags,
): Promise<number> {
  const isDemo = flags.demo === true;
  const screen = createScreen(terminal, given);
  const supervisor = createSupervisor({ dataDir: given.data, onEvent: screen.event });
  const { style } = terminal;
  const interrupted = signals.first.then(() => 'interrupted' as const);
  try {
    await supervisor.reapOrphans();
    const withFreePorts = await withDashboardPassword(
      await withPorts(given),
      join(given.data, 'dashboard-password'),
      process.stdin.isTTY && !terminal.isJson ? (question) => askSecret(question) : null,
    );
    const prepared = await Promise.race([prepare(needsOf(given)), interrupted]);
    if (prepared === 'interrupted') return 130;

    const bounded = await withLogBounds(withFreePorts, given.data, natsDirectory(given.data));
    const receiver = isDemo ? await startDemoReceiver(bounded, screen.say, style) : null;
    const { config, generated } = withWebhookSecrets(
      receiver?.config ?? bounded,
      join(given.data, 'webhook-secrets.json'),
    );
    const servers = await describeServers(config, given.data, prepared);

    const starting = startPipeline({
      config,
      servers,
      supervisor,
      screen,
      state: { kind: flags.keep === true ? 'keep' : 'reset' },
    });
    const pipeline = await Promise.race([starting, interrupted]);
    if (pipeline === 'interrupted') {
      starting.catch(() => undefined); // The stop makes it fail, which is what was asked for.
      return 130;
    }
    screen.started();
    const { credentials } = pipeline;
    screen.say(announcement(style, { config, servers, version, isDemo, credentials }));
    for (const { name, secret } of generated)
      screen.say(
        labelled(style, 'secret', `${style.bold(secret)} signs webhook ${name}; this is the only time it is shown\n`),
      );
    if (receiver) screen.say(`${labelled(style, 'webhook', `${style.cyan(receiver.url)} checks what it is sent`)}\n`);
    const hasPlant = isDemo && !asksWho(config, credentials);
    if (isDemo && !hasPlant) screen.say(`${labelled(style, 'plant', plantRefused)}\n`);
    if (terminal.isJson)
      terminal.json({ event: 'started', version, durability: servers.durability, config: publicAddresses(config) });
    if (hasPlant)
      void supervisor
        .start(plantChild(`mqtt://${reachable(config.mqtt.host)}:${config.mqtt.port}`))
        .catch(() => undefined);

    pipeline.watch();
    await Promise.race([signals.first, supervisor.failed]);
    signals.onSecondInterrupt(() => {
      supervisor.kill();
      process.exit(130);
    });
    await stopPipeline({ terminal, supervisor, screen, pipeline, config, hasPlant });
    await receiver?.close();
    return 0;
  } finally {
    screen.end();
    await supervisor.stop();
  }
}

function needsOf({ nats, influx }: Config): Parameters<typeof prepare>[0] {
  return {
    servers: [...(nats.url ? [] : (['nats-server'] as const)), ...(influx.url ? [] : (['influxd'] as const))],
    configured: {
      ...(nats.binary === undefined ? {} : { 'nats-server': nats.binary }),
      ...(influx.binary === undefined ? {} : { influxd: influx.binary }),
    },
    web: true,
  };
}

const plantRefused =
  'it is not started: it has no credential, and without one nobody is let in any more (docs/security.md says how to run one)';

function publicAddresses(config: Config): Record<string, string> {
  const { mqtt, http, ingestHttp, tls } = config;
  const url = (protocol: string, host: string, port: number) => `${protocol}://${reachOf(host).hosts[0]}:${port}`;
  return {
    mqtt: url('mqtt', mqtt.host, mqtt.port),
    ...(tls ? { mqtts: url('mqtts', mqtt.host, mqtt.tls) } : {}),
    dashboard: url(tls ? 'https' : 'http', http.host, http.port),
    ingestHttp: url(tls ? 'https' : 'http', ingestHttp.host, ingestHttp.port),
  };
}
