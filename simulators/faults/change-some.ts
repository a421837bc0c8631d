import type { Publication } from '../publication.ts';
import { fraction, type Random } from '../random.ts';
import type { FaultName } from './fault-names.ts';

type Change = (publication: Publication, random: Random) => Partial<Publication>;

/** Faults that change what is sent, reading by reading. */
function* changeSome(
  input: Iterable<Publication>,
  fault: FaultName,
  isChosen: (publication: Publication) => boolean,
  change: (publication: Publication) => Partial<Publication>,
): Generator<Publication> {
  for (const publication of input) {
    if (isChosen(publication)) yield { ...publication, ...change(publication), faults: [...publication.faults, fault] };
    else yield publication;
  }
}

/** Payloads that a decoder has to refuse, each for another reason. */
const malformations: readonly Change[] = [
  ({ fields }) => ({ payload: JSON.stringify(fields).slice(0, -3) }),
  () => ({ payload: 'ERR sensor not ready' }),
  () => ({ payload: '' }),
  ({ timeUs }) => ({ payload: `{"temperature":1e999,"time":${timeUs}}` }),
  ({ timeUs }) => ({ payload: `{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{"i":{"j":1}}}}}}}}},"time":${timeUs}}` }),
  ({ fields }) => ({ payload: JSON.stringify({ ...fields, time: 12 }) }),
];

export function malformSome(input: Iterable<Publication>, rate: number, random: Random): Generator<Publication> {
  return changeSome(
    input,
    'malformed',
    () => random() < rate,
    (publication) => malformations[Math.floor(random() * malformations.length)]!(publication, random),
  );
}

export function straySome(input: Iterable<Publication>, rate: number, random: Random): Generator<Publication> {
  return changeSome(
    input,
    'stray',
    () => random() < rate,
    ({ topic }) => ({ topic: topic.replace(/^sensors\//, 'legacy/line-a/') + '/state' }),
  );
}

/** How far a skewed clock may be off, us. */
const skewMaxUs = 300_000_000;

/** A share of the devices has a wrong clock: always the same ones, always by the same amount. */
export function skewSome(input: Iterable<Publication>, rate: number, seed: number): Generator<Publication> {
  return changeSome(
    input,
    'skewed',
    ({ device }) => fraction(seed, device, 1) < rate,
    ({ device, timeUs }) => ({ timeUs: timeUs + Math.round((fraction(seed, device, 2) * 2 - 1) * skewMaxUs) }),
  );
}
