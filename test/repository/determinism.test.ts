import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

// What computes has one input, the log: no wall clock, timer or random number, except in the edges named here.

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** Files under processors/ that meet the world, and why each needs its time or its chance. */
const edges: Readonly<Record<string, string>> = {
  'processors/alarms.ts': 'alarms of the product about itself are by the wall clock, outside replay',
  'processors/bell.ts': 'wakes who waits for something to do, at the latest after a time',
  'processors/duties.ts': 'takes up and lays down partitions as leases come and go',
  'processors/fleet/fleet-run.ts': 'the edge around the fleet: times checkpoints',
  'processors/fleet/fleet-worker.ts': 'reports its lag',
  'processors/ingest-watch.ts': 'that ingest is silent shows by the wall clock only',
  'processors/life/life-service.ts': 'asks wait a time for an answer, and each start is another producer',
  'processors/live/live-feed.ts': 'frames to viewers have a rhythm',
  'processors/main.ts': 'composes the service, sweeps now and then',
  'processors/replay/replay.ts': 'shows the progress of a rebuild',
  'processors/report.ts': 'percentiles of the last seconds',
  'processors/restart-on-failure.ts': 'waits before it tries again',
  'processors/storage/influx-connection.ts': 'a request ends without an answer',
  'processors/storage/influx-store.ts': 'measures writes, waits for a database that is down',
  'processors/storage/point-writer.ts': 'points wait a little for others',
  'processors/storage/readings-run.ts': 'times checkpoints, gives others their turn',
  'processors/storage/results-run.ts': 'times checkpoints',
  'processors/storage/storage-lane.ts': 'waits before it tries again',
  'processors/storage/storage.ts': 'waits for the database, reports its lag',
  'processors/sweep-checkpoints.ts': 'sweeps now and then',
  'processors/trimmer/trimmer.ts': 'the age of what is trimmed is by the wall clock',
  'processors/webhooks/alert-cursor.ts': 'a delivery expires by the wall clock',
  'processors/webhooks/deliverer.ts': 'signs with the time, spreads retries by chance',
  'processors/webhooks/webhook-client.ts': 'a request ends without an answer',
  'processors/webhooks/webhook-runner.ts': 'stops within a time',
  'processors/webhooks/webhooks.ts': 'waits before it tries again',
  'processors/worker/partition-run.ts': 'the edge around the worker: times checkpoints, measures latency',
  'processors/worker/worker.ts': 'waits before it runs again, reports its lag',
};

/** Where computing begins: nothing that these reach may be an edge. */
const cores = ['processors/pipeline.ts', 'processors/worker/worker-core.ts', 'processors/fleet/fleet-core.ts'];

/** Libraries that computing may use: each gives the same for the same. */
const pureLibraries = new Set([
  'rxjs',
  'msgpackr',
  'zod',
  'jsep',
  'temporal-polyfill',
  'csv-parse',
  'cborg',
  '@datadog/sketches-js',
  'ajv',
  'avsc',
  'protobufjs',
  // Says which custom processor threw after its time; no result depends on it.
  'node:async_hooks',
  'node:buffer',
  'node:crypto',
]);

const forbidden: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['the wall clock', /\bDate\.now\b|\bnew Date\(\s*\)|(?<![.\w])Date\(\s*\)/],
  [
    'a clock of the process',
    /\bperformance\.(?:now|timeOrigin)\b|\bprocess\.(?:hrtime|uptime)\b|['"](?:node:)?perf_hooks['"]/,
  ],
  ['a timer', /\bset(?:Timeout|Interval|Immediate)\b|['"](?:node:)?timers(?:\/promises)?['"]|\bAbortSignal\.timeout\b/],
  ['chance', /\bMath\.random\b|\brandom(?:UUID|Bytes|Int|Fill|FillSync)\b|\bgetRandomValues\b/],
];

/** What a source reads besides its inputs; comments do not count. */
export function offencesIn(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
  return forbidden.filter(([, pattern]) => pattern.test(code)).map(([what]) => what);
}

/** Modules that a source imports when it runs: types are gone by then. */
export function runtimeImports(source: string): string[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s(?!type\s)(?:[^'"`;]*?from\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;
  return [...source.matchAll(pattern)].map((match) => (match[1] ?? match[2])!);
}

interface Reach {
  readonly files: ReadonlySet<string>;
  readonly libraries: ReadonlySet<string>;
}

/** All that a file needs to run, directly or not. */
export function reachOf(entries: readonly string[], sourceOf: (file: string) => string): Reach {
  const files = new Set(entries);
  const libraries = new Set<string>();
  for (const file of files) {
    for (const specifier of runtimeImports(sourceOf(file))) {
      if (specifier.startsWith('.')) files.add(relative(root, resolve(root, dirname(file), specifier)));
      else
        libraries.add(
          specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/'),
        );
    }
  }
  return { files, libraries };
}

const isTest = (file: string) => /\.test\.ts$|-under-test\.ts$/.test(file);
const sources = readdirSync(join(root, 'processors'), { recursive: true, encoding: 'utf8' })
  .map((name) => `processors/${name}`)
  .filter((file) => file.endsWith('.ts') && !isTest(file));

describe('processors', () => {
  it('read no clock, timer or random number outside of the edges', () => {
    const found = sources
      .filter((file) => edges[file] === undefined)
      .flatMap((file) => offencesIn(read(file)).map((what) => `${file} uses ${what}`));
    expect(found).toEqual([]);
  });

  it('have no edge that needs to be none', () => {
    const idle = Object.keys(edges).filter(
      (file) => existsSync(join(root, file)) && offencesIn(read(file)).length === 0,
    );
    expect(idle).toEqual([]);
  });

  it('compute from what is pure itself', () => {
    const { files, libraries } = reachOf(cores, read);
    expect([...files].filter((file) => edges[file] !== undefined)).toEqual([]);
    expect([...files].filter((file) => file.startsWith('infra/bus/'))).toEqual([]);
    expect([...files].flatMap((file) => offencesIn(read(file)).map((what) => `${file} uses ${what}`))).toEqual([]);
    expect([...libraries].filter((library) => !pureLibraries.has(library))).toEqual([]);
    expect(files.size).toBeGreaterThan(40);
  });
});

describe('the guard sees a planted', () => {
  it.each([
    ['const at = Date.now();', 'the wall clock'],
    ['const at = new Date().toISOString();', 'the wall clock'],
    ['const at = performance.now();', 'a clock of the process'],
    ['const at = process.hrtime.bigint();', 'a clock of the process'],
    ['setTimeout(run, 5);', 'a timer'],
    ['setImmediate(run);', 'a timer'],
    ["import { setTimeout as wait } from 'node:timers/promises';", 'a timer'],
    ['const signal = AbortSignal.timeout(5);', 'a timer'],
    ['const chance = Math.random();', 'chance'],
    ["import { randomUUID } from 'node:crypto';", 'chance'],
    ['crypto.getRandomValues(bytes);', 'chance'],
  ])('%s', (line, what) => {
    expect(offencesIn(`// computes\n${line}\n`)).toContain(what);
    expect(offencesIn(`/* ${line} */\n// ${line}\nconst date = new Date(timeUs / 1e3);\n`)).toEqual([]);
  });

  it('way from the core to an edge, but not a type', () => {
    const planted: Record<string, string> = {
      'processors/core.ts': "import type { A } from './typed.ts';\nimport {\n  b,\n} from './between.ts';\n",
      'processors/between.ts': "export { c } from './edge.ts';\nimport { connect } from 'nats';\n",
      'processors/edge.ts': "const late = await import('./late.ts');\n",
      'processors/late.ts': "import '@datadog/sketches-js/dist';\n",
    };
    const { files, libraries } = reachOf(['processors/core.ts'], (file) => planted[file]!);
    expect([...files]).toEqual([
      'processors/core.ts',
      'processors/between.ts',
      'processors/edge.ts',
      'processors/late.ts',
    ]);
    expect([...libraries]).toEqual(['nats', '@datadog/sketches-js']);
  });
});
