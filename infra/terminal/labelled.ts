import type { Style } from './style.ts';

const labelWidth = 12;

/** `  mqtt        mqtt://127.0.0.1:1883`: how everything that is named stands below each other. */
export function labelled(style: Style, label: string, text: string): string {
  return `  ${style.dim(label.padEnd(labelWidth))}${text.replaceAll('\n', `\n${' '.repeat(labelWidth + 2)}`)}`;
}

/** `error  port 1883 is taken ...`, what follows the first line as it is. */
export function errorText(style: Style, message: string): string {
  const [first = '', ...rest] = message.split('\n');
  return [`${style.red('error')}  ${first}`, ...rest].join('\n');
}
