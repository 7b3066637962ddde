import { command, type Program } from '@sixhub/base';
import { version } from '../version.js';
import { accountCommands } from './account-commands.js';
import { agentCommands } from './agent-commands.js';
import { backup, restore } from './backup-commands.js';
import { auditCommands } from './audit-commands.js';
import { connection } from './connection.js';
import { caCommands } from './ca-commands.js';
import { keyCommands } from './key-commands.js';
import { importCertbot } from './import-command.js';
import { agentNames, certificateNames } from './offers.js';
import { notifyCommands } from './notify-commands.js';
import { doctor, records } from './doctor-commands.js';
import { rollout } from './rollout-command.js';
import { pushCommands } from './push-commands.js';
import { tokenCommands } from './token-commands.js';

/** The command line of the hub, declared; what each command does is imported when it runs. */

const waits = {
  'wait-delegation': {
    kind: 'duration',
    value: 'TIME',
    summary: 'how long to wait for a missing CNAME, or a machine’s key',
    default: '1h',
  },
  'wait-deployed': {
    kind: 'duration',
    value: 'TIME',
    summary: 'also wait until every agent serves it, at most this long',
  },
} as const;

const certificate = {
  name: 'NAME',
  summary: 'a certificate of `hub list`',
  offer: certificateNames,
} as const;

const init = command({
  name: 'init',
  summary: 'write hub.toml and make keys and database',
  description:
    'Writes hub.toml from these options where there is none, then makes what is missing in the\nstate directory: master key, database, private CA. Run again, it changes nothing.',
  operands: [],
  options: {
    config: connection.config,
    zone: {
      kind: 'text',
      value: 'DOMAIN',
      summary: 'the zone that CNAMEs will point into, delegated to this machine',
    },
    address: {
      kind: 'texts',
      value: 'ADDRESS',
      summary: 'public address of this machine, for the zone and the agents',
    },
    contact: { kind: 'texts', value: 'MAIL', summary: 'mail address for the authority' },
    authority: {
      kind: 'text',
      value: 'NAME',
      summary: 'letsencrypt, letsencrypt-staging, zerossl, google, or a directory URL',
      offer: ['letsencrypt', 'letsencrypt-staging', 'zerossl', 'google'],
      default: 'letsencrypt',
    },
    state: {
      kind: 'text',
      value: 'DIR',
      summary: 'where keys and database live',
      offer: 'directory',
      default: '/var/lib/sixhub',
    },
  },
  examples: [
    {
      line: 'hub init --zone acme-dns.example.net --address 2001:db8::53 --contact admin@example.net',
      does: 'prepares a hub whose CNAME targets lie below acme-dns.example.net',
    },
  ],
  run: async (input, terminal) => (await import('./init.js')).init(input, terminal),
});

const serve = command({
  name: 'serve',
  summary: 'run the hub: acme-dns, issuances, APIs',
  operands: [],
  options: { config: connection.config },
  examples: [{ line: 'hub serve', does: 'runs in the foreground; systemd starts it so' }],
  run: async (input, terminal) => (await import('./serve.js')).serve(input, terminal),
});

const issue = command({
  name: 'issue',
  summary: 'issue a certificate for a domain and its wildcard',
  description:
    'Prints the CNAME record to create where it is missing, and waits for it. Ctrl-C leaves the\nissuance running; the same command joins it again. Several domains: a certificate each.',
  operands: [
    {
      name: 'DOMAIN',
      summary: 'example.org, for example.org and *.example.org',
      many: true,
      offer: certificateNames,
    },
  ],
  options: {
    ...connection,
    name: { kind: 'texts', value: 'DOMAIN', summary: 'another name in the same certificate' },
    'no-wildcard': { kind: 'flag', summary: 'the named domains alone' },
    key: {
      kind: 'text',
      value: 'KIND',
      summary: 'p256, p384, rsa2048, rsa3072, rsa4096; or two: p256,rsa2048',
      offer: ['p256', 'p384', 'rsa2048', 'rsa3072', 'rsa4096', 'p256,rsa2048'],
    },
    'reuse-key': { kind: 'flag', summary: 'renewals keep the key, for who publishes it (TLSA)' },
    'new-key': { kind: 'flag', summary: 'renewals make a new key again, which is the default' },
    'key-on': {
      kind: 'text',
      value: 'AGENT',
      summary: 'this machine makes the key and keeps it to itself; it is given the certificate',
      offer: agentNames,
    },
    'key-at-hub': { kind: 'flag', summary: 'the hub makes the next key again' },
    as: { kind: 'text', value: 'NAME', summary: "the certificate's name, if not the domain's" },
    ...waits,
  },
  examples: [
    { line: 'hub issue example.org', does: 'one certificate for example.org and *.example.org' },
    {
      line: "hub issue example.org --name example.net --name '*.example.net'",
      does: 'one certificate for both domains',
    },
    {
      line: 'hub issue example.org --key-on web --as example.org-web',
      does: 'a certificate for web alone, whose private key never leaves it',
    },
  ],
  run: async (input, terminal) => (await import('./issue.js')).issue(input, terminal),
});

const renew = command({
  name: 'renew',
  summary: 'renew a certificate now',
  operands: [certificate],
  options: { ...connection, ...waits },
  examples: [
    { line: 'hub renew example.org', does: 'makes a new version, whatever the calendar says' },
  ],
  run: async (input, terminal) => (await import('./issue.js')).renew(input, terminal),
});

const list = command({
  name: 'list',
  summary: 'all certificates, a line each',
  operands: [],
  options: connection,
  examples: [
    {
      line: 'hub list',
      does: 'shows expiry, how many services serve it, and where a person is needed',
    },
  ],
  run: async (input, terminal) => (await import('./show.js')).list(input, terminal),
});

const show = command({
  name: 'show',
  summary: 'one certificate: who is needed where, its version, and each service on each agent',
  operands: [certificate],
  options: {
    ...connection,
    versions: { kind: 'flag', summary: 'its versions, a line each' },
    tlsa: { kind: 'texts', value: 'PORT', summary: 'its TLSA record for this port' },
  },
  examples: [
    { line: 'hub show mail.example.org --tlsa 25', does: 'prints the TLSA record for SMTP' },
    {
      line: 'hub show example.org',
      does: 'shows first where a person is needed, then which service serves it since when',
    },
  ],
  run: async (input, terminal) => (await import('./show.js')).show(input, terminal),
});

const revoke = command({
  name: 'revoke',
  summary: 'have its authority revoke a certificate',
  description:
    'keyCompromise, superseded, unspecified: the newest version is replaced at once, after a\ncompromise with a new key, and so is every other certificate that had the key.\ncessationOfOperation, affiliationChanged: it is not renewed any more.',
  operands: [certificate],
  options: {
    ...connection,
    version: {
      kind: 'text',
      value: 'VERSION',
      summary: 'not the newest but this one of `hub show NAME --versions`',
    },
    reason: {
      kind: 'text',
      value: 'REASON',
      summary: 'keyCompromise, superseded, unspecified, cessationOfOperation, affiliationChanged',
      offer: [
        'keyCompromise',
        'superseded',
        'unspecified',
        'cessationOfOperation',
        'affiliationChanged',
      ],
    },
    account: {
      kind: 'flag',
      summary: "with keyCompromise: the account's key may be known, too, and is replaced first",
    },
    yes: { kind: 'flag', summary: 'do not ask' },
    ...waits,
  },
  examples: [
    {
      line: 'hub revoke example.org --reason keyCompromise',
      does: 'asks, revokes, and issues anew with another key',
    },
    {
      line: 'hub revoke example.org --reason keyCompromise --account',
      does: 'after a break-in: also a new key for the account, or a new account where it is lost',
    },
  ],
  run: async (input, terminal) => (await import('./revoke.js')).revoke(input, terminal),
});

export const hub: Program = {
  name: 'hub',
  alsoCalled: ['sixhub'],
  version,
  summary: 'obtains and renews certificates, and knows which machine serves them',
  files: [
    ['/etc/sixhub/hub.toml', 'the configuration'],
    ['/etc/sixhub/ca.pem', 'the CA of the hub’s own listeners'],
    ['/var/lib/sixhub', 'keys and database'],
    [
      '/run/sixhub/hub.sock',
      'where the commands reach the running hub; for root and the group sixhub-admin',
    ],
  ],
  commands: [
    init,
    serve,
    issue,
    list,
    show,
    renew,
    rollout,
    revoke,
    doctor,
    records,
    backup,
    restore,
    importCertbot,
    accountCommands,
    agentCommands,
    pushCommands,
    tokenCommands,
    keyCommands,
    caCommands,
    auditCommands,
    notifyCommands,
  ],
};
