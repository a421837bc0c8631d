import { createStyle, type Style, usesColour } from '../terminal/style.ts';

/** Options that every command has. */
export interface CommonFlags {
  readonly json?: boolean;
  /** False after `--no-color`. */
  readonly color: boolean;
}

/** Where a command writes: results to `out`, progress and what went wrong to `err`. */
export interface Terminal {
  readonly style: Style;
  readonly errStyle: Style;
  readonly isJson: boolean;
  out(text: string): void;
  err(text: string): void;
  /** One JSON value on a line of stdout. */
  json(value: unknown): void;
}

export function openTerminal(flags: CommonFlags): Terminal {
  const { stdout, stderr, env } = process;
  const isRefused = !flags.color;
  return {
    style: createStyle(usesColour(stdout.isTTY, env, isRefused), stdout.columns),
    errStyle: createStyle(usesColour(stderr.isTTY, env, isRefused), stderr.columns),
    isJson: flags.json === true,
    out: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(`${text}\n`),
    json: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
  };
}
