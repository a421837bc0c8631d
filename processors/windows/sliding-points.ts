import type { FieldValue } from '../../events/reading.ts';
import type { ColumnReader } from '../snapshot/column-reader.ts';
import type { ColumnWriter } from '../snapshot/column-writer.ts';
import type { FieldPlan } from './aggregates/field-plan.ts';
import { FieldState } from './aggregates/field-state.ts';

/** Points held of a field; of more, the oldest are let go. */
export const slidingPointsMax = 4_096;
/** Points of a block when it is begun anew, and when it is cut in two. */
const blockPoints = 64;
const blockPointsMax = 128;

/** Points that follow each other, and what they come to. */
interface Block {
  readonly times: number[];
  readonly values: FieldValue[];
  state: FieldState;
}

/**
 * One field's points in order of event time, in blocks that are summed up: what lies in a span is a block or two
 * looked at point by point, and the sums of those between.
 */
export class SlidingPoints {
  readonly #plan: FieldPlan;
  #blocks: Block[] = [];
  #count = 0;

  constructor(plan: FieldPlan) {
    this.#plan = plan;
  }

  add(timeUs: number, value: FieldValue): void {
    let at = this.#blocks.length - 1;
    while (at > 0 && this.#blocks[at]!.times[0]! > timeUs) at--;
    const block = this.#blocks[at];
    this.#count++;
    if (block === undefined) this.#blocks.push(this.#block([timeUs], [value]));
    else if (timeUs < block.times.at(-1)!) this.#insert(at, block, timeUs, value);
    else if (at === this.#blocks.length - 1 && block.times.length >= blockPoints)
      this.#blocks.push(this.#block([timeUs], [value]));
    else this.#append(at, block, timeUs, value);
    while (this.#count > slidingPointsMax) this.#count -= this.#blocks.shift()!.times.length;
  }

  /** Lets go of what is at or before a time. Whole blocks: a few older points may stay. */
  forgetUpTo(timeUs: number): void {
    while (this.#blocks.length > 0 && this.#blocks[0]!.times.at(-1)! <= timeUs)
      this.#count -= this.#blocks.shift()!.times.length;
  }

  /** What lies in `(afterUs, upToUs]`. */
  between(afterUs: number, upToUs: number): FieldState {
    const sum = new FieldState(this.#plan);
    for (const { times, values, state } of this.#blocks) {
      if (times.at(-1)! <= afterUs) continue;
      if (times[0]! > upToUs) break;
      if (times[0]! > afterUs && times.at(-1)! <= upToUs) {
        sum.merge(state);
        continue;
      }
      for (const [i, timeUs] of times.entries()) if (timeUs > afterUs && timeUs <= upToUs) sum.add(values[i]!, timeUs);
    }
    return sum;
  }

  write(columns: ColumnWriter): void {
    columns.list(this.#blocks, ({ times, values }) => {
      columns.list(times, (timeUs) => columns.real(timeUs));
      columns.list(values, (value) => columns.fieldValue(value));
    });
  }

  static read(plan: FieldPlan, columns: ColumnReader): SlidingPoints {
    const points = new SlidingPoints(plan);
    points.#blocks = columns.list(() => {
      const times = columns.list(() => columns.real());
      return points.#block(
        times,
        columns.list(() => columns.fieldValue()),
      );
    });
    points.#count = points.#blocks.reduce((sum, { times }) => sum + times.length, 0);
    return points;
  }

  #block(times: number[], values: FieldValue[]): Block {
    const state = new FieldState(this.#plan);
    for (const [i, timeUs] of times.entries()) state.add(values[i]!, timeUs);
    return { times, values, state };
  }

  #append(at: number, block: Block, timeUs: number, value: FieldValue): void {
    block.times.push(timeUs);
    block.values.push(value);
    block.state.add(value, timeUs);
    this.#cut(at, block);
  }

  #insert(at: number, block: Block, timeUs: number, value: FieldValue): void {
    const place = block.times.findIndex((time) => time > timeUs);
    block.times.splice(place, 0, timeUs);
    block.values.splice(place, 0, value);
    // A sum depends on the order of its parts, and a restored block is summed up in order of time.
    block.state = this.#block(block.times, block.values).state;
    this.#cut(at, block);
  }

  #cut(at: number, { times, values }: Block): void {
    if (times.length < blockPointsMax) return;
    const half = times.length / 2;
    const parts = [
      this.#block(times.slice(0, half), values.slice(0, half)),
      this.#block(times.slice(half), values.slice(half)),
    ];
    this.#blocks.splice(at, 1, ...parts);
  }
}
