import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { MillraceError } from '../errors.ts';
import { putSchemasInForce } from '../schemas/in-force.ts';
import { RegistryFailure } from '../schemas/registry-failure.ts';
import { Registry } from '../schemas/registry.ts';
import { SchemaStore } from '../schemas/schema-store.ts';
import { schemaTypes, type SchemaText, type SchemaType } from '../schemas/schema-text.ts';
import { labelled } from '../terminal/labelled.ts';
import { attach, type Attached } from './attach.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { type ConfigCommandFlags, loadOrExplain } from './validate.ts';

export interface SchemaFlags extends ConfigCommandFlags {
  readonly type?: string;
}

/** `millrace schema list`: a line for each version of each subject. */
export function listSchemas(terminal: Terminal, flags: SchemaFlags): Promise<number> {
  return withRegistry(terminal, flags, async (registry) => {
    const { subjects, schemas } = await registry.store.index();
    if (Object.keys(subjects).length === 0 && !terminal.isJson)
      terminal.out('  no schemas: register one with `millrace schema register <subject> <file>`');
    for (const subject of Object.keys(subjects).toSorted())
      for (const { version, id, deleted } of subjects[subject]!.versions) {
        const { type } = schemas[id]!;
        if (terminal.isJson) terminal.json({ subject, version, id, type, deleted: deleted === true });
        else
          terminal.out(
            labelled(terminal.style, subject, `version ${version}  id ${id}  ${type}${deleted ? '  deleted' : ''}`),
          );
      }
    return 0;
  });
}

/** `millrace schema register <subject> <file>`: exit code 0 when it is in force, 1 when it is refused. */
export function registerSchema(terminal: Terminal, flags: SchemaFlags, subject: string, file: string): Promise<number> {
  const schema = schemaIn(file, flags);
  return withRegistry(terminal, flags, async (registry, { bus, partitions }) => {
    const { id, version } = await registry.register(subject, schema);
    const configVersion = await putSchemasInForce(bus, partitions);
    if (terminal.isJson) terminal.json({ subject, version, id, configVersion });
    else terminal.out(labelled(terminal.style, subject, `version ${version}  id ${id}`));
    return 0;
  });
}

/** `millrace schema check <subject> <file>`: exit code 0 when the subject would take it, else 1. */
export function checkSchema(terminal: Terminal, flags: SchemaFlags, subject: string, file: string): Promise<number> {
  const schema = schemaIn(file, flags);
  return withRegistry(terminal, flags, async (registry) => {
    const problems = await registry.check(subject, schema, null);
    if (terminal.isJson) terminal.json({ subject, compatible: problems.length === 0, problems });
    else if (problems.length === 0) terminal.out(labelled(terminal.style, subject, 'compatible'));
    for (const problem of terminal.isJson ? [] : problems) terminal.out(labelled(terminal.style, subject, problem));
    return problems.length === 0 ? 0 : 1;
  });
}

async function withRegistry(
  terminal: Terminal,
  flags: SchemaFlags,
  run: (registry: Registry, at: { bus: Attached['bus']; partitions: number }) => Promise<number>,
): Promise<number> {
  const config = loadOrExplain(terminal, flags);
  if (config === null) return 1;
  const servers = await attach(config, 'schema');
  try {
    const { bus, running } = servers;
    const { partitions } = (running ?? config).log;
    return await run(new Registry(await SchemaStore.open(bus)), { bus, partitions });
  } catch (error) {
    if (error instanceof RegistryFailure) throw new MillraceError('SCHEMA_REFUSED', error.message, { cause: error });
    throw error;
  } finally {
    await servers[Symbol.asyncDispose]();
  }
}

const typesByExtension: Readonly<Record<string, SchemaType>> = {
  '.avsc': 'AVRO',
  '.proto': 'PROTOBUF',
  '.json': 'JSON',
};

function schemaIn(file: string, { type: asked }: SchemaFlags): SchemaText {
  const type =
    asked === undefined ? typesByExtension[extname(file)] : schemaTypes.find((one) => one === asked.toUpperCase());
  if (type === undefined)
    throw new UsageError(
      asked === undefined
        ? `${file} is not called .avsc, .proto or .json: add --type avro, protobuf or json`
        : `--type must be avro, protobuf or json, is "${asked}"`,
    );
  try {
    return { type, text: readFileSync(file, 'utf8'), references: [] };
  } catch (cause) {
    throw new UsageError(`${file} cannot be read (${(cause as NodeJS.ErrnoException).code})`);
  }
}
