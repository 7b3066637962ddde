import { edns, message, nameOctets, u16, type Asked } from '@sixhub/acme-dns/test-wire';
import { expect, test } from 'vitest';
import {
  acmeDnsZone as zone,
  makeAcmeDns,
  openLab,
  ports,
  registerAccount,
  startKnot,
  updateValue,
} from '../../lab/index.js';
import { overTcp, overUdp } from '../../wire/exchange.js';
import { describe } from '../../wire/message.js';

const records = [
  `${zone}. 3600 CAA 0 issue "ca.example"`,
  `deep.empty.${zone}. 3600 A 192.0.2.2`,
  `alias.${zone}. 3600 CNAME deep.empty.${zone}.`,
  `twice.${zone}. 3600 CNAME alias.${zone}.`,
  `lost.${zone}. 3600 CNAME nothing.${zone}.`,
  `away.${zone}. 3600 CNAME elsewhere.example.`,
  `*.wild.${zone}. 3600 TXT "wild"`,
  `cut.${zone}. 3600 NS ns.cut.${zone}.`,
  `ns.cut.${zone}. 3600 A 192.0.2.3`,
  ...Array.from({ length: 30 }, (_, at) => `big.${zone}. 3600 TXT "${'x'.repeat(60)}${at}"`),
];

const types = [
  0, 1, 2, 5, 6, 10, 12, 15, 16, 28, 33, 39, 41, 43, 46, 48, 65, 99, 250, 251, 252, 253, 254, 255,
  257, 1000, 65_280, 65_535,
];
const labels = [
  '',
  'ns.',
  'NS.',
  'acct.',
  'AcCt.',
  'below.acct.',
  'nobody.',
  'a.b.nobody.',
  'empty.',
  'deep.empty.',
  'below.deep.empty.',
  'alias.',
  'twice.',
  'lost.',
  'away.',
  'x.wild.',
  'y.x.wild.',
  'wild.',
  'cut.',
  'x.cut.',
  'ns.cut.',
  'big.',
  `${'l'.repeat(63)}.`,
];
const outside = [
  '',
  'test.',
  'beispiel.test.',
  'xauth.beispiel.test.',
  'example.org.',
  'auth.beispiel.test.example.',
];

function soundCases(): readonly (readonly [string, Asked])[] {
  const names = [...labels.map((label) => `${label}${zone}`), ...outside];
  return names.flatMap((name) =>
    types.map((type) => [`${name || '.'} ${type}`, { name, type }] as const),
  );
}

function headerCases(): readonly (readonly [string, Asked])[] {
  const at = { name: zone, type: 6 };
  return [
    ...Array.from({ length: 16 }, (_, opcode) => [`opcode ${opcode}`, { ...at, opcode }] as const),
    ...[0x8000, 0x400, 0x200, 0x100, 0x80, 0x40, 0x20, 0x10, 0x1f0, 0xf].map(
      (flags) => [`flags ${flags.toString(16)}`, { ...at, flags }] as const,
    ),
    ...[0, 2, 3, 17, 254, 255, 4_096].map(
      (group) => [`class ${group}`, { ...at, class: group }] as const,
    ),
    ['version.bind', { name: 'version.bind', type: 16, class: 3 }],
    ['no question', { ...at, questions: 0 }],
    ['two questions told, one there', { ...at, questions: 2 }],
    ['two questions', { ...at, questions: 2, tail: [...nameOctets(zone), 0, 16, 0, 1] }],
    ['junk behind', { ...at, tail: [1, 2, 3] }],
    [
      'an answer in the query',
      { ...at, answers: [[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4]] },
    ],
    ['EDNS', { ...at, additional: [edns()] }],
    ...[0, 1, 511, 512, 513, 4_096, 65_535].map(
      (payload) =>
        [`payload ${payload}`, { name: `big.${zone}`, additional: [edns({ payload })] }] as const,
    ),
    ...[1, 2, 255].map(
      (version) => [`EDNS version ${version}`, { ...at, additional: [edns({ version })] }] as const,
    ),
    ['DO', { ...at, additional: [edns({ flags: 0x8000 })] }],
    ['EDNS flags of the future', { ...at, additional: [edns({ flags: 0x7fff })] }],
    ['unknown option', { ...at, additional: [edns({ data: [255, 0, 0, 2, 1, 2] })] }],
    ['name server identifier', { ...at, additional: [edns({ data: [0, 3, 0, 0] })] }],
    [
      'client subnet',
      { ...at, additional: [edns({ data: [0, 8, 0, 7, 0, 1, 24, 0, 192, 0, 2] })] },
    ],
    ['keepalive', { ...at, additional: [edns({ data: [0, 11, 0, 0] })] }],
    ['padding', { ...at, additional: [edns({ data: [0, 12, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0] })] }],
    ['option longer than its record', { ...at, additional: [edns({ data: [0, 3, 0, 9] })] }],
    ['two OPT', { ...at, additional: [edns(), edns()] }],
    ['OPT with an owner', { ...at, additional: [edns({ owner: 'x' })] }],
    ['OPT among answers', { ...at, answers: [edns()] }],
    ['OPT cut off', { ...at, additional: [edns().slice(0, 8)] }],
  ];
}

function brokenCases(): readonly (readonly [string, Buffer])[] {
  const whole = message({ flags: 0, name: zone, type: 6 });
  const withName = (octets: readonly number[]): Buffer =>
    Buffer.concat([whole.subarray(0, 12), Buffer.from([...octets, ...u16(6), ...u16(1)])]);
  return [
    ...[0, 1, 11, 12, 13, 20, whole.length - 1].map(
      (length) => [`${length} octets`, whole.subarray(0, length)] as const,
    ),
    ['pointer in the question', withName([0xc0, 12])],
    ['pointer to the header', withName([3, 97, 98, 99, 0xc0, 0])],
    ['label of 64', withName([64, ...Buffer.alloc(64, 97), 0])],
    ['label type 10', withName([0x80, 0])],
    [
      'name of 256',
      withName([...Array.from({ length: 4 }, () => [63, ...Buffer.alloc(63, 97)]).flat(), 0]),
    ],
    [
      'name of 255',
      withName([
        ...Array.from({ length: 3 }, () => [63, ...Buffer.alloc(63, 97)]).flat(),
        61,
        ...Buffer.alloc(61, 97),
        0,
      ]),
    ],
  ];
}

/** Where we differ on purpose, and why. */
const kept: readonly (readonly [RegExp, string])[] = [
  [
    /^(udp|tcp) auth\.beispiel\.test 255$/,
    'any one set of records answers ANY (RFC 8482 §4.1): SOA is the smallest',
  ],
  [/^(udp|tcp) version\.bind$/, 'nobody is told which program this is'],
  [
    /^(udp|tcp) (no question|two questions.*|(12|13|20|35) octets|pointer .*|label .*|name of 256)$/,
    'FORMERR instead of silence: silence makes a client wait and ask again (RFC 8906 §2)',
  ],
  [/^(udp|tcp) payload 1$/, 'less than 512 means 512, whatever it is (RFC 6891 §6.2.3)'],
  [/^(udp|tcp) OPT with an owner$/, 'its owner is the root, or it is malformed (RFC 6891 §6.1.2)'],
];

test('every answer is Knot’s, packet by packet, but where a table says why not', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab, { records });
  await house.serve();
  const account = await registerAccount(house);
  await updateValue(house, account, 'v'.repeat(43));
  await updateValue(house, account, 'w'.repeat(43));
  const soa = await overUdp(house.address, ports.dns, message({ flags: 0, name: zone, type: 6 }));
  if (soa === 'silence') throw new Error('no SOA');
  const serial = soa.readUInt32BE(soa.length - 20);
  const knot = lab.address();
  await startKnot(lab, {
    address: knot,
    port: ports.dns,
    serial,
    glue: house.address,
    records: [
      ...records,
      `${account.subdomain} 1 TXT "${'v'.repeat(43)}"`,
      `${account.subdomain} 1 TXT "${'w'.repeat(43)}"`,
    ],
  });

  const made = [...soundCases(), ...headerCases()].map(([title, parts]) => {
    const name = parts.name?.replace(/acct/i, (word) =>
      word === 'acct' ? account.subdomain : account.subdomain.toUpperCase(),
    );
    return [
      title,
      message({ flags: 0, ...parts, ...(name === undefined ? {} : { name }) }),
    ] as const;
  });
  const differences: string[] = [];
  for (const [way, send, atOnce] of [
    ['udp', overUdp, 50],
    ['tcp', overTcp, 1],
  ] as const) {
    const cases = [...made, ...brokenCases()];
    for (let from = 0; from < cases.length; from += atOnce) {
      await Promise.all(
        cases.slice(from, from + atOnce).map(async ([title, bytes]) => {
          const [theirs, ours] = await Promise.all(
            [knot, house.address].map(async (at) => {
              const answer = await send(at, ports.dns, bytes);
              return answer === 'silence' ? answer : describe(answer);
            }),
          );
          const known = kept.some(([pattern]) => pattern.test(`${way} ${title}`));
          if (theirs !== ours && !known)
            differences.push(`${way} ${title}\n    knot ${theirs}\n    ours ${ours}`);
          if (theirs === ours && known) differences.push(`${way} ${title}: no longer different`);
        }),
      );
    }
  }
  expect(differences).toEqual([]);
});
