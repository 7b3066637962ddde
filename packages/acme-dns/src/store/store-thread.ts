import { workerData } from 'node:worker_threads';
import type { Page } from '../ports.js';
import { serveCalls } from '../thread.js';
import { yieldToAnswers } from '../yield-to-answers.js';
import { KyselyStore } from './kysely-store.js';
import { openSqlite } from './sqlite.js';
import type { StoreCalls, StoreStart } from './store-calls.js';

/** The thread that waits for the disk, so that no other has to. Everything that fails fails in a call's answer. */

const { file }: StoreStart = workerData;
yieldToAnswers();
const store = Promise.resolve().then(() => KyselyStore.open(openSqlite(file)));
store.catch(() => undefined); // the first call tells it
let reading: AsyncIterator<Page> | undefined;

serveCalls<StoreCalls>({
  origin: async () => (await store).origin(),
  nextPage: async () => {
    reading ??= (await store).pages()[Symbol.asyncIterator]();
    const next = await reading.next();
    if (next.done !== true) return next.value;
    reading = undefined;
    return undefined;
  },
  commit: async ({ changes, serial }) => (await store).commit(changes, serial),
  foreignChanges: async () => (await store).foreignChanges(),
  close: async () => (await store)[Symbol.asyncDispose](),
});
