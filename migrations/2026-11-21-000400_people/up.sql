-- A company's people, and what the company decided about recording.

CREATE TABLE tenant.teams (
  company_id uuid NOT NULL DEFAULT tenant.current_company() REFERENCES platform.companies (id),
  id uuid NOT NULL,
  name text NOT NULL CONSTRAINT teams_name_invalid CHECK (length(name) BETWEEN 1 AND 120),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, id),
  CONSTRAINT teams_name_taken UNIQUE (company_id, name));
SELECT platform.distribute('tenant.teams', 'company_id');
ALTER TABLE tenant.teams ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.teams TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_read ON tenant.teams FOR SELECT TO tracker_employee USING (company_id = tenant.current_company());
CREATE POLICY jobs_read ON tenant.teams FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.teams TO tracker_admin;
GRANT SELECT ON tenant.teams TO tracker_employee;
GRANT SELECT (company_id, id) ON tenant.teams TO tracker_jobs;

CREATE TABLE tenant.users (
  company_id uuid NOT NULL DEFAULT tenant.current_company() REFERENCES platform.companies (id),
  id uuid NOT NULL,
  email text NOT NULL CONSTRAINT users_email_invalid CHECK (length(email) BETWEEN 3 AND 254),
  name text NOT NULL CONSTRAINT users_name_invalid CHECK (length(name) BETWEEN 1 AND 120),
  role text NOT NULL CONSTRAINT users_role_invalid CHECK (role IN ('ADMIN', 'EMPLOYEE')),
  team_id uuid,
  deactivated_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, id),
  CONSTRAINT users_email_taken UNIQUE (company_id, email),
  CONSTRAINT users_team_unknown FOREIGN KEY (company_id, team_id) REFERENCES tenant.teams (company_id, id));
CREATE INDEX users_team ON tenant.users (company_id, team_id);
SELECT platform.distribute('tenant.users', 'company_id');
ALTER TABLE tenant.users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.users TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.users FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND id = tenant.current_user_id());
CREATE POLICY agent_own ON tenant.users FOR SELECT TO tracker_agent
  USING (company_id = tenant.current_company() AND id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.users FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.users TO tracker_admin;
GRANT SELECT ON tenant.users TO tracker_employee;
GRANT SELECT (company_id, id, name) ON tenant.users TO tracker_agent;
GRANT SELECT (company_id, id, role, team_id, deactivated_at) ON tenant.users TO tracker_jobs;

CREATE TABLE tenant.invitations (
  company_id uuid NOT NULL DEFAULT tenant.current_company() REFERENCES platform.companies (id),
  id uuid NOT NULL,
  email text NOT NULL CONSTRAINT invitations_email_invalid CHECK (length(email) BETWEEN 3 AND 254),
  name text CONSTRAINT invitations_name_invalid CHECK (length(name) BETWEEN 1 AND 120),
  role text NOT NULL CONSTRAINT invitations_role_invalid CHECK (role IN ('ADMIN', 'EMPLOYEE')),
  invited_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  accepted_at timestamptz,
  revoked_at timestamptz,
  PRIMARY KEY (company_id, id),
  CONSTRAINT invitations_inviter_unknown FOREIGN KEY (company_id, invited_by) REFERENCES tenant.users (company_id, id));
CREATE UNIQUE INDEX invitations_email_taken ON tenant.invitations (company_id, email)
  WHERE accepted_at IS NULL AND revoked_at IS NULL;
CREATE INDEX invitations_inviter ON tenant.invitations (company_id, invited_by);
SELECT platform.distribute('tenant.invitations', 'company_id');
ALTER TABLE tenant.invitations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.invitations TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY jobs_read ON tenant.invitations FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT, UPDATE ON tenant.invitations TO tracker_admin;
GRANT SELECT (company_id, id, invited_by, expires_at, accepted_at, revoked_at) ON tenant.invitations TO tracker_jobs;

CREATE TABLE tenant.company_settings (
  company_id uuid NOT NULL DEFAULT tenant.current_company() PRIMARY KEY REFERENCES platform.companies (id),
  version integer NOT NULL DEFAULT 1,
  screenshots_enabled boolean NOT NULL DEFAULT true,
  screenshot_interval_seconds integer NOT NULL DEFAULT 600
    CONSTRAINT company_settings_screenshot_interval_invalid CHECK (screenshot_interval_seconds BETWEEN 10 AND 86400),
  blur_screenshots boolean NOT NULL DEFAULT false,
  idle_threshold_seconds integer NOT NULL DEFAULT 300
    CONSTRAINT company_settings_idle_threshold_invalid CHECK (idle_threshold_seconds BETWEEN 30 AND 3600),
  tracking_days smallint[] NOT NULL DEFAULT '{1,2,3,4,5,6,7}'
    CONSTRAINT company_settings_tracking_days_invalid CHECK (tracking_days <@ '{1,2,3,4,5,6,7}'::smallint[]),
  tracking_from time NOT NULL DEFAULT '00:00:00',
  tracking_to time NOT NULL DEFAULT '23:59:59',
  record_titles boolean NOT NULL DEFAULT true,
  record_paths boolean NOT NULL DEFAULT false,
  redaction_rules text[] NOT NULL DEFAULT '{}'
    CONSTRAINT company_settings_redaction_rules_too_many CHECK (cardinality(redaction_rules) <= 100),
  employees_may_delete_screenshots boolean NOT NULL DEFAULT false,
  screenshot_retention_days integer NOT NULL DEFAULT 90
    CONSTRAINT company_settings_screenshot_retention_invalid CHECK (screenshot_retention_days BETWEEN 1 AND 3660),
  usage_retention_days integer NOT NULL DEFAULT 365
    CONSTRAINT company_settings_usage_retention_invalid CHECK (usage_retention_days BETWEEN 1 AND 3660),
  week_start smallint NOT NULL DEFAULT 1 CONSTRAINT company_settings_week_start_invalid CHECK (week_start BETWEEN 1 AND 7),
  updated_at timestamptz NOT NULL DEFAULT now());
SELECT platform.distribute('tenant.company_settings', 'company_id');
ALTER TABLE tenant.company_settings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.company_settings TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_read ON tenant.company_settings FOR SELECT TO tracker_employee USING (company_id = tenant.current_company());
CREATE POLICY agent_read ON tenant.company_settings FOR SELECT TO tracker_agent USING (company_id = tenant.current_company());
CREATE POLICY jobs_read ON tenant.company_settings FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT, UPDATE ON tenant.company_settings TO tracker_admin;
GRANT SELECT ON tenant.company_settings TO tracker_employee, tracker_agent;
GRANT SELECT (company_id, screenshot_retention_days, usage_retention_days) ON tenant.company_settings TO tracker_jobs;

-- A day has one zone for ever: a change holds from a later day on.
CREATE TABLE tenant.company_time_zones (
  company_id uuid NOT NULL DEFAULT tenant.current_company() REFERENCES platform.companies (id),
  valid_from date NOT NULL,
  zone text NOT NULL CONSTRAINT company_time_zones_zone_invalid CHECK (length(zone) BETWEEN 1 AND 64),
  PRIMARY KEY (company_id, valid_from));
SELECT platform.distribute('tenant.company_time_zones', 'company_id');
ALTER TABLE tenant.company_time_zones ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.company_time_zones TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_read ON tenant.company_time_zones FOR SELECT TO tracker_employee USING (company_id = tenant.current_company());
CREATE POLICY agent_read ON tenant.company_time_zones FOR SELECT TO tracker_agent USING (company_id = tenant.current_company());
CREATE POLICY jobs_read ON tenant.company_time_zones FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT ON tenant.company_time_zones TO tracker_admin;
GRANT SELECT ON tenant.company_time_zones TO tracker_employee, tracker_agent, tracker_jobs;

-- Counters that limits are checked against, in the statement that raises them.
CREATE TABLE tenant.company_usage (
  company_id uuid NOT NULL DEFAULT tenant.current_company() PRIMARY KEY REFERENCES platform.companies (id),
  -- Active people and pending invitations.
  seats_used integer NOT NULL DEFAULT 0 CONSTRAINT company_usage_seats_negative CHECK (seats_used >= 0),
  storage_bytes bigint NOT NULL DEFAULT 0 CONSTRAINT company_usage_storage_negative CHECK (storage_bytes >= 0));
SELECT platform.distribute('tenant.company_usage', 'company_id');
ALTER TABLE tenant.company_usage ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.company_usage TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY agent_storage ON tenant.company_usage TO tracker_agent
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY jobs_read ON tenant.company_usage FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT, UPDATE ON tenant.company_usage TO tracker_admin;
GRANT SELECT (company_id, storage_bytes), UPDATE (storage_bytes) ON tenant.company_usage TO tracker_agent;
GRANT SELECT ON tenant.company_usage TO tracker_jobs;

-- Append-only: what was changed in the company, by whom.
CREATE TABLE tenant.audit_entries (
  company_id uuid NOT NULL DEFAULT tenant.current_company() REFERENCES platform.companies (id),
  id uuid NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  actor_id uuid NOT NULL,
  actor text NOT NULL CONSTRAINT audit_entries_actor_invalid CHECK (length(actor) <= 254),
  action text NOT NULL CONSTRAINT audit_entries_action_invalid CHECK (action ~ '^[a-z_]+\.[a-z_]+$'),
  detail jsonb NOT NULL DEFAULT '{}' CONSTRAINT audit_entries_detail_too_long CHECK (length(detail::text) <= 4000),
  request_id text CONSTRAINT audit_entries_request_id_invalid CHECK (length(request_id) <= 64),
  PRIMARY KEY (company_id, id));
CREATE INDEX audit_entries_time ON tenant.audit_entries (company_id, at);
SELECT platform.distribute('tenant.audit_entries', 'company_id');
ALTER TABLE tenant.audit_entries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.audit_entries TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY jobs_read ON tenant.audit_entries FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT ON tenant.audit_entries TO tracker_admin;
GRANT SELECT (company_id, id) ON tenant.audit_entries TO tracker_jobs;

-- Append-only: who looked at whose day. The person looked at may read it.
CREATE TABLE tenant.access_entries (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  subject_id uuid NOT NULL,
  viewer_id uuid NOT NULL,
  -- The start of a ten-minute slot: opening the same thing again within it is the same look.
  at timestamptz NOT NULL,
  kind text NOT NULL CONSTRAINT access_entries_kind_invalid CHECK (kind IN ('timeline', 'screenshot', 'export')),
  day date NOT NULL,
  viewer_name text NOT NULL CONSTRAINT access_entries_viewer_name_invalid CHECK (length(viewer_name) <= 120),
  reason text CONSTRAINT access_entries_reason_invalid CHECK (length(reason) <= 500),
  PRIMARY KEY (company_id, subject_id, at, viewer_id, kind, day),
  CONSTRAINT access_entries_subject_unknown FOREIGN KEY (company_id, subject_id) REFERENCES tenant.users (company_id, id),
  CONSTRAINT access_entries_viewer_unknown FOREIGN KEY (company_id, viewer_id) REFERENCES tenant.users (company_id, id));
SELECT platform.distribute('tenant.access_entries', 'company_id');
ALTER TABLE tenant.access_entries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.access_entries TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.access_entries FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND subject_id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.access_entries FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT ON tenant.access_entries TO tracker_admin;
GRANT SELECT ON tenant.access_entries TO tracker_employee;
GRANT SELECT (company_id, subject_id, viewer_id, at, kind, day) ON tenant.access_entries TO tracker_jobs;
