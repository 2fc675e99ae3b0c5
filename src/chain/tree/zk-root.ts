/**
 * The root of the tree that circuits prove against: a LeanIMT over Poseidon on BN254's scalar field,
 * as a field element of 32 bytes, big-endian. No statement of this version proves membership in a
 * set that the ledger keeps, so the tree has no leaf, and a LeanIMT without leaves has root 0 (as
 * the LeanIMT contracts of zk-kit define it). The first statement that needs a set brings the tree.
 */
export const emptyZkRoot = '00'.repeat(32);
