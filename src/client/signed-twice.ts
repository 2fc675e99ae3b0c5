/**
 * What becomes of an operation whose command is signed a second time, in another envelope. The same
 * envelope takes effect once at most; this is of who signs anew what was applied already.
 */
export type SignedTwice =
  /** Refused for ever: an identifier, a key, a turn or a number that it names is used once. */
  | 'taken'
  /** Refused for ever: its record has gone on to states from which no way leads back. */
  | 'passed'
  /** Takes effect again, at once or when the record is in such a state again. */
  | 'again';

/** By operation; every operation of the registry has its row. */
export const signedTwice: Readonly<Record<string, SignedTwice>> = {
  'identity.admit': 'taken',
  'identity.add-key': 'taken',
  'identity.rotate-key': 'passed',
  'identity.revoke-key': 'passed',
  'identity.suspend': 'again',
  'identity.reinstate': 'again',
  'governance.propose': 'taken',
  'governance.approve': 'passed',
  'governance.reject': 'passed',
  'governance.withdraw': 'passed',
  'governance.take-seat': 'taken',
  'rights.submit': 'taken',
  'rights.resubmit': 'again',
  'rights.state-table': 'again',
  'rights.return-for-fix': 'again',
  'rights.accept': 'passed',
  'rights.begin-review': 'passed',
  'rights.refuse': 'passed',
  'rights.open-publicity': 'passed',
  'rights.waive-publicity': 'passed',
  'rights.resolve-objection': 'passed',
  'rights.certify': 'passed',
  'rights.object': 'taken',
  'rights.withdraw-objection': 'passed',
  'rights.deregister': 'passed',
  'rights.extend-review': 'taken',
  'pricing.submit-valuation': 'taken',
  'pricing.confirm-valuation': 'taken',
  'pricing.withdraw-valuation': 'passed',
  'listing.draft': 'taken',
  'listing.edit': 'again',
  'listing.prove-sample': 'again',
  'listing.state-profile': 'again',
  'listing.submit-for-review': 'again',
  'listing.suspend': 'again',
  'listing.resume': 'again',
  'listing.delist': 'passed',
  'compliance.open': 'taken',
  'compliance.commit': 'passed',
  'compliance.reveal': 'passed',
  'compliance.chair': 'passed',
  'trading.request': 'taken',
  'trading.offer': 'taken',
  'trading.counter': 'taken',
  'trading.accept-offer': 'passed',
  'trading.cancel': 'passed',
  'trading.clear': 'passed',
  'trading.refuse-clearance': 'passed',
  'trading.sign': 'passed',
  'trading.verify': 'passed',
  'trading.fund': 'passed',
  'trading.start-delivery': 'passed',
  'trading.suspend-delivery': 'again',
  'trading.resume-delivery': 'again',
  'trading.deliver': 'passed',
  'trading.accept-delivery': 'passed',
  'trading.reject-delivery': 'passed',
  'trading.dispute': 'passed',
  'trading.rule-dispute': 'passed',
  'trading.settle': 'passed',
  'trading.certify': 'passed',
  'trading.pay-out': 'again',
  'trading.reverse-pay-out': 'taken',
  'licence.use': 'taken',
  'licence.suspend': 'again',
  'licence.resume': 'again',
  'licence.revoke': 'passed',
  'licence.attest-deletion': 'passed',
  'job.request': 'taken',
  'job.approve': 'passed',
  'job.reject': 'passed',
  'job.commit-inputs': 'passed',
  'job.attest': 'passed',
  'job.propose-release': 'again',
  'job.release': 'passed',
  'job.cancel': 'passed',
};

/** For people: what follows "Signed a second time it". */
export const signedTwiceWords: Readonly<Record<SignedTwice, string>> = {
  taken: 'is refused: what it names is used once',
  passed: 'is refused: its record has gone on for good',
  again: 'takes effect again',
};
