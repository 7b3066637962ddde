/** `-c FILE`, which every command has. */
export const configOption = {
  kind: 'text',
  value: 'FILE',
  short: 'c',
  summary: 'configuration; /etc/acme-dns/config.cfg, then ./config.cfg, if not given',
  offer: 'file',
} as const;
