import { errorText } from '@sixhub/base';
import { Gate } from '../issuance/gate.js';
import type { Log, Vault } from '../ports.js';
import type { SealStore } from '../store/seals.js';
import { KeyRing } from './key-ring.js';
import { readMasterKeys, type MasterKeys } from './master-keys.js';
import { finishRotation, forgetNextKey, rotate, type Rotated } from './rotation.js';

export interface KeyPaths {
  readonly masterKey: string;
  readonly nextMasterKey: string;
}

/** The master key of a running hub, which may be changed while everything goes on. */
export class MasterKey {
  readonly paths: KeyPaths;
  readonly #ring: KeyRing;
  readonly #log: Log;
  readonly #turn = new Gate(1);
  #change: MasterKeys['change'];

  private constructor(paths: KeyPaths, { keys, change }: MasterKeys, log: Log) {
    this.paths = paths;
    this.#ring = new KeyRing(keys);
    this.#change = change;
    this.#log = log;
  }

  static async open(paths: KeyPaths, log: Log): Promise<MasterKey> {
    return new MasterKey(paths, await readMasterKeys(paths), log);
  }

  get vault(): Vault {
    return this.#ring;
  }

  /** At the start: what an earlier process was killed in, or a person has put in its place meanwhile. */
  async finishChange(seals: SealStore): Promise<void> {
    if (this.#change === 'done') await forgetNextKey(this.paths.nextMasterKey);
    if (this.#change !== 'begun') return;
    try {
      const { placed } = await finishRotation({ paths: this.paths, ring: this.#ring, seals });
      this.#change = placed ? 'none' : 'begun';
      if (placed) this.#log.info(this.paths, 'the change of the master key is finished');
      else this.#log.warn(this.paths, 'the master key is still to be put in its place');
    } catch (error) {
      // A full disk keeps nobody from starting: both keys are there, and everything opens by one of them.
      const told = { ...this.paths, error: errorText(error) };
      this.#log.error(
        told,
        'the change of the master key could not be finished; hub key rotate does',
      );
    }
  }

  rotate(seals: SealStore): Promise<Rotated> {
    return this.#turn.pass(async () => {
      const context = { paths: this.paths, ring: this.#ring, seals };
      // One that can't be put in its place yet is not followed by another.
      const rotated = await (this.#change === 'begun' ? finishRotation(context) : rotate(context));
      this.#change = rotated.placed ? 'none' : 'begun';
      return rotated;
    });
  }
}
