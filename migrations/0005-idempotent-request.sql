-- Answers to requests with an Idempotency-Key. Without a status the request is still being served,
-- by a server that must finish before its lease ends.

CREATE TABLE idempotent_request (
  scope text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  input_hash bytea NOT NULL CHECK (octet_length(input_hash) = 32),
  lease_until_ms int8 NOT NULL,
  expires_at_ms int8 NOT NULL,
  status int4,
  content_type text,
  body bytea,
  PRIMARY KEY (scope, key),
  CHECK ((status IS NULL) = (body IS NULL) AND (status IS NULL) = (content_type IS NULL))
);

CREATE INDEX idempotent_request_expiry ON idempotent_request (expires_at_ms);
