import {
  acmeDnsZone as zone,
  makeAcmeDns,
  openLab,
  ports,
  registerAccount,
  residentMegabytes,
  updateValue,
} from '../lab/index.js';
import { fuzzDns } from './dns.js';
import { fuzzHttp } from './http.js';
import { Dice } from './mutate.js';

export interface FuzzResult {
  readonly answered: number;
  readonly silent: number;
  readonly bodies: number;
  /** How much the server's memory grew after the first tenth. */
  readonly grownMegabytes: number;
}

/** A real `acme-dns serve` under `messages` mutated queries and a fiftieth as many HTTP bodies. */
export async function fuzzAcmeDns(messages: number, seed: number): Promise<FuzzResult> {
  await using lab = await openLab();
  const records = [
    `alias.${zone}. CNAME deep.empty.${zone}.`,
    `deep.empty.${zone}. A 192.0.2.2`,
    `cut.${zone}. NS ns.cut.${zone}.`,
    `ns.cut.${zone}. A 192.0.2.3`,
  ];
  const house = await makeAcmeDns(lab, { records, api: 'registrations_per_minute = 100000' });
  const daemon = await house.serve();
  const account = await registerAccount(house);
  await updateValue(house, account, 'v'.repeat(43));
  const dice = new Dice(seed);
  const part = async (share: number): Promise<{ answered: number; silent: number }> => {
    const place = { address: house.address, port: ports.dns, zone, account: account.fulldomain };
    const counts = await fuzzDns({ ...place, messages: Math.ceil(messages * share), dice });
    await fuzzHttp(house, account, Math.ceil((messages * share) / 50), dice);
    return counts;
  };
  const first = await part(0.1);
  const before = await residentMegabytes(daemon.pid);
  const rest = await part(0.9);
  const grownMegabytes = (await residentMegabytes(daemon.pid)) - before;
  if (!daemon.isRunning()) throw new Error(`the server ended: ${await daemon.log()}`);
  return {
    answered: first.answered + rest.answered,
    silent: first.silent + rest.silent,
    bodies: Math.ceil(messages / 50),
    grownMegabytes,
  };
}
