import type { ProcessorsReport } from '../../../events/health.ts';
import { addTransformCounts, noTransformCounts, type TransformCounts } from '../../../events/ledger.ts';
import type { TransformFigures } from '../../../events/pipeline.ts';
import type { TransformConfig } from '../../../infra/config/schema.ts';
import { durationText } from '../../../infra/config/units.ts';
import { workersOf } from './by-partition.ts';

/** What each transform left out since the log began: those of the configuration in their order, then those that are gone. */
export function transformFigures(
  transforms: readonly TransformConfig[],
  reports: readonly ProcessorsReport[],
): TransformFigures[] {
  const counts = new Map<string, TransformCounts>();
  for (const worker of workersOf(reports))
    for (const [name, more] of Object.entries(worker.transforms))
      counts.set(name, addTransformCounts(counts.get(name) ?? noTransformCounts, more));
  const present = transforms.map((transform): TransformFigures => {
    const { name } = transform;
    return { name, does: doesWords(transform), ...(counts.get(name) ?? noTransformCounts) };
  });
  const names = new Set(transforms.map(({ name }) => name));
  const gone = [...counts].filter(([name]) => !names.has(name));
  return [...present, ...gone.map(([name, count]): TransformFigures => ({ name, does: null, ...count }))];
}

/** What a transform does, in a few words. */
export function doesWords(transform: TransformConfig): string {
  const where = Object.entries(transform.where).map(([tag, value]) => `${tag} ${value}`);
  return where.length === 0 ? deed(transform) : `${deed(transform)}, where ${where.join(', ')}`;
}

function deed({
  field = '',
  drop,
  range,
  deadband,
  every,
  sample,
  convert,
  scale,
  offset,
  set,
  ...rest
}: TransformConfig) {
  if (drop !== undefined) return `leaves out ${drop.join(', ')}`;
  if (range !== undefined) return `leaves out ${field} outside ${range.join(' to ')}`;
  if (deadband !== undefined) {
    const atLeast = every === undefined ? '' : `, at least every ${durationText(every)}`;
    return `keeps ${field} when it moves by more than ${deadband}${atLeast}`;
  }
  if (sample !== undefined) return `keeps one reading in ${durationText(sample)}`;
  if (convert !== undefined) return `${field} from ${convert.from} to ${convert.to}`;
  if (set !== undefined) return `${set} is ${rest.expression ?? ''}`;
  if (rest.enrich !== undefined)
    return `adds ${[...(rest.tags ?? []), ...(rest.fields ?? [])].join(', ')} from ${rest.enrich}`;
  const steps = [scale === undefined ? '' : ` times ${scale}`, offset === undefined ? '' : ` plus ${offset}`];
  return `${field}${steps.join('')}`;
}
