import type { SixhubError } from '@sixhub/base';
import type { Hub } from '../ports.js';

/** The hub where it is known beforehand that it does not let this machine in: nothing is sent, each call says why. */
export function shutHub(why: SixhubError): Hub & Disposable {
  const refuse = (): Promise<never> => Promise.reject(why);
  return {
    ...{ manifest: refuse, awaitManifest: refuse, bundle: refuse, report: refuse },
    ...{ renewIdentity: refuse, answerRequest: refuse, tellLost: refuse },
    [Symbol.dispose]: () => undefined,
  };
}
