import { defineResults } from '../../base/result.ts';

/** What can be wrong with an envelope before any rule of a room is asked, in order of precedence. */
export const txResults = defineResults({
  ENVELOPE_TOO_LARGE: [
    100,
    413,
    'The envelope is larger than the chain allows.',
    'Split its operations over several envelopes; GET /v1/genesis names the limit.',
  ],
  ENVELOPE_MALFORMED: [
    101,
    400,
    'The bytes are not a COSE_Sign1 envelope in canonical CBOR.',
    'Encode [protected, {}, payload, signature] with tag 18 deterministically (RFC 8949, 4.2).',
  ],
  ENVELOPE_ALGORITHM: [
    102,
    400,
    'The protected header does not name EdDSA and a 32-byte key id.',
    'Use exactly {1: -8, 4: kid} as the protected header and an empty unprotected one.',
  ],
  ENVELOPE_VERSION: [
    103,
    400,
    'The payload has a version that this chain does not know.',
    'Write payload version 1.',
  ],
  ENVELOPE_NO_OPERATION: [
    104,
    400,
    'The envelope carries no operation.',
    'Put at least one operation into it.',
  ],
  ENVELOPE_TOO_MANY_OPERATIONS: [
    105,
    400,
    'The envelope carries more operations than the chain allows.',
    'Split them over several envelopes; GET /v1/genesis names the limit.',
  ],
  KEY_UNKNOWN: [
    106,
    401,
    'No key with this id is registered on this chain.',
    'Have the organisation admitted, or its key added, and check that this is the right chain.',
  ],
  SIGNATURE_INVALID: [
    107,
    401,
    'The signature does not verify over this chain id and these bytes.',
    'Sign the Sig_structure with this chain’s id as external data, by the key of the key id.',
  ],
  KEY_NOT_ACTIVE: [
    108,
    403,
    'The key or its organisation has been revoked or suspended.',
    'Sign with another key of the organisation, or ask the operator for reinstatement.',
  ],
  ENVELOPE_EXPIRED: [
    109,
    409,
    'The envelope’s expiry height has passed.',
    'Where `mayStandInABlock` is false, sign it anew with a later expiry height.',
  ],
  ENVELOPE_EXPIRY_TOO_FAR: [
    110,
    400,
    'The envelope’s expiry height lies further ahead than the chain allows.',
    'Choose an expiry height within the chain’s limit above the present height.',
  ],
  SEQUENCE_USED: [
    111,
    409,
    'This sequence number of the key has been used.',
    'Where `mayStandInABlock` is false, sign with the next number: another envelope has this one.',
  ],
  SEQUENCE_TOO_OLD: [
    112,
    409,
    'The sequence number lies below the key’s window.',
    'Where `mayStandInABlock` is false, read the key’s next sequence number and sign anew.',
  ],
  SEQUENCE_TOO_FAR: [
    113,
    409,
    'The sequence number lies above the key’s window.',
    'Read the key’s next sequence number and sign anew.',
  ],
  OPERATION_UNKNOWN: [
    114,
    400,
    'No operation has this number.',
    'See /docs for the operations of this chain.',
  ],
  OPERATION_MALFORMED: [
    115,
    400,
    'The operation’s fields do not fit its schema.',
    'Correct the field that the detail names; /docs shows the schema.',
  ],
  ROLE_MISSING: [
    116,
    403,
    'The signing key holds none of the roles that this operation asks for.',
    'Sign with a key that holds the role; a new one gets roles of its organisation by `identity.add-key`.',
  ],
  ENVELOPE_PENDING_LIMIT: [
    117,
    429,
    'Too many envelopes of this key wait for a block.',
    'Wait for their receipts before sending more.',
  ],
  ENVELOPE_TOO_MANY_PROOFS: [
    118,
    422,
    'The envelope asks for more proofs to be verified than one envelope may.',
    'Split them over several envelopes; the detail names the limit.',
  ],
  ENVELOPE_OUTPUT_LIMIT: [
    119,
    413,
    'The envelope would write more than an envelope of its size may.',
    'Split its operations over several envelopes; the detail names the limit.',
  ],
  BLOCK_OUTPUT_LIMIT: [
    120,
    429,
    'The block has no room left for what the envelope would write.',
    'Nothing was applied and the sequence number is used: sign it anew for a later block.',
  ],
});
