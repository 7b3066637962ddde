import { expect, test } from 'vitest';
import { stages } from '../../authority/conduct.js';
import { mustBe } from '../../lab/index.js';
import { domain, openAuthorityEstate, until } from './authority-estate.js';

// The directory is read when the hub starts, while no issuance is under way, and kept.
const ofIssuance = stages.filter(
  (stage) => !['directory', 'renewal-info', 'revoke', 'key-change'].includes(stage),
);

test.each(ofIssuance)(
  'killed -9 when the authority has acted on its request (%s) and before it hears of it: one order, one certificate',
  async (stage) => {
    await using estate = await openAuthorityEstate({ names: ['first'], lifetimeMs: 86_400_000 });
    const { hub, authorities } = estate;
    const [authority] = authorities;
    if (authority === undefined) throw new Error('there is an authority');
    const { conduct, ledger } = authority;
    const first = await hub.serve();
    await estate.delegate();
    let killed: Promise<void> | undefined;
    conduct.slowFinalize = 1;
    conduct.trouble.set(stage, {
      ...{ kind: 'dead', acted: true, times: 1 },
      met: () => (killed = first.kill()),
    });
    await hub.run(['issue', domain]);
    expect(killed, `${stage} was asked`).toBeDefined();
    await killed;

    await hub.serve();
    // By itself, without a command that hurries it.
    const stageOf = async (): Promise<string> =>
      JSON.parse((await mustBe(0, await hub.run(['show', domain, '--json']))).stdout).issuance
        .stage;
    await until('the issuance is done', async () => (await stageOf()) === 'done');
    expect(ledger.accounts).toHaveLength(1);
    expect(ledger.orders).toHaveLength(1);
    expect(ledger.certificates.size).toBe(1);
  },
);
