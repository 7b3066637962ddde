import { hostToml } from './host-toml.js';

/** What each page takes for granted, and what of it can't be typed here. A page that is not named fails the test. */

interface PageCare {
  /** Typed before the page begins. */
  readonly before?: readonly string[];
  /** certbot has a tree there. */
  readonly certbot?: true;
  /** mail.example.org is there, without an agent. */
  readonly sshMachine?: true;
  /** Lines that are left out, each with the reason. */
  readonly notTyped?: Readonly<Record<string, string>>;
  /** Blocks, by their first line, that end otherwise here, and why. */
  readonly ends?: Readonly<Record<string, readonly [code: number, why: string]>>;
}

const initialised =
  'hub init --zone acme-dns.example.net --address 2001:db8::53 --contact you@example.net';
const asRoot = "sed -e '/^User=/d' -e '/^Group=/d'";
const units = '/opt/sixhub/packages';
const hub = [
  initialised,
  `${asRoot} ${units}/hub/systemd/sixhub.service > /etc/systemd/system/sixhub.service`,
  'systemctl enable --now sixhub',
];
const issued = [...hub, 'hub issue example.org'];
const withAgent = [
  ...issued,
  'hub agent add web --cert example.org',
  'hub-agent enroll',
  `cp ${units}/agent/systemd/* /etc/systemd/system/`,
  'systemctl enable --now sixhub-agent.timer',
];

const noInternet = 'needs the internet; .ci/run and the set-up of the tests do it';
const noPackage = 'test/e2e/packages and test/debian install the packages';
const noBridge = 'this machine has no bridge; test/e2e/hostcore has one';
const noJournal = 'there is no journal on a machine without systemd';

const restored = 'examples.test.ts restores, on a machine that is emptied before';
const certbotsOwn = 'a timer of certbot, which the stand-in for systemctl does not know';

export const pages: Readonly<Record<string, PageCare | undefined>> = {
  'README.md': {
    notTyped: {
      'npm ci && npm run demo        # a small internet on loopback: issue, install, serve, renew; under a minute':
        'test/e2e/demo.test.ts runs it',
      'npm ci && npm run demo:host   # a rented server becomes a host for VMs, and a mistake locks nobody out; under a minute':
        'test/e2e/demo-host.test.ts runs it',
      'npm ci && npm test            # everything, on the real programs': 'is what runs this',
    },
  },
  'docs/set-up.md': {
    before: ['rm /usr/bin/hub /usr/bin/sixhub'],
    notTyped: {
      'apt install ./sixhub-hub_*.deb': noPackage,
      'apt install nodejs npm python3 make g++': noInternet,
      'cd /opt/sixhub && npm ci && npm run setup': noInternet,
    },
  },
  'docs/first-certificate.md': { before: hub },
  'docs/agents.md': {
    before: [...issued, 'rm /usr/bin/hub-agent'],
    sshMachine: true,
    notTyped: { 'apt install ./sixhub-agent_*.deb': noPackage },
  },
  'docs/trust.md': { before: withAgent },
  'docs/rollout.md': {
    before: [...withAgent, 'systemctl enable --now sixhub-agent-watch.service'],
  },
  'docs/push.md': {
    before: issued,
    sshMachine: true,
    ends: {
      "hub push install mail --file joined-key-first=/etc/postfix/tls.pem --check 'postfix check' --reload 'postfix reload'":
        [1, 'no mail server runs there'],
      'hub push run mail': [1, 'no mail server runs there'],
    },
  },
  'docs/command-line.md': { before: withAgent },
  'docs/when.md': {
    before: withAgent,
    notTyped: {
      'journalctl -u sixhub-agent -n 20': noJournal,
      'journalctl -u sixhub -n 50': noJournal,
      'timedatectl set-ntp true': 'would need systemd, and set no clock that is ours alone',
    },
  },
  'docs/keys.md': {
    before: [...withAgent, 'systemctl enable --now sixhub-agent-watch.service'],
  },
  'docs/alerts.md': {
    before: [...hub, 'adduser --system --group --no-create-home sixhub'],
    notTyped: {
      'install -o sixhub -m 0400 /dev/stdin /etc/sixhub/mail-password': 'waits for a password',
    },
    ends: {
      'hub notify silence agent:mail --for 14d': [1, 'no agent is silent here'],
    },
  },
  'docs/acme-dns.md': {
    before: [
      "printf 'u,p,8e5700ea-a4bf-41c7-8a77-e990661dcc6b,[]\\n' > records.csv && touch txt.csv",
    ],
    notTyped: Object.fromEntries(
      [
        'psql "$CONNECTION" -c "\\copy (select Username, Password, Subdomain, AllowFrom from records) to records.csv csv"',
        'psql "$CONNECTION" -c "\\copy (select Subdomain, Value, LastUpdate from txt order by rowid) to txt.csv csv"',
      ].map((line) => [line, 'no PostgreSQL is among the packages of the tests']),
    ),
  },
  'docs/backup.md': {
    before: [...issued, 'age-keygen -y backup.key > /etc/sixhub/backup.keys'],
    notTyped: {
      'hub restore hub.age                          # asks for the passphrase': restored,
      'hub restore hub.age --identity backup.key    # for a backup to a public key': restored,
      'age -d hub.age | tar tv                      # -i backup.key for a key':
        'age asks for its passphrase at /dev/tty; test/e2e/backup opens one by its key',
    },
  },
  'docs/moving-from-certbot.md': {
    before: hub,
    certbot: true,
    notTyped: {
      "systemctl disable --now certbot.timer     # Debian's package": certbotsOwn,
      'systemctl disable --now snap.certbot.renew.timer': certbotsOwn,
    },
    ends: { 'hub import /etc/letsencrypt': [3, 'the CNAME is still to be created'] },
  },
  'docs/rest.md': { before: issued },
  'docs/host.md': {
    before: [`mkdir -p /etc/sixhub && printf '%s' '${hostToml}' > /etc/sixhub/host.toml`],
  },
  'docs/host-verify.md': {
    before: [`mkdir -p /etc/sixhub && printf '%s' '${hostToml}' > /etc/sixhub/host.toml`],
    ends: { 'hostcore verify': [1, noBridge], 'hostcore drift': [1, noBridge] },
  },
  'docs/metrics.md': { before: [...hub, 'mkdir -p /etc/prometheus'] },
};
