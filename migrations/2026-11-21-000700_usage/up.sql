-- A person's days, summed. Dashboards read these; a job writes whole days anew from the raw rows.

CREATE TABLE tenant.user_usage_daily (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  user_id uuid NOT NULL,
  day date NOT NULL,
  tracked_seconds integer NOT NULL,
  active_seconds integer NOT NULL,
  idle_seconds integer NOT NULL,
  keystrokes integer NOT NULL,
  mouse_events integer NOT NULL,
  sessions integer NOT NULL,
  screenshots integer NOT NULL,
  screenshot_bytes bigint NOT NULL,
  -- Raw rows of all kinds.
  events integer NOT NULL,
  first_at timestamptz,
  last_at timestamptz,
  computed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, user_id, day),
  CONSTRAINT user_usage_daily_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id));
CREATE INDEX user_usage_daily_day ON tenant.user_usage_daily (company_id, day);
SELECT platform.distribute('tenant.user_usage_daily', 'company_id');
ALTER TABLE tenant.user_usage_daily ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.user_usage_daily TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.user_usage_daily FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.user_usage_daily FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.user_usage_daily TO tracker_admin;
GRANT SELECT ON tenant.user_usage_daily TO tracker_employee;
GRANT SELECT (company_id, user_id, day, tracked_seconds, active_seconds, sessions, screenshots, screenshot_bytes, events)
  ON tenant.user_usage_daily TO tracker_jobs;

CREATE TABLE tenant.user_app_usage_daily (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  user_id uuid NOT NULL,
  day date NOT NULL,
  app text NOT NULL,
  seconds integer NOT NULL,
  PRIMARY KEY (company_id, user_id, day, app),
  CONSTRAINT user_app_usage_daily_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id));
CREATE INDEX user_app_usage_daily_day ON tenant.user_app_usage_daily (company_id, day, app) INCLUDE (seconds);
SELECT platform.distribute('tenant.user_app_usage_daily', 'company_id');
ALTER TABLE tenant.user_app_usage_daily ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.user_app_usage_daily TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.user_app_usage_daily FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.user_app_usage_daily FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.user_app_usage_daily TO tracker_admin;
GRANT SELECT ON tenant.user_app_usage_daily TO tracker_employee;
GRANT SELECT (company_id, user_id, day) ON tenant.user_app_usage_daily TO tracker_jobs;

CREATE TABLE tenant.user_host_usage_daily (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  user_id uuid NOT NULL,
  day date NOT NULL,
  host text NOT NULL,
  seconds integer NOT NULL,
  PRIMARY KEY (company_id, user_id, day, host),
  CONSTRAINT user_host_usage_daily_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id));
CREATE INDEX user_host_usage_daily_day ON tenant.user_host_usage_daily (company_id, day, host) INCLUDE (seconds);
SELECT platform.distribute('tenant.user_host_usage_daily', 'company_id');
ALTER TABLE tenant.user_host_usage_daily ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.user_host_usage_daily TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.user_host_usage_daily FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.user_host_usage_daily FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.user_host_usage_daily TO tracker_admin;
GRANT SELECT ON tenant.user_host_usage_daily TO tracker_employee;
GRANT SELECT (company_id, user_id, day) ON tenant.user_host_usage_daily TO tracker_jobs;
