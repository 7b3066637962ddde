import type { Host, Release } from './host.js';

/** What each release's packages can and can't, as far as what is rendered depends on it. */
export interface Software {
  readonly name: string;
  readonly radvd: string;
  readonly systemd: number;
}

export const software: Readonly<Record<Release, Software>> = {
  debian12: { name: 'Debian 12', radvd: '2.19', systemd: 252 },
  debian13: { name: 'Debian 13', radvd: '2.20', systemd: 257 },
  'ubuntu22.04': { name: 'Ubuntu 22.04', radvd: '2.19', systemd: 249 },
  'ubuntu24.04': { name: 'Ubuntu 24.04', radvd: '2.19', systemd: 255 },
};

/** RFC 8781's option: radvd knows it from 2.20 on, networkd from 255 on. */
export function canPref64(release: Release, engine: 'radvd' | 'networkd'): boolean {
  const { radvd, systemd } = software[release];
  return engine === 'radvd' ? atLeast(radvd, '2.20') : systemd >= 255;
}

export function sendsPref64({ ra, nat64, release }: Host): boolean {
  if (ra === undefined || nat64 === undefined || ra.pref64 === 'never') return false;
  return ra.pref64 === 'always' || canPref64(release, ra.engine);
}

/** Versions as dotted numbers; what follows (`-1~deb12u1`) is Debian's, and not looked at. */
export function atLeast(version: string, wanted: string): boolean {
  const parts = (text: string): readonly number[] =>
    (/\d+(\.\d+)*/.exec(text)?.[0] ?? '0').split('.').map(Number);
  const [own, other] = [parts(version), parts(wanted)];
  for (let index = 0; index < Math.max(own.length, other.length); index++) {
    const difference = (own[index] ?? 0) - (other[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
