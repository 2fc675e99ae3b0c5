import type { Role } from '../base/roles.ts';
import type { Party } from '../client/party.ts';
import { creditCheckCharacter } from '../identity/credit-code.ts';

/** Who plays: twelve organisations with the operator, each with one key of its own. */
export interface Character {
  /** Organisation id, and how the party is shown. */
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly creditCode: string;
  readonly jurisdiction: string;
  readonly beneficialOwner: string | null;
}

/** Nobody's code, of the right form. */
export function demoCreditCode(serial: number): string {
  const first17 = `91310000MADEM${String(serial).padStart(4, '0')}`;
  return first17 + creditCheckCharacter(first17);
}

const character = (
  id: string,
  name: string,
  roles: readonly Role[],
  serial: number,
  beneficialOwner: string | null = null,
): Character => ({
  id,
  name,
  roles: ['ADMIN', ...roles],
  creditCode: demoCreditCode(serial),
  jurisdiction: 'CN',
  beneficialOwner,
});

export const operator = character('operator', 'Demonstration Data Exchange', [], 1);

/** The operator as genesis names it. */
export const genesisOperator = ({ signingKey, encryptionKey }: Party) => ({
  organisationId: operator.id,
  name: operator.name,
  creditCode: operator.creditCode,
  jurisdiction: operator.jurisdiction,
  publicKey: signingKey.publicKey,
  encryptionKey,
});

/** Admitted first: it approves by which rules all that follows is executed. */
export const regulator = character(
  'regulator',
  'Data Bureau of the Demonstration',
  ['REGULATOR'],
  12,
);

export const admitted: readonly Character[] = [
  character('registrar', 'Data Registry of the Demonstration', ['REGISTRAR'], 2),
  character('seller', 'Skylark Aviation Data Co., Ltd.', ['SELLER'], 3, 'Li Hua'),
  character('buyer', 'Plover Airport Safety Institute', ['BUYER'], 4, 'Wang Fang'),
  character('stranger', 'Heron Bird Records Society', ['SELLER'], 5),
  character('reviewer-a', 'Egret Compliance Partners', ['REVIEWER'], 6),
  character('reviewer-b', 'Curlew Law Office', ['REVIEWER'], 7),
  character('appraiser', 'Kestrel Asset Appraisal', ['APPRAISER'], 8),
  character('bank', 'Settlement Bank of the Demonstration', ['BANK'], 9),
  character('worker-a', 'Magpie Computing', ['WORKER'], 10),
  character('worker-b', 'Swift Computing', ['WORKER'], 11),
];

export const everybody: readonly Character[] = [operator, regulator, ...admitted];
