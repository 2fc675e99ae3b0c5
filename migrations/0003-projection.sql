-- Read models, derived from the log: they may be emptied and replayed at any time.

CREATE TABLE projection_cursor (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  log_index int8 NOT NULL,
  height int8 NOT NULL
);

INSERT INTO projection_cursor (log_index, height) VALUES (0, 0);

CREATE TABLE record (
  kind text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  first_log_index int8 NOT NULL,
  log_index int8 NOT NULL,
  height int8 NOT NULL,
  status text COLLATE "C",
  body jsonb NOT NULL,
  search_text text NOT NULL,
  search tsvector GENERATED ALWAYS AS (search_vector(search_text)) STORED,
  PRIMARY KEY (kind, id)
);

CREATE UNIQUE INDEX record_page ON record (kind, first_log_index);
CREATE INDEX record_page_of_status ON record (kind, status, first_log_index);
CREATE INDEX record_body ON record USING gin (body jsonb_path_ops);
CREATE INDEX record_search ON record USING gin (search);

CREATE TABLE event (
  log_index int8 PRIMARY KEY,
  height int8 NOT NULL,
  stream text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  record_id text COLLATE "C" NOT NULL,
  envelope_id text COLLATE "C",
  at_ms int8 NOT NULL,
  body jsonb NOT NULL
);

CREATE INDEX event_of_record ON event (record_id, log_index);
CREATE INDEX event_of_stream ON event (stream, log_index);
CREATE INDEX event_of_kind ON event (kind, log_index);
