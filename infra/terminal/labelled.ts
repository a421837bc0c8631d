import { type Style, visibleLength } from './style.ts';

const labelWidth = 12;

/** `  mqtt        mqtt://127.0.0.1:1883`: how everything that is named stands below each other. */
export function labelled(style: Style, label: string, text: string): string {
  // A label as wide as its column or wider still needs a gap.
  const space = ' '.repeat(Math.max(labelWidth - label.length, 2));
  return hanging(style, `  ${style.dim(label + space)}`, labelWidth + 2, text);
}

/** Text behind a beginning, wrapped at words; what does not fit stands below, `indent` columns to the right. */
export function hanging(style: Style, beginning: string, indent: number, text: string): string {
  const [first = '', ...rest] = text.split('\n').flatMap((line) => wrapped(line, style.columns - indent));
  const below = rest.map((line) => `\n${line === '' ? '' : ' '.repeat(indent)}${line}`);
  return `${beginning}${first}${below.join('')}`;
}

/** Lines of whole words narrower than `columns`; on a terminal too narrow for that, the line as it is. */
function wrapped(line: string, columns: number): string[] {
  if (columns < narrowestColumns) return [line];
  const lines: string[] = [];
  for (const word of line.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && visibleLength(last) + 1 + visibleLength(word) < columns)
      lines.push(`${lines.pop()} ${word}`);
    else lines.push(word);
  }
  return lines;
}

const narrowestColumns = 20;

/** `error  port 1883 is taken ...`, what follows the first line as it is. */
export function errorText(style: Style, message: string): string {
  const [first = '', ...rest] = message.split('\n');
  return [`${style.red('error')}  ${first}`, ...rest].join('\n');
}
