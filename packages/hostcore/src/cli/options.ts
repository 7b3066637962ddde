export const usualConfigFile = '/etc/sixhub/host.toml';

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
