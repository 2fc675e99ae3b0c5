/** Which role which operation asks for, told from the description of the exchange. */
const duties: Readonly<Record<string, readonly string[]>> = {
  OPERATOR: [
    ...['identity.admit', 'identity.suspend', 'identity.reinstate', 'identity.restate'],
    ...['identity.change-sealing-key', 'identity.propose-recovery', 'identity.withdraw-recovery'],
    ...['trading.suspend-delivery', 'trading.resume-delivery', 'trading.rule-dispute'],
    ...['trading.settle', 'trading.certify'],
    ...['licence.suspend', 'licence.resume', 'licence.revoke'],
    ...['identity.add-key', 'identity.revoke-key', 'compliance.open'],
    ...['governance.propose', 'governance.withdraw', 'governance.propose-rules'],
    ...['governance.propose-calendar-year', 'governance.confirm-no-notice'],
  ],
  ADMIN: ['identity.add-key', 'identity.revoke-key', 'identity.change-sealing-key'],
  SELLER: [
    ...['rights.submit', 'rights.resubmit', 'rights.deregister', 'rights.state-table'],
    ...[
      'listing.state-profile',
      'listing.draft',
      'listing.edit',
      'listing.prove-sample',
      'listing.submit-for-review',
    ],
    ...['listing.suspend', 'listing.resume', 'listing.delist'],
    ...['trading.offer', 'trading.sign', 'trading.start-delivery', 'trading.deliver'],
    ...['trading.dispute', 'trading.cancel'],
    ...['job.commit-inputs', 'job.propose-release', 'job.cancel'],
  ],
  BUYER: [
    ...['trading.request', 'trading.counter', 'trading.accept-offer', 'trading.sign'],
    ...['trading.verify', 'trading.accept-delivery', 'trading.reject-delivery'],
    ...['trading.dispute', 'trading.cancel', 'licence.use', 'licence.attest-deletion'],
    ...['job.request', 'job.cancel'],
  ],
  REGISTRAR: [
    ...['rights.return-for-fix', 'rights.accept', 'rights.begin-review', 'rights.refuse'],
    ...['rights.open-publicity', 'rights.waive-publicity', 'rights.resolve-objection'],
    ...['rights.certify', 'rights.deregister', 'rights.extend-review'],
  ],
  REVIEWER: [
    ...['compliance.open', 'compliance.commit', 'compliance.reveal', 'compliance.chair'],
    ...['trading.clear', 'trading.refuse-clearance'],
    ...['job.approve', 'job.reject', 'job.release'],
  ],
  APPRAISER: ['pricing.submit-valuation', 'pricing.withdraw-valuation'],
  BANK: ['trading.fund', 'trading.pay-out', 'trading.reverse-pay-out'],
  WORKER: ['job.attest'],
  REGULATOR: ['governance.approve', 'governance.reject', 'governance.take-seat'],
};

const anybody = [
  ...[
    'identity.rotate-key',
    'identity.refuse-recovery',
    'rights.object',
    'rights.withdraw-objection',
  ],
  'pricing.confirm-valuation',
];

export const mayPerform = (name: string, roles: readonly string[]): boolean =>
  anybody.includes(name) || roles.some((role) => duties[role]?.includes(name));
