-- Content that is due to be removed, and what has been: where removed_at_ms is null the parties are told
-- (notice), else the bytes are gone, or about to be (cleared: they are), and this is what is left of
-- them beside the digests in the records. `parts` are to be removed with it. Times are block times. `told` are organisations.
CREATE TABLE content_removal (
  digest text PRIMARY KEY,
  number int8 NOT NULL GENERATED ALWAYS AS IDENTITY UNIQUE,
  bytes int8 NOT NULL CHECK (bytes >= 0),
  record text NOT NULL,
  deadline text NOT NULL,
  needed_until_ms int8 NOT NULL,
  noticed_at_ms int8 NOT NULL,
  due_at_ms int8 NOT NULL,
  told text[] NOT NULL,
  removed_at_ms int8,
  parts text[] NOT NULL DEFAULT '{}',
  cleared boolean NOT NULL DEFAULT false
);
CREATE INDEX content_removal_told ON content_removal USING gin (told);
CREATE INDEX content_removal_uncleared ON content_removal (number)
  WHERE removed_at_ms IS NOT NULL AND NOT cleared;
