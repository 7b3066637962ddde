/** What keeps the packages from being made, and what to do. */
export class PackageError extends Error {
  constructor(fact, hint) {
    super(fact);
    this.hint = hint;
  }
}
