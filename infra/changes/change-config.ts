import type { StateChoice } from '../../events/record.ts';
import { canonicalJson, configInForce } from '../bus/config-versions.ts';
import type { Bus } from '../bus/connection.ts';
import { withKvTables } from '../bus/kv-tables.ts';
import type { Config, ProcessingConfig } from '../config/schema.ts';
import { MillraceError } from '../errors.ts';
import { withSchemas } from '../schemas/in-force.ts';
import { planChanges, type PlannedChange } from './change-plan.ts';
import { versionedConfig } from './processor-hashes.ts';

export interface PlannedConfig {
  /** What would be published. */
  readonly next: ProcessingConfig;
  /** The version in force; null when there is none yet. */
  readonly version: number | null;
  readonly changes: readonly PlannedChange[];
  /** False: publishing it would change nothing. */
  readonly isChanged: boolean;
}

/**
 * Compares a configuration with the version in force. Nothing is written.
 * @throws CONFIG_INVALID when a table of KV is not there or is none
 */
export async function planConfig(bus: Bus, config: Config): Promise<PlannedConfig> {
  const next = await withSchemas(bus, versionedConfig(await withKvTables(bus, config)));
  const inForce = await configInForce(bus);
  if (inForce === null) return { next, version: null, changes: [], isChanged: true };
  const changes = planChanges(inForce.config, next);
  return { next, version: inForce.version, changes, isChanged: canonicalJson(inForce.config) !== canonicalJson(next) };
}

/** @throws CHANGE_REFUSED when state is to be kept that cannot be, with every reason */
export function refuseUnkeepable({ changes }: PlannedConfig, choice: StateChoice): void {
  if (choice.kind !== 'keep') return;
  const problems = changes.filter(({ keepProblem }) => keepProblem !== null);
  if (problems.length === 0) return;
  const reasons = problems.map(({ part, name, keepProblem }) => `${part} ${name} (${keepProblem})`);
  throw new MillraceError(
    'CHANGE_REFUSED',
    `The state of ${reasons.join(', ')} cannot be kept. Nothing was changed: use --reset or --rebuild, or give the edited one another name.`,
  );
}
