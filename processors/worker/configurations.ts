import { resolve } from 'node:path';
import type { Bus } from '../../infra/bus/connection.ts';
import { getConfigVersion, versionAt } from '../../infra/bus/config-versions.ts';
import type { ProcessingConfig } from '../../infra/config/schema.ts';
import { MillraceError } from '../../infra/errors.ts';
import { loadProcessors } from '../custom/load.ts';
import type { Configuration } from './worker-core.ts';

/** Files of custom processors are named from here. */
const checkout = resolve(import.meta.dirname, '../..');

export async function configuration(bus: Bus, version: number): Promise<Configuration> {
  const config = await getConfigVersion(bus, version);
  return { version, config, customs: await loadProcessors(config.processors, checkout) };
}

/** A configuration that is in no version, under the number of one that it is tried instead of. */
export async function trialConfiguration(config: ProcessingConfig, version: number): Promise<Configuration> {
  return { version, config, customs: await loadProcessors(config.processors, checkout) };
}

/** The configuration under which a worker without state begins. */
export async function firstConfiguration(bus: Bus, partition: number, sequence: number): Promise<Configuration> {
  const version = await versionAt(bus, partition, sequence);
  if (version === null)
    throw new MillraceError('LOG_UNAVAILABLE', `No configuration is in force in partition ${partition} of the log.`);
  return configuration(bus, version);
}
