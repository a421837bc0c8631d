import type { FieldValue } from '../../events/reading.ts';
import type { DecodedPayload } from '../step.ts';
import type { FieldNames } from './field-names.ts';
import type { ReadingLimits } from './json-object.ts';
import { quote, refuse, type Refusal } from './refusal.ts';
import { textProblem } from './text.ts';

/** The fields of one reading as they are found, each checked. */
export class ReadingFields {
  readonly #fields: Record<string, FieldValue> = {};
  readonly #limits: ReadingLimits;
  readonly #names: FieldNames;
  #shape = 0;
  count = 0;

  constructor(limits: ReadingLimits, names: FieldNames) {
    this.#limits = limits;
    this.#names = names;
  }

  /** Adds a field; or says what is wrong with it. */
  add(name: string, value: FieldValue): Refusal | null {
    const hash = this.#names.hashOf(name);
    if (typeof hash !== 'number') return hash;
    if (Object.hasOwn(this.#fields, name)) return refuse('bad-key', `field ${quote(name)} appears twice`);
    if (++this.count > this.#limits.fieldsPerReadingMax) {
      return refuse('too-many-fields', `the reading has more than ${this.#limits.fieldsPerReadingMax} fields`);
    }
    const taken = checkedValue(name, value);
    if (typeof taken === 'object') return taken;
    this.#fields[name] = taken;
    this.#shape += hash;
    return null;
  }

  /** The reading that they make. */
  reading(ownTimeUs: number | null, more?: Pick<DecodedPayload, 'device' | 'tags' | 'presence'>): DecodedPayload {
    return { fields: this.#fields, shape: this.#shape, ownTimeUs, ...more };
  }
}

/** A value as it is taken; or what is wrong with it. */
function checkedValue(name: string, value: FieldValue): FieldValue | Refusal {
  if (typeof value === 'string') return textProblem(name, value) ?? value;
  if (typeof value === 'boolean') return value;
  // + 0: minus zero is zero, as it is for everybody after MessagePack and JSON.
  return Number.isFinite(value)
    ? value + 0
    : refuse('not-finite', `${quote(name)} is NaN or beyond the range of a double`);
}
