import type { Config } from './config-schema.js';

/** What is opened once, at the start. */
const fixed: Readonly<Record<string, (config: Config) => unknown>> = {
  'general.listen': ({ general }) => general.listen,
  'general.protocol': ({ general }) => general.protocol,
  'database.connection': ({ database }) => database.connection,
  'api.ip': ({ api }) => api.ip,
  'api.port': ({ api }) => api.port,
  'api.tls': ({ api }) => api.tls === 'none',
  'metrics.listen': ({ metrics }) => metrics?.listen,
  'logconfig.logtype': ({ logconfig }) => logconfig.logtype,
  'logconfig.logfile': ({ logconfig }) => logconfig.logfile,
};

/** The settings that differ and can't change while the server runs. */
export function needsRestart(started: Config, now: Config): readonly string[] {
  return Object.entries(fixed).flatMap(([name, setting]) =>
    JSON.stringify(setting(started)) === JSON.stringify(setting(now)) ? [] : [name],
  );
}
