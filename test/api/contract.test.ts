import { expect } from 'chai';
import { document, Suite } from './suite.ts';
import { batchSuite } from './suites/batch.ts';
import { blobSuite } from './suites/blobs.ts';
import { contentSuite } from './suites/content.ts';
import { chainSuite } from './suites/chain.ts';
import { eventSuite } from './suites/events.ts';
import { everyOperationSuite } from './suites/every-operation.ts';
import { everyRecordSuite } from './suites/every-record.ts';
import { inputSuite } from './suites/inputs.ts';
import { logSuite } from './suites/log.ts';
import { nodeSuite } from './suites/node.ts';
import { proofSuite } from './suites/proofs.ts';
import { removalSuite } from './suites/removals.ts';
import { recordSuite } from './suites/records.ts';
import { refusalSuite } from './suites/refusals.ts';
import { transactionSuite } from './suites/transactions.ts';

describe('API', () => {
  const suite = new Suite();

  before(() => suite.open());
  after(() => suite.close());

  transactionSuite(suite);
  refusalSuite(suite);
  inputSuite(suite);
  batchSuite(suite);
  chainSuite(suite);
  proofSuite(suite);
  recordSuite(suite);
  eventSuite(suite);
  blobSuite(suite);
  contentSuite(suite);
  removalSuite(suite);
  logSuite(suite);
  nodeSuite(suite);
  everyRecordSuite(suite);
  everyOperationSuite(suite);

  // A suite's own tests run before its inner suites: this one is an inner suite, and the last.
  describe('document', () => {
    it('was exercised by these tests in every operation and status that it names', () => {
      expect(suite.coverage.missing(document)).to.deep.equal([]);
    });
  });
});
