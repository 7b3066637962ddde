/** RFC 5280 §5.3.1: the reasons that a subscriber may give (Baseline Requirements §4.9.1.1), by their codes. */
export const revocationReasons = {
  unspecified: 0,
  keyCompromise: 1,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
} as const;
export type RevocationReason = keyof typeof revocationReasons;

export function isRevocationReason(text: string): text is RevocationReason {
  return Object.hasOwn(revocationReasons, text);
}
