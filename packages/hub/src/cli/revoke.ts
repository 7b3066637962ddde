import { errorText, exitCodes, usageError, type ExitCode, type Terminal } from '@sixhub/base';
import type { AuthorityView, CertificateView, KeyedVersionView, RevokedAnswer } from './answers.js';
import { connectHub, type HubClient } from './client.js';
import { conclude, type Waits } from './conclude.js';

interface RevokeInput {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: Waits & {
    readonly version: string | undefined;
    readonly reason: string | undefined;
    readonly account: boolean;
    readonly yes: boolean;
  };
}

export async function revoke(
  { operands, options, json }: RevokeInput,
  terminal: Terminal,
): Promise<ExitCode> {
  const name = operands[0] ?? '';
  const { version } = options;
  const reason = reasonOf(options);
  const hub = await connectHub(options);
  const path = `/v1/certificates/${encodeURIComponent(name)}`;
  const view = await hub.call<CertificateView>('GET', path);
  const authority = await authorityOf(hub, view, version);
  const what = version === undefined ? 'its newest version' : `version ${version}`;
  if (!options.yes) {
    const account = options.account ? `The account at ${authority} gets a new key first. ` : '';
    const question = `${name}: revoke ${what} for good (${reason})? ${account}${served(view)}`;
    if (!(await terminal.confirm(question))) {
      throw usageError('nothing was revoked', 'Without a terminal to ask at, --yes says it.');
    }
  }
  // First: whoever has the account's key could otherwise order with it while the certificates are replaced.
  const account = options.account
    ? await replaceAccountKey(hub, authority, json, terminal)
    : exitCodes.done;
  const answer = await hub.call<RevokedAnswer>('POST', `${path}/revoke`, {
    reason,
    ...(version === undefined ? {} : { version }),
  });
  if (json) terminal.out(JSON.stringify({ kind: 'revoked', certificate: name, ...answer }));
  else terminal.out(describe(name, reason, answer));
  if (!json && reason === 'keyCompromise' && !options.account) {
    terminal.err(
      `If the account's key may be known, too (it lies in the same state directory): hub account rollover ${authority}`,
    );
  }
  const replacing = [answer.issuance ?? [], answer.others].flat();
  const wishes = replacing.map((issuance) => ({
    name: issuance.certificate,
    start: () => Promise.resolve({ issuance, joined: false, askedAt: answer.askedAt }),
  }));
  const ending = await conclude(wishes, { hub, options, json }, terminal);
  if (!json && reason === 'keyCompromise' && view.reuseKey) {
    terminal.err(
      `${name} has another key now: publish its TLSA records anew (hub show ${name} --tlsa PORT)`,
    );
  }
  // What is left to the hub is not done.
  const isLeft = account !== exitCodes.done || answer.pending.length > 0;
  return isLeft ? exitCodes.failed : ending;
}

function reasonOf({ reason, account }: RevokeInput['options']): string {
  if (reason === undefined) {
    throw usageError(
      'hub revoke: --reason is missing',
      'One of keyCompromise, superseded, unspecified (the newest version is replaced at once), cessationOfOperation, affiliationChanged (it is not renewed any more).',
    );
  }
  if (account && reason !== 'keyCompromise') {
    throw usageError(
      'hub revoke: --account without --reason keyCompromise',
      'A new key for the account alone: hub account rollover AUTHORITY.',
    );
  }
  return reason;
}

async function authorityOf(
  hub: HubClient,
  view: CertificateView,
  version: string | undefined,
): Promise<string> {
  if (version === undefined) return view.version?.authority ?? '';
  const path = `/v1/certificates/${encodeURIComponent(view.name)}/versions`;
  const { versions } = await hub.call<{ versions: readonly KeyedVersionView[] }>('GET', path);
  return versions.find(({ id }) => id === version)?.authority ?? '';
}

async function replaceAccountKey(
  hub: HubClient,
  name: string,
  json: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  const path = `/v1/authorities/${encodeURIComponent(name)}/account/replace-key`;
  const { authorities } = await hub.call<{ authorities: readonly AuthorityView[] }>(
    'GET',
    '/v1/authorities',
  );
  const before = authorities.find((one) => one.name === name)?.account.url;
  let account: AuthorityView['account'];
  try {
    ({ account } = await hub.call<AuthorityView>('POST', path));
  } catch (error) {
    // What is compromised is replaced all the same.
    terminal.err(
      `${name}: the account has its old key still: ${errorText(error)}. As soon as it is back: hub account rollover ${name}`,
    );
    return exitCodes.failed;
  }
  if (json) {
    terminal.out(JSON.stringify({ kind: 'account', authority: name, account }));
    return exitCodes.done;
  }
  terminal.out(
    account.url === before
      ? `${name}: the account has a new key; the old one is worth nothing any more`
      : `${name}: the account was not ours any more; a new one, with a new key: ${account.url ?? ''}`,
  );
  return exitCodes.done;
}

function served({ agents }: CertificateView): string {
  if (agents.length === 0) return 'No agent has it.';
  return `It is given to ${agents.join(', ')}; clients may refuse it there from now on.`;
}

function describe(
  name: string,
  reason: string,
  { versions, next, pending }: RevokedAnswer,
): string {
  const lines = versions.flatMap(({ certificate, id, serial, authority }) => {
    const left = pending.find(({ version }) => version === id);
    const what = left === undefined ? 'revoked' : 'out of use here';
    return [
      `${certificate}: ${what} (${reason}): ${id}, serial ${serial}${certificate === name ? '' : `; it had the key of ${name}`}`,
      ...(left === undefined
        ? []
        : [
            `  ${authority} has not revoked it yet: ${left.fact}`,
            `  the hub tries again at ${left.retryAt} and from then on; see: hub show ${certificate}`,
          ]),
    ];
  });
  switch (next) {
    case 'none':
      return [...lines, `  the newest version is another one, and stands`].join('\n');
    case 'end':
      return [
        ...lines,
        `  it is not renewed any more, and no agent gets it; \`hub issue ${name}\` begins anew`,
      ].join('\n');
    case 'replace':
      return [...lines, '  it is being replaced'].join('\n');
    default:
      return next satisfies never;
  }
}
