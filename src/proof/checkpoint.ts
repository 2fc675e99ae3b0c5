/** Faults of a signed header, each in words; none where it is what it claims to be. */
import { fromHex, type Hex } from '../base/bytes.ts';
import { taggedHashHex } from '../base/hash.ts';
import { parametersHash, type Genesis } from '../chain/machine/genesis.ts';
import {
  appHash,
  decodeHeader,
  headerSignatureInput,
  type Header,
} from '../chain/machine/header.ts';
import { verifySignature } from './signature.ts';

export interface HeaderRead {
  readonly header: Header;
  readonly headerBytes: Uint8Array;
}

export interface SignedHeader extends HeaderRead {
  readonly signature: Uint8Array;
}

/** Throws CborError or CodecError. */
export const readHeader = (headerBytes: Uint8Array): HeaderRead => ({
  header: decodeHeader(headerBytes),
  headerBytes,
});

/** Throws CborError or CodecError. */
export const readSignedHeader = (headerBytes: Uint8Array, signature: Uint8Array): SignedHeader => ({
  ...readHeader(headerBytes),
  signature,
});

/** Hash of the genesis document's canonical CBOR. */
export const genesisHashOf = (genesisBytes: Uint8Array): Hex =>
  taggedHashHex('dxl/genesis/1', genesisBytes);

export const genesisFaults = (header: Header, genesis: Genesis, hash: Hex): string[] => [
  ...(header.genesisHash === hash ? [] : ['the header names another genesis hash']),
  ...(header.chainId === genesis.chainId ? [] : ['the header names another chain']),
  ...(header.parametersHash === parametersHash(genesis)
    ? []
    : ['the header names other parameters than genesis']),
];

export const ageFaults = (header: Header, genesis: Genesis): string[] =>
  header.timeMs < genesis.timeMs ? ['the block is older than genesis'] : [];

export function signatureFaults(
  { header, headerBytes, signature }: SignedHeader,
  { blockSigner }: Genesis,
): string[] {
  const signed = verifySignature(
    fromHex(blockSigner),
    headerSignatureInput(headerBytes),
    signature,
  );
  return [
    ...(header.signer === blockSigner ? [] : ['the signer is not the one of genesis']),
    ...(signed ? [] : ['the block signature does not verify']),
  ];
}

export const appHashFaults = (header: Header): string[] =>
  appHash(header) === header.appHash ? [] : ['the app hash does not follow from its parts'];
