-- Prints api/src/db/schema.rs from the catalogue: one `table!` per table, partitions left out.
WITH columns AS (
  SELECT n.nspname AS s, c.relname AS t, a.attname AS name, a.attnum,
    CASE pg_catalog.format_type(a.atttypid, NULL)
      WHEN 'uuid' THEN 'Uuid' WHEN 'text' THEN 'Text' WHEN 'integer' THEN 'Integer' WHEN 'smallint' THEN 'SmallInt'
      WHEN 'bigint' THEN 'BigInt' WHEN 'boolean' THEN 'Bool' WHEN 'date' THEN 'Date' WHEN 'bytea' THEN 'Binary'
      WHEN 'jsonb' THEN 'Jsonb' WHEN 'timestamp with time zone' THEN 'Timestamptz' WHEN 'time without time zone' THEN 'Time'
      WHEN 'smallint[]' THEN 'Array<SmallInt>' WHEN 'integer[]' THEN 'Array<Integer>' WHEN 'text[]' THEN 'Array<Text>' WHEN 'uuid[]' THEN 'Array<Uuid>'
      ELSE '?' || pg_catalog.format_type(a.atttypid, NULL) END AS type, a.attnotnull AS required
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE n.nspname IN ('platform', 'tenant') AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname NOT LIKE '\_\_%'
    -- diesel has no type for it.
    AND a.atttypid <> 'varbit'::regtype
), keys AS (
  SELECT n.nspname AS s, c.relname AS t, string_agg(a.attname, ', ' ORDER BY k.ord) AS key
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, ord)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
  WHERE i.indisprimary GROUP BY 1, 2
), tables AS (
  SELECT s, t, format(E'    diesel::table! {\n        %s.%s (%s) {\n%s\n        }\n    }', s, t, key,
    string_agg(format('            %s -> %s,', name, CASE WHEN required THEN type ELSE 'Nullable<' || type || '>' END),
      E'\n' ORDER BY attnum)) AS text
  FROM columns JOIN keys USING (s, t) GROUP BY s, t, key
)
SELECT E'//! The tables as diesel sees them, printed from the catalogue by a test; never edited by hand.\n\n'
  || string_agg(text, E'\n' ORDER BY s) AS text FROM (
    SELECT s, format(E'pub mod %s {\n%s\n\n    diesel::allow_tables_to_appear_in_same_query!(\n        %s\n    );\n}\n', s,
      string_agg(text, E'\n' ORDER BY t), string_agg(t, E',\n        ' ORDER BY t)) AS text
    FROM tables GROUP BY s) schemas;
