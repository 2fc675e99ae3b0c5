-- Blocks as the engine commits them. Everything else in the database is derived from these tables.

CREATE TABLE genesis (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  document bytea NOT NULL CHECK (octet_length(document) > 0)
);

-- One row: the fence. A commit moves it from h-1 to h or does not happen.
CREATE TABLE head (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  height int8 NOT NULL CHECK (height >= 0),
  time_ms int8 NOT NULL,
  app_hash bytea NOT NULL CHECK (octet_length(app_hash) = 32),
  header_hash bytea NOT NULL CHECK (octet_length(header_hash) = 32),
  log_size int8 NOT NULL CHECK (log_size >= 0)
);

CREATE TABLE block (
  height int8 PRIMARY KEY CHECK (height > 0),
  time_ms int8 NOT NULL,
  app_hash bytea NOT NULL CHECK (octet_length(app_hash) = 32),
  header_hash bytea NOT NULL CHECK (octet_length(header_hash) = 32),
  header bytea NOT NULL,
  signature bytea NOT NULL,
  log_size int8 NOT NULL
);

CREATE TABLE envelope (
  height int8 NOT NULL REFERENCES block,
  position int4 NOT NULL CHECK (position >= 0),
  id bytea NOT NULL CHECK (octet_length(id) = 32),
  bytes bytea NOT NULL,
  result_code int4 NOT NULL,
  failed_operation int4,
  detail text NOT NULL,
  log_index int8 NOT NULL,
  PRIMARY KEY (height, position)
);

CREATE INDEX envelope_id ON envelope (id);

CREATE TABLE leaf (
  log_index int8 PRIMARY KEY CHECK (log_index >= 0),
  height int8 NOT NULL REFERENCES block,
  bytes bytea NOT NULL
);

-- Byte order of keys is the ledger's only order, whatever the database's own collation.
CREATE TABLE state (
  key text COLLATE "C" PRIMARY KEY,
  value bytea NOT NULL,
  height int8 NOT NULL
);
