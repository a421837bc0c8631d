/**
 * How fast the whole pipeline is, with every process on this machine: `npm run bench`, `-- --quick` for a short run,
 * `-- --recovery` to measure how fast workers recover (bench/recovery.ts) instead, `-- --save` to make the figures the new baseline, `-- --json` for the figures alone. Exit code 1 when a reading is missing.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resolveServer } from '../infra/servers/resolve-server.ts';
import { type Baseline, type Figures, figuresTable, storedText } from './figures.ts';
import type { LoadOptions, LoadResult } from './load-generator.ts';
import { type PipelineUnderTest, startPipelineUnderTest } from './pipeline.ts';
import { reportRecovery } from './recovery.ts';
import { processesOf, usageOf } from './process-usage.ts';
import { untilStored } from './stored-count.ts';

interface Case {
  readonly name: string;
  readonly connections: number;
  readonly devices: number;
  readonly perS: number;
  readonly seconds: number;
  /** Latency is measured to the frame of a viewer, else to PUBACK. */
  readonly isViewed: boolean;
}

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    save: { type: 'boolean' },
    json: { type: 'boolean' },
    rate: { type: 'string' },
    recovery: { type: 'boolean' },
  },
});
const seconds = flags.quick ? 5 : 30;
const cases: readonly Case[] = [
  { name: 'to screen', connections: 50, devices: 1000, perS: 5000, seconds, isViewed: true },
  { name: 'to PUBACK', connections: 50, devices: 1000, perS: Number(flags.rate ?? 40_000), seconds, isViewed: false },
];
/** Before anything is measured: code is compiled, connections are open. */
const warmUp: Case = { name: 'warm-up', connections: 50, devices: 1000, perS: 10_000, seconds: 3, isViewed: false };

const baselineFile = join(import.meta.dirname, 'baseline.json');
const say = (text: string) => void process.stderr.write(`${text}\n`);

if (flags.recovery) {
  await reportRecovery(flags.json === true);
  process.exit();
}
const pipeline = await startPipelineUnderTest();
const results: Figures[] = [];
try {
  await run(pipeline, warmUp);
  for (const one of cases) {
    say(`  ${one.name}: ${one.perS.toLocaleString('en-US')}/s for ${one.seconds} s`);
    results.push(await run(pipeline, one));
  }
} finally {
  await pipeline.stop();
}
await report(results);

async function run(
  { mqttPort, liveUrl, influxUrl, dataDirectory, pid }: PipelineUnderTest,
  one: Case,
): Promise<Figures> {
  const processes = new Map([...processesOf(dataDirectory), ['up', pid]]);
  const usage = () => new Map([...processes].map(([name, id]) => [name, usageOf(id)]));
  const site = one.name.replaceAll(/\W/g, '-').toLowerCase();
  const before = usage();
  const startMs = performance.now();
  const { connections, devices, perS, isViewed } = one;
  const load = { mqttPort, site, connections, devices, perS, seconds: one.seconds };
  const result = await generate(isViewed ? { ...load, liveUrl } : load);
  const elapsedMs = performance.now() - startMs;
  const { stored, tookMs } = await untilStored(influxUrl, site, result.acknowledged);
  // Until all is stored: what is left to do after the load belongs to it.
  const after = usage();
  const cpu: Record<string, number> = { generator: result.cpuMs / elapsedMs };
  const peakMiB: Record<string, number> = {};
  for (const [name, used] of after) {
    if (used === null) continue;
    cpu[name] = (used.cpuMs - (before.get(name)?.cpuMs ?? 0)) / elapsedMs;
    peakMiB[name] = used.peakMiB;
  }
  return {
    name: one.name,
    readingsPerS: (result.acknowledged * 1000) / result.tookMs,
    p50Ms: (isViewed ? result.liveP50Ms : result.ackP50Ms) ?? Number.NaN,
    p99Ms: (isViewed ? result.liveP99Ms : result.ackP99Ms) ?? Number.NaN,
    cpu,
    peakMiB,
    acknowledged: result.acknowledged,
    stored,
    storedAfterMs: tookMs,
    neverShown: result.neverShown,
  };
}

async function generate(options: LoadOptions): Promise<LoadResult> {
  const file = join(import.meta.dirname, 'load-generator.ts');
  const child = spawn(process.execPath, [file, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the load generator ended with ${code}`);
  return JSON.parse(output) as LoadResult;
}

async function report(figures: readonly Figures[]): Promise<void> {
  const baseline =
    existsSync(baselineFile) && !flags.quick ? (JSON.parse(readFileSync(baselineFile, 'utf8')) as Baseline) : {};
  const versions = [`node ${process.versions.node}`];
  for (const name of ['nats-server', 'influxd'] as const)
    versions.push(`${name} ${(await resolveServer(name)).version}`);
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  if (flags.json) process.stdout.write(`${JSON.stringify({ figures, machine, versions })}\n`);
  else {
    const lines = ['', figuresTable(figures, baseline), '', ...figures.map((one) => `  ${storedText(one)}`), ''];
    lines.push(
      `  ${machine}, ${versions.join(', ')}`,
      '  CPU in cores; p50 and p99 from the publish call; x is against bench/baseline.json',
    );
    process.stdout.write(`${lines.join('\n')}\n`);
  }
  if (flags.save)
    writeFileSync(
      baselineFile,
      `${JSON.stringify(Object.fromEntries(figures.map((one) => [one.name, one])), null, 2)}\n`,
    );
  process.exitCode = figures.every(({ acknowledged, stored }) => acknowledged === stored) ? 0 : 1;
}
