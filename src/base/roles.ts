/** What a key may do for its organisation. An organisation's keys hold at most its own roles. */
export const roles = [
  'ADMIN',
  'OPERATOR',
  'SELLER',
  'BUYER',
  'REGISTRAR',
  'REVIEWER',
  'APPRAISER',
  'BANK',
  'WORKER',
  'REGULATOR',
] as const;

export type Role = (typeof roles)[number];
