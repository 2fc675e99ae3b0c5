/**
 * What a node serves as /verifier.js: every verifier as a pure function, for browsers and any other
 * place that runs ES modules. It asks no network, and needs no Node.
 */
export { toBase64url, fromBase64url } from '../base/base64url.ts';
export { fromHex, toHex } from '../base/bytes.ts';
export { leafHash, verifyConsistency, verifyInclusion } from '../base/merkle.ts';
export { appHash, decodeHeader, headerHash } from '../chain/machine/header.ts';
export { verifyStateProof } from '../chain/tree/verify-state-proof.ts';
export { verifyDossier } from '../dossier/verify.ts';
export { parseProofFile } from '../proof/file.ts';
export { readKeptCheckpoint } from '../proof/kept.ts';
export { verifySignature } from '../proof/signature.ts';
export { verifyProof } from '../proof/verify.ts';
