import { readFile } from 'node:fs/promises';
import { exitCodes, SixhubError, systemCode, errorText } from '@sixhub/base';
import { parseConfig } from '@sixhub/base/config';
import { configSchema, type Config } from './config-schema.js';

/** Where the Go program looks, in its order. */
const usualPlaces = ['/etc/acme-dns/config.cfg', './config.cfg'];

export interface ConfigFile {
  readonly path: string;
  readonly config: Config;
  /** For the log: settings that have no meaning here, and such as are dangerous. */
  readonly remarks: readonly string[];
}

export async function readConfig(given: string | undefined): Promise<ConfigFile> {
  const { path, text } = await find(given === undefined ? usualPlaces : [given]);
  const config = parseConfig(path, text, configSchema);
  checkTogether(path, config);
  return { path, config, remarks: remarks(config) };
}

async function find(places: readonly string[]): Promise<{ path: string; text: string }> {
  for (const path of places) {
    try {
      return { path, text: await readFile(path, 'utf8') };
    } catch (error) {
      if (systemCode(error) === 'ENOENT') continue;
      throw new SixhubError({
        code: 'config-unreadable',
        fact: `${path} can't be read: ${errorText(error)}`,
        hint: 'It must be a file that the user who runs this may read.',
        exit: exitCodes.usage,
        cause: error,
      });
    }
  }
  throw new SixhubError({
    code: 'config-missing',
    fact: `there is no configuration file ${places.join(', and no ')}`,
    hint: "Name one with '-c FILE'. The file of the Go program acme-dns works as it is.",
    exit: exitCodes.usage,
  });
}

/** What only several settings together show to be wrong. */
function checkTogether(path: string, { general, api, logconfig, values }: Config): void {
  const wrong = (fact: string, hint: string): never => {
    throw new SixhubError({
      code: 'config-invalid',
      fact: `${path}: ${fact}`,
      hint,
      exit: exitCodes.usage,
    });
  };
  if (api.tls === 'cert' && (api.tls_cert_privkey === '' || api.tls_cert_fullchain === ''))
    wrong(
      'api.tls = "cert" needs api.tls_cert_privkey and api.tls_cert_fullchain',
      'Name both PEM files.',
    );
  if (api.tls === 'acme' && api.acme_directory === undefined)
    wrong('api.tls = "acme" needs api.acme_directory', 'Name the directory URL of the authority.');
  if (api.use_header && api.trusted_proxies.length > 0)
    wrong(
      'api.use_header and api.trusted_proxies exclude each other',
      'trusted_proxies alone is the safe one: it believes the header only from these addresses.',
    );
  if (api.registration !== undefined && api.disable_registration && api.registration !== 'off')
    wrong(
      'api.disable_registration and api.registration contradict each other',
      'Keep one of them.',
    );
  if (
    api.registration === 'guarded' &&
    api.registration_from.length + api.registration_tokens.length === 0
  )
    wrong(
      'api.registration = "guarded" lets nobody in',
      'Name networks in api.registration_from or tokens in api.registration_tokens.',
    );
  if (general.txt_limit !== undefined && values.rolling !== undefined)
    wrong('general.txt_limit and values.rolling say the same', 'Keep one of them.');
  if (logconfig.logtype !== 'stdout' && logconfig.logfile === undefined)
    wrong('logconfig.logtype needs logconfig.logfile', 'Name the file, or set logtype = "stdout".');
}

function remarks(config: Config): readonly string[] {
  return [
    ...ignoredSettings(config).map((setting) => `ignored: ${setting}`),
    ...(config.api.use_header
      ? [
          'api.use_header believes whatever a client writes; name the proxies in api.trusted_proxies instead',
        ]
      : []),
  ];
}

function ignoredSettings({ general, api, logconfig }: Config): readonly string[] {
  const hsts = Object.keys(api).filter((key) => key.startsWith('hsts_'));
  return [
    ...(general.debug === undefined ? [] : ['general.debug (logconfig.loglevel decides)']),
    ...(api.autocert_port === undefined
      ? []
      : ['api.autocert_port (the certificate is obtained by DNS)']),
    ...(api.api_domain === undefined
      ? []
      : ['api.api_domain (the certificate is for general.domain)']),
    ...hsts.map((key) => `api.${key} (no web browser uses this API)`),
    ...(logconfig.logformat === 'text' ? ['logconfig.logformat (the log is lines of JSON)'] : []),
  ];
}
