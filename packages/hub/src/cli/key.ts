import { exitCodes, type ExitCode, type Terminal } from '@sixhub/base';
import type { RotatedView } from '../api/master-key-routes.js';
import { connectHub, type ConnectionOptions } from './client.js';

interface KeyInput {
  readonly json: boolean;
  readonly options: ConnectionOptions;
}

export async function rotate({ options, json }: KeyInput, terminal: Terminal): Promise<ExitCode> {
  const hub = await connectHub(options);
  const rotated = await hub.call<RotatedView>('POST', '/v1/master-key/rotate');
  terminal.out(json ? JSON.stringify(rotated) : told(rotated));
  return rotated.nextKey === null ? exitCodes.done : exitCodes.waiting;
}

function told({ resealed, masterKey, nextKey }: RotatedView): string {
  const sealed = `${resealed} secrets are sealed with a new master key`;
  if (nextKey === null) {
    return [
      `${sealed}, ${masterKey}`,
      'Make a backup now: hub backup FILE. Those of before open as before, with the key that is in them.',
    ].join('\n');
  }
  return [
    `${sealed}, ${nextKey}; the hub uses it already, and the old one is worth nothing any more.`,
    `But hub.toml has it in ${masterKey}, which the hub may not write. Put it there yourself:`,
    '',
    ...(masterKey.includes('/credentials/')
      ? [
          `  systemd-creds encrypt --name=master.key ${nextKey} /etc/credstore.encrypted/master.key`,
          '  (or to the file that LoadCredential= or LoadCredentialEncrypted= of the unit names)',
        ]
      : [`  install -m 0400 -o sixhub ${nextKey} ${masterKey}`]),
    '',
    `Then restart the hub: systemctl restart sixhub. It removes ${nextKey} when the two are the same; until then both stay.`,
  ].join('\n');
}
