import { describe, expect, it } from 'vitest';
import {
  later,
  noon,
  sampleRemembered,
  sampleService,
  sampleVersion,
  sampleWanted,
} from '../testing/samples.js';
import { decide, type Situation } from './decision.js';

const failedAtNoon = sampleRemembered({
  installed: false,
  services: [],
  failures: 2,
  retryAt: later(1).toISOString(),
});

function situation(change: Partial<Situation> = {}): Situation {
  return {
    wanted: sampleWanted(),
    installed: {
      kind: 'whole',
      version: sampleVersion({ fingerprint: sampleWanted().fingerprint }),
    },
    remembered: sampleRemembered(),
    services: [sampleService()],
    starts: {},
    now: noon,
    eager: false,
    ...change,
  };
}

const old = { kind: 'whole', version: sampleVersion() } as const;

describe('what a run does with a certificate', () => {
  it('nothing, where it is installed and was seen today', () => {
    expect(decide(situation())).toEqual({ kind: 'nothing' });
    expect(decide(situation({ now: later(23) }))).toEqual({ kind: 'nothing' });
  });
  it('a look once a day, when asked for, and after the clock was set back', () => {
    expect(decide(situation({ now: later(24) }))).toMatchObject({ kind: 'look' });
    expect(decide(situation({ eager: true }))).toMatchObject({ kind: 'look' });
    expect(decide(situation({ now: later(-1) }))).toMatchObject({ kind: 'look' });
  });
  it('no look where no service has it', () => {
    const remembered = sampleRemembered({ services: [] });
    expect(decide(situation({ services: [], remembered, now: later(999) }))).toEqual({
      kind: 'nothing',
    });
  });
  it('a look where agent.toml has a new service', () => {
    const services = [sampleService(), sampleService({ name: 'second' })];
    expect(decide(situation({ services }))).toMatchObject({
      kind: 'look',
      why: expect.stringContaining('second'),
    });
  });
  it('install, where it is absent, old or damaged', () => {
    const remembered = undefined;
    expect(decide(situation({ installed: { kind: 'absent' }, remembered }))).toMatchObject({
      kind: 'install',
    });
    expect(decide(situation({ installed: old, remembered }))).toMatchObject({ kind: 'install' });
    const damaged = { kind: 'damaged', why: 'a file is missing' } as const;
    expect(decide(situation({ installed: damaged }))).toMatchObject({ kind: 'install' });
  });
  it('wait after a failure, but not for a person, not for another version, and not for a wrong clock', () => {
    const waiting = { installed: old, remembered: failedAtNoon };
    expect(decide(situation(waiting))).toEqual({ kind: 'wait', until: failedAtNoon.retryAt });
    expect(decide(situation({ ...waiting, eager: true }))).toMatchObject({ kind: 'install' });
    expect(decide(situation({ ...waiting, now: later(2) }))).toMatchObject({ kind: 'install' });
    expect(decide(situation({ ...waiting, now: later(-48) }))).toMatchObject({ kind: 'install' });
    const newer = sampleWanted({ version: '00000000-0000-4000-8000-000000000003' });
    expect(decide(situation({ ...waiting, wanted: newer }))).toMatchObject({ kind: 'install' });
  });
  it('put right what is not kept as agent.toml wants it, but not at each tick what can not be', () => {
    const version = sampleVersion({ fingerprint: sampleWanted().fingerprint });
    const installed = { kind: 'whole', version, amiss: '/c.pem is missing' } as const;
    expect(decide(situation({ installed }))).toEqual({
      kind: 'install',
      why: 'put right: /c.pem is missing',
    });
    expect(decide(situation({ installed, remembered: failedAtNoon }))).toMatchObject({
      kind: 'wait',
    });
    expect(decide(situation({ installed, remembered: undefined }))).toEqual({ kind: 'settle' });
  });
  it('settle, where a run ended between its switch and its proof', () => {
    expect(decide(situation({ remembered: undefined }))).toEqual({ kind: 'settle' });
    expect(decide(situation({ remembered: failedAtNoon }))).toEqual({ kind: 'settle' });
  });
  it('a look again where a service did not serve, when the wait is over', () => {
    const sick = sampleRemembered({
      services: [{ service: 'apache', state: 'not-serving', detail: '', at: noon.toISOString() }],
      retryAt: later(1).toISOString(),
    });
    expect(decide(situation({ remembered: sick }))).toMatchObject({ kind: 'wait' });
    expect(decide(situation({ remembered: sick, now: later(1) }))).toMatchObject({ kind: 'look' });
  });
  it('a look where a service was started since, and no wait any more', () => {
    const remembered = sampleRemembered({ starts: { apache: 'one' } });
    expect(decide(situation({ remembered, starts: { apache: 'one' } }))).toEqual({
      kind: 'nothing',
    });
    const again = { starts: { apache: 'two' } };
    expect(decide(situation({ remembered, ...again }))).toEqual({
      kind: 'look',
      why: 'apache was started since it was looked at',
    });
    expect(decide(situation({ remembered: sampleRemembered(), ...again }))).toEqual({
      kind: 'nothing',
    });
    const failed = { ...failedAtNoon, starts: { apache: 'one' } };
    expect(decide(situation({ installed: old, remembered: failed, ...again }))).toMatchObject({
      kind: 'install',
    });
  });
  it('no wait where what is installed is expired or revoked', () => {
    const remembered = failedAtNoon;
    const expired = { kind: 'whole', version: sampleVersion({ notAfter: noon }) } as const;
    expect(decide(situation({ installed: expired, remembered }))).toMatchObject({
      kind: 'install',
    });
    const wanted = sampleWanted({ revoked: [sampleVersion().fingerprint] });
    expect(decide(situation({ installed: old, remembered, wanted }))).toMatchObject({
      kind: 'install',
    });
  });
  it('never touches what is not ours', () => {
    const foreign = { kind: 'foreign', why: 'certbot' } as const;
    expect(decide(situation({ installed: foreign, eager: true }))).toEqual({
      kind: 'blocked',
      why: 'certbot',
    });
  });
});
