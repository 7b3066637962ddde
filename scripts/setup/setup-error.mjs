/** What stopped the set-up, and what the person can do about it. */
export class SetupError extends Error {
  name = 'SetupError';
  constructor(fact, hint, exit = 2) {
    super(fact);
    this.hint = hint;
    this.exit = exit;
  }
}
