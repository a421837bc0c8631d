/**
 * The known name that a mistyped one most probably stands for: ` (did you mean "rules"?)`, or '' when none is near.
 * Near is at most a third of its letters wrong, swapped, missing or too many (optimal string alignment distance).
 */
export function suggestion(typed: string, known: readonly string[]): string {
  let nearest = '';
  let least = Math.max(1, Math.floor(typed.length / 3)) + 1;
  for (const name of known) {
    const apart = distance(typed.toLowerCase(), name.toLowerCase());
    if (apart < least) {
      least = apart;
      nearest = name;
    }
  }
  return nearest === '' ? '' : ` (did you mean "${nearest}"?)`;
}

function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(replaced, last[j]! + 1, row[j - 1]! + 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) least = Math.min(least, beforeLast[j - 2]! + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
