import { errorText } from '@sixhub/base';
import { spent } from '../domain/apply/keeping.js';
import type { Store } from './store.js';

/** Under the lock, at each new change. That something stays is no reason not to make the change: its journal says it. */
export async function removeSpent(store: Store, by: number): Promise<void> {
  try {
    const records = await Promise.all((await store.numbers()).map((one) => store.read(one)));
    const numbers = spent(records, new Date());
    await store.remove(numbers);
    if (numbers.length > 0) await store.note(by, `not kept any more: ${numbers.join(', ')}`);
  } catch (error) {
    await store.note(by, `older ones could not be removed: ${errorText(error)}`);
  }
}
