import { scale } from '../chart/colors.ts';
import { narrow } from './narrow.ts';

const coarse = window.matchMedia('(pointer: coarse)');

/** Height of a table row in px: 28, or 44 for fingers and phones; with its hairline inside. */
export function rowHeight(): number {
  return (narrow.value || coarse.matches ? 44 : 28) * scale();
}
