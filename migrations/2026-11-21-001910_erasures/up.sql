-- A company that was cancelled thirty days ago is erased: every row of it, and every object. One role may do so, for the
-- one company of its transaction, and only once that time is over. What stays is the vendor's own: that the company was
-- there, what it agreed to pay, the owner's audit log, and a certificate of what was taken away.

CREATE TABLE platform.erasures (
  company_id uuid PRIMARY KEY REFERENCES platform.companies (id),
  name text NOT NULL CONSTRAINT erasures_name_invalid CHECK (length(name) <= 120),
  cancelled_at timestamptz NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  -- Rows taken away, by table.
  tables jsonb NOT NULL DEFAULT '{}' CONSTRAINT erasures_tables_too_long CHECK (length(tables::text) <= 10000),
  -- As they were counted before the first of them went.
  objects bigint CONSTRAINT erasures_objects_invalid CHECK (objects >= 0),
  object_bytes bigint CONSTRAINT erasures_object_bytes_invalid CHECK (object_bytes >= 0),
  erased_at timestamptz,
  certificate text CONSTRAINT erasures_certificate_too_long CHECK (length(certificate) <= 20000),
  sha256 bytea CONSTRAINT erasures_sha256_invalid CHECK (octet_length(sha256) = 32),
  CONSTRAINT erasures_done_is_certified
    CHECK ((erased_at IS NULL) = (certificate IS NULL) AND (erased_at IS NULL) = (sha256 IS NULL)));
CREATE INDEX erasures_started ON platform.erasures (started_at, company_id);
SELECT platform.distribute('platform.erasures', 'reference');
ALTER TABLE platform.erasures ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform_read ON platform.erasures FOR SELECT TO tracker_platform USING (true);
CREATE POLICY jobs_all ON platform.erasures TO tracker_jobs USING (true) WITH CHECK (true);
CREATE POLICY eraser_own ON platform.erasures TO tracker_eraser
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
GRANT SELECT ON platform.erasures TO tracker_platform;
GRANT SELECT, INSERT, UPDATE (objects, object_bytes, erased_at, certificate, sha256) ON platform.erasures TO tracker_jobs;
GRANT SELECT (company_id, tables), UPDATE (tables) ON platform.erasures TO tracker_eraser;

-- Whether the time to change one's mind is over for the company of this transaction, and its erasure has begun.
CREATE FUNCTION platform.erasure_is_due() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT EXISTS (SELECT FROM platform.companies c JOIN platform.erasures e ON e.company_id = c.id
    WHERE c.id = tenant.current_company() AND c.status = 'CANCELLED' AND c.cancelled_at <= now() - interval '30 days'
      AND e.erased_at IS NULL)
$$;
GRANT EXECUTE ON FUNCTION platform.erasure_is_due(), tenant.current_company() TO tracker_eraser;

DO $$
DECLARE
  rel text;
BEGIN
  FOREACH rel IN ARRAY ARRAY['tenant.access_entries', 'tenant.activity_log', 'tenant.application_usage', 'tenant.audit_entries',
    'tenant.company_settings', 'tenant.company_time_zones', 'tenant.company_usage', 'tenant.devices', 'tenant.exports',
    'tenant.idempotency_keys', 'tenant.ingest_batches', 'tenant.invitations', 'tenant.screenshots', 'tenant.tasks', 'tenant.teams',
    'tenant.user_app_usage_daily', 'tenant.user_host_usage_daily', 'tenant.user_usage_daily', 'tenant.users', 'tenant.website_usage',
    'tenant.work_sessions', 'platform.company_key_usage', 'platform.company_notes', 'platform.company_overrides',
    'platform.company_overview', 'platform.company_usage_daily', 'platform.expiry_reminders', 'platform.jobs',
    'platform.planned_plan_changes'] LOOP
    EXECUTE format('CREATE POLICY eraser_own ON %s TO tracker_eraser USING (company_id = tenant.current_company() '
      'AND (SELECT platform.erasure_is_due()))', rel);
    EXECUTE format('GRANT SELECT (company_id), DELETE ON %s TO tracker_eraser', rel);
  END LOOP;
  -- What is large goes person by person.
  FOREACH rel IN ARRAY ARRAY['activity_log', 'application_usage', 'ingest_batches', 'screenshots', 'user_app_usage_daily',
    'user_host_usage_daily', 'user_usage_daily', 'website_usage', 'work_sessions'] LOOP
    EXECUTE format('GRANT SELECT (user_id) ON tenant.%s TO tracker_eraser', rel);
  END LOOP;
END $$;

-- The company's own row loses what its people and the company itself chose.
CREATE POLICY eraser_own ON platform.companies TO tracker_eraser
  USING (id = tenant.current_company() AND (SELECT platform.erasure_is_due())) WITH CHECK (id = tenant.current_company());
GRANT SELECT (id), UPDATE (slug, admin_email, display_name, colour, logo_key, suspended_reason, updated_at)
  ON platform.companies TO tracker_eraser;
GRANT SELECT (name, cancelled_at) ON platform.companies TO tracker_jobs;

-- Everything secret of the company, and of its people. Counters and requests that name an address are taken away with it,
-- unless somebody of another company has the same.
CREATE FUNCTION auth.erase_company() RETURNS TABLE (rel text, erased bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  company uuid := tenant.current_company();
  people uuid[];
  emails text[];
BEGIN
  IF NOT platform.erasure_is_due() THEN
    RAISE EXCEPTION 'nothing of this company is to be erased' USING ERRCODE = 'insufficient_privilege';
  END IF;
  people := ARRAY(SELECT c.user_id FROM auth.credentials c WHERE c.company_id = company);
  emails := ARRAY(SELECT c.email FROM auth.credentials c WHERE c.company_id = company
    AND NOT EXISTS (SELECT FROM auth.credentials o WHERE o.email = c.email AND o.company_id IS DISTINCT FROM company));
  DELETE FROM auth.api_tokens x WHERE x.company_id = company;
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.api_tokens'; RETURN NEXT;
  DELETE FROM auth.company_keys x WHERE x.company_id = company;
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.company_keys'; RETURN NEXT;
  DELETE FROM auth.known_places x WHERE x.user_id = ANY (people);
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.known_places'; RETURN NEXT;
  DELETE FROM auth.one_time_tokens x WHERE x.company_id = company OR x.subject_id = ANY (people);
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.one_time_tokens'; RETURN NEXT;
  DELETE FROM auth.recovery_codes x WHERE x.user_id = ANY (people);
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.recovery_codes'; RETURN NEXT;
  DELETE FROM auth.registrations x WHERE x.email = ANY (emails);
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.registrations'; RETURN NEXT;
  DELETE FROM auth.reset_requests x WHERE x.email = ANY (emails);
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.reset_requests'; RETURN NEXT;
  DELETE FROM auth.second_factors x WHERE x.user_id = ANY (people);
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.second_factors'; RETURN NEXT;
  DELETE FROM auth.sign_in_policies x WHERE x.company_id = company;
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.sign_in_policies'; RETURN NEXT;
  DELETE FROM auth.sign_ins x WHERE x.company_id = company;
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.sign_ins'; RETURN NEXT;
  DELETE FROM auth.throttle x WHERE EXISTS (SELECT FROM pg_catalog.unnest(emails || people::text[]) w
    WHERE pg_catalog.strpos(x.key || ' ', ' ' || w || ' ') > 0);
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.throttle'; RETURN NEXT;
  DELETE FROM auth.credentials x WHERE x.company_id = company;
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.credentials'; RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION auth.erase_company() TO tracker_eraser;

-- From the moment its erasure begins nobody of a company is known any more.
DROP FUNCTION auth.company_entries(uuid);
CREATE FUNCTION auth.company_entries(p_company uuid)
RETURNS TABLE (id uuid, name text, status text, trial_ends_at timestamptz, expires_at timestamptz, cancelled_at timestamptz,
  time_zone text, plan text, max_employees integer, max_storage_gb integer, screenshots boolean, api_access boolean,
  two_factor_required boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT c.id, c.name, c.status, c.trial_ends_at, c.expires_at, c.cancelled_at, c.time_zone, p.name,
      coalesce(x.max_employees, p.max_employees), coalesce(x.max_storage_gb, p.max_storage_gb),
      coalesce(x.screenshots, p.screenshots), coalesce(x.api_access, p.api_access), coalesce(s.two_factor_required, false)
    FROM platform.companies c JOIN platform.plans p ON p.id = c.plan_id
    LEFT JOIN platform.company_overrides x ON x.company_id = c.id
    LEFT JOIN auth.sign_in_policies s ON s.company_id = c.id
    WHERE (p_company IS NULL OR c.id = p_company)
      AND NOT EXISTS (SELECT FROM platform.erasures e WHERE e.company_id = c.id);
END $$;
GRANT EXECUTE ON FUNCTION auth.company_entries(uuid) TO tracker_auth;
