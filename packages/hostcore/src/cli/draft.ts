import { writeToml, type Section, type Value } from '../adopt/toml.js';
import { readEstate } from '../config/read-estate.js';

/** host.toml while it is asked for: sections that are added to and changed. */
export class Draft {
  readonly #own: string;
  #sections: Section[];

  constructor(name: string, sections: readonly Section[]) {
    this.#own = `host.${name}`;
    this.#sections = [...sections];
  }

  #header(table: string): string {
    return `[${this.#own}${table === '' ? '' : `.${table}`}]`;
  }

  get(table: string, key: string): string {
    const section = this.#sections.find(({ header }) => header === this.#header(table));
    const value = section?.entries.find(([one]) => one === key)?.[1];
    return Array.isArray(value) ? value.join(', ') : String(value ?? '');
  }

  set(table: string, key: string, value: Value | undefined): void {
    this.enable(table, true);
    const header = this.#header(table);
    this.#sections = this.#sections.map((section) =>
      section.header !== header
        ? section
        : {
            ...section,
            entries: [...section.entries.filter(([one]) => one !== key), [key, value]],
          },
    );
  }

  enable(table: string, on: boolean): void {
    const header = this.#header(table);
    if (!on) this.remove(table);
    else if (this.#sections.some((one) => one.header === header)) {
      this.#sections = this.#sections.map((one) =>
        one.header === header && ['nat64', 'dns64', 'ra'].includes(table)
          ? { ...one, evenEmpty: true }
          : one,
      );
    } else
      this.#sections.push({
        header,
        entries: [],
        evenEmpty: ['nat64', 'dns64', 'ra'].includes(table),
      });
  }

  remove(table: string): void {
    this.#sections = this.#sections.filter(({ header }) => header !== this.#header(table));
  }

  toml(): string {
    const opening = 'Made by `hostcore init`. `hostcore plan` shows what it would change.';
    return writeToml([opening], this.#sections);
  }

  complaintsOf(path: string): readonly string[] {
    const begins = `${this.#own}.${path}`;
    return readEstate('host.toml', this.toml())
      .complaints.filter(
        ({ text }) => text.startsWith(`${begins}:`) || text.startsWith(`${begins}.`),
      )
      .map(({ text, remedy }) => `${text}. ${remedy}`);
  }

  has(table: string): boolean {
    return this.#sections.some(({ header }) => header === this.#header(table));
  }

  vms(): readonly string[] {
    const begins = `[${this.#own}.vm.`;
    return this.#sections.flatMap(({ header }) =>
      header.startsWith(begins) ? [header.slice(begins.length, -1)] : [],
    );
  }

  /** IPv4 addresses that were found as routes to the inside, and whose VM nobody could tell. */
  orphans(): readonly string[] {
    return this.#sections.filter(this.#isOrphan).map(addressOf);
  }

  /** The route goes: it follows from the VM. */
  settle(address: string, vm: string): void {
    this.#sections = this.#sections.filter(
      (one) => !this.#isOrphan(one) || addressOf(one) !== address,
    );
    this.set(`vm.${vm}`, 'ipv4', address);
  }

  readonly #isOrphan = ({ header, comment }: Section): boolean =>
    header === `[[${this.#own}.route]]` && comment !== undefined;
}

function addressOf({ entries }: Section): string {
  const to = entries.find(([key]) => key === 'to')?.[1];
  return String(to).replace(/\/32$/, '');
}
