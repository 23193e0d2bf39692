-- Rules say which time is productive, neutral or unproductive: the first that fits decides. What they make of a person's
-- day is a sum like the others, written with them; the raw records stay as they are.
CREATE TABLE tenant.productivity_rules (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  -- From 1 on, in the order in which they are tried.
  position integer NOT NULL CONSTRAINT productivity_rules_position_invalid CHECK (position BETWEEN 1 AND 200),
  -- Everybody's where it is absent.
  team_id uuid,
  field text NOT NULL CONSTRAINT productivity_rules_field_invalid CHECK (field IN ('app', 'host', 'title')),
  kind text NOT NULL CONSTRAINT productivity_rules_kind_invalid CHECK (kind IN ('glob', 'regex')),
  pattern text NOT NULL CONSTRAINT productivity_rules_pattern_invalid CHECK (length(pattern) BETWEEN 1 AND 150),
  category text NOT NULL CONSTRAINT productivity_rules_category_invalid CHECK (category IN ('productive', 'neutral', 'unproductive')),
  PRIMARY KEY (company_id, position),
  CONSTRAINT productivity_rules_team_unknown FOREIGN KEY (company_id, team_id) REFERENCES tenant.teams (company_id, id));
CREATE INDEX productivity_rules_team ON tenant.productivity_rules (company_id, team_id) WHERE team_id IS NOT NULL;
SELECT platform.distribute('tenant.productivity_rules', 'company_id');
ALTER TABLE tenant.productivity_rules ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.productivity_rules TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY jobs_read ON tenant.productivity_rules FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.productivity_rules TO tracker_eraser
  USING (company_id = tenant.current_company() AND (SELECT platform.erasure_is_due()));
GRANT SELECT, INSERT, DELETE ON tenant.productivity_rules TO tracker_admin;
GRANT SELECT (company_id, position, team_id) ON tenant.productivity_rules TO tracker_jobs;
GRANT SELECT (company_id), DELETE ON tenant.productivity_rules TO tracker_eraser;

-- Counts changes of the list of rules, and how many people's time the last one sorts anew.
ALTER TABLE tenant.company_settings ADD COLUMN rules_version integer NOT NULL DEFAULT 0,
  ADD COLUMN reclassified_people integer NOT NULL DEFAULT 0;

-- A person's time by category and the company's day. All categories of a day together are its tracked time.
CREATE TABLE tenant.user_category_usage_daily (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  user_id uuid NOT NULL,
  day date NOT NULL,
  category text NOT NULL CONSTRAINT user_category_usage_daily_category_invalid
    CHECK (category IN ('productive', 'neutral', 'unproductive', 'unclassified')),
  seconds integer NOT NULL,
  PRIMARY KEY (company_id, user_id, day, category),
  CONSTRAINT user_category_usage_daily_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id));
CREATE INDEX user_category_usage_daily_day ON tenant.user_category_usage_daily (company_id, day, category) INCLUDE (user_id, seconds);
SELECT platform.distribute('tenant.user_category_usage_daily', 'company_id');
-- Nobody had a rule until now.
ALTER TABLE tenant.user_usage_daily NO FORCE ROW LEVEL SECURITY;
INSERT INTO tenant.user_category_usage_daily (company_id, user_id, day, category, seconds)
  SELECT company_id, user_id, day, 'unclassified', tracked_seconds FROM tenant.user_usage_daily WHERE tracked_seconds > 0;
ALTER TABLE tenant.user_usage_daily FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.user_category_usage_daily ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.user_category_usage_daily TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.user_category_usage_daily FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.user_category_usage_daily FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.user_category_usage_daily TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE user_id = (SELECT tenant.person_to_erase()) END);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.user_category_usage_daily TO tracker_admin;
GRANT SELECT ON tenant.user_category_usage_daily TO tracker_employee;
GRANT SELECT (company_id, user_id, day) ON tenant.user_category_usage_daily TO tracker_jobs;
GRANT SELECT (company_id, user_id), DELETE ON tenant.user_category_usage_daily TO tracker_eraser;

-- Whose past is still to be sorted by the rules of now.
CREATE TABLE tenant.reclassifications (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  user_id uuid NOT NULL,
  -- What is left are days before this one; absent: all of them. The newest go first.
  before_day date,
  PRIMARY KEY (company_id, user_id),
  CONSTRAINT reclassifications_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id));
SELECT platform.distribute('tenant.reclassifications', 'company_id');
ALTER TABLE tenant.reclassifications ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.reclassifications TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY jobs_read ON tenant.reclassifications FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.reclassifications TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE user_id = (SELECT tenant.person_to_erase()) END);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.reclassifications TO tracker_admin;
GRANT SELECT (company_id, user_id) ON tenant.reclassifications TO tracker_jobs;
GRANT SELECT (company_id, user_id), DELETE ON tenant.reclassifications TO tracker_eraser;
