-- A person is removed for good: every row about them, and every picture. What stays is a row without a name, which entries
-- about others point at, and what this table says: who asked, when, and how much was taken away. The role that erases whole
-- companies may take away the rows of the one person its transaction names, while a removal of theirs is open.

CREATE TABLE tenant.removals (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  requested_by uuid NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT now(),
  -- Rows taken away, by table.
  tables jsonb NOT NULL DEFAULT '{}' CONSTRAINT removals_tables_too_long CHECK (length(tables::text) <= 10000),
  objects bigint NOT NULL DEFAULT 0 CONSTRAINT removals_objects_invalid CHECK (objects >= 0),
  removed_at timestamptz,
  PRIMARY KEY (company_id, id),
  CONSTRAINT removal_in_progress UNIQUE (company_id, user_id),
  CONSTRAINT removals_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id),
  CONSTRAINT removals_requester_unknown FOREIGN KEY (company_id, requested_by) REFERENCES tenant.users (company_id, id));
CREATE INDEX removals_requester ON tenant.removals (company_id, requested_by);
SELECT platform.distribute('tenant.removals', 'company_id');
ALTER TABLE tenant.removals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.removals TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY jobs_read ON tenant.removals FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_read ON tenant.removals FOR SELECT TO tracker_eraser USING (company_id = tenant.current_company());
CREATE POLICY eraser_count ON tenant.removals FOR UPDATE TO tracker_eraser
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id() AND removed_at IS NULL);
CREATE POLICY eraser_own ON tenant.removals FOR DELETE TO tracker_eraser
  USING (company_id = tenant.current_company() AND (SELECT platform.erasure_is_due()));
GRANT SELECT, INSERT (company_id, id, user_id, requested_by), UPDATE (removed_at) ON tenant.removals TO tracker_admin;
GRANT SELECT (company_id, id, user_id, requested_by, removed_at) ON tenant.removals TO tracker_jobs;
GRANT SELECT (company_id, user_id, removed_at, tables, objects), UPDATE (tables, objects), DELETE ON tenant.removals TO tracker_eraser;
GRANT EXECUTE ON FUNCTION tenant.current_user_id() TO tracker_eraser;

-- The person of this transaction, if they are being removed.
CREATE FUNCTION tenant.person_to_erase() RETURNS uuid LANGUAGE plpgsql STABLE SET search_path = '' AS $$
BEGIN
  RETURN (SELECT r.user_id FROM tenant.removals r
    WHERE r.company_id = tenant.current_company() AND r.user_id = tenant.current_user_id() AND r.removed_at IS NULL);
END $$;
GRANT EXECUTE ON FUNCTION tenant.person_to_erase() TO tracker_eraser;

-- Whom nobody knows by name any more, nobody finds.
ALTER TABLE tenant.users ADD COLUMN removed_at timestamptz;
ALTER POLICY admin_all ON tenant.users USING (company_id = tenant.current_company() AND removed_at IS NULL)
  WITH CHECK (company_id = tenant.current_company() AND removed_at IS NULL);
ALTER POLICY employee_own ON tenant.users
  USING (company_id = tenant.current_company() AND id = tenant.current_user_id() AND removed_at IS NULL);
ALTER POLICY agent_own ON tenant.users
  USING (company_id = tenant.current_company() AND id = tenant.current_user_id() AND removed_at IS NULL);
GRANT SELECT (removed_at) ON tenant.users TO tracker_jobs;

-- What is a person's goes with the company or with the person.
DO $$
DECLARE
  of record;
BEGIN
  FOR of IN SELECT * FROM (VALUES ('activity_log', 'user_id'), ('application_usage', 'user_id'), ('website_usage', 'user_id'),
    ('screenshots', 'user_id'), ('user_app_usage_daily', 'user_id'), ('user_host_usage_daily', 'user_id'),
    ('user_usage_daily', 'user_id'), ('ingest_batches', 'user_id'), ('work_sessions', 'user_id'), ('devices', 'user_id'),
    ('idempotency_keys', 'actor_id'), ('exports', 'requested_by')) AS t (rel, person) LOOP
    EXECUTE format('ALTER POLICY eraser_own ON tenant.%I USING (company_id = tenant.current_company() '
      'AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE %I = (SELECT tenant.person_to_erase()) END)', of.rel, of.person);
    EXECUTE format('GRANT SELECT (%I) ON tenant.%I TO tracker_eraser', of.person, of.rel);
  END LOOP;
  -- The rest of what names the person is changed, and goes with the company alone.
  FOR of IN SELECT * FROM (VALUES ('users', 'id'), ('audit_entries', 'actor_id')) AS t (rel, person) LOOP
    EXECUTE format('DROP POLICY eraser_own ON tenant.%I', of.rel);
    EXECUTE format('CREATE POLICY eraser_own ON tenant.%I FOR DELETE TO tracker_eraser '
      'USING (company_id = tenant.current_company() AND (SELECT platform.erasure_is_due()))', of.rel);
    EXECUTE format('CREATE POLICY eraser_read ON tenant.%I FOR SELECT TO tracker_eraser USING (company_id = tenant.current_company() '
      'AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE %I = (SELECT tenant.person_to_erase()) END)', of.rel, of.person);
    EXECUTE format('CREATE POLICY eraser_forget ON tenant.%I FOR UPDATE TO tracker_eraser USING (company_id = tenant.current_company() '
      'AND %I = (SELECT tenant.person_to_erase())) WITH CHECK (company_id = tenant.current_company())', of.rel, of.person);
    EXECUTE format('GRANT SELECT (%I) ON tenant.%I TO tracker_eraser', of.person, of.rel);
  END LOOP;
END $$;
GRANT SELECT (email), UPDATE (email, name, role, team_id, removed_at) ON tenant.users TO tracker_eraser;
GRANT UPDATE (actor) ON tenant.audit_entries TO tracker_eraser;
GRANT SELECT (id, object_key, thumbnail_key, bytes) ON tenant.screenshots TO tracker_eraser;
GRANT SELECT (object_key) ON tenant.exports TO tracker_eraser;

-- Who looked at the person goes; whom the person looked at keeps reading that somebody did.
DROP POLICY eraser_own ON tenant.access_entries;
CREATE POLICY eraser_own ON tenant.access_entries FOR DELETE TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE subject_id = (SELECT tenant.person_to_erase()) END);
CREATE POLICY eraser_read ON tenant.access_entries FOR SELECT TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE (SELECT tenant.person_to_erase()) = ANY (ARRAY[subject_id, viewer_id]) END);
CREATE POLICY eraser_forget ON tenant.access_entries FOR UPDATE TO tracker_eraser
  USING (company_id = tenant.current_company() AND viewer_id = (SELECT tenant.person_to_erase()))
  WITH CHECK (company_id = tenant.current_company());
GRANT SELECT (subject_id, viewer_id), UPDATE (viewer_name) ON tenant.access_entries TO tracker_eraser;

-- Tasks are the company's. Whoever changes a row must see it afterwards.
DROP POLICY eraser_own ON tenant.tasks;
CREATE POLICY eraser_own ON tenant.tasks FOR DELETE TO tracker_eraser
  USING (company_id = tenant.current_company() AND (SELECT platform.erasure_is_due()));
CREATE POLICY eraser_read ON tenant.tasks FOR SELECT TO tracker_eraser USING (company_id = tenant.current_company());
CREATE POLICY eraser_forget ON tenant.tasks FOR UPDATE TO tracker_eraser
  USING (company_id = tenant.current_company() AND assignee_id = (SELECT tenant.person_to_erase()))
  WITH CHECK (company_id = tenant.current_company() AND assignee_id IS NULL);
GRANT SELECT (assignee_id), UPDATE (assignee_id) ON tenant.tasks TO tracker_eraser;

-- Invitations are known by the address alone.
ALTER POLICY eraser_own ON tenant.invitations USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true
    ELSE email = (SELECT u.email FROM tenant.users u WHERE u.company_id = tenant.current_company() AND u.id = (SELECT tenant.person_to_erase())) END);
GRANT SELECT (email) ON tenant.invitations TO tracker_eraser;
ALTER POLICY eraser_own ON platform.jobs USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true
    ELSE strpos(payload::text, (SELECT tenant.person_to_erase())::text) > 0 END);
GRANT SELECT (payload) ON platform.jobs TO tracker_eraser;

-- Pictures make room.
DROP POLICY eraser_own ON tenant.company_usage;
CREATE POLICY eraser_own ON tenant.company_usage FOR DELETE TO tracker_eraser
  USING (company_id = tenant.current_company() AND (SELECT platform.erasure_is_due()));
CREATE POLICY eraser_read ON tenant.company_usage FOR SELECT TO tracker_eraser USING (company_id = tenant.current_company());
CREATE POLICY eraser_count ON tenant.company_usage FOR UPDATE TO tracker_eraser
  USING (company_id = tenant.current_company() AND (SELECT tenant.person_to_erase()) IS NOT NULL);
GRANT SELECT (storage_bytes), UPDATE (storage_bytes) ON tenant.company_usage TO tracker_eraser;

-- What signs the person in, and what counts their attempts. No role reads the tenant's tables here: that an admin asked for it
-- is noted beside the password, and nobody whose removal was asked for comes back.
ALTER TABLE auth.credentials ADD COLUMN removal_requested_at timestamptz,
  ADD CONSTRAINT removal_in_progress CHECK (removal_requested_at IS NULL OR disabled_at IS NOT NULL);
CREATE FUNCTION auth.request_removal(p_user uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE auth.credentials c SET removal_requested_at = now()
    WHERE c.user_id = p_user AND c.company_id = tenant.current_company() AND c.disabled_at IS NOT NULL;
  RETURN FOUND;
END $$;
GRANT EXECUTE ON FUNCTION auth.request_removal(uuid) TO tracker_admin;
CREATE FUNCTION auth.erase_person() RETURNS TABLE (rel text, erased bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  company uuid := tenant.current_company();
  person uuid := tenant.current_user_id();
  address text;
BEGIN
  IF NOT EXISTS (SELECT FROM auth.credentials c WHERE c.company_id = company AND c.user_id = person
      AND c.removal_requested_at IS NOT NULL) THEN
    RETURN;
  END IF;
  SELECT c.email INTO address FROM auth.credentials c WHERE c.user_id = person
    AND NOT EXISTS (SELECT FROM auth.credentials o WHERE o.email = c.email AND o.user_id <> person);
  DELETE FROM auth.api_tokens x WHERE x.company_id = company AND x.created_by = person;
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.api_tokens'; RETURN NEXT;
  DELETE FROM auth.known_places x WHERE x.user_id = person;
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.known_places'; RETURN NEXT;
  DELETE FROM auth.one_time_tokens x WHERE x.subject_id = person OR (x.company_id = company
    AND x.email = (SELECT c.email FROM auth.credentials c WHERE c.user_id = person));
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.one_time_tokens'; RETURN NEXT;
  DELETE FROM auth.recovery_codes x WHERE x.user_id = person;
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.recovery_codes'; RETURN NEXT;
  DELETE FROM auth.registrations x WHERE x.email = address;
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.registrations'; RETURN NEXT;
  DELETE FROM auth.reset_requests x WHERE x.email = address;
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.reset_requests'; RETURN NEXT;
  DELETE FROM auth.second_factors x WHERE x.user_id = person;
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.second_factors'; RETURN NEXT;
  DELETE FROM auth.sign_ins x WHERE x.company_id = company AND x.user_id = person;
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.sign_ins'; RETURN NEXT;
  DELETE FROM auth.throttle x WHERE EXISTS (SELECT FROM pg_catalog.unnest(ARRAY[address, person::text]) w
    WHERE pg_catalog.strpos(x.key || ' ', ' ' || w || ' ') > 0);
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.throttle'; RETURN NEXT;
  DELETE FROM auth.credentials x WHERE x.company_id = company AND x.user_id = person;
  GET DIAGNOSTICS erased = ROW_COUNT; rel := 'auth.credentials'; RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION auth.erase_person() TO tracker_eraser;
