-- What the owner searches names by is found through the three-letter parts of it. The index is the core's own: pg_trgm is
-- an extension that not every installation may add.
CREATE FUNCTION platform.trigrams(p_text text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
  SELECT ARRAY(SELECT DISTINCT substr(p_text, at, 3) FROM generate_series(1, length(p_text) - 2) at)
$$;
-- The eraser changes the slug.
GRANT EXECUTE ON FUNCTION platform.trigrams(text) TO tracker_platform, tracker_eraser;
ALTER TABLE platform.companies ADD COLUMN search_trigrams text[] NOT NULL
  GENERATED ALWAYS AS (platform.trigrams(lower(name) || chr(10) || slug)) STORED;
CREATE INDEX companies_search_trigrams ON platform.companies USING gin (search_trigrams);
