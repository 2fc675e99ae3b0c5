-- Who has sent which content, for which record ('' for none yet, else kind/id), and how many bytes of
-- the quota it takes, which is the organisation's for one open trade, or ('') for all else. Beside the content folder, not of the chain: lost, content is still given to whom
-- a record names. Where until_ms is set, the bytes are announced or on their way, and count until then.
CREATE TABLE content_claim (
  digest text NOT NULL,
  organisation_id text NOT NULL,
  about text NOT NULL,
  bucket text NOT NULL,
  bytes int8 NOT NULL CHECK (bytes >= 0),
  at_ms int8 NOT NULL,
  until_ms int8,
  PRIMARY KEY (digest, organisation_id, about)
);
CREATE INDEX content_claim_quota ON content_claim (organisation_id, bucket);
CREATE INDEX content_claim_until ON content_claim (until_ms) WHERE until_ms IS NOT NULL;

-- From a digest to the records that name it: one for each path of src/content/uses.ts.
CREATE INDEX record_names_ciphertext ON record ((body #>> '{delivery,ciphertextDigest}'))
  WHERE kind = 'trade';
CREATE INDEX record_names_wrapped_key ON record ((body #>> '{delivery,wrappedKeyDigest}'))
  WHERE kind = 'trade';
CREATE INDEX record_names_legal_opinion ON record ((body #>> '{legalOpinion,digest}'))
  WHERE kind = 'listing';
