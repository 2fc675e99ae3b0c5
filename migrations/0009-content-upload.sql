-- Uploads in parts of time (tus): what is on its way into the content folder's `incoming`, under the
-- id. How much of it is there says the file. After expires_at_ms both are removed.
CREATE TABLE content_upload (
  id text PRIMARY KEY,
  digest text NOT NULL,
  organisation_id text NOT NULL,
  about text NOT NULL,
  bytes int8 NOT NULL CHECK (bytes > 0),
  expires_at_ms int8 NOT NULL
);
CREATE INDEX content_upload_expiry ON content_upload (expires_at_ms);
