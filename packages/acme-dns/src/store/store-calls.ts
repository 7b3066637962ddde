import type { Change, Origin, Page } from '../ports.js';

/** What the store's thread is given at its start. */
export interface StoreStart {
  readonly file: string;
}

/** What the store's thread is asked. */
export type StoreCalls = {
  origin(argument: undefined): Promise<Origin>;
  /** The next page of the one reading that is going on; undefined at its end. */
  nextPage(argument: undefined): Promise<Page | undefined>;
  commit(argument: { changes: readonly Change[]; serial: number }): Promise<void>;
  foreignChanges(argument: undefined): Promise<number>;
  close(argument: undefined): Promise<void>;
};
