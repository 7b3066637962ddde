import { certificatesOf } from '@sixhub/wire';

/** The first certificate of a PEM text; undefined where none can be read. */
export function leafIn(text: string): string | undefined {
  try {
    return certificatesOf(text)[0]?.toString();
  } catch {
    return undefined; // somebody else's file: not a certificate, as far as we are concerned
  }
}
