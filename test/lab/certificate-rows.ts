import { join } from 'node:path';
import type { HubHouse } from './hub.js';
import { runTool } from './run-tool.js';

/** Rows of so many certificates with a version each, `c00001.example` on, of which the first ends first. */
export function certificateRows(count: number): string {
  const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`;
  const name = `printf('c%05d.example', i)`;
  const at = (shift: string): string => `strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ${shift})`;
  return `BEGIN;
    INSERT INTO certificates (name, names, key_kind, reuse_key, created_at)
      ${numbers} SELECT ${name}, json_array(${name}, '*.' || ${name}), 'p256', 0, ${at("'-1 day'")} FROM n;
    INSERT INTO issuances (id, certificate, names, key_kind, reuse_key, authority, stage, failures, retry_ordered, created_at)
      ${numbers} SELECT printf('00000000-0000-4000-8000-%012d', i), ${name}, json_array(${name}), 'p256', 0, 'pebble', 'done',
        0, 0, ${at("'-1 day'")} FROM n;
    INSERT INTO versions (id, certificate, fingerprint, serial, issuer, authority, not_before, not_after, issued_at, leaf,
        chain, sealed_key)
      ${numbers} SELECT printf('00000000-0000-4000-9000-%012d', i), ${name}, printf('%064x', i), printf('%x', i), 'An Issuer',
        'pebble', ${at("'-' || i || ' minutes'")}, ${at("'+80 days', '+' || i || ' minutes'")}, ${at("'-1 day'")}, printf('%.1200c', 'l'),
        printf('%.1800c', 'c'), zeroblob(300) FROM n;
    INSERT INTO renewals (certificate, look_at, planned_at)
      ${numbers} SELECT ${name}, ${at("'+50 days'")}, ${at("'-1 day'")} FROM n;
    INSERT INTO delegations (domain, subdomain, target, created_at)
      ${numbers} SELECT ${name}, ${name}, ${name} || '.acme-dns.beispiel.test', ${at("'-1 day'")} FROM n;
    COMMIT;`;
}

/** What they look like once agents serve them: a hundred agents share them. */
function deploymentRows(count: number): string {
  const agents = 'WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99)';
  const id = `printf('00000000-0000-4000-a000-%012d', rowid % 100)`;
  const at = `strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`;
  const services = `json_array(json_object('service', 'apache', 'state', 'serving', 'detail', '', 'at', ${at}, 'since', ${at}))`;
  return `BEGIN;
    INSERT INTO agents (id, name, status, created_at, last_seen_at)
      ${agents} SELECT printf('00000000-0000-4000-a000-%012d', i), 'agent-' || i, 'active', ${at}, ${at} FROM n;
    INSERT INTO grants (agent_id, certificate) SELECT ${id}, name FROM certificates LIMIT ${count};
    INSERT INTO deployments (agent_id, certificate, version, installed, detail, services, reported_at)
      SELECT ${id}, name, version, 1, '', ${services}, ${at} FROM certificates LIMIT ${count};
    COMMIT;`;
}

function accountRows(count: number): string {
  const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`;
  const id = `printf('00000000-0000-4000-b000-%012d', i)`;
  return `INSERT INTO account (subdomain, username, secret, allow_from, note, created_at)
    ${numbers} SELECT ${id}, ${id}, printf('%064x', i), '[]', '', 1700000000 FROM n;`;
}

/** Fills the databases of a hub that is stopped, and was started once, as if it had so many certificates for months. */
export async function fillCertificates(hub: HubHouse, count: number): Promise<void> {
  const fill = (file: string, rows: string): Promise<string> =>
    runTool('sqlite3', [join(hub.state, file), rows], { timeoutMs: 300_000 });
  await fill('hub.db', certificateRows(count));
  await fill('hub.db', deploymentRows(count));
  await fill('acme-dns.db', accountRows(count));
}
