-- What the desktop agents send. The three raw tables are partitioned by month; their only index is the key,
-- which serves the timeline and makes a repeated item find itself.

CREATE TABLE tenant.devices (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  name text NOT NULL CONSTRAINT devices_name_invalid CHECK (length(name) BETWEEN 1 AND 200),
  os text NOT NULL CONSTRAINT devices_os_invalid CHECK (length(os) <= 100),
  agent_version text NOT NULL CONSTRAINT devices_agent_version_invalid CHECK (length(agent_version) <= 50),
  limitations text[] NOT NULL DEFAULT '{}' CONSTRAINT devices_limitations_too_many CHECK (cardinality(limitations) <= 20),
  key_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz,
  PRIMARY KEY (company_id, id),
  CONSTRAINT devices_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id));
CREATE INDEX devices_user ON tenant.devices (company_id, user_id);
SELECT platform.distribute('tenant.devices', 'company_id');
ALTER TABLE tenant.devices ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.devices TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.devices FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY agent_own ON tenant.devices TO tracker_agent
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id())
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.devices FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT, UPDATE ON tenant.devices TO tracker_admin;
GRANT SELECT ON tenant.devices TO tracker_employee;
GRANT SELECT, INSERT, UPDATE (name, os, agent_version, limitations, key_id, last_seen_at) ON tenant.devices TO tracker_agent;
GRANT SELECT (company_id, id, user_id, key_id, last_seen_at, revoked_at) ON tenant.devices TO tracker_jobs;

CREATE TABLE tenant.work_sessions (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  device_id uuid NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  -- Why it ended: what the agent said, or `silent` (no sign of life), `superseded` (another began).
  end_reason text CONSTRAINT work_sessions_end_reason_invalid CHECK (length(end_reason) BETWEEN 1 AND 40),
  last_seen_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, id),
  CONSTRAINT work_sessions_ends_before_start CHECK (ended_at >= started_at),
  CONSTRAINT work_sessions_end_reason_missing CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
  CONSTRAINT work_sessions_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id),
  CONSTRAINT work_sessions_device_unknown FOREIGN KEY (company_id, device_id) REFERENCES tenant.devices (company_id, id));
CREATE UNIQUE INDEX work_sessions_one_open ON tenant.work_sessions (company_id, device_id) WHERE ended_at IS NULL;
CREATE INDEX work_sessions_user ON tenant.work_sessions (company_id, user_id, started_at);
CREATE INDEX work_sessions_device ON tenant.work_sessions (company_id, device_id);
SELECT platform.distribute('tenant.work_sessions', 'company_id');
ALTER TABLE tenant.work_sessions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.work_sessions TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.work_sessions FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY agent_own ON tenant.work_sessions TO tracker_agent
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id())
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.work_sessions FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.work_sessions TO tracker_admin;
GRANT SELECT ON tenant.work_sessions TO tracker_employee;
GRANT SELECT, INSERT, UPDATE (ended_at, end_reason, last_seen_at) ON tenant.work_sessions TO tracker_agent;
GRANT SELECT (company_id, id, user_id, device_id, started_at, ended_at, last_seen_at) ON tenant.work_sessions TO tracker_jobs;

CREATE TABLE tenant.application_usage (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  user_id uuid NOT NULL,
  started_at timestamptz NOT NULL,
  id uuid NOT NULL,
  session_id uuid NOT NULL,
  app text NOT NULL CONSTRAINT application_usage_app_invalid CHECK (length(app) BETWEEN 1 AND 200),
  title text NOT NULL CONSTRAINT application_usage_title_too_long CHECK (length(title) <= 500),
  seconds integer NOT NULL CONSTRAINT application_usage_seconds_invalid CHECK (seconds BETWEEN 0 AND 86400),
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, user_id, started_at, id),
  CONSTRAINT application_usage_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id)
) PARTITION BY RANGE (started_at);
SELECT platform.distribute('tenant.application_usage', 'company_id');
ALTER TABLE tenant.application_usage ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.application_usage TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.application_usage FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY agent_insert ON tenant.application_usage FOR INSERT TO tracker_agent
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY agent_own ON tenant.application_usage FOR SELECT TO tracker_agent
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.application_usage FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.application_usage TO tracker_admin;
GRANT SELECT ON tenant.application_usage TO tracker_employee;
GRANT SELECT (id), INSERT ON tenant.application_usage TO tracker_agent;
GRANT SELECT (company_id, user_id, started_at, id, session_id) ON tenant.application_usage TO tracker_jobs;

CREATE TABLE tenant.website_usage (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  user_id uuid NOT NULL,
  started_at timestamptz NOT NULL,
  id uuid NOT NULL,
  session_id uuid NOT NULL,
  host text NOT NULL CONSTRAINT website_usage_host_invalid CHECK (length(host) BETWEEN 1 AND 200),
  path text CONSTRAINT website_usage_path_too_long CHECK (length(path) <= 1000),
  title text CONSTRAINT website_usage_title_too_long CHECK (length(title) <= 500),
  seconds integer NOT NULL CONSTRAINT website_usage_seconds_invalid CHECK (seconds BETWEEN 0 AND 86400),
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, user_id, started_at, id),
  CONSTRAINT website_usage_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id)
) PARTITION BY RANGE (started_at);
SELECT platform.distribute('tenant.website_usage', 'company_id');
ALTER TABLE tenant.website_usage ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.website_usage TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.website_usage FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY agent_insert ON tenant.website_usage FOR INSERT TO tracker_agent
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY agent_own ON tenant.website_usage FOR SELECT TO tracker_agent
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.website_usage FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.website_usage TO tracker_admin;
GRANT SELECT ON tenant.website_usage TO tracker_employee;
GRANT SELECT (id), INSERT ON tenant.website_usage TO tracker_agent;
GRANT SELECT (company_id, user_id, started_at, id, session_id) ON tenant.website_usage TO tracker_jobs;

-- One row a minute and device, by the minute's start: counts only, never what was typed.
CREATE TABLE tenant.activity_log (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  user_id uuid NOT NULL,
  started_at timestamptz NOT NULL,
  id uuid NOT NULL,
  session_id uuid NOT NULL,
  keystrokes integer NOT NULL CONSTRAINT activity_log_keystrokes_invalid CHECK (keystrokes BETWEEN 0 AND 100000),
  mouse_events integer NOT NULL CONSTRAINT activity_log_mouse_events_invalid CHECK (mouse_events BETWEEN 0 AND 100000),
  active_seconds smallint NOT NULL,
  idle_seconds smallint NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, user_id, started_at, id),
  CONSTRAINT activity_log_seconds_invalid
    CHECK (active_seconds >= 0 AND idle_seconds >= 0 AND active_seconds + idle_seconds <= 60),
  CONSTRAINT activity_log_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id)
) PARTITION BY RANGE (started_at);
SELECT platform.distribute('tenant.activity_log', 'company_id');
ALTER TABLE tenant.activity_log ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.activity_log TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.activity_log FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY agent_insert ON tenant.activity_log FOR INSERT TO tracker_agent
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY agent_own ON tenant.activity_log FOR SELECT TO tracker_agent
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.activity_log FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.activity_log TO tracker_admin;
GRANT SELECT ON tenant.activity_log TO tracker_employee;
GRANT SELECT (id), INSERT ON tenant.activity_log TO tracker_agent;
GRANT SELECT (company_id, user_id, started_at, id, session_id) ON tenant.activity_log TO tracker_jobs;

-- Makes the month's partition of the three raw tables, if it is not there. Nobody is granted anything on a
-- partition, and it has row security without a policy: named directly, it refuses.
CREATE FUNCTION tenant.ensure_month(month date) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  first date := pg_catalog.date_trunc('month', month)::date;
  parent text;
  part text;
  made integer := 0;
BEGIN
  FOREACH parent IN ARRAY ARRAY['application_usage', 'website_usage', 'activity_log'] LOOP
    part := parent || pg_catalog.to_char(first, '_YYYY_MM');
    IF pg_catalog.to_regclass(pg_catalog.format('tenant.%I', part)) IS NULL THEN
      EXECUTE pg_catalog.format('CREATE TABLE tenant.%I PARTITION OF tenant.%I FOR VALUES FROM (%L) TO (%L)', part, parent,
        first::text || ' 00:00:00+00', (first + interval '1 month')::date::text || ' 00:00:00+00');
      EXECUTE pg_catalog.format('ALTER TABLE tenant.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
      made := made + 1;
    END IF;
  END LOOP;
  RETURN made;
END $$;
GRANT EXECUTE ON FUNCTION tenant.ensure_month(date) TO tracker_jobs;

-- Items are taken from 400 days back to ten minutes ahead; the DEFAULT partitions stay empty, and catch what no month holds.
SELECT tenant.ensure_month((date_trunc('month', now()) + n * interval '1 month')::date) FROM generate_series(-14, 3) AS n;
CREATE TABLE tenant.application_usage_default PARTITION OF tenant.application_usage DEFAULT;
CREATE TABLE tenant.website_usage_default PARTITION OF tenant.website_usage DEFAULT;
CREATE TABLE tenant.activity_log_default PARTITION OF tenant.activity_log DEFAULT;
ALTER TABLE tenant.application_usage_default ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.website_usage_default ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.activity_log_default ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- The ledger of what was taken in, and the mark of what the roll-ups have still to count.
CREATE TABLE tenant.ingest_batches (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  device_id uuid NOT NULL,
  batch_id uuid NOT NULL,
  user_id uuid NOT NULL,
  body_hash bytea NOT NULL CONSTRAINT ingest_batches_body_hash_invalid CHECK (octet_length(body_hash) = 32),
  items integer NOT NULL,
  first_day date NOT NULL,
  last_day date NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  rolled_up_at timestamptz,
  PRIMARY KEY (company_id, device_id, batch_id),
  CONSTRAINT ingest_batches_device_unknown FOREIGN KEY (company_id, device_id) REFERENCES tenant.devices (company_id, id));
CREATE INDEX ingest_batches_waiting ON tenant.ingest_batches (company_id, received_at) WHERE rolled_up_at IS NULL;
SELECT platform.distribute('tenant.ingest_batches', 'company_id');
ALTER TABLE tenant.ingest_batches ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.ingest_batches TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY agent_insert ON tenant.ingest_batches FOR INSERT TO tracker_agent
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY agent_own ON tenant.ingest_batches FOR SELECT TO tracker_agent
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.ingest_batches FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.ingest_batches TO tracker_admin;
GRANT SELECT, INSERT ON tenant.ingest_batches TO tracker_agent;
GRANT SELECT (company_id, device_id, batch_id, user_id, first_day, last_day, received_at, rolled_up_at)
  ON tenant.ingest_batches TO tracker_jobs;

-- The row comes first (`pending`), then the object, then `ready`: an object without a row cannot be.
CREATE TABLE tenant.screenshots (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  session_id uuid NOT NULL,
  taken_at timestamptz NOT NULL,
  display smallint NOT NULL CONSTRAINT screenshots_display_invalid CHECK (display BETWEEN 0 AND 63),
  blurred boolean NOT NULL,
  state text NOT NULL DEFAULT 'pending' CONSTRAINT screenshots_state_invalid CHECK (state IN ('pending', 'ready', 'deleted')),
  object_key text NOT NULL CONSTRAINT screenshots_object_key_invalid CHECK (length(object_key) BETWEEN 10 AND 200),
  thumbnail_key text NOT NULL CONSTRAINT screenshots_thumbnail_key_invalid CHECK (length(thumbnail_key) BETWEEN 10 AND 200),
  bytes bigint NOT NULL CONSTRAINT screenshots_bytes_invalid CHECK (bytes >= 0),
  width integer NOT NULL,
  height integer NOT NULL,
  sha256 bytea NOT NULL CONSTRAINT screenshots_sha256_invalid CHECK (octet_length(sha256) = 32),
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, id),
  CONSTRAINT screenshots_object_key_taken UNIQUE (company_id, object_key),
  CONSTRAINT screenshots_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id),
  CONSTRAINT screenshots_session_unknown FOREIGN KEY (company_id, session_id) REFERENCES tenant.work_sessions (company_id, id));
CREATE INDEX screenshots_user ON tenant.screenshots (company_id, user_id, taken_at);
CREATE INDEX screenshots_session ON tenant.screenshots (company_id, session_id);
SELECT platform.distribute('tenant.screenshots', 'company_id');
ALTER TABLE tenant.screenshots ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.screenshots TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.screenshots FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY agent_own ON tenant.screenshots TO tracker_agent
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id())
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.screenshots FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.screenshots TO tracker_admin;
GRANT SELECT ON tenant.screenshots TO tracker_employee;
GRANT SELECT, INSERT, UPDATE (state) ON tenant.screenshots TO tracker_agent;
GRANT SELECT (company_id, id, user_id, session_id, taken_at, state, bytes, object_key, thumbnail_key, received_at)
  ON tenant.screenshots TO tracker_jobs;
