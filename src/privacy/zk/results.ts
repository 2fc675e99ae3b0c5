import { defineResults } from '../../base/result.ts';

/** Result codes of the zero-knowledge room, 7000 to 7099, in order of precedence. */
export const zkResults = defineResults({
  ZK_CIRCUIT_UNKNOWN: [
    7000,
    422,
    'No circuit of that name is registered on this chain.',
    'Use one of the circuit ids that genesis lists.',
  ],
  ZK_KEY_MALFORMED: [
    7001,
    422,
    'The verification key is not in its canonical form.',
    'Supply the key file exactly as the circuit build or the ceremony wrote it.',
  ],
  ZK_KEY_NOT_ALLOWED: [
    7002,
    422,
    'The verification key must not be used here.',
    'Use a key of a finished ceremony; development keys and keys without phase 2 prove nothing.',
  ],
  ZK_PROOF_LENGTH: [
    7010,
    422,
    'A proof has exactly 256 bytes.',
    'Send A, B and C as raw big-endian affine coordinates.',
  ],
  ZK_PUBLIC_COUNT: [
    7011,
    422,
    'The number of public signals is not the one of the circuit.',
    'Send exactly the public signals that the circuit lists, in its order.',
  ],
  ZK_PUBLIC_RANGE: [
    7012,
    422,
    'A public signal is not a canonical field element.',
    'Send every public signal as 32 big-endian bytes below the scalar field order.',
  ],
  ZK_COORDINATE_RANGE: [
    7013,
    422,
    'A coordinate is not below the base field order.',
    'Reduce every coordinate before encoding it.',
  ],
  ZK_POINT_AT_INFINITY: [
    7014,
    422,
    'A point of the proof is the point at infinity.',
    'Make the proof again; an honest prover never produces this.',
  ],
  ZK_POINT_NOT_ON_CURVE: [
    7015,
    422,
    'A point of the proof is not on its curve.',
    'Send the proof unchanged, with the imaginary part of B first.',
  ],
  ZK_POINT_NOT_IN_SUBGROUP: [
    7016,
    422,
    'The point B is outside the subgroup of prime order.',
    'Make the proof again with a prover that stays in the subgroup.',
  ],
  ZK_PROOF_INVALID: [
    7017,
    422,
    'The proof does not hold for these public signals under this key.',
    'Prove again for this chain, circuit, listing, revision and seller.',
  ],
  ZK_COLUMN_ROW_COUNT: [
    7030,
    422,
    'The column has not the number of rows of the circuit.',
    'Select exactly as many rows as the circuit takes.',
  ],
  ZK_COLUMN_ELEMENT_RANGE: [
    7031,
    422,
    'An element of the column is not a packed quasi-identifier.',
    'Pack each row with quasiIdentifierElement; an element is below 2^248.',
  ],
  ZK_COLUMN_NOT_CONTIGUOUS: [
    7032,
    422,
    'Rows of one equivalence class are not neighbours.',
    'Order the rows by class before proving.',
  ],
  ZK_CLASS_TOO_SMALL: [
    7033,
    422,
    'An equivalence class has fewer than k rows.',
    'Generalise the quasi-identifiers or leave the small class out.',
  ],
  ZK_SELECTION_IMPOSSIBLE: [
    7034,
    422,
    'No choice of that many rows makes every class at least k rows large.',
    'Generalise the quasi-identifiers, or sample from a larger table.',
  ],
  ZK_SALT_RANGE: [
    7035,
    422,
    'The salt is not a 31-byte integer.',
    'Draw 31 random bytes and keep them with the column.',
  ],
});
