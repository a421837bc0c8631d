/** Texts and tags that a snapshot's columns name by number: each is stored once, however many parts of it name it. */
export interface Names {
  readonly texts: readonly string[];
  readonly tags: readonly Tags[];
}

type Tags = Readonly<Record<string, string>>;

/** Numbers texts and tags while a snapshot is taken. All parts of it share one, and after a restore its strings. */
export class NameTable {
  /** What is stored. */
  readonly names = { texts: [] as string[], tags: [] as Tags[] } satisfies Names;
  readonly #texts = new Map<string, number>();
  readonly #tags = new Map<Tags, number>();
  /** Equal tags are one object after a restore, in whatever objects they came. */
  readonly #tagTexts = new Map<string, number>();

  text(text: string): number {
    let place = this.#texts.get(text);
    if (place === undefined) {
      place = this.names.texts.push(text) - 1;
      this.#texts.set(text, place);
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
}
