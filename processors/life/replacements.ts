import type { DeviceSeries } from '../../events/record.ts';
import { hashText } from '../decode/hash.ts';
import type { Route } from '../decode/routes.ts';
import type { ColumnReader } from '../snapshot/column-reader.ts';
import type { ColumnWriter } from '../snapshot/column-writer.ts';

/** Replacements that have ended and are remembered, the latest: a rebuild reads what was while they were in force. */
export const endedMax = 1_000;

/** The device that what comes under another key is of. */
export interface Owner {
  readonly key: string;
  readonly series: DeviceSeries;
  /** Where that device is; null: in this partition, too. */
  readonly partition: number | null;
  /** Position of the record that said so. */
  readonly since: number;
}

interface Ended {
  readonly by: string;
  readonly owner: Owner;
  readonly until: number;
}

/** Whose readings those under a key are, in the partition that the key's readings come to. */
export class Replacements {
  readonly #owners = new Map<string, Owner>();
  #ended: Ended[] = [];
  #routes = new WeakMap<Route, Route>();

  get any(): boolean {
    return this.#owners.size > 0;
  }

  ownerOf(by: string): Owner | undefined {
    return this.#owners.get(by);
  }

  /** The key that a device of this partition has its readings under, beside its own, where that is here, too. */
  hereOf(key: string): string | null {
    for (const [by, owner] of this.#owners) if (owner.key === key && owner.partition === null) return by;
    return null;
  }

  begin(by: string, owner: Owner): void {
    this.end(by, owner.since);
    this.#owners.set(by, owner);
  }

  end(by: string, until: number): void {
    const owner = this.#owners.get(by);
    if (owner === undefined) return;
    this.#owners.delete(by);
    this.#ended.push({ by, owner, until });
    if (this.#ended.length > endedMax) this.#ended.shift();
    this.#routes = new WeakMap();
  }

  /** The route of the owner, for what comes by this one. Tags that only the new topic has stay: they are of the reading. */
  routeOf(route: Route, { key, series }: Owner): Route {
    const known = this.#routes.get(route);
    if (known !== undefined) return known;
    const tags = { ...route.tags, ...series.tags };
    const found = { ...route, key, device: series.device, tags, tagsHash: hashText(JSON.stringify(tags)), known: null };
    this.#routes.set(route, found);
    return found;
  }

  /** What was in force before the message at a position. */
  at(sequence: number): Replacements {
    const then = new Replacements();
    for (const { by, owner, until } of this.#ended)
      if (owner.since < sequence && until >= sequence) then.#owners.set(by, owner);
    for (const [by, owner] of this.#owners) if (owner.since < sequence) then.#owners.set(by, owner);
    return then;
  }

  write(columns: ColumnWriter): void {
    const write = (by: string, { key, series, partition, since }: Owner) => {
      columns.text(by);
      columns.text(key);
      columns.value(series);
      columns.whole(partition === null ? 0 : partition + 1);
      columns.number(since);
    };
    columns.whole(this.#owners.size);
    for (const [by, owner] of this.#owners) write(by, owner);
    columns.whole(this.#ended.length);
    for (const { by, owner, until } of this.#ended) {
      write(by, owner);
      columns.number(until);
    }
  }

  read(columns: ColumnReader): void {
    const read = (): [string, Owner] => {
      const [by, key, series] = [columns.text(), columns.text(), columns.value() as DeviceSeries];
      const at = columns.whole();
      return [by, { key, series, partition: at === 0 ? null : at - 1, since: columns.number() }];
    };
    for (let left = columns.whole(); left > 0; left--) this.#owners.set(...read());
    for (let left = columns.whole(); left > 0; left--) {
      const [by, owner] = read();
      this.#ended.push({ by, owner, until: columns.number() });
    }
  }
}
