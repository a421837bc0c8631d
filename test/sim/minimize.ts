/**
 * Leaves out as much of a list as possible while it still fails (delta debugging, Zeller 2002): half of it at once, then
 * ever smaller parts down to single items.
 * @param fails true: this shorter list still does
 */
export function minimize<T>(items: readonly T[], fails: (items: readonly T[]) => boolean): readonly T[] {
  let kept = items;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length;) {
      const fewer = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (fails(fewer)) kept = fewer;
      else at += size;
    }
  }
  return kept;
}
