/** So many answers are kept, some kilobytes each. */
const most = 5_000;

/**
 * Answers as they were sent, for as long as nothing at all has changed in the store: monitoring asks the same again and
 * again, and between two changes it is told the same without a look at any table.
 */
export class Remembered {
  readonly #revision: () => string;
  readonly #answers = new Map<string, string>();
  #at = '';

  constructor(revision: () => string) {
    this.#revision = revision;
  }

  async answer(key: string, make: () => Promise<string>): Promise<string> {
    const now = this.#revision();
    if (now !== this.#at || this.#answers.size >= most) this.#answers.clear();
    this.#at = now;
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const made = await make();
    // What was read before a change that came meanwhile is an answer, but none to keep.
    if (this.#revision() === now && this.#at === now) this.#answers.set(key, made);
    return made;
  }
}
