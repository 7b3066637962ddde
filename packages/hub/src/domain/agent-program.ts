/** What an agent says that it is (RFC 9110 §10.1.5): `sixhub-agent/0.1.0 node/18.19.1`. */
export interface AgentProgram {
  readonly version: string;
  /** Node's; undefined where it is not told. */
  readonly node: string | undefined;
}

/** Far more than what an agent sends; another machine may send anything. */
const longestHeader = 200;
const number = String.raw`\d{1,5}\.\d{1,5}\.\d{1,5}`;
/** SemVer's, or as Debian's packages have it before a release (`0.2.0~rc1`). */
const said = new RegExp(
  `^sixhub-agent/(${number}(?:[-~][0-9A-Za-z.]{1,20})?)(?: node/(${number}(?:-[0-9A-Za-z.]{1,20})?))?(?: |$)`,
);

/** Undefined for whatever is no agent's word. */
export function readAgentProgram(userAgent: string | undefined): AgentProgram | undefined {
  if (userAgent === undefined || userAgent.length > longestHeader) return undefined;
  const [, version, node] = said.exec(userAgent) ?? [];
  return version === undefined ? undefined : { version, node };
}

/** A number by which versions have their order; what comes before a release is below it, and alike. */
export function rankOf(version: string): number {
  const [numbers = '', early] = version.split(/[-~]/, 2);
  const [major = 0, minor = 0, patch = 0] = numbers.split('.').map(Number);
  return ((major * 1e5 + minor) * 1e5 + patch) * 2 + (early === undefined ? 1 : 0);
}
