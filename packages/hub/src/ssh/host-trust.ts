import { randomBytes } from 'node:crypto';
import { exitCodes, SixhubError } from '@sixhub/base';
import { algorithmsOf, fingerprintOf, type HostKey } from './host-key.js';
import { judge, knownHostLine, knownTypes, type KnownHost } from './known-hosts.js';
import type { KnownHostsFiles } from './known-hosts-files.js';
import { hostName, type SshTarget } from './target.js';

/**
 * Whether a host is who it should be: by known_hosts, else by a fingerprint that the caller named, else by a person who was
 * shown it. Never without one of them.
 */
export interface HostTrust {
  /** Signature algorithms, those of known keys first. */
  preferred(target: SshTarget): Promise<readonly string[]>;
  /** Throws where it may not be gone on. */
  check(target: SshTarget, key: HostKey): Promise<void>;
}

export interface HostTrustParts {
  readonly files: KnownHostsFiles;
  /** Fingerprints that the caller expects: `SHA256:…`. */
  readonly expected: readonly string[];
  readonly confirm: (question: string) => Promise<boolean>;
  readonly tell: (line: string) => void;
}

export function hostTrust({ files, expected, confirm, tell }: HostTrustParts): HostTrust {
  return {
    async preferred(target) {
      return knownTypes(await files.read(), target).flatMap(algorithmsOf);
    },
    async check(target, key) {
      const verdict = judge(await files.read(), target, key);
      switch (verdict.kind) {
        case 'known':
          return;
        case 'changed':
          throw changed(target, key, verdict.at);
        case 'revoked':
          throw revoked(target, key, verdict.at);
        case 'unknown':
          if (expected.includes(fingerprintOf(key))) return;
          if (expected.length > 0) throw unexpected(target, key, expected);
          if (!(await confirm(question(target, key)))) throw unknown(target, key);
          await files.add(knownHostLine(target, key, randomBytes(20)));
          tell(`${hostName(target)} is in ${files.own} from now on`);
          return;
        default:
          verdict satisfies never;
      }
    },
  };
}

const shown = ({ type, blob }: HostKey): string => `${type} ${fingerprintOf({ blob })}`;
const itsFile = ({ type }: HostKey): string =>
  `/etc/ssh/ssh_host_${/ed25519|ecdsa|rsa/.exec(type)?.[0] ?? '*'}_key.pub`;

function question(target: SshTarget, key: HostKey): string {
  return `${hostName(target)} is not in known_hosts. It shows the key\n  ${shown(key)}\nOn its console, ssh-keygen -lf ${itsFile(key)} must print the same. Is it the same?`;
}

function unknown(target: SshTarget, key: HostKey): SixhubError {
  return new SixhubError({
    code: 'host-key-unknown',
    fact: `nobody has said that ${hostName(target)} is who it says it is: it shows the key ${shown(key)}, and no known_hosts has one of it`,
    hint: `Compare it on the host's console: ssh-keygen -lf ${itsFile(key)}\nIs it the same, say so at a terminal, or in a script: --host-key ${fingerprintOf(key)}`,
    exit: exitCodes.waiting,
  });
}

function unexpected(target: SshTarget, key: HostKey, expected: readonly string[]): SixhubError {
  return new SixhubError({
    code: 'host-key-unexpected',
    fact: `${hostName(target)} shows the key ${shown(key)}, and --host-key expects ${expected.join(' or ')}`,
    hint: `Somebody may stand in between; nothing was sent. Compare on the host's console: ssh-keygen -lf ${itsFile(key)}`,
  });
}

function changed(target: SshTarget, key: HostKey, at: KnownHost): SixhubError {
  return new SixhubError({
    code: 'host-key-changed',
    fact: `${hostName(target)} shows another key than before: ${shown(key)}, where ${at.file}:${at.line} has ${shown(at.key)}`,
    hint: `Somebody may stand in between; nothing was sent. Was the host set up anew? Compare on its console (ssh-keygen -lf ${itsFile(key)}), then: ssh-keygen -R '${hostName(target)}' -f ${at.file}`,
  });
}

function revoked(target: SshTarget, key: HostKey, at: KnownHost): SixhubError {
  return new SixhubError({
    code: 'host-key-revoked',
    fact: `${hostName(target)} shows a key that ${at.file}:${at.line} revokes: ${shown(key)}`,
    hint: 'Nothing was sent. Give the host a new key: rm /etc/ssh/ssh_host_*; dpkg-reconfigure openssh-server',
  });
}
