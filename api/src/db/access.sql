-- Who may do what, a line each: grants on tables, columns, functions and schemas, policies, what is NOT NULL or
-- forced, and tenants' indexes. Partitions are left out: they are made as months come, and the lint has rules of their own for them.
WITH tables AS (
  SELECT c.oid, n.nspname || '.' || c.relname AS rel, c.relacl, c.relowner, c.relrowsecurity, c.relforcerowsecurity
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname IN ('platform', 'tenant', 'auth') AND c.relkind IN ('r', 'p') AND NOT c.relispartition)
SELECT what FROM (
  SELECT format('grant %s on %s to %s', a.privilege_type, t.rel, a.grantee::regrole) AS what
  FROM tables t CROSS JOIN LATERAL aclexplode(t.relacl) a WHERE a.grantee <> t.relowner
  UNION ALL
  SELECT format('grant %s (%s) on %s to %s', a.privilege_type, c.attname, t.rel, a.grantee::regrole)
  FROM tables t JOIN pg_attribute c ON c.attrelid = t.oid CROSS JOIN LATERAL aclexplode(c.attacl) a
  UNION ALL
  SELECT format('grant EXECUTE on %s to %s', p.oid::regprocedure, a.grantee::regrole)
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace CROSS JOIN LATERAL aclexplode(p.proacl) a
  WHERE n.nspname IN ('platform', 'tenant', 'auth') AND a.grantee <> p.proowner
  UNION ALL
  SELECT format('grant USAGE on schema %s to %s', n.nspname, a.grantee::regrole)
  FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) a
  WHERE n.nspname IN ('platform', 'tenant', 'auth') AND a.grantee <> n.nspowner AND a.privilege_type = 'USAGE'
  UNION ALL
  SELECT format('policy %s on %s for %s to %s using %s with check %s', y.polname, t.rel, y.polcmd,
    (SELECT string_agg(r::regrole::text, ', ' ORDER BY r::regrole::text) FROM unnest(y.polroles) r),
    regexp_replace(coalesce(pg_get_expr(y.polqual, t.oid), '-'), '\s+', ' ', 'g'),
    regexp_replace(coalesce(pg_get_expr(y.polwithcheck, t.oid), '-'), '\s+', ' ', 'g'))
  FROM tables t JOIN pg_policy y ON y.polrelid = t.oid
  UNION ALL
  SELECT format('row security on %s: %s', t.rel,
    CASE WHEN t.relforcerowsecurity THEN 'forced' WHEN t.relrowsecurity THEN 'on' ELSE 'off' END) FROM tables t
  UNION ALL
  SELECT format('not null %s.%s', t.rel, c.attname)
  FROM tables t JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped AND c.attnotnull
  UNION ALL
  SELECT format('foreign key %s.%s %s', t.rel, k.conname, pg_get_constraintdef(k.oid))
  FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f' AND k.conparentid = 0
  UNION ALL
  SELECT format('index %s', replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON '))
  FROM tables t JOIN pg_index i ON i.indrelid = t.oid WHERE t.rel LIKE 'tenant.%'
) lines ORDER BY what COLLATE "C"
