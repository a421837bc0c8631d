/** What can go wrong between a sensor and the broker. */
export const faultNames = {
  late: 'sent 5 to 60 s after it was measured',
  lost: 'never sent',
  duplicated: 'sent twice',
  reordered: 'sent after the next reading of its device',
  skewed: 'a share of the devices, not of the readings: their clocks are off by up to 5 min',
  malformed: 'a payload that no decoder takes',
  stray: 'sent to a topic that no template matches',
} as const;

export type FaultName = keyof typeof faultNames;

/** Rates from 0 to 1. */
export type FaultRates = Partial<Record<FaultName, number>>;

/** Reads `late=1%,lost=0.005`. @throws RangeError with what is wrong with it. */
export function parseFaults(text: string): FaultRates {
  const rates: FaultRates = {};
  for (const part of text.split(',').map((piece) => piece.trim())) {
    if (part === '') continue;
    const match = /^(\w+)=(\d+(?:\.\d+)?)(%?)$/.exec(part);
    const name = match?.[1] as FaultName | undefined;
    if (!match || name === undefined || !Object.hasOwn(faultNames, name))
      throw new RangeError(`"${part}" is not name=rate, such as late=1%; names: ${Object.keys(faultNames).join(', ')}`);
    const rate = Number(match[2]) / (match[3] === '%' ? 100 : 1);
    if (rate > 1) throw new RangeError(`"${part}" is more than 100%`);
    rates[name] = rate;
  }
  return rates;
}
