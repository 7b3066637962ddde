import type { Daemon } from './daemon.js';
import type { Lab } from './lab.js';
import { ports } from './ports.js';
import type { Seat } from './seat.js';
import { startUnbound } from './unbound.js';

/** A zone and the name servers that answer for it, each `address:port`. */
export interface Stub {
  readonly zone: string;
  readonly at: readonly string[];
}

export interface Resolver extends Daemon {
  readonly address: string;
  /** `address:port`, as pebble and the hub take it. */
  readonly server: string;
  /** From now on also this zone; one that it has is replaced. */
  addStub(stub: Stub): Promise<void>;
  /** Keys, and what it found forged, a validating one keeps whatever their time to live. */
  forget(): Promise<void>;
}

/**
 * The recursive resolver that the authority and the hub ask. Every zone it knows is a stub; any other name does not
 * exist, so that no query leaves this machine. It keeps nothing, and spells names in random case (0x20). With trust
 * anchors (DS or DNSKEY records) it validates what is below them, as an authority's resolver does.
 */
export async function startResolver(
  lab: Lab,
  stubs: readonly Stub[],
  anchors: readonly string[] = [],
  seat?: Seat,
): Promise<Resolver> {
  const known = new Map(stubs.map((stub) => [stub.zone, stub]));
  const nobody = lab.address();
  const settings = (): string => {
    const stubs = renderStubs([...known.values()]);
    return anchors.length === 0 ? stubs : `${stubs}\n${renderAnchors(anchors, nobody)}`;
  };
  const unbound = await startUnbound(lab, 'resolver', settings, seat);
  return {
    ...unbound.daemon,
    address: unbound.address,
    server: unbound.endpoint,
    async addStub(stub) {
      known.set(stub.zone, stub);
      await unbound.configure(settings());
    },
    forget: () => unbound.control('flush_zone', '.'),
  };
}

/** For unbound's configuration. */
export function renderStubs(stubs: readonly Stub[]): string {
  const opened = stubs.map(({ zone }) => `  local-zone: "${zone}" transparent`);
  return ['server:', '  use-caps-for-id: yes', ...opened, ...stubs.map(renderStub)].join('\n');
}

/** The validator asks for keys and DS records by itself, past `local-zone`: what is in no stub, it asks nobody. */
function renderAnchors(anchors: readonly string[], nobody: string): string {
  const trusted = anchors.map((anchor) => `  trust-anchor: "${anchor}"`);
  const nowhere = renderStub({ zone: '.', at: [`${nobody}:${ports.dns}`] });
  return ['server:', '  module-config: "validator iterator"', ...trusted, nowhere].join('\n');
}

function renderStub({ zone, at }: Stub): string {
  const servers = at.map((server) => {
    const colon = server.lastIndexOf(':');
    return `  stub-addr: ${server.slice(0, colon).replace(/[[\]]/g, '')}@${server.slice(colon + 1)}`;
  });
  return ['stub-zone:', `  name: "${zone}"`, '  stub-no-cache: yes', ...servers].join('\n');
}
