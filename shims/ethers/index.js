// circomlibjs 0.1.7 calls these of ethers 5 and nothing else. Inputs and outputs are as ethers
// documents them: a hash takes bytes or a 0x-string and returns a 0x-string.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

const arrayify = (data) =>
  typeof data === 'string' ? hexToBytes(data.replace(/^0x/, '')) : Uint8Array.from(data);
const hexlify = (data) => `0x${bytesToHex(arrayify(data))}`;

export const ethers = {
  utils: {
    arrayify,
    hexlify,
    keccak256: (data) => hexlify(keccak_256(arrayify(data))),
    toUtf8Bytes: utf8ToBytes,
  },
};
