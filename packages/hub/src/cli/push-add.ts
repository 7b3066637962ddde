import {
  exitCodes,
  SixhubError,
  usageError,
  wrap,
  type ExitCode,
  type Terminal,
} from '@sixhub/base';
import { ReceiverPlacing } from '../push/place-receiver.js';
import {
  authorizedKey,
  listText,
  receiverPlaces,
  receiverProgram,
  type ListedCertificate,
} from '../push/receiver-files.js';
import { hostName, parseTarget, targetText } from '../ssh/target.js';
import type { PushTargetView } from './answers.js';
import { connectHub, type ConnectionOptions, type HubClient } from './client.js';
import { parseListedFile } from './push-files.js';
import { askHostKey } from './push-host-key.js';
import { lineFor, pathOf, pushNow } from './push.js';
import { logIn, type SshOptions } from './ssh-login.js';

interface HostOptions extends ConnectionOptions {
  readonly 'host-key': readonly string[];
}

interface OnTheHost {
  readonly file: readonly string[];
  readonly check: string | undefined;
  readonly reload: string | undefined;
}

interface Input<Options> {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: Options;
}

type InstallOptions = HostOptions & OnTheHost & SshOptions & { readonly yes: boolean };

type AddOptions = InstallOptions & {
  readonly cert: readonly string[];
  readonly connect: readonly string[];
  readonly servername: readonly string[];
  readonly install: boolean;
  readonly sftp: boolean;
};

export async function add(input: Input<AddOptions>, terminal: Terminal): Promise<ExitCode> {
  const { operands, options, json } = input;
  const [name = '', place = ''] = operands;
  const target = parseTarget(place);
  const files = options.file.map(parseListedFile);
  mustFit(options);
  const hub = await connectHub(options);
  const view = await hub.call<PushTargetView>('POST', '/v1/push-targets', {
    ...{ name, grants: options.cert, ...target },
    hostKey: await askHostKey(place, options, terminal),
    ...{ connect: options.connect, servernames: options.servername },
    ...(options.sftp
      ? {
          plain: {
            certificate: options.cert[0],
            files: files.map(({ form, path, mode }) => ({ form, path, mode })),
            ...(options.check === undefined ? {} : { check: options.check }),
            ...(options.reload === undefined ? {} : { reload: options.reload }),
          },
        }
      : {}),
  });
  if (options.connect.length === 0) {
    terminal.err(
      `Nothing will be proven: where ${name} serves its certificate was not named (--connect HOST:PORT).`,
    );
  }
  if (options.install) return placeReceiver(hub, view, input, terminal);
  if (json) {
    terminal.out(JSON.stringify({ ...view, authorizedKey: lineFor(view) }));
    return exitCodes.done;
  }
  terminal.err(whatToDo(view, options));
  // The line alone on standard output: it can be piped.
  terminal.out(lineFor(view));
  return exitCodes.done;
}

/** Again after --install was broken off, or by a newer hub: what is there is found, and the rest done. */
export async function install(input: Input<InstallOptions>, terminal: Terminal): Promise<ExitCode> {
  const hub = await connectHub(input.options);
  const view = await hub.call<PushTargetView>('GET', pathOf(input.operands[0]));
  return placeReceiver(hub, view, input, terminal);
}

export async function trust(
  { operands, options, json }: Input<HostOptions>,
  terminal: Terminal,
): Promise<ExitCode> {
  const hub = await connectHub(options);
  const path = pathOf(operands[0]);
  const before = await hub.call<PushTargetView>('GET', path);
  const hostKey = await askHostKey(targetText(before), options, terminal);
  const view = await hub.call<PushTargetView>('PUT', `${path}/host-key`, { hostKey });
  terminal.out(
    json
      ? JSON.stringify(view)
      : `${view.name}: ${hostName(view)} is known by ${view.hostKey.type} ${view.hostKey.fingerprint} from now on`,
  );
  return exitCodes.done;
}

function mustFit({ sftp, install: isInstall, file, cert, check, reload }: AddOptions): void {
  if (sftp && isInstall) {
    throw usageError(
      '--sftp is for hosts that can take no receiver, and --install brings one',
      'Leave one of them out; where sh runs there, leave --sftp out.',
    );
  }
  if (sftp && (file.length === 0 || cert.length !== 1)) {
    throw usageError(
      'with --sftp the hub has to know which files to write, for one certificate',
      'Name them: --cert example.org --file fullchain=/etc/ssl/nas.pem --file privkey=/etc/ssl/nas.key',
    );
  }
  if (!sftp && !isInstall && (file.length > 0 || check !== undefined || reload !== undefined)) {
    throw usageError(
      'files and commands stand in the list on the host, where nobody but its owner writes them',
      'With --install this command writes a first list there; else put them into push.conf by yourself.',
    );
  }
}

async function placeReceiver(
  hub: HubClient,
  view: PushTargetView,
  { options, json }: Input<InstallOptions>,
  terminal: Terminal,
): Promise<ExitCode> {
  const listed = listedOf(view, options);
  const where = targetText(view);
  await using connection = await logIn(where, options, terminal);
  const placing = new ReceiverPlacing(connection, hostName(view));
  await placing.findRights();
  const hasList = await placing.has(receiverPlaces.list);
  if (!hasList && listed === undefined) {
    throw usageError(
      `there is no list on ${hostName(view)} yet, and no file was named for it`,
      "Name them: --file fullchain=/etc/ssl/nas.pem --file privkey=/etc/ssl/nas.key --reload 'service lighttpd restart'",
    );
  }
  const steps = [
    `write ${receiverPlaces.program} (755)`,
    ...(hasList || listed === undefined
      ? [
          `leave ${receiverPlaces.list} as it is${listed === undefined ? '' : ': it is there already, and --file, --check and --reload are for a first one'}`,
        ]
      : [`write ${receiverPlaces.list} (644):`, ...listText([listed]).trim().split('\n')]),
    `add a line to ~${view.user}/.ssh/authorized_keys, that lets the hub's key start this receiver alone`,
    'push, and look whether it is served',
  ];
  if (!json) {
    const width = terminal.errColumns ?? Infinity;
    terminal.err([`${where}:`, ...steps.map((step) => wrap(`  ${step}`, width, 4))].join('\n'));
  }
  if (!options.yes && !(await terminal.confirm(`Do this on ${where}?`))) {
    throw usageError(
      `nothing was changed on ${where}`,
      `Without a terminal to ask at, --yes says it. Again: hub push install ${view.name}`,
    );
  }
  await placing.put(receiverPlaces.program, 0o755, await receiverProgram());
  if (!hasList && listed !== undefined)
    await placing.put(receiverPlaces.list, 0o644, listText([listed]));
  await placing.authorize(authorizedKey(view.publicKey, 'receiver'));
  return pushNow(hub, view.name, json, terminal);
}

function listedOf(
  { name, grants, plain }: PushTargetView,
  { file, check, reload }: OnTheHost,
): ListedCertificate | undefined {
  if (plain !== null) {
    throw new SixhubError({
      code: 'push-without-receiver',
      fact: `${name} was added with --sftp: it has no receiver`,
      hint: `To give it one: hub push remove ${name}, then hub push add without --sftp.`,
      exit: exitCodes.usage,
    });
  }
  if (file.length === 0) return undefined;
  const [certificate] = grants;
  if (certificate === undefined || grants.length > 1) {
    throw usageError(
      `${name} gets ${grants.length === 0 ? 'no certificate' : 'several certificates'}: which one these files are for is not clear`,
      `Write ${receiverPlaces.list} on the host by yourself, a section for each certificate: docs/push.md.`,
    );
  }
  return { certificate, files: file.map(parseListedFile), check, reload };
}

function whatToDo(view: PushTargetView, { sftp }: AddOptions): string {
  const file = `~${view.user}/.ssh/authorized_keys`;
  if (sftp) {
    return `Put this line into ${file} on ${hostName(view)}; then: hub push run ${view.name}\n`;
  }
  return [
    `On ${hostName(view)}:`,
    `  1. put what \`hub push receiver\` prints into ${receiverPlaces.program}`,
    `  2. write ${receiverPlaces.list}, for instance:`,
    ...listText(view.grants.slice(0, 1).map(exampleFor))
      .trim()
      .split('\n')
      .slice(2)
      .map((text) => `       ${text}`),
    `  3. put the line below into ${file}`,
    `Then: hub push run ${view.name}. Or have all three done by your own login: hub push install ${view.name} --file …`,
    '',
  ].join('\n');
}

function exampleFor(certificate: string): ListedCertificate {
  return {
    certificate,
    files: ['fullchain=/etc/ssl/sixhub/fullchain.pem', 'privkey=/etc/ssl/sixhub/privkey.pem'].map(
      parseListedFile,
    ),
    check: 'apachectl -t',
    reload: 'systemctl reload apache2',
  };
}
