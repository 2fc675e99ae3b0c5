/** The claims of a proof file, each judged under one header. */
import { equalBytes, fromHex } from '../base/bytes.ts';
import { leafHash, verifyInclusion } from '../base/merkle.ts';
import { momentText } from '../base/moment-text.ts';
import type { Genesis } from '../chain/machine/genesis.ts';
import type { Header } from '../chain/machine/header.ts';
import { decodeLeaf, encodeLeaf, type Leaf } from '../chain/machine/leaf.ts';
import { verifyStateProof } from '../chain/tree/verify-state-proof.ts';
import type { HeaderRead } from './checkpoint.ts';
import { isKeyOfLedger, leafAsJson, valueAsJson } from './describe.ts';
import { bytesOf } from './file.ts';
import { earlierFaults, type EarlierLog } from './kept.ts';
import type { Finding, Shown } from './report.ts';
import type { ProofFile } from './schema.ts';

export interface ClaimFinding {
  readonly title: string;
  readonly restsOn: string;
  readonly shown: Shown;
  readonly finding: Finding;
}

/** Throws where the leaf does not read. */
export function judgeLeaf(
  claim: ProofFile['leaves'][number],
  { header, genesis }: { readonly header: Header; readonly genesis: Genesis },
): ClaimFinding {
  const { logIndex, hashes } = claim;
  const bytes = bytesOf(claim.leaf);
  const leaf = decodeLeaf(bytes);
  const root = fromHex(header.logRoot);
  const path = hashes.map(fromHex);
  const stands = verifyInclusion(leafHash(bytes), logIndex, header.logSize, path, root);
  const problems = [
    ...(equalBytes(encodeLeaf(leaf), bytes) ? [] : ['the leaf is not canonical']),
    ...(stands ? [] : ['the leaf is not in the log under the checkpoint']),
    ...(leaf.height > header.height ? ['the leaf is younger than the checkpoint'] : []),
  ];
  return {
    title: `Leaf ${logIndex} stands in the log: ${nameOf(leaf)}`,
    restsOn: 'RFC 6962 inclusion in the log root of the header',
    shown: { what: 'leaf', logIndex, leaf: leafAsJson(leaf) },
    finding: { problems, facts: factsOf(leaf, genesis) },
  };
}

const nameOf = (leaf: Leaf): string =>
  leaf.type === 'event'
    ? `${leaf.name} of ${leaf.kind} ${leaf.id}`
    : `receipt of envelope ${leaf.envelopeId}`;

function factsOf(leaf: Leaf, { rules }: Genesis): string[] {
  if (leaf.type === 'event') {
    const cause =
      leaf.envelopeId === null ? 'a deadline or genesis' : `envelope ${leaf.envelopeId}`;
    const when = momentText(leaf.timeMs, rules.calendar.offsetMinutes);
    return [`block ${leaf.height}, ${when}, by ${cause}`];
  }
  const result = leaf.resultCode === 0 ? 'applied' : `refused with code ${leaf.resultCode}`;
  return [`block ${leaf.height}, position ${leaf.position}, ${result}, signed by ${leaf.keyId}`];
}

export function judgeEarlier(earlier: EarlierLog, now: HeaderRead, genesis: Genesis): ClaimFinding {
  const { header } = earlier.signed;
  const { logSize: second } = now.header;
  return {
    title: `The log of ${header.logSize} leaves (block ${header.height}) is the beginning of this one`,
    restsOn: 'RFC 6962 consistency between the log roots of the two headers',
    shown: { what: 'log', first: header.logSize, second },
    finding: {
      problems: earlierFaults(earlier, now, genesis),
      facts: [`log root of ${header.logSize} leaves ${header.logRoot}`],
    },
  };
}

/** Throws where the record does not read. */
export function judgeState(claim: ProofFile['state'][number], header: Header): ClaimFinding {
  const { key } = claim;
  const value = claim.value === null ? null : bytesOf(claim.value);
  const proof = bytesOf(claim.proof);
  const holds = verifyStateProof(fromHex(header.stateRoot), key, value, proof);
  return {
    title: value === null ? `Nothing stands at ${key}` : `${key} is there, with this value`,
    restsOn: 'State proof under the state root of the header',
    shown: {
      what: 'state',
      key,
      present: value !== null,
      record: value === null ? null : valueAsJson(key, value),
    },
    finding: {
      problems: holds ? [] : [faultOf(value)],
      facts: [
        `as of block ${header.height}`,
        ...(isKeyOfLedger(key) ? [] : ['no kind of record has such keys: is it spelled right?']),
      ],
    },
  };
}

const faultOf = (value: Uint8Array | null): string =>
  value === null
    ? 'its absence is not shown under the checkpoint'
    : 'the state under the checkpoint does not hold this value';
