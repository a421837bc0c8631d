/** Width of the channel in design px at a rate in readings/s, log scale: 10,000/s is 30 px. 0: dry, drawn dashed. */
export function channelWidth(perS: number | null): number {
  if (perS === null || !(perS > 0)) return 0;
  return 1.5 + (28.5 * Math.log10(1 + perS)) / 4;
}
