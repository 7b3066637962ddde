import { expect, test } from 'vitest';
import { deviceStates } from './network-manager.js';

test('nmcli tells of each device how NetworkManager has it', () => {
  const text = 'eno1:connected\nbr0:connected (externally)\nodd\\:name:unmanaged\nlo:unmanaged\n';
  expect([...deviceStates(text)]).toEqual([
    ['eno1', 'connected'],
    ['br0', 'connected (externally)'],
    ['odd:name', 'unmanaged'],
    ['lo', 'unmanaged'],
  ]);
});
