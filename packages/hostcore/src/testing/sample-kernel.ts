import type { DeviceState, KernelState } from '../domain/apply/kernel-state.js';

/** A card, a bridge, and the kernel of a host that has the card alone, for unit tests of the way back. */
export const card: DeviceState = {
  ...{ name: 'eno1', kind: undefined, mac: '00:24:21:21:ac:99', master: undefined, up: true },
  addresses: [
    { text: '2a01:4f8:1:3::2/64', family: 6, linkLocal: false, words: '' },
    { text: '45.67.90.10/32', family: 4, linkLocal: false, words: '' },
  ],
  options: '',
};
export const bridge: DeviceState = {
  ...{ name: 'br0', kind: 'bridge', mac: '02:13:05:1c:f3:01', master: undefined, up: true },
  ...{ addresses: [], options: ' stp_state 0 forward_delay 0' },
};
export const fresh: KernelState = {
  devices: [card],
  routes: [
    { family: 4, words: 'default via 45.67.90.1 dev eno1 proto static onlink' },
    { family: 6, words: 'default via fe80::1 dev eno1 proto static metric 1024 pref medium' },
  ],
  proxies: [],
  sysctls: { 'net/ipv4/ip_forward': '0' },
  tables: {},
};
