import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PublicKey } from '@peculiar/x509';
import { systemClock } from '@sixhub/base';
import { createVault, openPrivateCa, openStore, readMasterKey, type Log } from '@sixhub/hub';
import { runTool, type HubHouse } from '@sixhub/test/lab';

/** What the crowd reads: who it is, a line an agent. */
export interface CrowdIdentity {
  readonly certificate: string;
  readonly privateKey: string;
}

const idOf = (at: number): string => `00000000-0000-4000-c000-${String(at).padStart(12, '0')}`;

/**
 * Makes agents of a hub that is stopped: so many rows, all granted `certificate`, of which the first `identities` get a
 * key and a client certificate of the hub's own CA each. Returns the file with these.
 */
export async function makeAgents(
  hub: HubHouse,
  certificate: string,
  { rows, identities }: { readonly rows: number; readonly identities: number },
): Promise<string> {
  const database = join(hub.state, 'hub.db');
  const numbers = `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows - 1})`;
  const id = `printf('00000000-0000-4000-c000-%012d', i)`;
  const at = `strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`;
  await runTool('sqlite3', [
    database,
    `BEGIN;
    INSERT INTO agents (id, name, status, created_at, status_at, last_seen_at)
      ${numbers} SELECT ${id}, 'agent-' || i, 'active', ${at}, ${at}, ${at} FROM n;
    INSERT INTO grants (agent_id, certificate, granted_at)
      ${numbers} SELECT ${id}, '${certificate}', ${at} FROM n;
    COMMIT;`,
  ]);
  const masterKey = await readMasterKey(join(hub.state, 'master.key'));
  await using store = await openStore(database, createVault(masterKey), systemClock, silent);
  const ca = await openPrivateCa(store.secrets, systemClock);
  const lines: string[] = [];
  for (let index = 0; index < identities; index++) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const subject = { name: `agent-${index}`, id: idOf(index) };
    const own = await ca.issueClient(subject, new PublicKey(publicKey));
    const identity: CrowdIdentity = { certificate: own, privateKey };
    lines.push(JSON.stringify(identity));
  }
  const file = join(hub.state, 'crowd.jsonl');
  await writeFile(file, lines.join('\n'), { mode: 0o600 });
  return file;
}

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
