import { Resolver } from 'node:dns/promises';
import {
  makeHub,
  mustBe,
  openLab,
  startNameServer,
  startPebble,
  startResolver,
  startZoneTree,
  type CommandResult,
  type HubHouse,
  type HubOptions,
  type Lab,
  type NameServer,
  type ZoneTree,
} from '../../lab/index.js';

export const hubZone = 'acme-dns.beispiel.test';

export interface Finding {
  readonly state: 'ok' | 'wrong' | 'doubtful' | 'not tested';
  readonly what: string;
  readonly remedy?: string;
  readonly record?: string;
}

/** A hub with its zone delegated as it should be, and example.org delegated to two name servers of its own. */
export interface Practice extends AsyncDisposable {
  readonly lab: Lab;
  readonly hub: HubHouse;
  readonly tree: ZoneTree;
  /** The zone above the hub's own. */
  readonly above: NameServer;
  /** Where example.org's CNAME should lead, once `hub issue` has asked for it. */
  readonly target: string;
  /** Has both name servers of example.org serve these records beside the usual ones. */
  serve(...records: readonly string[]): Promise<void>;
  /** The CNAME as it should be. */
  readonly cname: string;
  /** What the hub has logged. */
  log(): Promise<string>;
  doctor(...words: readonly string[]): Promise<CommandResult>;
  /** What is told about one thing, `example.org` unless said. */
  findings(subject?: string): Promise<readonly Finding[]>;
}

export interface PracticeOptions {
  /** Authorities of the test's own that look names up through this resolver, instead of pebble. */
  readonly authorities?: (
    lab: Lab,
    lookup: (name: string) => Promise<readonly string[]>,
  ) => Promise<HubOptions['authorities']>;
}

export async function openPractice(options: PracticeOptions = {}): Promise<Practice> {
  const lab = await openLab();
  try {
    const tree = await startZoneTree(lab, { domain: 'example.org' });
    const above = await startNameServer(lab, ['beispiel.test']);
    const resolver = await startResolver(lab, [...tree.stubs, ...above.stubs]);
    const authorities = (await options.authorities?.(lab, textsBy(resolver.server))) ?? [
      await startPebble(lab, { resolver: resolver.server }),
    ];
    const hub = await makeHub(lab, { zone: hubZone, resolver: resolver.server, authorities });
    await resolver.addStub(hub.stub);
    await above.addRecord(`${hubZone} NS ${hubZone}`);
    await above.addRecord(`${hubZone} A ${hub.address}`);
    await mustBe(0, await hub.run(['init']));
    const daemon = await hub.serve();
    const asked = await mustBe(
      3,
      await hub.run(['issue', 'example.org', '--wait-delegation', '0']),
    );
    const target = /value {2}(\S+)/.exec(asked.stderr)?.[1];
    if (target === undefined) throw new Error(`no record was printed: ${asked.stderr}`);
    const doctor = (...words: readonly string[]) => hub.run(['doctor', ...words]);
    return {
      ...{ lab, hub, tree, above, target, doctor },
      log: () => daemon.log(),
      cname: `_acme-challenge.example.org CNAME ${target}`,
      async serve(...records) {
        const text = tree.zoneText(records);
        for (const server of tree.servers) await server.serve(text);
      },
      async findings(subject = 'example.org') {
        const { stdout } = await doctor(...(subject.includes('.') ? [subject] : []), '--json');
        const lines = stdout.trim().split('\n');
        const told: { subject: string; findings: readonly Finding[] }[] = lines.map((line) =>
          JSON.parse(line),
        );
        const found = told.find((one) => one.subject === subject);
        if (found === undefined) throw new Error(`nothing was told about ${subject}: ${stdout}`);
        return found.findings;
      },
      [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

/** TXT values as a validator finds them, through the resolver. */
function textsBy(server: string): (name: string) => Promise<readonly string[]> {
  const resolver = new Resolver();
  resolver.setServers([server]);
  return async (name) => (await resolver.resolveTxt(name)).map((strings) => strings.join(''));
}
