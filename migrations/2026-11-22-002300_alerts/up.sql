-- What a company wants to be told of, and what it was told. Nothing is watched until somebody makes a rule, and whom a rule
-- watches can read it, as they read what it found about them.

CREATE TABLE tenant.alert_rules (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  id uuid NOT NULL,
  kind text NOT NULL CONSTRAINT alert_rules_kind_invalid
    CHECK (kind IN ('silent', 'long_day', 'idle', 'storage', 'device', 'repeated_input')),
  -- Hours, per cent or minutes, by the kind; 0 where it has none.
  threshold integer NOT NULL CONSTRAINT alert_rules_threshold_invalid CHECK (threshold BETWEEN 0 AND 1440),
  -- Of shares: days with less tracked time say too little.
  least_minutes integer CONSTRAINT alert_rules_least_minutes_invalid CHECK (least_minutes BETWEEN 1 AND 1440),
  -- One of them, or the whole company.
  team_id uuid,
  user_id uuid,
  enabled boolean NOT NULL,
  -- Since when it is switched on: days before are not looked at.
  enabled_at timestamptz NOT NULL DEFAULT now(),
  evaluated_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, id),
  CONSTRAINT alert_rules_scope_invalid CHECK (team_id IS NULL OR user_id IS NULL),
  CONSTRAINT alert_rules_team_unknown FOREIGN KEY (company_id, team_id) REFERENCES tenant.teams (company_id, id),
  CONSTRAINT alert_rules_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id),
  CONSTRAINT alert_rules_creator_unknown FOREIGN KEY (company_id, created_by) REFERENCES tenant.users (company_id, id));
CREATE INDEX alert_rules_team ON tenant.alert_rules (company_id, team_id);
CREATE INDEX alert_rules_user ON tenant.alert_rules (company_id, user_id);
CREATE INDEX alert_rules_creator ON tenant.alert_rules (company_id, created_by);
SELECT platform.distribute('tenant.alert_rules', 'company_id');
ALTER TABLE tenant.alert_rules ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.alert_rules TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
-- What is watched about a colleague alone is theirs to know; which of the rest is about whom the query says.
CREATE POLICY employee_watched ON tenant.alert_rules FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND enabled AND coalesce(user_id = tenant.current_user_id(), true));
CREATE POLICY jobs_read ON tenant.alert_rules FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.alert_rules TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE user_id = (SELECT tenant.person_to_erase()) END);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.alert_rules TO tracker_admin;
GRANT SELECT (company_id, id, kind, threshold, least_minutes, team_id, user_id, enabled, enabled_at) ON tenant.alert_rules TO tracker_employee;
GRANT SELECT (company_id, id, team_id, user_id, created_by, enabled) ON tenant.alert_rules TO tracker_jobs;
GRANT SELECT (company_id, user_id), DELETE ON tenant.alert_rules TO tracker_eraser;

-- A row an event: a person's day, a device's trouble from a day on, storage from a day on.
CREATE TABLE tenant.alerts (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  id uuid NOT NULL,
  -- None once the rule is deleted: what it found stays, with what it asked for.
  rule_id uuid,
  kind text NOT NULL CONSTRAINT alerts_kind_invalid
    CHECK (kind IN ('silent', 'long_day', 'idle', 'storage', 'device', 'repeated_input')),
  threshold integer NOT NULL,
  -- Whom it is about; nobody in particular where it is the company.
  user_id uuid,
  device_id uuid,
  problem text CONSTRAINT alerts_problem_invalid CHECK (problem IN ('silent', 'old_version', 'limited')),
  day date NOT NULL,
  -- What makes two findings the same event.
  event_key text NOT NULL CONSTRAINT alerts_event_key_invalid CHECK (length(event_key) BETWEEN 1 AND 120),
  -- What was measured: seconds, per cent or minutes, by the kind.
  value bigint NOT NULL,
  opened_at timestamptz NOT NULL DEFAULT now(),
  resolved_at timestamptz,
  acknowledged_by uuid,
  acknowledged_at timestamptz,
  note text CONSTRAINT alerts_note_invalid CHECK (length(note) BETWEEN 1 AND 500),
  PRIMARY KEY (company_id, id),
  CONSTRAINT alerts_event_known UNIQUE (company_id, rule_id, event_key),
  CONSTRAINT alerts_acknowledgement_incomplete CHECK (num_nonnulls(acknowledged_by, acknowledged_at) IN (0, 2)),
  CONSTRAINT alerts_rule_unknown FOREIGN KEY (company_id, rule_id) REFERENCES tenant.alert_rules (company_id, id),
  CONSTRAINT alerts_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id),
  CONSTRAINT alerts_device_unknown FOREIGN KEY (company_id, device_id) REFERENCES tenant.devices (company_id, id),
  CONSTRAINT alerts_acknowledger_unknown FOREIGN KEY (company_id, acknowledged_by) REFERENCES tenant.users (company_id, id));
CREATE INDEX alerts_user ON tenant.alerts (company_id, user_id, id);
CREATE INDEX alerts_device ON tenant.alerts (company_id, device_id);
CREATE INDEX alerts_acknowledger ON tenant.alerts (company_id, acknowledged_by);
-- What a rule found and what still holds: asked every few minutes.
CREATE INDEX alerts_unresolved ON tenant.alerts (company_id, rule_id, day) WHERE resolved_at IS NULL;
SELECT platform.distribute('tenant.alerts', 'company_id');
ALTER TABLE tenant.alerts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.alerts TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.alerts FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.alerts FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.alerts TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE user_id = (SELECT tenant.person_to_erase()) END);
GRANT SELECT, INSERT, UPDATE ON tenant.alerts TO tracker_admin;
GRANT SELECT ON tenant.alerts TO tracker_employee;
GRANT SELECT (company_id, id, rule_id, user_id, device_id, acknowledged_by) ON tenant.alerts TO tracker_jobs;
GRANT SELECT (company_id, user_id), DELETE ON tenant.alerts TO tracker_eraser;

-- An alert tells a number of a person: who reads it is noted.
ALTER TABLE tenant.access_entries DROP CONSTRAINT access_entries_kind_invalid,
  ADD CONSTRAINT access_entries_kind_invalid
    CHECK (kind IN ('timeline', 'screenshot', 'export', 'sessions', 'usage', 'gallery', 'live', 'tasks', 'alerts'));
