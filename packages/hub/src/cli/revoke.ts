import { exitCodes, usageError, type ExitCode, type Terminal } from '@sixhub/base';
import type { CertificateView, RevokedAnswer } from './answers.js';
import { connectHub } from './client.js';
import { conclude, type Waits } from './issue.js';

interface RevokeInput {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: Waits & {
    readonly version: string | undefined;
    readonly reason: string | undefined;
    readonly yes: boolean;
  };
}

export async function revoke(
  { operands, options, json }: RevokeInput,
  terminal: Terminal,
): Promise<ExitCode> {
  const name = operands[0] ?? '';
  const { reason, version } = options;
  if (reason === undefined) {
    throw usageError(
      'hub revoke: --reason is missing',
      'One of keyCompromise, superseded, unspecified (the newest version is replaced at once), cessationOfOperation, affiliationChanged (it is not renewed any more).',
    );
  }
  const hub = await connectHub(options);
  const path = `/v1/certificates/${encodeURIComponent(name)}`;
  const view = await hub.call<CertificateView>('GET', path);
  const what = version === undefined ? 'its newest version' : `version ${version}`;
  if (!options.yes) {
    const question = `${name}: revoke ${what} for good (${reason})? ${served(view)}`;
    if (!(await terminal.confirm(question))) {
      throw usageError('nothing was revoked', 'Without a terminal to ask at, --yes says it.');
    }
  }
  const answer = await hub.call<RevokedAnswer>('POST', `${path}/revoke`, {
    reason,
    ...(version === undefined ? {} : { version }),
  });
  if (json) terminal.out(JSON.stringify({ kind: 'revoked', certificate: name, ...answer }));
  else terminal.out(describe(name, reason, answer));
  if (answer.issuance === null) return exitCodes.done;
  const started = { issuance: answer.issuance, joined: false, askedAt: answer.askedAt };
  return conclude({ name, hub, options, json }, started, terminal);
}

function served({ agents }: CertificateView): string {
  if (agents.length === 0) return 'No agent has it.';
  return `It is given to ${agents.join(', ')}; clients may refuse it there from now on.`;
}

function describe(name: string, reason: string, { versions, next }: RevokedAnswer): string {
  const lines = versions.map(
    ({ id, serial }) => `${name}: revoked (${reason}): ${id}, serial ${serial}`,
  );
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
