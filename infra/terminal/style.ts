import { styleText } from 'node:util';

type Paint = (text: string) => string;

/** The few ways in which text may look different. Bold for values, dim for labels, cyan for addresses. */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  /** What is wrong. */
  readonly red: Paint;
  /** What may become wrong. */
  readonly yellow: Paint;
  readonly cyan: Paint;
  /** Width of the terminal, infinite elsewhere. */
  readonly columns: number;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Colour only on a terminal that has any, unless `NO_COLOR` or `--no-color` says no; `FORCE_COLOR` beats all. */
export function usesColour(isTerminal: boolean, env: Env, isRefused: boolean): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: term } = env;
  if (force !== undefined) return force !== '0' && force !== 'false';
  return isTerminal && !isRefused && (no === undefined || no === '') && term !== 'dumb';
}

export function createStyle(isColoured: boolean, columns = Infinity): Style {
  const paint = (name: 'bold' | 'dim' | 'red' | 'yellow' | 'cyan'): Paint =>
    isColoured ? (text) => styleText(name, text, { validateStream: false }) : (text) => text;
  return {
    bold: paint('bold'),
    dim: paint('dim'),
    red: paint('red'),
    yellow: paint('yellow'),
    cyan: paint('cyan'),
    columns,
  };
}

/** How many columns the text takes: without the colours. */
export function visibleLength(text: string): number {
  return stripColours(text).length;
}

export function stripColours(text: string): string {
  // oxlint-disable-next-line no-control-regex -- the escape character is what colours begin with
  return text.replaceAll(/\x1b\[\d+m/g, '');
}
