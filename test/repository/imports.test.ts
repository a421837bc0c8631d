import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const services = ['ingest', 'processors', 'dashboard', 'simulators'];
const folders = ['events', 'infra', ...services];

/** Which of our folders each folder may import from, itself aside. */
const allowed: Record<string, readonly string[]> = {
  events: [],
  infra: ['events'],
  ingest: ['events', 'infra'],
  processors: ['events', 'infra'],
  dashboard: ['events', 'infra'],
  simulators: ['events', 'infra'],
};

/** Each client library has one home. */
const homes: Record<string, readonly string[]> = {
  aedes: ['ingest/'],
  'aedes-persistence': ['ingest/'],
  nats: ['infra/bus/'],
  '@influxdata/influxdb-client': ['processors/storage/'],
  undici: ['processors/webhooks/'],
  'ipaddr.js': ['infra/targets/'],
  fastify: ['dashboard/server/'],
  preact: ['dashboard/web/'],
  uplot: ['dashboard/web/'],
  mqtt: ['simulators/', 'ingest/bridge/'],
  jose: ['ingest/access/'],
  jsep: ['infra/expression/'],
  ajv: ['infra/schemas/', 'processors/decode/schema/'],
  re2js: ['infra/schemas/'],
  avsc: ['infra/schemas/', 'processors/decode/schema/'],
  protobufjs: ['infra/schemas/', 'infra/sparkplug/', 'processors/decode/'],
  'csv-parse': ['infra/config/', 'processors/decode/', 'simulators/'],
  cborg: ['processors/decode/'],
};

/** Composition roots: the command line starts the services, by dynamic import. */
const compositionRoots = ['infra/cli.ts', 'infra/commands/'];

interface Import {
  readonly file: string;
  readonly specifier: string;
}

export function importsOf(file: string, source: string): Import[] {
  const found: Import[] = [];
  const pattern = /(?:^|[\n;])\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|import\s*\(?\s*['"]([^'"]+)['"]/g;
  for (const match of source.matchAll(pattern)) found.push({ file, specifier: (match[1] ?? match[2])! });
  return found;
}

/** What is wrong with an import; null when nothing is. */
export function objection({ file, specifier }: Import): string | null {
  const isTest = file.endsWith('.test.ts') || file.endsWith('.test.tsx');
  const folder = file.split('/')[0]!;
  if (!specifier.startsWith('.')) {
    const library = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0]!;
    const home = homes[library];
    if (home === undefined || isTest || home.some((place) => file.startsWith(place))) return null;
    return `${library} belongs in ${home.join(', ')}`;
  }
  const target = relative(root, resolve(root, dirname(file), specifier));
  const targetFolder = target.split('/')[0]!;
  if (folder === 'dashboard' && file.startsWith('dashboard/web/') && target.startsWith('dashboard/server/'))
    return 'the page imports events only';
  if (targetFolder === folder || !folders.includes(targetFolder)) return null;
  if (isTest || compositionRoots.some((place) => file.startsWith(place))) return null;
  if (file.startsWith('dashboard/web/') && targetFolder !== 'events') return 'the page imports events only';
  if (
    folder === 'simulators' &&
    targetFolder === 'infra' &&
    !/^infra\/(config|terminal)\//.test(target) &&
    target !== 'infra/errors.ts'
  )
    return 'simulators speak only MQTT: of infra they may use config';
  return allowed[folder]!.includes(targetFolder) ? null : `${folder} may not import ${targetFolder}`;
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/(^|\/)(node_modules|dist)\//.test(name))
    .map((name) => join(folder, name));
}

describe('imports', () => {
  it('go in the allowed direction, and each client library has one home', () => {
    const objections = folders
      .flatMap(sources)
      .flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')))
      .flatMap((found) => {
        const text = objection(found);
        return text === null ? [] : [`${found.file} imports ${found.specifier}: ${text}`];
      });
    expect(objections).toEqual([]);
  });

  it.each([
    ['ingest/broker.ts', "import { x } from '../processors/pipeline.ts';", 'ingest may not import processors'],
    ['events/reading.ts', "import type { x } from '../infra/errors.ts';", 'events may not import infra'],
    ['infra/bus/kv.ts', "export { x } from '../../ingest/main.ts';", 'infra may not import ingest'],
    ['dashboard/web/main.tsx', "import { x } from '../server/main.ts';", 'the page imports events only'],
    ['dashboard/web/main.tsx', "import { x } from '../../infra/errors.ts';", 'the page imports events only'],
    [
      'simulators/fleet.ts',
      "import { x } from '../infra/bus/core.ts';",
      'simulators speak only MQTT: of infra they may use config',
    ],
    ['dashboard/server/main.ts', "import { connect } from 'nats';", 'nats belongs in infra/bus/'],
    ['infra/up.ts', "const aedes = await import('aedes');", 'aedes belongs in ingest/'],
    ['processors/main.ts', "import {\n  a,\n  b,\n} from 'undici';", 'undici belongs in processors/webhooks/'],
  ])('the rule sees a planted violation in %s', (file, source, text) => {
    expect(importsOf(file, source).map(objection)).toEqual([text]);
  });
});
