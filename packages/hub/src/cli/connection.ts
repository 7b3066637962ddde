/** Where the running hub is: options of every command that asks it. */
export const connection = {
  config: {
    kind: 'text',
    value: 'FILE',
    summary: 'hub.toml (default /etc/sixhub/hub.toml)',
    short: 'c',
    offer: 'file',
  },
  socket: {
    kind: 'text',
    value: 'PATH',
    summary: "the hub's socket, instead of the one in hub.toml",
    offer: 'file',
  },
} as const;
