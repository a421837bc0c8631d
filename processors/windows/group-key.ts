import type { Reading } from '../../events/reading.ts';

/** What a window is kept of: one device, or all devices with the same tags. */
export interface GroupKey {
  readonly key: string;
  /** Empty for tags. */
  readonly device: string;
  readonly tags: Reading['tags'];
}

/** Key of the group of all devices. */
export const everyone = 'fleet';

/** Finds the group of a reading: by `device` each device is one. Null when it lacks one of the tags. */
export function groupFinder(by: readonly string[]): (reading: Reading) => GroupKey | null {
  return by.includes('device') ? (reading) => reading : groupByTags(by);
}

/**
 * Finds the group of a reading by its tags: `site=plant1,line=2`, each name and value percent-encoded. Null when it
 * lacks one of the tags. Readings of one topic share their tags object, so that most are found by it.
 */
function groupByTags(by: readonly string[]): (reading: Reading) => GroupKey | null {
  const known = new WeakMap<Reading['tags'], GroupKey | null>();
  return ({ tags }) => {
    let group = known.get(tags);
    if (group === undefined) {
      group = groupOf(by, tags);
      known.set(tags, group);
    }
    return group;
  };
}

function groupOf(by: readonly string[], tags: Reading['tags']): GroupKey | null {
  const own: Record<string, string> = {};
  for (const name of by) {
    const value = tags[name];
    if (value === undefined) return null;
    own[name] = value;
  }
  const parts = by.map((name) => `${encodeURIComponent(name)}=${encodeURIComponent(own[name]!)}`);
  return { key: parts.length === 0 ? everyone : parts.join(','), device: '', tags: own };
}
