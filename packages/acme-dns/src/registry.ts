import { exitCodes, SixhubError, type Clock } from '@sixhub/base';
import { isChallengeValue, type Account } from './domain/account.js';
import { Network } from './domain/network.js';
import {
  mostChallenges,
  withChallenge,
  withoutChallenge,
  withoutExpired,
  withRolling,
  type Values,
} from './domain/values.js';
import type { Entry } from './accounts.js';
import type { Ledger, Step } from './ledger.js';
import type { AccountWithPassword, NewAccount } from './options.js';
import type { Change, StoredAccount } from './ports.js';
import type { SlowPasswords } from './passwords/slow-passwords.js';
import type { Secrets } from './passwords/secrets.js';

export interface RegistryOptions {
  readonly ledger: Ledger;
  readonly secrets: Secrets;
  readonly slowPasswords: SlowPasswords;
  readonly clock: Clock;
  readonly settings: RegistrySettings;
}

/** What may change while it runs. */
export interface RegistrySettings {
  readonly domain: string;
  readonly rollingValues: number;
  readonly valueLifetimeMs: number;
}

/** What can be done with accounts and their values, whoever asks: the hub, the HTTP API, the command line. */
export class Registry {
  settings: RegistrySettings;
  private readonly options: RegistryOptions;

  constructor(options: RegistryOptions) {
    this.options = options;
    this.settings = options.settings;
  }

  async create({ allowFrom = [], note = '' }: NewAccount = {}): Promise<AccountWithPassword> {
    const { ledger, secrets, clock } = this.options;
    const networks = allowFrom.map((text) => Network.parse(text) ?? badNetwork(text));
    const password = secrets.newPassword();
    const account: StoredAccount = {
      subdomain: secrets.newName(),
      username: secrets.newName(),
      secret: secrets.hash(password),
      allowFrom: networks.map(({ text }) => text),
      note,
      createdAt: clock.now().getTime(),
    };
    await ledger.add(account);
    return { ...this.shown(account), password };
  }

  entry(subdomain: string): Entry | undefined {
    return this.options.ledger.accounts.get(subdomain);
  }

  account(subdomain: string): Account | undefined {
    const entry = this.entry(subdomain);
    return entry === undefined ? undefined : this.shown(entry.account);
  }

  publish(subdomain: string, value: string, challenge: string): Promise<void> {
    if (!isChallengeValue(value)) return Promise.reject(badValue(subdomain));
    return this.options.ledger.changeEntry(subdomain, (entry, sequence) => {
      const known = entry.values.find((other) => other.challenge === challenge);
      if (known?.text === value) return unchanged(entry);
      const at = this.now();
      const values = withChallenge(entry.values, { sequence, text: value, challenge, at });
      if (values.kept.length > mostChallenges) throw tooMany(subdomain);
      return valueStep(entry, values);
    });
  }

  withdraw(subdomain: string, challenge: string): Promise<void> {
    return this.options.ledger.change(subdomain, (entry) =>
      entry === undefined
        ? { entry, changes: [] }
        : valueStep(entry, withoutChallenge(entry.values, challenge)),
    );
  }

  /** For clients that name no challenge and never withdraw: the newest values stay. */
  update(subdomain: string, value: string): Promise<void> {
    const { ledger } = this.options;
    const { rollingValues } = this.settings;
    return ledger.changeEntry(subdomain, (entry, sequence) =>
      valueStep(
        entry,
        withRolling(entry.values, { sequence, text: value, at: this.now() }, rollingValues),
      ),
    );
  }

  async passwordMatches(account: StoredAccount, password: string): Promise<boolean> {
    const { ledger, secrets, slowPasswords } = this.options;
    const { subdomain } = account;
    if (!account.secret.startsWith('$2')) return secrets.matches(password, account.secret);
    if (!(await slowPasswords.matches(password, account.secret))) return false;
    // Imported from the Go program: from its first success on it is checked by the fast hash.
    const secret = secrets.hash(password);
    await ledger.changeEntry(subdomain, (entry) =>
      entry.account.secret === account.secret
        ? {
            entry: { ...entry, account: { ...entry.account, secret } },
            changes: [{ kind: 'secret-changed', subdomain, secret }],
          }
        : unchanged(entry),
    );
    return true;
  }

  /** Removes what orders left behind. */
  async expire(): Promise<number> {
    const { ledger } = this.options;
    const { valueLifetimeMs } = this.settings;
    const expired = (entry: Entry): Values =>
      withoutExpired(entry.values, this.now(), valueLifetimeMs);
    let count = 0;
    for (const subdomain of ledger.accounts.subdomains()) {
      const entry = ledger.accounts.get(subdomain);
      const removed = entry === undefined ? 0 : expired(entry).removed.length;
      if (removed === 0) continue;
      count += removed;
      await ledger.changeEntry(subdomain, (now) => valueStep(now, expired(now)));
    }
    return count;
  }

  private now(): number {
    return this.options.clock.now().getTime();
  }

  private shown({ username, subdomain, allowFrom }: StoredAccount): Account {
    return { username, subdomain, fulldomain: `${subdomain}.${this.settings.domain}`, allowFrom };
  }
}

function unchanged(entry: Entry): Step {
  return { entry, changes: [] };
}

function valueStep(entry: Entry, values: Values): Step {
  const { subdomain } = entry.account;
  const removed = values.removed.map(({ sequence }): Change => ({
    kind: 'value-removed',
    sequence,
  }));
  const added = values.kept
    .filter((value) => !entry.values.includes(value))
    .map((value): Change => ({ kind: 'value-added', value: { ...value, subdomain } }));
  return { entry: { ...entry, values: values.kept }, changes: [...removed, ...added] };
}

function badNetwork(text: string): never {
  throw new SixhubError({
    code: 'bad-network',
    fact: `'${text}' is no network`,
    hint: 'Write it with its length: 192.0.2.0/24, 2001:db8::/32, or 192.0.2.1/32 for one address.',
    exit: exitCodes.usage,
  });
}

function badValue(subdomain: string): SixhubError {
  return new SixhubError({
    code: 'bad-value',
    fact: `the value for ${subdomain} is not 43 characters of base64url`,
    hint: 'It is the base64url SHA-256 digest of the key authorization (RFC 8555 §8.4).',
  });
}

function tooMany(subdomain: string): SixhubError {
  return new SixhubError({
    code: 'too-many-values',
    fact: `${subdomain} has ${mostChallenges} values that nobody withdrew`,
    hint: 'Withdraw what is done; values also go by themselves after their lifetime.',
  });
}
