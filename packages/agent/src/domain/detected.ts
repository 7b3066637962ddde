import type { CertificateName } from '@sixhub/protocol';
import { type Endpoint, formatEndpoint } from '@sixhub/wire';
import type { ServiceKind } from './service.js';

/** What a certificate file on this machine is. */
export type FileFacts =
  | { readonly kind: 'certificate'; readonly names: readonly string[]; readonly notAfter: Date }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Whose a certificate that a service uses is. */
export type Origin =
  /** Kept by this agent, at live/NAME or a copy of it. */
  | { readonly kind: 'ours'; readonly certificate: CertificateName }
  /** At live/NAME, but made by another program. */
  | { readonly kind: 'foreign'; readonly certificate: CertificateName; readonly why: string }
  /** Elsewhere; `better` is one that the hub gives to this machine and that has all of its names. */
  | { readonly kind: 'elsewhere'; readonly better: CertificateName | undefined };

export interface DetectedUse {
  readonly file: string;
  readonly where: string;
  readonly endpoint: Endpoint;
  readonly servername: string | undefined;
  readonly facts: FileFacts;
  readonly origin: Origin;
}

export interface DetectedService {
  readonly kind: ServiceKind;
  /** As agent.toml has it, or else the kind. */
  readonly name: string;
  /** agent.toml names it, with these certificates. */
  readonly known: readonly CertificateName[] | undefined;
  readonly found:
    | { readonly kind: 'uses'; readonly uses: readonly DetectedUse[] }
    | { readonly kind: 'unread'; readonly why: string };
}

/** One certificate file of a service, with all places where it is shown. */
export interface UsedFile {
  readonly file: string;
  readonly facts: FileFacts;
  readonly origin: Origin;
  readonly shownAt: readonly string[];
  readonly where: readonly string[];
}

export function usedFiles({ found }: DetectedService): readonly UsedFile[] {
  if (found.kind === 'unread') return [];
  const files = new Set(found.uses.map(({ file }) => file));
  return [...files].flatMap((file) => {
    const uses = found.uses.filter((use) => use.file === file);
    const [first] = uses;
    if (first === undefined) return [];
    const shownAt = uses.map(({ endpoint, servername }) =>
      servername === undefined
        ? formatEndpoint(endpoint)
        : `${formatEndpoint(endpoint)} ${servername}`,
    );
    const where = [...new Set(uses.map((use) => use.where))];
    return [{ file, facts: first.facts, origin: first.origin, shownAt, where }];
  });
}

/** The certificates of the tree that a service uses and that agent.toml does not give it. */
export function newCertificates(service: DetectedService): readonly CertificateName[] {
  const used = usedFiles(service).flatMap(({ origin }) =>
    origin.kind === 'elsewhere' ? [] : [origin.certificate],
  );
  return [...new Set(used)].filter((name) => service.known?.includes(name) !== true);
}

/** What agent.toml lacks, as tables to add; undefined where nothing is missing, or where a table that is there needs a hand. */
export function missingTable(service: DetectedService): string | undefined {
  const certificates = newCertificates(service);
  if (certificates.length === 0 || service.known !== undefined) return undefined;
  const list = certificates.map((name) => `"${name}"`).join(', ');
  return `[[service]]\nkind = "${service.kind}"\ncertificates = [${list}]\n`;
}

/**
 * Postfix opens certificate and key one after the other in each new smtpd: across a switch it may meet two versions
 * (postconf(5), smtpd_tls_chain_files). One file has both.
 */
export function adviceOnPair({ kind }: DetectedService, file: UsedFile): string | undefined {
  const isPair = file.where.some((place) => /_cert_file\b/.test(place));
  if (kind !== 'postfix' || !isPair || file.origin.kind === 'elsewhere') return undefined;
  return 'Better in one file: a [[certificate.copy]] of form "joined-key-first" in agent.toml, named by smtpd_tls_chain_files.';
}

/** What a person may have to do about a file; undefined where all is as it should be. */
export function adviceOn({ origin, facts }: UsedFile, live: string, now: Date): string | undefined {
  const late = facts.kind === 'certificate' && facts.notAfter <= now ? 'It has EXPIRED. ' : '';
  switch (origin.kind) {
    case 'ours':
      return late === '' ? undefined : `${late}See: hub-agent status`;
    case 'foreign':
      return `${late}${origin.why}`;
    case 'elsewhere':
      return origin.better === undefined
        ? `${late}The hub does not give it to this machine: \`hub issue\` and \`hub agent grant\` there, then name ${live}/NAME/fullchain.pem in the service.`
        : `${late}The hub gives the same names: name ${live}/${origin.better}/fullchain.pem and privkey.pem in the service.`;
    default:
      return origin satisfies never;
  }
}
