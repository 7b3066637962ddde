export const usualConfigFile = '/etc/sixhub/host.toml';
export const usualStatusFile = '/var/lib/sixhub-hostcore/status.json';

export const config = {
  kind: 'text',
  value: 'FILE',
  summary: 'the description',
  short: 'c',
  default: usualConfigFile,
  offer: 'file',
} as const;

export const host = {
  kind: 'text',
  value: 'NAME',
  summary: 'which host of the file; this machine unless said',
} as const;

export const root = {
  kind: 'text',
  value: 'DIR',
  summary: "look at the files below another root; the kernel is this one's",
  default: '/',
  offer: 'directory',
} as const;

export const filesOnly = {
  kind: 'flag',
  summary: "leave the kernel out: for another machine's files",
} as const;

/** Whom `verify` asks for and connects to, instead of the usual ones. */
export const targetOptions = {
  'ipv4-target': {
    kind: 'text',
    value: 'ADDRESS:PORT',
    summary:
      'a server with IPv4 alone that accepts connections; the first IPv4 resolver of host.toml unless said, else a root server, port 53',
  },
  'ipv6-target': {
    kind: 'text',
    value: '[ADDRESS]:PORT',
    summary: 'one with IPv6, chosen alike unless said',
  },
  'ipv4-name': {
    kind: 'text',
    value: 'NAME',
    summary: 'a name that has IPv4 alone',
    default: 'ipv4only.arpa',
  },
  'ipv6-name': {
    kind: 'text',
    value: 'NAME',
    summary: 'a name that has IPv6',
    default: 'a.root-servers.net',
  },
} as const;

export const usualStateDirectory = '/var/lib/sixhub-hostcore';

export const state = {
  kind: 'text',
  value: 'DIR',
  summary: 'where what was before each apply is kept',
  default: usualStateDirectory,
  offer: 'directory',
} as const;

export const confirmWithin = {
  kind: 'duration',
  value: 'TIME',
  summary: 'how long to wait for `hostcore confirm` before everything goes back',
  default: '2m',
} as const;

export const noWait = {
  kind: 'flag',
  summary: 'end when the change is made, with 3; the countdown goes on',
} as const;

export const noVerify = {
  kind: 'flag',
  summary: "ask nobody but the daemons and the provider's routers, which takes seconds less",
} as const;
