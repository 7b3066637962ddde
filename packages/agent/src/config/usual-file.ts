/** Apart from the configuration's schema, so that `--help` does not load it. */
export const usualConfigFile = '/etc/sixhub/agent.toml';
