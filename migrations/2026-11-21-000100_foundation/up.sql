-- What every later migration leans on: the tenant of a transaction, and where a table lives.

-- Inlinable, so the planner sees the tenant's value; unset means no tenant, hence no row.
CREATE FUNCTION tenant.current_company() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.company_id', true), '')::uuid $$;
CREATE FUNCTION tenant.current_user_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.user_id', true), '')::uuid $$;
GRANT EXECUTE ON FUNCTION tenant.current_company(), tenant.current_user_id()
  TO tracker_admin, tracker_employee, tracker_agent;

-- Says where a table lives in a distributed database: by its company's id, copied to every node
-- ('reference'), or on one node ('local'). Does nothing where the extension is absent.
CREATE FUNCTION platform.distribute(relation text, how text) RETURNS void LANGUAGE plpgsql
  SET search_path = '' AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'citus') OR how = 'local' THEN
    RETURN;
  END IF;
  EXECUTE 'SET LOCAL citus.multi_shard_modify_mode = ''sequential''';
  IF how = 'reference' THEN
    EXECUTE pg_catalog.format('SELECT public.create_reference_table(%L)', relation);
  ELSE
    EXECUTE pg_catalog.format('SELECT public.create_distributed_table(%L, %L, colocate_with => %L)', relation, how,
      CASE WHEN relation = 'platform.company_usage_daily' THEN 'default' ELSE 'platform.company_usage_daily' END);
  END IF;
END $$;
