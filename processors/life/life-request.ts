import type { DeviceLife } from '../../events/device.ts';
import { labelCharsMax, type LifeAnswer, type LifeRequest, type PartitionRequest } from '../../events/life.ts';
import type { DeviceSeries, LifeOperation } from '../../events/record.ts';
import { compileTemplate, matchTopic, partitionOf, type TopicTemplate } from '../../events/topics.ts';
import type { Pipeline } from '../pipeline.ts';

/** Where a request is looked at. */
export interface LifePlace {
  readonly partition: number;
  readonly partitions: number;
  readonly topics: readonly TopicTemplate[];
}

/** The new hardware of the device is in another partition, whose worker is asked. It is known here when `until` holds. */
export interface ElsewhereFirst {
  readonly partition: number;
  readonly ask: PartitionRequest;
  readonly until: (life: DeviceLife) => boolean;
  /** Done here when the other has done its part; null: that is all. */
  readonly next: LifeOperation | null;
}

type View = Pick<Pipeline, 'devices' | 'lives'>;
type Refused = Exclude<LifeAnswer, { outcome: 'done' }>;

/** What is to be appended to the log, or why nothing is. The log decides again: what it cannot do there it leaves. */
export function operationOf(
  request: LifeRequest,
  view: View,
  place: LifePlace,
): LifeOperation | ElsewhereFirst | Refused {
  const { kind, key } = request;
  if (kind === 'give') {
    const problem = view.lives.givingProblem(key, request.to);
    return problem === null ? request : refused(`${request.to} cannot be replaced by ${key}: ${problem}.`);
  }
  if (kind === 'release') return request;
  const device = view.devices.get(key);
  const life = view.lives.of(key);
  const isTouched = life.label !== '' || life.retired || life.replacedBy !== null;
  if (device === null && (!isTouched || kind === 'erase' || kind === 'replace')) {
    const followed =
      kind === 'erase' ? ' What InfluxDB still has of one that was forgotten goes by its own retention.' : '';
    return { outcome: 'unknown', message: `Nothing of a device "${key}" is known here.${followed}` };
  }
  switch (kind) {
    case 'rename': {
      const label = request.label.trim();
      // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
      if (label.length > labelCharsMax || /[\u0000-\u001f\u007f-\u009f]/.test(label))
        return refused(`A label is one line of at most ${labelCharsMax} characters.`);
      return { kind, key, label };
    }
    case 'undo':
      return request.of === 'rename' ? undoRename(key, life) : undoReplace(key, life, view, place);
    case 'replace':
      return replace(request, seriesOf(device!, place.topics), view, place);
    case 'erase': {
      const operation = { kind, key, series: seriesOf(device!, place.topics) } as const;
      // What is still on its way from there would be a new device.
      return release(key, view, place, operation) ?? operation;
    }
    default:
      return { kind, key };
  }
}

function refused(message: string): Refused {
  return { outcome: 'refused', message };
}

function undoRename(key: string, { label }: DeviceLife): LifeOperation | Refused {
  return label === '' ? refused(`${key} was not renamed: it has its own name.`) : { kind: 'undo-rename', key };
}

function undoReplace(
  key: string,
  { replacedBy }: DeviceLife,
  view: View,
  place: LifePlace,
): LifeOperation | ElsewhereFirst | Refused {
  if (replacedBy === null) return refused(`${key} was not replaced.`);
  return release(key, view, place, null) ?? { kind: 'undo-replace', key, by: replacedBy };
}

/** Null: it has no new hardware in another partition. */
function release(
  key: string,
  { lives }: View,
  { partition }: LifePlace,
  next: LifeOperation | null,
): ElsewhereFirst | null {
  const by = lives.elsewhere(key);
  if (by === null) return null;
  const ask = { kind: 'release', key: by.key, to: key, partition } as const;
  return { partition: by.partition, ask, until: ({ replacedBy }) => replacedBy !== by.key, next };
}

/**
 * One device's readings are in one partition, in order. Where those of the new hardware come in another, that one passes
 * them on: where it begins to is decided there.
 */
function replace(
  { key, by, byPartition }: Extract<LifeRequest, { kind: 'replace' }>,
  series: DeviceSeries,
  { devices, lives }: View,
  { partition, partitions }: LifePlace,
): LifeOperation | ElsewhereFirst | Refused {
  const known = lives.elsewhere(key);
  const asked = known?.key === by ? known.partition : (byPartition ?? partitionOf(by, partitions));
  const isHere = devices.get(by) !== null || asked === partition;
  const problem = isHere ? lives.replacementProblem(key, by) : lives.replacedProblem(key, by);
  if (problem !== null) return refused(`${key} cannot be replaced by ${by}: ${problem}.`);
  if (isHere) return { kind: 'replace', key, by, series };
  if (!Number.isInteger(asked) || asked < 0 || asked >= partitions)
    return refused(`${key} cannot be replaced by ${by}: there is no partition ${asked}.`);
  const ask = { kind: 'give', key: by, to: key, partition, series } as const;
  return { partition: asked, ask, until: ({ replacedBy }) => replacedBy === by, next: null };
}

/** Tags that tables or payloads add tell no device apart. */
function seriesOf(
  { device, tags, topic }: { readonly device: string; readonly tags: DeviceSeries['tags']; readonly topic: string },
  topics: readonly TopicTemplate[],
): DeviceSeries {
  const match = matchTopic(topics.map(compileTemplate), topic);
  const names = match === null ? Object.keys(tags) : Object.keys(match.tags);
  return { device, tags: Object.fromEntries(names.flatMap((name) => (name in tags ? [[name, tags[name]!]] : []))) };
}
