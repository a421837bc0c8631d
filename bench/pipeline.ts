import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../infra/servers/ports.ts';
import { checkout } from '../infra/setup/checkout.ts';

/** A whole Millrace on free ports and with data of its own, as `millrace up` runs it. */
export interface PipelineUnderTest {
  readonly mqttPort: number;
  readonly liveUrl: string;
  readonly influxUrl: string;
  readonly dataDirectory: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * A window and two rules: what a pipeline has to do with every reading. The limits of a client are those of a product in
 * use, except that one may send more messages: `--rate` may ask for it.
 */
const configuration = `
limits: { messagesPerSecond: 100000, bytesPerSecond: 64MiB }
windows:
  - { name: 1m, size: 1m, lateness: 5s, idle: 30s }
rules:
  - { name: too-hot, field: bearing_temperature_drive_side_of_the_main_spindle_in_celsius, above: 85, clear: 80 }
  - { name: hot-minute, window: 1m, field: bearing_temperature_drive_side_of_the_main_spindle_in_celsius, aggregate: mean, above: 80 }
`;

export async function startPipelineUnderTest(): Promise<PipelineUnderTest> {
  const home = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const config = join(home, 'millrace.yaml');
  const dataDirectory = join(home, 'data');
  writeFileSync(config, configuration);
  const influxPort = await freePort();
  const ports = { MQTT: 0, HTTP: 0, INGEST_HTTP: 0, NATS: 0, INFLUX: influxPort };
  const env = Object.fromEntries(Object.entries(ports).map(([name, port]) => [`MILLRACE_${name}_PORT`, String(port)]));
  const child = spawn(
    process.execPath,
    [join(checkout, 'infra/cli.ts'), '--json', 'up', '--config', config, '--data', dataDirectory],
    { cwd: checkout, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'], detached: true },
  );
  const stopWithUs = () => child.kill('SIGKILL');
  process.once('exit', stopWithUs);
  const addresses = await untilStarted(child);
  return {
    mqttPort: Number(new URL(addresses.mqtt).port),
    liveUrl: `${addresses.dashboard.replace('http', 'ws')}/live`,
    influxUrl: `http://127.0.0.1:${influxPort}`,
    dataDirectory,
    pid: child.pid!,
    async stop() {
      child.kill('SIGINT');
      if (child.exitCode === null) await once(child, 'exit');
      process.off('exit', stopWithUs);
      rmSync(home, { recursive: true });
    },
  };
}

interface Started {
  readonly event: string;
  readonly config: { readonly mqtt: string; readonly dashboard: string };
}

/** The first line of `up --json` that says it runs; what it says later is read and not used. */
async function untilStarted(child: ChildProcess): Promise<Started['config']> {
  const { promise, resolve, reject } = Promise.withResolvers<Started['config']>();
  child.once('exit', (code) => reject(new Error(`millrace up ended with ${code} before it was ready`)));
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const event = JSON.parse(line) as Started;
    if (event.event === 'started') resolve(event.config);
  });
  return promise;
}
