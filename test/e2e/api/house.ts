import { join } from 'node:path';
import {
  makeHub,
  mustBe,
  openLab,
  ports,
  runTool,
  type HubHouse,
  type Lab,
} from '../../lab/index.js';

/** A hub whose authority nobody reaches: for what needs no issuance. */
export interface House extends AsyncDisposable {
  readonly lab: Lab;
  readonly hub: HubHouse;
  /** Changes its database with the sqlite3 program, as somebody with access to the disk would. */
  sql(statements: string): Promise<string>;
}

export async function openHouse(more?: string): Promise<House> {
  const lab = await openLab();
  try {
    const hub = await makeHub(lab, {
      zone: 'acme-dns.beispiel.test',
      resolver: `${lab.address()}:${ports.dns}`,
      authorities: [
        {
          directory: 'https://127.0.0.1:9/dir',
          httpsCertificate: '/etc/ssl/certs/ca-certificates.crt',
        },
      ],
      ...(more === undefined ? {} : { more }),
    });
    await mustBe(0, await hub.run(['init']));
    return {
      lab,
      hub,
      sql: (statements) =>
        runTool('sqlite3', ['-cmd', '.timeout 5000', join(hub.state, 'hub.db'), statements]),
      [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

/** Rows of so many certificates with a version each, `c00001.example` on, of which the first ends first. */
export function certificates(count: number): string {
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
        'pebble', ${at("'-' || i || ' minutes'")}, ${at("'+80 days', '+' || i || ' minutes'")}, ${at("'-1 day'")}, '', '', x'' FROM n;
    INSERT INTO renewals (certificate, look_at, planned_at)
      ${numbers} SELECT ${name}, ${at("'+50 days'")}, ${at("'-1 day'")} FROM n;
    INSERT INTO delegations (domain, subdomain, target, created_at)
      ${numbers} SELECT ${name}, ${name}, ${name} || '.acme-dns.beispiel.test', ${at("'-1 day'")} FROM n;
    COMMIT;`;
}
