-- Full-text search that finds Chinese by two-character terms and does not depend on the locale of
-- the database: PostgreSQL's own parsers make one word of a whole run of Han characters.
--
-- A run of Han, Kana or Hangul gives every pair of neighbours and then its last character alone,
-- so each character begins some term; a run of other letters and digits is one term. Runs are
-- numbered with a gap between them, so a phrase never reaches over a space or a full stop.
CREATE FUNCTION search_runs(source text) RETURNS TABLE (run text, wide boolean)
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT SET search_path = pg_catalog AS $$
  SELECT found[1], found[1] ~ '^[\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]'
  FROM regexp_matches(
    lower(normalize(left(source, 10000), NFKC)),
    '[\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]+'
    '|[0-9a-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0300-\u1fff]+',
    'g'
  ) AS found
$$;

CREATE FUNCTION search_terms(run text, wide boolean) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT SET search_path = pg_catalog AS $$
  SELECT CASE WHEN wide THEN ARRAY(
    SELECT letters[at] || coalesce(letters[at + 1], '')
    FROM string_to_array(run, NULL) AS letters, generate_series(1, cardinality(letters)) AS at
    ORDER BY at
  ) ELSE ARRAY[left(run, 200)] END
$$;

-- What is stored. Only the first 10,000 characters of a record's text are searchable.
CREATE FUNCTION search_vector(source text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT SET search_path FROM CURRENT AS $$
DECLARE
  each_run record;
  term text;
  place int := 0;
  words text[] := '{}';
BEGIN
  FOR each_run IN SELECT * FROM search_runs(source) LOOP
    FOREACH term IN ARRAY search_terms(each_run.run, each_run.wide) LOOP
      place := place + 1;
      words := words || ('''' || term || ''':' || least(place, 16383));
    END LOOP;
    place := place + 1;
  END LOOP;
  RETURN array_to_string(words, ' ')::tsvector;
END
$$;

-- What is asked: every run must occur; in a Chinese run the characters must be neighbours, and a
-- word of letters may be the beginning of a longer one. No searchable character: NULL, no match.
CREATE FUNCTION search_query(source text) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT SET search_path FROM CURRENT AS $$
DECLARE
  each_run record;
  terms text[];
  wanted tsquery;
  whole tsquery;
BEGIN
  FOR each_run IN SELECT * FROM search_runs(left(source, 200)) LOOP
    terms := search_terms(each_run.run, each_run.wide);
    IF each_run.wide AND cardinality(terms) > 1 THEN
      terms := trim_array(terms, 1);
      wanted := ('''' || array_to_string(terms, ''' <-> ''') || '''')::tsquery;
    ELSE
      wanted := ('''' || terms[1] || ''':*')::tsquery;
    END IF;
    whole := CASE WHEN whole IS NULL THEN wanted ELSE whole && wanted END;
  END LOOP;
  RETURN whole;
END
$$;
