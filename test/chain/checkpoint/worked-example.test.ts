/**
 * The note, keys and evidence that docs/witness.md shows: of the block in
 * docs/examples/whole.proof.json, signed with the seeds of RFC 8032, 7.1.
 */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { fromHex, toHex, utf8 } from '../../../src/base/bytes.ts';
import { leafHash, MerkleLog } from '../../../src/base/merkle.ts';
import { formatCheckpoint } from '../../../src/chain/checkpoint/body.ts';
import {
  judge,
  readEvidence,
  writeEvidence,
  type Evidence,
} from '../../../src/chain/checkpoint/contradiction.ts';
import {
  cosign,
  verifyCosignature,
  witnessKeyOf,
} from '../../../src/chain/checkpoint/cosignature.ts';
import {
  blockLine,
  checkpointKeyClaim,
  originOf,
  timeLine,
} from '../../../src/chain/checkpoint/ledger-note.ts';
import {
  isSignedByLog,
  logKeyOf,
  signNoteText,
} from '../../../src/chain/checkpoint/log-signature.ts';
import { formatNote, formatVerifierKey, parseNote } from '../../../src/chain/checkpoint/note.ts';
import { prefixProofFrom } from '../../../src/chain/checkpoint/subtrees.ts';
import { decodeHeader, headerHash } from '../../../src/chain/machine/header.ts';
import { signingKeyFromSeed } from '../../../src/chain/tx/signature.ts';
import { verifySignature } from '../../../src/proof/signature.ts';

const docs = new URL('../../../docs/', import.meta.url);
const page = readFileSync(new URL('witness.md', docs), 'utf8');
const proofFile = JSON.parse(readFileSync(new URL('examples/whole.proof.json', docs), 'utf8')) as {
  checkpoint: { header: string };
};

const [log, witness, blockSigner] = [
  '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
  '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
  'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
].map((seed) => signingKeyFromSeed(fromHex(seed))) as [
  ReturnType<typeof signingKeyFromSeed>,
  ReturnType<typeof signingKeyFromSeed>,
  ReturnType<typeof signingKeyFromSeed>,
];
const witnessName = 'witness.example/w1';
const headerBytes = Buffer.from(proofFile.checkpoint.header, 'base64url');
const header = decodeHeader(headerBytes);
const origin = originOf(header.chainId, header.genesisHash);

const bodyOf = (size: number, root: Uint8Array, ...lines: string[]): string =>
  formatCheckpoint({ origin, size, root, extensions: lines });
const text = bodyOf(
  header.logSize,
  fromHex(header.logRoot),
  blockLine({ height: header.height, headerHash: headerHash(headerBytes) }),
  timeLine(header.timeMs),
);
const signed = signNoteText(text, origin, log);
const note = formatNote({
  text,
  signatures: [signed, cosign(text, 1_795_256_400, witnessName, witness)],
});
const claim = checkpointKeyClaim(origin, header.genesisHash, log.publicKey);

/** Four leaves of one history, six of another that begins otherwise. */
function twoHistories(): Evidence {
  const noteOf = (leaves: readonly string[], height: number) => {
    const tree = new MerkleLog();
    for (const leaf of leaves) tree.append(leafHash(utf8(leaf)));
    const line = blockLine({ height, headerHash: toHex(leafHash(utf8(`block ${height}`))) });
    const own = bodyOf(leaves.length, tree.root(), line);
    const bytes = utf8(formatNote({ text: own, signatures: [signNoteText(own, origin, log)] }));
    return { tree, bytes };
  };
  const one = noteOf(['a', 'b', 'c', 'd'], 1);
  const other = noteOf(['a', 'b', 'x', 'd', 'e', 'f'], 2);
  return {
    logKeys: [logKeyOf(origin, log)],
    notes: [one.bytes, other.bytes],
    prefixProof: prefixProofFrom(4, 6, ({ height, index }) =>
      subtree(['a', 'b', 'x', 'd', 'e', 'f'].slice(index << height, (index + 1) << height)),
    ),
  };
}

function subtree(leaves: readonly string[]): Uint8Array {
  const tree = new MerkleLog();
  for (const leaf of leaves) tree.append(leafHash(utf8(leaf)));
  return tree.root();
}

/** The fenced blocks of a section of the page. */
function fenced(heading: string): string[] {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/^```(?:text|json)\n([^]*?)^```$/gm)].map(([, inner]) => inner ?? '');
}

describe('docs/witness.md: its example', () => {
  it('is the note of that block, signed and cosigned', () => {
    expect(fenced('What an exchange publishes')[0]).to.equal(note);
    const parsed = parseNote(utf8(note));
    expect(parsed && isSignedByLog(parsed, logKeyOf(origin, log), verifySignature)).to.equal(true);
    const key = witnessKeyOf(witnessName, witness);
    const cosignature = parsed?.signatures[1];
    expect(cosignature && verifyCosignature(text, cosignature, key, verifySignature)).to.equal(
      1_795_256_400,
    );
  });

  it('names the keys, and the claim that the block signer signs', () => {
    const lines = [
      `log       ${formatVerifierKey(logKeyOf(origin, log))}`,
      `witness   ${formatVerifierKey(witnessKeyOf(witnessName, witness))}`,
      `claim     ${toHex(claim)}`,
      `signer    ${blockSigner.publicKey}`,
      `keyClaim  ${toHex(blockSigner.sign(claim))}`,
    ];
    expect(fenced('What an exchange publishes')[1]).to.equal(`${lines.join('\n')}\n`);
  });

  it('shows two histories in a file that proves them, and not without its proof', () => {
    const evidence = twoHistories();
    const [shown = ''] = fenced('Two histories');
    expect(shown).to.equal(writeEvidence(evidence));
    const read = readEvidence(shown);
    expect(read && judge(read, verifySignature)).to.deep.equal({
      proven: true,
      contradiction: 'not-a-prefix',
    });
    expect(judge({ ...evidence, prefixProof: null }, verifySignature).proven).to.equal(false);
  });
});
