/** Who takes part in the scenario, and the chain that it is played on. */
import { fromHex, toHex, utf8 } from '../../src/base/bytes.ts';
import { encodeCbor } from '../../src/base/cbor.ts';
import { sha256Hex, taggedHash } from '../../src/base/hash.ts';
import type { Role } from '../../src/base/roles.ts';
import type { SampleSize } from '../../src/base/rules.ts';
import type { Genesis } from '../../src/chain/machine/genesis.ts';
import { verificationKeyHash } from '../../src/privacy/zk/verifier/verification-key.ts';
import { defaultParameters } from '../../src/node/make-genesis.ts';
import { smallCircuitId, smallKey, smallParameters } from '../privacy/zk/small-proof.ts';
import { testRules } from '../support/rules.ts';
import { keyOf, type World } from './world.ts';
import { creditCodeOf } from '../support/credit-code.ts';

export const chainId = 'dxl-dossier-test';
export const beginMs = 1_772_416_800_000;

type Member = readonly [id: string, roles: readonly Role[], owner: string | null];

export const cast: readonly Member[] = [
  ['registrar', ['REGISTRAR'], null],
  ['seller', ['SELLER'], 'Li Hua'],
  ['buyer', ['BUYER'], 'Wang Fang'],
  ['stranger', ['SELLER'], null],
  ['reviewer-a', ['REVIEWER'], null],
  ['reviewer-b', ['REVIEWER'], null],
  ['appraiser', ['APPRAISER'], null],
  ['bank', ['BANK'], null],
  ['worker-a', ['WORKER'], null],
  ['worker-b', ['WORKER'], null],
];

const facts = (id: string) => ({
  name: `Organisation ${id}`,
  creditCode: creditCodeOf(id),
  jurisdiction: 'CN',
  encryptionKey: sha256Hex(utf8(`${id} encryption key`)),
});

export async function makeGenesis(
  keyClass: Genesis['circuits'][number]['keyClass'] = 'development',
  sizes: readonly SampleSize[] | null = null,
): Promise<Genesis> {
  const { sizes: _, ...sample } = testRules.sample;
  return {
    version: 1,
    chainId,
    timeMs: beginMs,
    mode: 'development',
    parameters: {
      ...defaultParameters,
      envelopeBytesMax: 65_536,
      operationsMax: 64,
      sequenceWindow: 64,
      expirySpanMax: 1000,
      blockEnvelopesMax: 1000,
      blockBytesMax: 1_048_576,
    },
    blockSigner: keyOf('block-signer').publicKey,
    operator: {
      organisationId: 'operator',
      publicKey: keyOf('operator').publicKey,
      ...facts('operator'),
    },
    circuits: [
      {
        id: smallCircuitId,
        r1csHash: sha256Hex(utf8('r1cs')),
        verificationKeyHash: verificationKeyHash(await smallKey()),
        keyClass,
      },
    ],
    rules: {
      ...testRules,
      sample: {
        ...sample,
        circuitId: smallCircuitId,
        rows: smallParameters.rows,
        kMinimum: smallParameters.k,
        ...(sizes === null ? {} : { sizes: [...sizes] }),
      },
    },
  };
}

export const possessionOf = (party: string, organisationId: string): string => {
  const key = keyOf(party);
  const claim = encodeCbor([chainId, organisationId, fromHex(key.publicKey)]);
  return toHex(key.sign(taggedHash('dxl/key-possession/1', claim)));
};

export function admitAll(world: World, members: readonly Member[] = cast): void {
  for (const [id, roles, beneficialOwner] of members) {
    world.submit('operator', [
      'identity.admit',
      {
        organisationId: id,
        ...facts(id),
        beneficialOwner,
        roles: ['ADMIN', ...roles],
        publicKey: keyOf(id).publicKey,
        possession: possessionOf(id, id),
      },
    ]);
  }
}

/** The operator proposes version 2 and nobody objects: the next block is executed by it. */
export function raise(world: World): void {
  world.submit('operator', [
    'governance.propose',
    {
      proposalId: 'raise-2',
      kind: 'MACHINE_VERSION',
      value: 2,
      digest: null,
      notBeforeHeight: 0,
      reason: 'docs/chain.md',
    },
  ]);
  world.wait(60_000);
}

/** The organisation gets another key: what `party` signs is its deed. */
export function actFor(
  world: World,
  organisationId: string,
  party: string,
  roles: readonly Role[],
): void {
  world.submit(organisationId, [
    'identity.add-key',
    { publicKey: keyOf(party).publicKey, roles, possession: possessionOf(party, organisationId) },
  ]);
}
