import { SixhubError } from '@sixhub/base';
import ssh2 from 'ssh2';
import type { PushTarget } from '../domain/push-target.js';
import { connectSsh, type SshConnection } from '../ssh/connection.js';
import { hostName } from '../ssh/target.js';
import { parseHostKey, pinnedTrust } from './pinned-trust.js';
import { openPlain } from './plain-host.js';
import { keyRefused } from './push-error.js';
import type { PushHost } from './push-host.js';
import { openReceiver } from './receiver-host.js';

/** A whole push at one host, its check and its reload included. */
const patienceMs = 600_000;

/** Logs in at a target by its own key, at the host with the pinned key and no other. */
export async function openHost(
  target: PushTarget,
  privateKey: string,
  signal: AbortSignal,
): Promise<PushHost> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(tooLong(hostName(target.place))), patienceMs);
  const limit = AbortSignal.any([signal, patience.signal]);
  const open = async (): Promise<PushHost> => {
    const connection = await logIn(target, privateKey, limit);
    try {
      const { plain } = target.settings;
      return plain === undefined
        ? await openReceiver(connection)
        : await openPlain(connection, plain);
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      throw error;
    }
  };
  try {
    return reopening(await open(), open, () => clearTimeout(timer));
  } catch (error) {
    clearTimeout(timer);
    throw error;
  }
}

function tooLong(host: string): SixhubError {
  return new SixhubError({
    code: 'push-timeout',
    fact: `${host} was not done within ${patienceMs / 60_000} minutes`,
    hint: 'A check or a reload in its list hangs, most often: run them there by hand.',
  });
}

async function logIn(
  { place }: PushTarget,
  privateKey: string,
  signal: AbortSignal,
): Promise<SshConnection> {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  try {
    return await connectSsh(place, {
      signal,
      trust: pinnedTrust(parseHostKey(place.hostKey)),
      credentials: {
        agentSocket: undefined,
        identities: [{ path: "the hub's key for it", key }],
        usualIdentities: [],
        askPassword: undefined,
      },
    });
  } catch (error) {
    const isRefused =
      error instanceof SixhubError && ['login-refused', 'login-broken-off'].includes(error.code);
    throw isRefused ? keyRefused(hostName(place), place.user) : error;
  }
}

/**
 * A reload may take the connection with it: a router's of its network, a NAS's of all that it serves. What became of it is
 * seen on the wire; the steps after it, which can be taken twice, go on over another connection.
 */
function reopening(first: PushHost, open: () => Promise<PushHost>, over: () => void): PushHost {
  let host = first;
  const again = async <T>(step: (present: PushHost) => Promise<T>): Promise<T> => {
    try {
      return await step(host);
    } catch (error) {
      if (!isLost(error)) throw error;
      await host[Symbol.asyncDispose]();
      host = await open();
      return step(host);
    }
  };
  return {
    present: (name, bundle) => again((one) => one.present(name, bundle)),
    check: (name) => again((one) => one.check(name)),
    stage: (name, id, bundle) => again((one) => one.stage(name, id, bundle)),
    switch: (name, id) => host.switch(name, id),
    async reload(name) {
      try {
        return await host.reload(name);
      } catch (error) {
        if (!isLost(error)) throw error;
        return undefined;
      }
    },
    back: (name, id) => again((one) => one.back(name, id)),
    settle: (name, id) => again((one) => one.settle(name, id)),
    async [Symbol.asyncDispose]() {
      over();
      await host[Symbol.asyncDispose]();
    },
  };
}

function isLost(error: unknown): boolean {
  return error instanceof SixhubError && error.code === 'connection-lost';
}
