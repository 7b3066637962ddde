import { clientArguments, clientSees, type Look, type Sight } from './client-sees.js';
import type { Stage } from '../stage.js';

/** Shows what a client sees, and returns it. */
export async function showSight(stage: Stage, look: Look): Promise<Sight> {
  const shown = clientArguments(look).join(' ').replace(look.root, 'pebble-root.pem');
  stage.command(`openssl ${shown}`);
  const sight = await clientSees(look);
  stage.output(`names     ${sight.names}`);
  stage.output(`issuer    ${sight.issuer}`);
  stage.output(`serial    ${sight.serial}`);
  stage.output(`SHA-256   ${sight.fingerprint}`);
  stage.output(`verdict   ${sight.verdict}`);
  return sight;
}

/** The promise of the whole: what the hub says it issued is what a stranger is served and can verify. */
export function proveServed(sight: Sight, fingerprint: string): void {
  if (sight.verdict !== 'ok') {
    throw new Error(`the client does not trust what is served: ${sight.verdict}`);
  }
  if (sight.fingerprint !== fingerprint) {
    throw new Error(`Apache serves ${sight.fingerprint}, the hub issued ${fingerprint}`);
  }
}
