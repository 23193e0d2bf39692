-- What `tracker verify` reads as tracker_jobs: keys and foreign keys, ids only.
GRANT SELECT (company_id, id, plan_id) ON platform.subscriptions TO tracker_jobs;

-- Nobody is granted a table of this schema, so it counts itself: rows per table, company and person. The tables are
-- those of the catalogue: a later one is counted as well.
CREATE FUNCTION auth.census()
RETURNS TABLE (rel text, company_id uuid, user_id uuid, entries bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  t record;
BEGIN
  FOR t IN
    SELECT c.oid::pg_catalog.regclass::text AS name,
      CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'company_id')
        THEN 'x.company_id' ELSE 'NULL::pg_catalog.uuid' END AS company,
      CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'user_id')
        THEN 'x.user_id' ELSE 'NULL::pg_catalog.uuid' END AS person
    FROM pg_catalog.pg_class c
    WHERE c.relnamespace = 'auth'::pg_catalog.regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1
  LOOP
    RETURN QUERY EXECUTE pg_catalog.format(
      'SELECT %L::text, y.company, y.person, pg_catalog.count(*) FROM (SELECT %s AS company, %s AS person FROM %s x) y GROUP BY 2, 3',
      t.name, t.company, t.person, t.name);
  END LOOP;
END $$;

-- Rows of this schema whose foreign key points nowhere, a line per key.
CREATE FUNCTION auth.orphans()
RETURNS TABLE (foreign_key text, entries bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  k record;
BEGIN
  FOR k IN
    SELECT f.conname AS name, f.conrelid::pg_catalog.regclass::text AS child, f.confrelid::pg_catalog.regclass::text AS parent,
      pg_catalog.string_agg(pg_catalog.format('c.%I IS NOT NULL', a.attname), ' AND ') AS filled,
      pg_catalog.string_agg(pg_catalog.format('p.%I = c.%I', b.attname, a.attname), ' AND ') AS same
    FROM pg_catalog.pg_constraint f
    CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(f.conkey), pg_catalog.unnest(f.confkey)) AS u (own, other)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = u.own
    JOIN pg_catalog.pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = u.other
    WHERE f.contype = 'f' AND f.connamespace = 'auth'::pg_catalog.regnamespace AND f.conparentid = 0
    GROUP BY f.conname, f.conrelid, f.confrelid ORDER BY 2, 1
  LOOP
    RETURN QUERY EXECUTE pg_catalog.format(
      'SELECT %L::text, pg_catalog.count(*) FROM %s c WHERE %s AND NOT EXISTS (SELECT FROM %s p WHERE %s)',
      k.child || ', ' || k.name, k.child, k.filled, k.parent, k.same);
  END LOOP;
END $$;
GRANT USAGE ON SCHEMA auth TO tracker_jobs;
GRANT EXECUTE ON FUNCTION auth.census(), auth.orphans() TO tracker_jobs;
