import { defineResults } from '../base/result.ts';

export const identityResults = defineResults({
  ORGANISATION_EXISTS: [
    1000,
    409,
    'An organisation with this id has been admitted before.',
    'Choose another id, or have a key added to the existing organisation.',
  ],
  KEY_EXISTS: [
    1001,
    409,
    'This key is registered already; a key belongs to one organisation, once.',
    'Make a new key.',
  ],
  KEY_UNSOUND: [
    1002,
    422,
    'The public key is not a canonical Ed25519 point of prime order.',
    'Make a key with `dxl key new` or another library that makes ordinary Ed25519 keys.',
  ],
  KEY_NOT_POSSESSED: [
    1003,
    422,
    'The possession signature does not verify under the new key.',
    'Sign the possession claim for this chain, organisation and key with the new key itself.',
  ],
  ROLE_NOT_HELD: [
    1004,
    403,
    'The organisation does not hold a role that the key asks for.',
    'Ask only for roles that the organisation was admitted with.',
  ],
  ROLE_RESERVED: [
    1005,
    403,
    'The operator’s role is given by genesis and to nobody else.',
    'Leave OPERATOR out of the roles.',
  ],
  ROLES_CONFLICT: [
    1006,
    403,
    'One organisation may not hold these roles together.',
    'Split the duties: who reviews or registers neither sells nor buys.',
  ],
  ORGANISATION_NOT_FOUND: [
    1007,
    404,
    'No organisation has this id.',
    'List /v1/organisations and correct the id.',
  ],
  IDENTITY_KEY_NOT_FOUND: [1008, 404, 'No key has this id.', 'List /v1/keys and correct the id.'],
  KEY_OF_ANOTHER: [
    1009,
    403,
    'The key belongs to another organisation.',
    'Only its own organisation or the operator revokes a key.',
  ],
  KEY_ALREADY_REVOKED: [1010, 409, 'The key has been revoked before.', 'Nothing is left to do.'],
  LAST_ADMIN_KEY: [
    1011,
    409,
    'This is the organisation’s signing key in use; it cannot revoke itself.',
    'Rotate it: `identity.rotate-key` replaces a key in one step.',
  ],
  STANDING_UNCHANGED: [1012, 409, 'The organisation already stands so.', 'Nothing is left to do.'],
  OPERATOR_STANDING: [
    1013,
    403,
    'The operator cannot suspend itself.',
    'Nothing can be done here: suspension of the operator is a matter of supervision.',
  ],
  ROLES_REPEATED: [1014, 422, 'A role is named more than once.', 'Name each role once.'],
  CREDIT_CODE_INVALID: [
    1015,
    422,
    'The credit code is not one of its country.',
    'Correct it: in China 18 characters by GB 32100; elsewhere ASCII letters, digits, space and ./&-.',
  ],
  CREDIT_CODE_TAKEN: [
    1016,
    409,
    'An organisation with this credit code has been admitted before.',
    'Have a key added to the organisation that the detail names, or have it reinstated.',
  ],
});
