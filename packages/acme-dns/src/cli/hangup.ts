import { errorText, SixhubError } from '@sixhub/base';
import type { Log } from '../ports.js';

/** Reads the configuration again at each SIGHUP, one after the other; what is wrong with it is logged and changes nothing. */
export function onHangup(reload: () => Promise<void>, log: Log): AsyncDisposable {
  let last: Promise<void> = Promise.resolve();
  const listener = (): void => {
    last = last.then(reload).then(
      () => log.info({}, 'configuration read again'),
      (error: unknown) =>
        log.error(
          { error: errorText(error), hint: error instanceof SixhubError ? error.hint : '' },
          'the old configuration stays',
        ),
    );
  };
  process.on('SIGHUP', listener);
  return {
    async [Symbol.asyncDispose]() {
      process.off('SIGHUP', listener);
      await last;
    },
  };
}
