-- What is recorded of a team or of one person other than of everybody. A person's value wins over the team's, which wins over
-- the company's: one place puts them together, `company/settings/effective.rs`.
CREATE TABLE tenant.setting_overrides (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  id uuid NOT NULL,
  -- Whose it is: one of them.
  team_id uuid,
  user_id uuid,
  -- None: as the team or the company has it.
  screenshots_enabled boolean,
  screenshot_interval_seconds integer
    CONSTRAINT setting_overrides_screenshot_interval_invalid CHECK (screenshot_interval_seconds BETWEEN 60 AND 86400),
  blur_screenshots boolean,
  idle_threshold_seconds integer
    CONSTRAINT setting_overrides_idle_threshold_invalid CHECK (idle_threshold_seconds BETWEEN 30 AND 3600),
  tracking_days smallint[] CONSTRAINT setting_overrides_tracking_days_invalid
    CHECK (tracking_days <@ '{1,2,3,4,5,6,7}'::smallint[] AND cardinality(tracking_days) BETWEEN 1 AND 7),
  tracking_from time,
  tracking_to time,
  record_titles boolean,
  record_paths boolean,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, id),
  CONSTRAINT setting_overrides_team_taken UNIQUE (company_id, team_id),
  CONSTRAINT setting_overrides_user_taken UNIQUE (company_id, user_id),
  CONSTRAINT setting_overrides_subject_invalid CHECK (num_nonnulls(team_id, user_id) = 1),
  -- Days and hours are one thing.
  CONSTRAINT setting_overrides_hours_invalid CHECK (num_nonnulls(tracking_days, tracking_from, tracking_to) IN (0, 3)
    AND tracking_from <> tracking_to),
  CONSTRAINT setting_overrides_empty CHECK (num_nonnulls(screenshots_enabled, screenshot_interval_seconds, blur_screenshots,
    idle_threshold_seconds, tracking_days, record_titles, record_paths) > 0),
  CONSTRAINT setting_overrides_team_unknown FOREIGN KEY (company_id, team_id) REFERENCES tenant.teams (company_id, id),
  CONSTRAINT setting_overrides_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id));
SELECT platform.distribute('tenant.setting_overrides', 'company_id');
ALTER TABLE tenant.setting_overrides ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.setting_overrides TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
-- The own ones, and those of the own team.
CREATE POLICY employee_own ON tenant.setting_overrides FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND CASE WHEN team_id IS NULL THEN user_id = tenant.current_user_id()
    ELSE team_id = (SELECT u.team_id FROM tenant.users u WHERE u.company_id = tenant.current_company() AND u.id = tenant.current_user_id()) END);
CREATE POLICY agent_own ON tenant.setting_overrides FOR SELECT TO tracker_agent
  USING (company_id = tenant.current_company() AND CASE WHEN team_id IS NULL THEN user_id = tenant.current_user_id()
    ELSE team_id = (SELECT u.team_id FROM tenant.users u WHERE u.company_id = tenant.current_company() AND u.id = tenant.current_user_id()) END);
CREATE POLICY jobs_read ON tenant.setting_overrides FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.setting_overrides TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE user_id = (SELECT tenant.person_to_erase()) END);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.setting_overrides TO tracker_admin;
GRANT SELECT ON tenant.setting_overrides TO tracker_employee, tracker_agent;
GRANT SELECT (company_id, id, team_id, user_id) ON tenant.setting_overrides TO tracker_jobs;
GRANT SELECT (company_id, user_id), DELETE ON tenant.setting_overrides TO tracker_eraser;

-- An agent's settings depend on the person's team.
GRANT SELECT (team_id) ON tenant.users TO tracker_agent;

-- Grows with every change of an override, and with every one of who is in which team where a team has any: a part of the number
-- that agents compare. And when that was last, as of what held before nothing is known.
ALTER TABLE tenant.company_settings ADD COLUMN overrides_version integer NOT NULL DEFAULT 0,
  ADD COLUMN overrides_changed_at timestamptz;
