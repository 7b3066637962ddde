/** What has been opened, closed in reverse order; Node 20 has no AsyncDisposableStack. */
export class Opened implements AsyncDisposable {
  private readonly resources: AsyncDisposable[] = [];

  use<R extends AsyncDisposable>(resource: R): R {
    this.resources.push(resource);
    return resource;
  }

  /** Hands everything to a new owner, so that leaving the block of this one closes nothing. */
  move(): Opened {
    const owner = new Opened();
    for (const resource of this.resources.splice(0)) owner.use(resource);
    return owner;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const resource of this.resources.splice(0).toReversed()) {
      await resource[Symbol.asyncDispose]();
    }
  }
}
