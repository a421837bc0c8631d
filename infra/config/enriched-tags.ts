import type { TransformConfig } from './schema.ts';

/** Tags that tables bring to readings; none is called like a placeholder of a topic. */
export function enrichedTags(transforms: readonly Pick<TransformConfig, 'tags'>[]): string[] {
  return transforms.flatMap(({ tags = [] }) => tags);
}
