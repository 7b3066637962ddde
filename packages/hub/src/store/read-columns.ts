import { keyKinds, type KeyKind } from '@sixhub/acme';
import { agentName, type AgentName } from '@sixhub/protocol';
import { z } from 'zod';
import { parseDnsName, type DnsName } from '../domain/dns-name.js';

/** What columns hold as text, parsed again at this edge. */

export function readNames(json: string): readonly DnsName[] {
  return z
    .array(z.string())
    .parse(JSON.parse(json))
    .map((text) => {
      const parsed = parseDnsName(text);
      if (parsed.kind !== 'name') throw new Error(`the database holds '${text}' as a DNS name`);
      return parsed.name;
    });
}

export function readAgent(name: string | null): AgentName | undefined {
  return name === null ? undefined : agentName.parse(name);
}

export function readKeyKind(text: string): KeyKind {
  return z.enum(keyKinds).parse(text);
}
