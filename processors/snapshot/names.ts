/** What the columns of a snapshot name by number: each is stored once, however many parts of it name it. */
export interface Names {
  readonly texts: readonly string[];
  readonly tags: readonly Tags[];
  /** Of each source the places of its key, device and tags. */
  readonly sources: readonly number[];
}

type Tags = Readonly<Record<string, string>>;

/** A device, or a group of devices with the same tags: what most rows begin with. */
export interface Source {
  readonly key: string;
  readonly device: string;
  readonly tags: Tags;
}

/** Places that a source takes among `sources`. */
export const sourcePlaces = 3;
/** Names of fields that are looked for before all others: rows repeat the same few. */
const fieldNamesMax = 16;

/** Numbers names while a snapshot is taken. All parts of it share one, and after a restore its strings. */
export class NameTable {
  /** What is stored. */
  readonly names = { texts: [] as string[], tags: [] as Tags[], sources: [] as number[] } satisfies Names;
  readonly #texts = new Map<string, number>();
  readonly #tags = new Map<Tags, number>();
  /** Equal tags are one object after a restore, in whatever objects they came. */
  readonly #tagTexts = new Map<string, number>();
  readonly #fieldNames: string[] = [];
  readonly #fieldPlaces: number[] = [];
  readonly #sources: Source[] = [];
  /** The last source of each key. */
  readonly #byKey = new Map<string, number>();
  #lastSource = -1;

  /** One that nothing else names. */
  ownText(text: string): number {
    return this.names.texts.push(text) - 1;
  }

  text(text: string): number {
    let place = this.#texts.get(text);
    if (place === undefined) {
      place = this.ownText(text);
      this.#texts.set(text, place);
    }
    return place;
  }

  /** The key of a device: its last source tells its place, mostly without a look-up. */
  key(key: string): number {
    const next = this.#lastSource + 1;
    const place = this.#sources[next]?.key === key ? next : this.#byKey.get(key);
    if (place === undefined) return this.text(key);
    this.#lastSource = place;
    return this.names.sources[place * sourcePlaces]!;
  }

  fieldName(name: string): number {
    const known = this.#fieldNames.indexOf(name);
    if (known >= 0) return this.#fieldPlaces[known]!;
    const place = this.text(name);
    if (this.#fieldNames.length < fieldNamesMax) {
      this.#fieldNames.push(name);
      this.#fieldPlaces.push(place);
    }
    return place;
  }

  tagsOf(tags: Tags): number {
    let place = this.#tags.get(tags);
    if (place !== undefined) return place;
    // With the order of the names: it is theirs in what is published.
    const text = JSON.stringify(tags);
    place = this.#tagTexts.get(text);
    if (place === undefined) {
      place = this.names.tags.push(tags) - 1;
      this.#tagTexts.set(text, place);
    }
    this.#tags.set(tags, place);
    return place;
  }

  /** The parts of a state hold their devices in nearly the same order: the next one is looked at first. */
  source(source: Source): number {
    const next = this.#lastSource + 1;
    if (next < this.#sources.length && this.#isSame(this.#sources[next]!, source)) return (this.#lastSource = next);
    const known = this.#byKey.get(source.key);
    if (known !== undefined && this.#isSame(this.#sources[known]!, source)) return (this.#lastSource = known);
    const { key, device, tags } = source;
    const place = this.#sources.push(source) - 1;
    this.names.sources.push(this.text(key), this.text(device), this.tagsOf(tags));
    this.#byKey.set(key, place);
    return (this.#lastSource = place);
  }

  #isSame(a: Source, b: Source): boolean {
    if (a.key !== b.key || a.device !== b.device) return false;
    return a.tags === b.tags || this.tagsOf(a.tags) === this.tagsOf(b.tags);
  }
}
