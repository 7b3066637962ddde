import type { AcmeDnsHouse, Registered } from '../lab/index.js';
import { mutate, type Dice } from './mutate.js';

const atOnce = 16;
/** What the contract knows; anything else, a 500 above all, is a fault. */
const allowed: readonly number[] = [200, 201, 400, 401, 413, 429];

/** Sends mutated bodies to both routes; throws for an answer that the contract does not know. */
export async function fuzzHttp(
  house: AcmeDnsHouse,
  account: Registered,
  bodies: number,
  dice: Dice,
): Promise<void> {
  const { username, password, subdomain } = account;
  const headers = { 'X-Api-User': username, 'X-Api-Key': password };
  const seeds = [
    { path: '/update', body: JSON.stringify({ subdomain, txt: 'f'.repeat(43) }) },
    {
      path: '/update',
      body: JSON.stringify({ SubDomain: subdomain, Txt: 'g'.repeat(43), more: [1, { a: null }] }),
    },
    { path: '/register', body: JSON.stringify({ allowfrom: ['192.0.2.0/24', '2001:db8::/32'] }) },
  ];
  const one = async (): Promise<void> => {
    const { path, body } = dice.pick(seeds);
    const mutated = mutate(Buffer.from(body), dice);
    const answer = await fetch(`${house.api}${path}`, { method: 'POST', headers, body: mutated });
    const text = await answer.text();
    if (!allowed.includes(answer.status))
      throw new Error(`${path} ${mutated.toString('latin1')} -> ${answer.status} ${text}`);
    JSON.parse(text);
  };
  for (let sent = 0; sent < bodies; sent += atOnce)
    await Promise.all(Array.from({ length: Math.min(atOnce, bodies - sent) }, one));
}
