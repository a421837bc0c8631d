import type { ProcessingConfig, TransformConfig } from '../../infra/config/schema.ts';
import { conversion } from '../../infra/config/measuring-units.ts';
import { compileExpression } from '../../infra/expression/expression.ts';
import { configText } from '../snapshot/config-text.ts';
import { NameTable } from '../snapshot/names.ts';
import { computedTransform } from './computed.ts';
import { Deadband } from './deadband.ts';
import { dropTransform } from './drop.ts';
import { enrichTransform } from './enrich.ts';
import { linearTransform } from './linear.ts';
import { rangeTransform } from './range.ts';
import { Sample } from './sample.ts';
import { emptyTally, type Draft, type Tally, type Transform } from './transform.ts';

/** Each transform's state under the text of its configuration: state is put back only under the same. */
export type TransformSetSnapshot = readonly (readonly [config: string, state: unknown])[];

type Configured = Pick<ProcessingConfig, 'transforms' | 'tables'>;

/** What one transform did in one step. */
export interface TransformTally extends Readonly<Tally> {
  readonly transform: string;
}

interface Member {
  readonly name: string;
  readonly text: string;
  readonly where: readonly (readonly [name: string, value: string])[];
  readonly transform: Transform;
  tally: Tally;
}

/** All transforms of a configuration, in their order. */
export class TransformSet {
  #members: readonly Member[] = [];
  /** Fields that come from tables: a reading with nothing else is empty. */
  #enriched: ReadonlySet<string> = new Set();

  constructor(config: Configured, restored: TransformSetSnapshot = []) {
    const states = new Map(restored);
    this.#build(config, (text, one) => createTransform(one, config, states.get(text)));
  }

  /** Unchanged transforms keep their state, changed ones start afresh. A changed table is no change of state. */
  reconfigure(config: Configured): void {
    const states = new Map(this.#members.map(({ text, transform }) => [text, transform]));
    this.#build(config, (text, one) => {
      const before = states.get(text);
      return before?.snapshot === undefined ? createTransform(one, config) : before;
    });
  }

  get isEmpty(): boolean {
    return this.#members.length === 0;
  }

  /** Changes a reading as configured. @returns the transform that left nothing of it, else null */
  apply(draft: Draft): string | null {
    for (const member of this.#members) {
      if (!concerns(member.where, draft)) continue;
      const outcome = member.transform.apply(draft, member.tally);
      if (outcome === 'kept') continue;
      if (outcome === 'filtered' || this.#isEmptied(draft)) {
        member.tally.filtered++;
        return member.name;
      }
    }
    return null;
  }

  /** What the transforms have done since the last call; those that left nothing out are not in it. */
  takeTallies(): TransformTally[] {
    const tallies: TransformTally[] = [];
    for (const member of this.#members) {
      const { filtered, fields, notFinite, unmatched } = member.tally;
      if (filtered + fields + notFinite + unmatched === 0) continue;
      tallies.push({ transform: member.name, ...member.tally });
      member.tally = emptyTally();
    }
    return tallies;
  }

  /** Forgets what is known of a device. */
  forget(key: string): void {
    for (const { transform } of this.#members) transform.forget?.(key);
  }

  snapshot(names = new NameTable()): TransformSetSnapshot {
    return this.#members.flatMap(({ text, transform }) =>
      transform.snapshot === undefined ? [] : [[text, transform.snapshot(names)] as const],
    );
  }

  #build({ transforms }: Configured, make: (text: string, config: TransformConfig) => Transform): void {
    this.#members = transforms.map((config) => {
      const text = configText(config);
      const where = Object.entries(config.where);
      return { name: config.name, text, where, transform: make(text, config), tally: emptyTally() };
    });
    this.#enriched = new Set(transforms.flatMap(({ enrich, fields }) => (enrich === undefined ? [] : (fields ?? []))));
  }

  /** Nothing is left of what the device sent. */
  #isEmptied({ fields }: Draft): boolean {
    for (const name in fields) if (!this.#enriched.has(name)) return false;
    return true;
  }
}

/** Makes a configured transform, which `validate` has found in order. A new kind is one more case. */
function createTransform(config: TransformConfig, { tables }: Configured, restored?: unknown): Transform {
  const { field = '', drop, range, deadband, every, sample, convert, scale = 1, offset = 0, set, expression } = config;
  if (drop !== undefined) return dropTransform(drop);
  if (range !== undefined) return rangeTransform(field, range);
  if (deadband !== undefined)
    return new Deadband({ field, deadband, everyUs: every === undefined ? null : every * 1e3 }, restored);
  if (sample !== undefined) return new Sample(sample * 1e3, restored);
  if (convert !== undefined) {
    const found = conversion(convert.from, convert.to);
    if ('problem' in found) throw refused(config, found.problem);
    return linearTransform(field, found);
  }
  if (set !== undefined) {
    const compiled = compileExpression(expression ?? '', null);
    if ('problem' in compiled) throw refused(config, compiled.problem);
    return computedTransform(set, compiled);
  }
  if (config.enrich !== undefined) {
    const table = tables.find(({ name }) => name === config.enrich);
    if (table === undefined) throw refused(config, `there is no table ${config.enrich}`);
    return enrichTransform({ table, tags: config.tags ?? [], fields: config.fields ?? [] });
  }
  return linearTransform(field, { before: 0, multiply: scale, divide: 1, after: offset });
}

/** A configuration that was put in force without being checked. */
function refused({ name }: TransformConfig, problem: string): Error {
  return new RangeError(`transform ${name}: ${problem}`);
}

function concerns(where: Member['where'], { device, tags }: Draft): boolean {
  for (const [name, value] of where) if ((name === 'device' ? device : tags[name]) !== value) return false;
  return true;
}
