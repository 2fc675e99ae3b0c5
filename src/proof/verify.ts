import { fromHex, type Hex } from '../base/bytes.ts';
import { sha256Hex } from '../base/hash.ts';
import { momentText } from '../base/moment-text.ts';
import { decodeGenesis, genesisKey } from '../chain/machine/genesis.ts';
import { headerHash, noSigner } from '../chain/machine/header.ts';
import { verifyStateProof } from '../chain/tree/verify-state-proof.ts';
import {
  ageFaults,
  appHashFaults,
  genesisFaults,
  genesisHashOf,
  readHeader,
  readSignedHeader,
  type HeaderRead,
} from './checkpoint.ts';
import { judgeEarlier, judgeLeaf, judgeState, type ClaimFinding } from './claims.ts';
import { bytesOf, parseProofFile } from './file.ts';
import { earlierFaults, isSameHeader, judgeKept, type EarlierLog } from './kept.ts';
import {
  attempt,
  failing,
  notShown,
  proofLimits,
  settle,
  type Finding,
  type ProofClaim,
  type ProofReport,
} from './report.ts';
import type { ProofFile } from './schema.ts';
import { judgeSealing, readSealing, sealingWarnings, type Sealed } from './sealing.ts';

/** What the caller knows from elsewhere. */
export interface ProofOptions {
  readonly trustedGenesisHash?: Hex | undefined;
  /** Ed25519 public key that signs blocks. */
  readonly trustedBlockSigner?: Hex | undefined;
  /** Hash of the CometBFT validator set that seals the chain. */
  readonly trustedValidatorsHash?: Hex | undefined;
  /** The very checkpoint that the file must be under; then its seal needs no other ground. */
  readonly trustedCheckpoint?: HeaderRead | undefined;
  /** A checkpoint that was kept earlier: what it covers must not have changed. */
  readonly since?: HeaderRead | undefined;
}

interface Read extends Sealed {
  readonly file: ProofFile;
  readonly earlier: readonly EarlierLog[];
}

/**
 * Judges a proof file claim by claim, offline: nothing but these bytes and the options is asked.
 * Never throws, whatever the bytes are. Costs a signature or two, and some 30 hashes a claim.
 *
 * The caller's duty: without `trustedGenesisHash` or `trustedCheckpoint` it shows only that the
 * file is consistent with some chain.
 */
export function verifyProof(bytes: Uint8Array, options: ProofOptions = {}): ProofReport {
  const read = attempt(() => readFile(bytes));
  if ('error' in read) {
    return reportOf(bytes, null, [fileClaim('P01', failing(read.error))], options);
  }
  const { file, earlier, header } = read.value;
  const claims = ([1, 2, 3, 4, 5] as const).map((at) =>
    fileClaim(
      `P0${at}`,
      judged(() => judges[`P0${at}`](read.value, options)),
    ),
  );
  if (options.since) {
    const { since } = options;
    const { genesis } = read.value;
    const proved = earlier.filter((log) => earlierFaults(log, read.value, genesis).length === 0);
    claims.push(
      fileClaim(
        'P06',
        judged(() => judgeKept(since, read.value, proved)),
      ),
    );
  }
  const sound = claims.every(({ outcome }) => outcome !== 'FAILS') && isAuthentic(claims);
  const judgeOne = (id: string, judge: () => ClaimFinding): ProofClaim => {
    const found = attempt(judge);
    if ('error' in found) {
      const broken = settle(failing(`it cannot be judged: ${found.error}`));
      return { ...broken, id, title: 'A claim that does not read', restsOn: '', shown: null };
    }
    const { finding, ...facts } = found.value;
    const rests = finding.problems.length === 0 && !sound;
    const given = rests ? notShown('it rests on a checkpoint that is not shown') : finding;
    return { id, ...facts, ...settle({ facts: finding.facts ?? [], ...given }) };
  };
  return reportOf(
    bytes,
    read.value,
    [
      ...claims,
      ...file.leaves.map((leaf) =>
        judgeOne(`L${leaf.logIndex}`, () => judgeLeaf(leaf, read.value)),
      ),
      ...earlier.map((log) =>
        judgeOne(`E${log.signed.header.logSize}`, () =>
          judgeEarlier(log, read.value, read.value.genesis),
        ),
      ),
      ...file.state.map((claim, at) => judgeOne(`S${at + 1}`, () => judgeState(claim, header))),
    ],
    options,
  );
}

function readFile(bytes: Uint8Array): Read {
  const file = parseProofFile(bytes);
  const genesisBytes = bytesOf(file.genesis);
  return {
    file,
    genesis: decodeGenesis(genesisBytes),
    genesisHash: genesisHashOf(genesisBytes),
    ...readHeader(bytesOf(file.checkpoint.header)),
    sealing: readSealing(file.checkpoint),
    earlier: file.earlier.map(({ header, signature, hashes }) => ({
      signed: readSignedHeader(bytesOf(header), bytesOf(signature)),
      hashes: hashes.map(fromHex),
    })),
  };
}

function judged(judge: () => Finding): Finding {
  const found = attempt(judge);
  return 'error' in found ? failing(`it cannot be judged: ${found.error}`) : found.value;
}

type FileClaimId = 'P01' | 'P02' | 'P03' | 'P04' | 'P05' | 'P06';

const fileClaims: Readonly<Record<FileClaimId, readonly [title: string, restsOn: string]>> = {
  P01: [
    'The file is a well-formed proof file',
    'Canonical JSON with exactly the fields of its format; its checksum',
  ],
  P02: [
    'Genesis and chain are the ones that the checkpoint names',
    'Genesis hash, chain id and parameters hash in the block header',
  ],
  P03: [
    'The checkpoint is authentic',
    'Ed25519 of the chain’s block signer over the header hash, or two thirds of the validators ' +
      'over CometBFT’s next header',
  ],
  P04: [
    'The app hash commits to log and state',
    'Height, log root and size, state root, zk root and parameters, hashed anew',
  ],
  P05: [
    'The state is that of this genesis',
    'State proof of the key ~genesis, which holds the genesis hash',
  ],
  P06: [
    'Nothing that the kept checkpoint covers has changed',
    'The kept header, and RFC 6962 consistency from its log to this one',
  ],
};

function fileClaim(id: FileClaimId, finding: Finding): ProofClaim {
  const [title, restsOn] = fileClaims[id];
  return { id, title, restsOn, shown: null, ...settle(finding) };
}

const isAuthentic = (claims: readonly ProofClaim[]): boolean =>
  claims.some(({ id, outcome }) => id === 'P03' && outcome === 'HOLDS');

const judges: Readonly<
  Record<Exclude<FileClaimId, 'P06'>, (read: Read, options: ProofOptions) => Finding>
> = {
  P01: ({ file }) => ({
    problems: [],
    facts: [
      `leaves: ${file.leaves.length}, earlier logs: ${file.earlier.length}, ` +
        `keys of the state: ${file.state.length}`,
    ],
  }),
  P02: ({ header, genesis, genesisHash }, { trustedGenesisHash }) => ({
    problems: [
      ...(trustedGenesisHash === undefined || trustedGenesisHash === genesisHash
        ? []
        : [`the genesis hash is ${genesisHash}, not the trusted ${trustedGenesisHash}`]),
      ...genesisFaults(header, genesis, genesisHash),
    ],
    facts: [`chain ${genesis.chainId}`, `genesis hash ${genesisHash}`],
  }),
  P03: judgeAuthenticity,
  P04: ({ genesis, header }) => ({
    problems: [...appHashFaults(header), ...ageFaults(header, genesis)],
    facts: [
      `app hash ${header.appHash}`,
      `log root ${header.logRoot}, state root ${header.stateRoot}`,
    ],
  }),
  P05: ({ file, header, genesisHash }) => {
    if (file.genesisProof === null) {
      return notShown('the file is under an older block, whose state is no longer proved');
    }
    const root = fromHex(header.stateRoot);
    const value = fromHex(genesisHash);
    return verifyStateProof(root, genesisKey, value, bytesOf(file.genesisProof))
      ? { problems: [] }
      : failing('the state under the checkpoint does not hold this genesis hash');
  },
};

function judgeAuthenticity(read: Read, options: ProofOptions): Finding {
  const { header, genesis } = read;
  const { trustedBlockSigner, trustedCheckpoint, trustedValidatorsHash } = options;
  const facts = [`block ${header.height}`, `header hash ${headerHash(read.headerBytes)}`];
  const problems: string[] = [];
  if (trustedCheckpoint && !isSameHeader(trustedCheckpoint, read)) {
    problems.push('it is not the trusted checkpoint');
  }
  if (trustedBlockSigner !== undefined && trustedBlockSigner !== genesis.blockSigner) {
    problems.push(`genesis names block signer ${genesis.blockSigner}, not the trusted one`);
  }
  if (holdsNoSeal(read)) {
    return {
      problems,
      facts,
      absent: trustedCheckpoint
        ? null
        : 'validators decided this block, and the file holds none of their signatures: compare ' +
          'the app hash with one that you trust, and give that checkpoint',
    };
  }
  // Who trusts the very header needs nobody to name its validators.
  const trustedSetHash = trustedValidatorsHash ?? (trustedCheckpoint && setHashOf(read));
  const sealing = judgeSealing(read, trustedSetHash);
  return {
    problems: [...problems, ...sealing.problems],
    facts: [...facts, ...sealing.facts],
  };
}

const setHashOf = ({ sealing }: Sealed): Hex | undefined =>
  sealing.by === 'validators' ? sealing.lightBlocks[0]?.header.validatorsHash : undefined;

/** Files of dxl/proof/1 hold of a network's block what its node noted, which nobody signed. */
const holdsNoSeal = ({ header, sealing }: Sealed): boolean =>
  header.signer === noSigner && sealing.by === 'signer';

function reportOf(
  bytes: Uint8Array,
  read: Read | null,
  claims: readonly ProofClaim[],
  options: ProofOptions,
): ProofReport {
  const isOpen = ({ id, outcome }: ProofClaim) => outcome === 'NOT SHOWN' && id !== 'P05';
  const open = claims.some(isOpen) ? 'NOT SHOWN' : 'HOLDS';
  return {
    format: 'dxl/proof-report/1',
    outcome: claims.some(({ outcome }) => outcome === 'FAILS') ? 'FAILS' : open,
    notShown: claims.filter(({ outcome }) => outcome === 'NOT SHOWN').length,
    fileDigest: sha256Hex(bytes),
    chainId: read?.genesis.chainId ?? null,
    genesisHash: read?.genesisHash ?? null,
    blockSigner: read?.genesis.blockSigner ?? null,
    mode: read?.genesis.mode ?? null,
    checkpoint: read && {
      height: read.header.height,
      timeMs: read.header.timeMs,
      time: momentText(read.header.timeMs, read.genesis.rules.calendar.offsetMinutes),
      logSize: read.header.logSize,
      headerHash: headerHash(read.headerBytes),
      appHash: read.header.appHash,
    },
    claims,
    warnings: read ? warningsOf(read, options) : [],
    limits: proofLimits,
  };
}

function warningsOf(read: Read, options: ProofOptions): string[] {
  const { genesis, sealing } = read;
  const { trustedGenesisHash, trustedValidatorsHash, trustedCheckpoint, since } = options;
  const trusts = trustedGenesisHash !== undefined || trustedCheckpoint || since;
  return [
    ...(trusts
      ? []
      : [
          'The genesis hash was compared with none that you trust: anybody can make a chain of his ' +
            'own. Compare it with the one that the exchange publishes.',
        ]),
    ...(trustedCheckpoint || holdsNoSeal(read)
      ? []
      : sealingWarnings(sealing, trustedValidatorsHash)),
    ...(genesis.mode === 'development'
      ? ['The chain is in development mode: its rules and keys are for trying out.']
      : []),
  ];
}
