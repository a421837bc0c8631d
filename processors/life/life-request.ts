import { labelCharsMax, type LifeAnswer, type LifeRequest } from '../../events/life.ts';
import type { DeviceSeries, LifeOperation } from '../../events/record.ts';
import { compileTemplate, matchTopic, partitionOf, type TopicTemplate } from '../../events/topics.ts';
import type { Pipeline } from '../pipeline.ts';

/** Where a request is looked at. */
export interface LifePlace {
  readonly partition: number;
  readonly partitions: number;
  readonly topics: readonly TopicTemplate[];
}

type View = Pick<Pipeline, 'devices' | 'lives'>;
type Refused = Exclude<LifeAnswer, { outcome: 'done' }>;

/** What is to be appended to the log, or why nothing is. The log decides again: what it cannot do there it leaves. */
export function operationOf(request: LifeRequest, view: View, place: LifePlace): LifeOperation | Refused {
  const { kind, key } = request;
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
    case 'replace': {
      const problem = view.lives.replacementProblem(key, request.by) ?? elsewhere(request.by, view, place);
      if (problem !== null) return refused(`${key} cannot be replaced by ${request.by}: ${problem}.`);
      return { kind, key, by: request.by, series: seriesOf(device!, place.topics) };
    }
    case 'erase':
      return { kind, key, series: seriesOf(device!, place.topics) };
    default:
      return { kind, key };
  }
}

function refused(message: string): Refused {
  return { outcome: 'refused', message };
}

/** One device's readings are in one partition, in order: those of another partition cannot go on in its history. */
function elsewhere(by: string, { devices }: View, { partition, partitions }: LifePlace): string | null {
  if (devices.get(by) !== null || partitionOf(by, partitions) === partition) return null;
  const other = partitionOf(by, partitions);
  return `its readings come in partition ${other} of the log, the history is in partition ${partition}. Let the new hardware publish under the old topic, or under another one of this partition; where its gateway names it, let it publish once first`;
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
