/** What may be shown of an account; its password is known only to its owner. */
export interface Account {
  readonly username: string;
  readonly subdomain: string;
  readonly fulldomain: string;
  /** Networks that may update it, as they were written; anybody with the password if empty. */
  readonly allowFrom: readonly string[];
}

/** Subdomains are one label; made here they are UUIDs, imported ones may be other. */
export function isSubdomain(text: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(text);
}

/** 43 characters of base64url: what RFC 8555 §8.4 has a client publish. */
export function isChallengeValue(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text);
}

/** `urn:uuid:`, capitals and missing hyphens are other spellings of the same UUID; undefined where it is none. */
export function canonicalUuid(text: string): string | undefined {
  const digits = text
    .toLowerCase()
    .replace(/^urn:uuid:/, '')
    .replace(/^\{(.*)\}$/, '$1')
    .replaceAll('-', '');
  if (!/^[0-9a-f]{32}$/.test(digits)) return undefined;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
