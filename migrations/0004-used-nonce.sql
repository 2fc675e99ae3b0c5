-- Nonces of HTTP signatures that have been seen and could still be valid.

CREATE TABLE used_nonce (
  key_id text COLLATE "C" NOT NULL,
  nonce text COLLATE "C" NOT NULL,
  expires_at_ms int8 NOT NULL,
  PRIMARY KEY (key_id, nonce)
);

CREATE INDEX used_nonce_expiry ON used_nonce (expires_at_ms);
