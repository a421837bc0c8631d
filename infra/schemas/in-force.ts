import type { Bus } from '../bus/connection.ts';
import type { ProcessingConfig } from '../config/schema.ts';
import { MillraceError } from '../errors.ts';
import { changeConfigInForce } from '../bus/config-versions.ts';
import { valueMaxBytes } from '../bus/kv.ts';
import { registryFormats } from './registry-formats.ts';
import type { SchemaInForce } from './schema-text.ts';
import { nameOf, storeOf, withoutTexts } from './texts.ts';

/**
 * Schemas are part of the configuration version that a control record puts in force, so that a replay decodes by those
 * that were in force at each position. Whoever puts a configuration in force calls this first. While no topic needs
 * schemas there are none in it, and registering one changes nothing in the log.
 * @throws CONFIG_INVALID when a version would be too large
 */
export async function withSchemas(bus: Bus, config: ProcessingConfig): Promise<ProcessingConfig> {
  if (!config.topics.some(({ format }) => registryFormats.has(format))) return { ...config, schemas: [] };
  const store = await storeOf(bus);
  const { subjects, schemas } = await store.index();
  const inForce: SchemaInForce[] = [];
  for (const subject of Object.keys(subjects).toSorted())
    for (const { version, id, deleted } of subjects[subject]!.versions) {
      const { hash } = schemas[id]!;
      const { type, text, references } = await store.text(hash);
      const one = { subject, version };
      inForce.push({ name: nameOf(one), ...one, id, type, hash, text, references, ...(deleted && { deleted }) });
    }
  const whole = { ...config, schemas: inForce };
  const bytes = Buffer.byteLength(JSON.stringify(withoutTexts(whole)));
  if (bytes > valueMaxBytes)
    throw new MillraceError(
      'CONFIG_INVALID',
      `With ${inForce.length} versions of schemas the configuration has ${bytes} bytes, at most ${valueMaxBytes} can be put in force: delete versions for good.`,
    );
  return whole;
}

/** Puts in force what is registered now. @returns the configuration version that holds it; null while none is in force */
export function putSchemasInForce(bus: Bus, partitions: number): Promise<number | null> {
  return changeConfigInForce(bus, partitions, (config) => withSchemas(bus, config));
}
