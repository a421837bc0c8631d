/** One mistake in the configuration. */
export interface Problem {
  /** Where: `rules[3].clear`, the environment variable or the flag that brought the value; '' for the whole file. */
  readonly at: string;
  readonly message: string;
  /** Line in the file, 1-based; undefined for what does not come from it. */
  readonly line?: number;
}

export type ConfigPath = readonly (string | number)[];

/** `['rules', 3, 'clear']` as people write it: `rules[3].clear`. */
export function pathText(path: ConfigPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

/** A value as it is shown after "is": short, on one line. */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a map';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}...` : text;
}

const shownCharactersMax = 60;

/** A headline such as `millrace.yaml: 2 mistakes`, then a line for each. */
export function problemLines(file: string | null, problems: readonly Problem[]): string[] {
  const headline = `${file ?? 'configuration'}: ${problems.length} ${problems.length === 1 ? 'mistake' : 'mistakes'}`;
  const width = Math.min(pathWidthMax, Math.max(...problems.map(({ at }) => at.length)));
  const rows = problems.map(({ at, message, line }) => {
    const where = line === undefined ? '' : ` (line ${line})`;
    return at === '' ? `  ${message}${where}` : `  ${at.padEnd(width)}  ${message}${where}`;
  });
  return [headline, ...rows];
}

const pathWidthMax = 32;
