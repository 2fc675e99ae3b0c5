import { expect } from 'chai';
import { fromCbor, toCbor } from '../../src/base/codec.ts';
import { toBase64url } from '../../src/base/base64url.ts';
import { decodeLeaf, encodeLeaf, type EventLeaf } from '../../src/chain/machine/leaf.ts';
import { bytesOf } from '../../src/dossier/evidence.ts';
import type { Dossier } from '../../src/dossier/schema.ts';
import { verifyDossier } from '../../src/dossier/verify.ts';
import { recordKinds } from '../../src/proof/records.ts';
import { coldBuildMs } from '../privacy/zk/small-proof.ts';
import { parsed, resealed, type Edit } from './forge.ts';
import { playedDossier } from './sample-dossier.ts';

const leavesMany = 3_000;
/** How many times as long as leaves that belong to nothing. */
const timesMax = 4;

describe('verifyDossier on a file that is made to cost much', () => {
  let dossier: Dossier;

  before(async function () {
    this.timeout(coldBuildMs);
    dossier = parsed((await playedDossier()).bytes);
  });

  const changed = (leaf: EventLeaf, edit: Edit): string => {
    const { schema } = recordKinds.get(leaf.kind)!;
    const record = structuredClone(fromCbor(schema, leaf.record)) as { id: string };
    edit(record, leaf);
    return toBase64url(encodeLeaf({ ...leaf, id: record.id, record: toCbor(schema, record) }));
  };

  /** The event of that name, at the end of the log or in its own place. */
  const eventNamed = (name: string, id: string): { leaf: EventLeaf; at: number } => {
    const leaves = dossier.leaves.map(({ leaf }) => decodeLeaf(bytesOf(leaf)));
    const at = leaves.findIndex(
      (leaf) => leaf.type === 'event' && leaf.name === name && leaf.id === id,
    );
    return { leaf: leaves[at] as EventLeaf, at };
  };

  /** How long the verifier takes. */
  const msOf = (bytes: Uint8Array): number => {
    const before = performance.now();
    expect(verifyDossier(bytes).outcome).to.equal('FAILS');
    return performance.now() - before;
  };

  const withMore = (make: (leaf: EventLeaf, at: number) => string, name: string, id: string) =>
    resealed(dossier, (content) => {
      const { leaf } = eventNamed(name, id);
      const first = (content.leaves.at(-1)?.logIndex ?? 0) + 1;
      for (let at = 0; at < leavesMany; at += 1) {
        content.leaves.push({ logIndex: first + at, leaf: make(leaf, at), proof: [] });
      }
    });

  it('follows a long chain of records in one go', function () {
    this.timeout(300_000);
    const { at: place } = eventNamed('rights.submitted', 'registration-1');
    const chain = withMore(
      (leaf, at) =>
        changed(leaf, (record) => {
          record.id = `chain-${at}`;
          record.parentRegistrationId = at === 0 ? null : `chain-${at - 1}`;
        }),
      'rights.submitted',
      'registration-1',
    );
    const linked = resealed(parsed(chain), (content) => {
      const { leaf } = eventNamed('rights.submitted', 'registration-1');
      content.leaves[place]!.leaf = changed(leaf, (record) => {
        record.parentRegistrationId = `chain-${leavesMany - 1}`;
      });
    });
    expect(msOf(linked)).to.be.below(timesMax * msOf(chain));
  });

  it('counts the postings of a trade once', function () {
    this.timeout(300_000);
    const many = withMore(
      (leaf) => changed(leaf, (record) => (record.postingCount = 10_000)),
      'trading.certified',
      'trade-file',
    );
    const loose = withMore(
      (leaf, at) => changed(leaf, (record) => (record.id = `loose-${at}`)),
      'trading.certified',
      'trade-file',
    );
    expect(msOf(many)).to.be.below(timesMax * msOf(loose));
  });
});
