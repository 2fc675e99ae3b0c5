import { expect } from 'chai';
import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { toBase64url } from '../../src/base/base64url.ts';
import { fromHex, toHex, utf8 } from '../../src/base/bytes.ts';
import { canonicalJson } from '../../src/base/canonical-json.ts';
import { momentText } from '../../src/base/moment-text.ts';
import { appHash, type Header } from '../../src/chain/machine/header.ts';
import { parseProofFile, withChecksum } from '../../src/proof/file.ts';
import { readKeptCheckpoint } from '../../src/proof/kept.ts';
import type { ProofReport } from '../../src/proof/report.ts';
import type { ProofContent } from '../../src/proof/schema.ts';
import { verifyProof } from '../../src/proof/verify.ts';
import { fieldsOf, MadeChain, organisation, receiptLeaf, sealed } from './made-chain.ts';

const key = (at: number): string => `organisation/org-${at}`;

const outcomes = ({ claims }: ProofReport): Record<string, string> =>
  Object.fromEntries(claims.map(({ id, outcome }) => [id, outcome]));

const reasonOf = ({ claims }: ProofReport, id: string): string =>
  claims.find((claim) => claim.id === id)?.reasons.join('; ') ?? 'no such claim';

/** Changes of what is typed as read-only. */
type Open<Value> = { -readonly [Name in keyof Value]: Open<Value[Name]> };

const shown = ({ claims }: ProofReport): string[] =>
  claims.filter((claim) => claim.shown !== null).map(({ outcome }) => outcome);

describe('proof: files of a random chain', function () {
  this.timeout(300_000);

  const blocks = fc.array(
    fc.record({
      leaves: fc.integer({ min: 0, max: 9 }),
      writes: fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.boolean()), {
        selector: ([at]) => at,
        maxLength: 8,
      }),
    }),
    { minLength: 1, maxLength: 8 },
  );

  it('show leaves, earlier logs, presence and absence, whatever the chain is', () => {
    fc.assert(
      fc.property(blocks, fc.nat(), (made, seed) => {
        const chain = new MadeChain();
        for (const { leaves, writes } of made) {
          chain.block(
            leaves,
            writes.map(([at, there]) => [key(at), there ? organisation(`org-${at}`) : null]),
          );
        }
        const { logSize } = chain.newest.header;
        const earlier = made
          .map((_, at) => at + 1)
          .filter((height) => chain.at(height).header.logSize > 0);
        const wanted = {
          logIndexes: logSize === 0 ? [] : [seed % logSize, logSize - 1],
          keys: [0, 1, 2, 3].map((step) => key((seed + step * 7) % 45)),
          earlier,
        };
        const report = verifyProof(chain.file(wanted), { since: chain.at(1) });
        expect(report.outcome, JSON.stringify(report.claims)).to.equal('HOLDS');
        expect(shown(report)).to.have.length(4 + wanted.logIndexes.length + earlier.length);
        for (const claim of report.claims) {
          if (claim.shown?.what !== 'state') continue;
          expect(claim.shown.present).to.equal(chain.valueOf(claim.shown.key) !== null);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('proof: a file', function () {
  this.timeout(300_000);

  const chain = new MadeChain();
  chain.block(2, [[key(1), organisation('org-1')]]);
  chain.block(3, [[key(2), organisation('org-2')]]);
  for (let at = 3; at < 30; at += 1) chain.block(1, [[key(at), organisation(`org-${at}`)]]);
  const wanted = { logIndexes: [0, 7], keys: [key(1), key(99)], earlier: [1, 2] };
  const content = chain.content(wanted);
  const bytes = sealed(content);
  const edited = (change: (content: Open<ProofContent>) => ProofContent): ProofReport =>
    verifyProof(sealed(change(structuredClone(content))));

  it('says what it shows: records by the names of their fields', () => {
    const report = verifyProof(bytes);
    expect(report.outcome).to.equal('HOLDS');
    expect(report.notShown).to.equal(0);
    expect(report.chainId).to.equal('dxl-made');
    expect(report.warnings.join()).to.match(/compared with none that you trust/);
    const { header } = chain.newest;
    const { offsetMinutes } = chain.genesis.rules.calendar;
    expect(report.checkpoint?.time).to.equal(momentText(header.timeMs, offsetMinutes));
    expect(report.checkpoint?.time).to.match(/ UTC\+08:00$/);
    const there = report.claims.find(({ id }) => id === 'S1');
    expect(there?.title).to.equal('organisation/org-1 is there, with this value');
    expect(there?.shown).to.have.nested.property('record.creditCode', '91110000MA00000001');
    expect(report.claims.find(({ id }) => id === 'S2')?.title).to.equal(
      'Nothing stands at organisation/org-99',
    );
    expect(outcomes(report)).to.have.all.keys(
      ...['P01', 'P02', 'P03', 'P04', 'P05', 'L0', 'L7', 'E2', 'E5', 'S1', 'S2'],
    );
  });

  it('tells when an event was in the exchange’s zone', async () => {
    const example = new URL('../../docs/examples/whole.proof.json', import.meta.url);
    const { claims } = verifyProof(await readFile(example));
    const facts = claims.filter(({ shown: it }) => it?.what === 'leaf').flatMap((it) => it.facts);
    expect(facts.join('\n')).to.match(/block [0-9]+, [0-9-]{10} [0-9:]{8} UTC\+08:00, by /);
  });

  it('is refused with any one byte changed, added or left out', () => {
    const one = chain.file({ logIndexes: [3], keys: [key(2)] });
    for (let at = 0; at < one.length; at += 1) {
      const bit = 1 << (at % 7);
      const changed = one.map((byte, index) => (index === at ? byte ^ bit : byte));
      expect(verifyProof(changed).outcome, `byte ${at}`).to.equal('FAILS');
    }
    const [head, tail] = [one.subarray(0, 100), one.subarray(100)];
    const pieces = [[head, tail.subarray(1)], [head, utf8(' '), tail], [one, utf8('\n')], [head]];
    for (const parts of pieces) {
      expect(verifyProof(Buffer.concat(parts)).outcome).to.equal('FAILS');
    }
  });

  /** Every text and number in it, by path. */
  function placesOf(value: unknown, path: (string | number)[] = []): (string | number)[][] {
    if (typeof value !== 'object' || value === null) return [path];
    return Object.entries(value).flatMap(([name, item]) => placesOf(item, [...path, name]));
  }

  function withChange(path: readonly (string | number)[], at: number): ProofContent {
    const copy = structuredClone(content) as unknown as Record<string, unknown>;
    const last = path.at(-1)!;
    let holder = copy;
    for (const name of path.slice(0, -1)) holder = holder[name] as Record<string, unknown>;
    const value = holder[last];
    if (typeof value === 'number') holder[last] = value === 0 ? 1 : value + (at % 2 === 0 ? 1 : -1);
    else if (typeof value === 'string') {
      const place = at % value.length;
      const other = value[place] === 'a' ? 'b' : 'a';
      holder[last] = value.slice(0, place) + other + value.slice(place + 1);
    } else holder[last] = toBase64url(organisation('org-99'));
    return copy as unknown as ProofContent;
  }

  it('is refused with any one field changed, by somebody who computes the checksum anew', () => {
    const places = placesOf(content);
    expect(places.length).to.be.greaterThan(30);
    for (const path of places) {
      for (let round = 0; round < 6; round += 1) {
        const changed = withChange(path, round * 7919);
        const report = verifyProof(utf8(canonicalJson(withChecksum(changed))));
        if (report.outcome !== 'HOLDS') continue;
        // Only a key of which absence is claimed may be another one, and then it is absent, too.
        const { key: other } = changed.state[1]!;
        expect(path.join('/'), JSON.stringify(report.claims)).to.equal('state/1/key');
        expect(chain.valueOf(other)).to.equal(null);
      }
    }
  });

  it('is refused with hashes left out, repeated or exchanged', () => {
    const lists: ((it: ProofContent) => string[])[] = [
      (it) => it.leaves[1]!.hashes,
      (it) => it.earlier[0]!.hashes,
      (it) => it.earlier[1]!.hashes,
    ];
    for (const listOf of lists) {
      const { length } = listOf(structuredClone(content));
      for (let at = 0; at < length; at += 1) {
        const without = edited((it) => (listOf(it).splice(at, 1), it));
        const twice = edited((it) => (listOf(it).splice(at, 0, listOf(it)[at]!), it));
        expect([without.outcome, twice.outcome]).to.deep.equal(['FAILS', 'FAILS']);
      }
      expect(edited((it) => (listOf(it).reverse(), it)).outcome).to.equal('FAILS');
    }
  });

  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        expect(verifyProof(noise).outcome).to.equal('FAILS');
      }),
    );
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(verifyProof(utf8(json)).outcome).to.equal('FAILS');
      }),
    );
    expect(verifyProof(utf8('['.repeat(200_000))).outcome).to.equal('FAILS');
  });

  describe('with a negative twin for what it shows', () => {
    const other = new MadeChain('dxl-other');
    for (let at = 1; at < 30; at += 1) {
      other.block(3, [[key(at), organisation(`org-${at}`, 'SUSPENDED')]]);
    }

    it('is refused with a proof of another chain', () => {
      const foreign = other.content(wanted);
      for (const name of ['leaves', 'earlier', 'state', 'genesisProof', 'genesis'] as const) {
        const report = edited((it) => ({ ...it, [name]: foreign[name] }));
        expect(report.outcome, name).to.equal('FAILS');
      }
      const report = edited((it) => ({ ...it, checkpoint: foreign.checkpoint }));
      expect(outcomes(report)).to.include({ P02: 'FAILS', P03: 'FAILS', P05: 'FAILS' });
    });

    it('is refused under another height’s header', () => {
      const report = edited((it) => ({ ...it, checkpoint: fieldsOf(chain.at(3)) }));
      expect(report.outcome).to.equal('FAILS');
      expect(outcomes(report)).to.include({ P02: 'HOLDS', P03: 'HOLDS', P04: 'HOLDS' });
      expect(outcomes(report)).to.include({ P05: 'FAILS', L7: 'FAILS', S1: 'FAILS', E2: 'FAILS' });
    });

    it('is refused for a wrong value, or the value of another record', () => {
      for (const value of [organisation('org-1', 'SUSPENDED'), organisation('org-2')]) {
        const report = edited((it) => {
          it.state[0]!.value = toBase64url(value);
          return it;
        });
        expect(reasonOf(report, 'S1')).to.match(/does not hold this value/);
      }
    });

    it('is refused where absence is claimed of what is there', () => {
      const report = edited((it) => {
        it.state[0]!.value = null;
        return it;
      });
      expect(reasonOf(report, 'S1')).to.match(/absence is not shown/);
      const borrowed = edited((it) => {
        it.state[0] = { ...it.state[1]!, key: key(1) };
        return it;
      });
      expect(outcomes(borrowed)).to.include({ S1: 'FAILS' });
    });

    it('is refused where presence is claimed of what is not there', () => {
      const report = edited((it) => {
        it.state[1]!.value = toBase64url(organisation('org-99'));
        return it;
      });
      expect(outcomes(report)).to.include({ S2: 'FAILS' });
    });

    it('is refused for another leaf, or the leaf at another place', () => {
      const report = edited((it) => {
        it.leaves[0]!.leaf = toBase64url(receiptLeaf(9, 9));
        it.leaves[1]!.logIndex = 6;
        return it;
      });
      expect(outcomes(report)).to.include({ L0: 'FAILS', L6: 'FAILS' });
    });

    it('rests on nothing where the signature does not verify', () => {
      const report = edited((it) => ({
        ...it,
        checkpoint: { ...it.checkpoint, signature: toBase64url(new Uint8Array(64).fill(7)) },
      }));
      expect(outcomes(report)).to.include({ P03: 'FAILS', L0: 'NOT SHOWN', S1: 'NOT SHOWN' });
    });
  });

  describe('held against what is known from elsewhere', () => {
    const trusted = {
      trustedGenesisHash: chain.genesisHash,
      trustedBlockSigner: chain.genesis.blockSigner,
      trustedCheckpoint: chain.newest,
    };

    it('holds, and warns less', () => {
      const report = verifyProof(bytes, trusted);
      expect(report.outcome).to.equal('HOLDS');
      expect(report.warnings.join()).to.not.match(/compared with none/);
    });

    it('fails for another genesis, signer or checkpoint', () => {
      const wrong = 'ab'.repeat(32);
      const rows: [string, string][] = [
        ['trustedGenesisHash', 'P02'],
        ['trustedBlockSigner', 'P03'],
      ];
      for (const [name, id] of rows) {
        expect(outcomes(verifyProof(bytes, { ...trusted, [name]: wrong }))[id]).to.equal('FAILS');
      }
      const report = verifyProof(bytes, { ...trusted, trustedCheckpoint: chain.at(2) });
      expect(reasonOf(report, 'P03')).to.equal('it is not the trusted checkpoint');
    });
  });

  it('under an older block shows the log, and says that the state is not shown', () => {
    const report = verifyProof(chain.file({ logIndexes: [1], height: 2 }));
    expect(report.outcome).to.equal('HOLDS');
    expect(reasonOf(report, 'P05')).to.match(/no longer proved/);
  });

  it('of a network’s block holds only for who trusts the checkpoint', () => {
    const network = new MadeChain('dxl-network');
    const noSigner = (header: Header): Header => ({ ...header, signer: '00'.repeat(32) });
    network.block(2, [[key(1), organisation('org-1')]], noSigner);
    const file = network.file({ keys: [key(1)] });
    const report = verifyProof(file);
    expect(report.outcome).to.equal('NOT SHOWN');
    expect(outcomes(report)).to.include({ P03: 'NOT SHOWN', S1: 'NOT SHOWN' });
    expect(verifyProof(file, { trustedCheckpoint: network.newest }).outcome).to.equal('HOLDS');
  });

  it('is refused where a signed app hash does not follow from its parts', () => {
    const liar = new MadeChain('dxl-liar');
    liar.block(1, [], (header) => ({ ...header, appHash: appHash({ ...header, logSize: 9 }) }));
    expect(outcomes(verifyProof(liar.file()))).to.include({ P03: 'HOLDS', P04: 'FAILS' });
  });

  describe('held against a checkpoint that was kept', () => {
    it('goes on from it, from the same block, and from a log of nothing', () => {
      for (const since of [chain.at(1), chain.at(2), chain.newest]) {
        expect(outcomes(verifyProof(bytes, { since }))['P06']).to.equal('HOLDS');
      }
      const empty = new MadeChain();
      empty.block(0);
      empty.block(3);
      const report = verifyProof(empty.file(), { since: empty.at(1) });
      expect(outcomes(report)['P06']).to.equal('HOLDS');
    });

    it('reads it from a proof file and from the API’s JSON', () => {
      const { headerBytes, signature } = chain.at(1);
      const json = { headerBytes: toBase64url(headerBytes), signature: toBase64url(signature) };
      const fromApi = readKeptCheckpoint(utf8(JSON.stringify(json, null, 2)));
      expect(toHex(fromApi.headerBytes)).to.equal(toHex(headerBytes));
      const fromFile = readKeptCheckpoint(chain.file({ height: 1 }));
      expect(fromFile.header).to.deep.equal(fromApi.header);
      for (const text of ['', '{}', '[]', 'null', '{"headerBytes":"AA","signature":"AA"}']) {
        expect(() => readKeptCheckpoint(utf8(text)), text).to.throw(/no checkpoint is in it/);
      }
    });

    it('says what is missing where nothing leads from one to the other', () => {
      const since = chain.at(7);
      const report = verifyProof(bytes, { since });
      expect(report.outcome).to.equal('NOT SHOWN');
      expect(reasonOf(report, 'P06')).to.match(/dxl prove consistency --since/);
      const older = verifyProof(chain.file({ height: 2 }), { since });
      expect(reasonOf(older, 'P06')).to.match(/younger than this file/);
      const foreign = new MadeChain('dxl-other');
      foreign.block(2);
      expect(outcomes(verifyProof(bytes, { since: foreign.at(1) }))['P06']).to.equal('FAILS');
    });

    it('catches an operator who tells two histories', () => {
      const forked = (blocks: readonly number[]): MadeChain => {
        const made = new MadeChain();
        for (const leaves of blocks) {
          made.block(leaves, [[key(leaves), organisation(`org-${leaves}`)]]);
        }
        return made;
      };
      const [one, other] = [forked([2, 3, 4]), forked([2, 5, 4])];
      const at = (report: ProofReport) => [outcomes(report)['P06'], reasonOf(report, 'P06')];
      // The same height, another block.
      const [same, why] = at(verifyProof(other.file(), { since: one.at(3) }));
      expect([same, why]).to.satisfy(([a, b]: string[]) => a === 'FAILS' && b!.includes('another'));
      // A longer log than is shown later.
      const shrunk = verifyProof(forked([1, 1, 1, 1]).file(), { since: one.at(3) });
      expect(at(shrunk)[1]).to.match(/longer/);
      // The first leaves are others: heights differ, sizes are the same.
      const long = forked([1, 1, 3, 3]);
      const kept = one.at(2);
      expect(kept.header.logSize).to.equal(long.at(3).header.logSize);
      const report = verifyProof(long.file({ earlier: [3] }), { since: kept });
      expect(at(report)[1]).to.match(/first 5 leaves .* keep both files/);
    });
  });

  it('reads back what was written', () => {
    expect(Buffer.from(canonicalJson(parseProofFile(bytes)))).to.deep.equal(Buffer.from(bytes));
    expect(fromHex(toHex(bytes))).to.deep.equal(bytes);
  });
});
