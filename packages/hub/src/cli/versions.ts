import { exitCodes, formatTable, usageError, type ExitCode, type Terminal } from '@sixhub/base';
import type { CertificateView, KeyedVersionView } from './answers.js';
import type { HubClient } from './client.js';

interface Asked {
  readonly name: string;
  readonly hub: HubClient;
  readonly json: boolean;
}

export async function showVersions(
  { name, hub, json }: Asked,
  terminal: Terminal,
): Promise<ExitCode> {
  const versions = await versionsOf(hub, name);
  const rows = versions.map(({ id, notAfter, authority, revoked }) => [
    id,
    notAfter.slice(0, 10),
    authority,
    revoked === null ? 'ok' : `revoked ${revoked.at.slice(0, 10)} (${revoked.reason})`,
  ]);
  terminal.out(
    json
      ? JSON.stringify({ versions })
      : formatTable(['VERSION', 'EXPIRES', 'AUTHORITY', 'STATE'], rows, terminal.columns),
  );
  return exitCodes.done;
}

/**
 * The TLSA records of the newest version that stands, for who publishes them (RFC 7672 for mail): 3 1 1, our own key
 * by its SHA-256 (RFC 7671 §5.1), which a renewal that keeps the key does not change.
 */
export async function showTlsa(
  { name, hub, json }: Asked,
  ports: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  for (const port of ports) {
    if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65_535) {
      throw usageError(
        `'${port}' is not a port`,
        'Write it like --tlsa 25; several: --tlsa 25 --tlsa 443.',
      );
    }
  }
  const view = await hub.call<CertificateView>(
    'GET',
    `/v1/certificates/${encodeURIComponent(name)}`,
  );
  const version = (await versionsOf(hub, name)).find(({ revoked }) => revoked === null);
  if (version === undefined) {
    throw usageError(
      `${name} has no version whose key could be published`,
      `See: hub show ${name}`,
    );
  }
  const hosts = view.names.filter((one) => !one.startsWith('*.'));
  const records = hosts.flatMap((host) => ports.map((port) => ({ host, port })));
  if (json) {
    const { publicKeySha256 } = version;
    terminal.out(JSON.stringify({ records, usage: 3, selector: 1, matching: 1, publicKeySha256 }));
    return exitCodes.done;
  }
  for (const { host, port } of records) {
    terminal.out(`_${port}._tcp.${host}. 3600 IN TLSA 3 1 1 ${version.publicKeySha256}`);
  }
  if (hosts.length < view.names.length) {
    terminal.err(
      'The wildcard covers more hosts: each that serves it has such a record of its own.',
    );
  }
  if (!view.reuseKey) {
    terminal.err(
      `Each renewal makes a new key, and these records wrong. To keep the key: hub issue ${name} --reuse-key`,
    );
  }
  return exitCodes.done;
}

async function versionsOf(hub: HubClient, name: string): Promise<readonly KeyedVersionView[]> {
  const path = `/v1/certificates/${encodeURIComponent(name)}/versions`;
  return (await hub.call<{ versions: readonly KeyedVersionView[] }>('GET', path)).versions;
}
