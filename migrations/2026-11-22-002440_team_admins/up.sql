-- An admin may be limited to teams. Such a one has a role of its own, here and in the session, whose policies let through the people
-- of the teams that the person administers at this moment, and the person. What is the company's as a whole stays shut: there is
-- no grant for it.

ALTER TABLE tenant.users DROP CONSTRAINT users_role_invalid,
  ADD CONSTRAINT users_role_invalid CHECK (role IN ('ADMIN', 'TEAM_ADMIN', 'EMPLOYEE'));
ALTER TABLE auth.credentials DROP CONSTRAINT credentials_role_invalid,
  ADD CONSTRAINT credentials_role_invalid CHECK (role IN ('OWNER', 'ADMIN', 'TEAM_ADMIN', 'EMPLOYEE'));

CREATE TABLE tenant.team_admins (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  team_id uuid NOT NULL,
  user_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, team_id, user_id),
  CONSTRAINT team_admins_team_unknown FOREIGN KEY (company_id, team_id) REFERENCES tenant.teams (company_id, id),
  CONSTRAINT team_admins_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id));
CREATE INDEX team_admins_user ON tenant.team_admins (company_id, user_id);
SELECT platform.distribute('tenant.team_admins', 'company_id');
ALTER TABLE tenant.team_admins ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.team_admins TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY jobs_read ON tenant.team_admins FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.team_admins TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE user_id = (SELECT tenant.person_to_erase()) END);
CREATE POLICY definer_read ON tenant.team_admins FOR SELECT TO tracker_ddl USING (company_id = tenant.current_company());
GRANT SELECT, INSERT, DELETE ON tenant.team_admins TO tracker_admin;
GRANT SELECT (company_id, team_id, user_id) ON tenant.team_admins TO tracker_jobs;
GRANT SELECT (company_id, user_id), DELETE ON tenant.team_admins TO tracker_eraser;

-- As with leads: what the policies ask runs as the tables' owner, who is shown one company.
-- None for who was deactivated, and none for who is no such admin any more.
CREATE FUNCTION tenant.administered_teams() RETURNS uuid[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN ARRAY(SELECT a.team_id FROM tenant.team_admins a
    JOIN tenant.users u ON u.company_id = a.company_id AND u.id = a.user_id AND u.role = 'TEAM_ADMIN'
      AND u.deactivated_at IS NULL AND u.removed_at IS NULL
    WHERE a.company_id = tenant.current_company() AND a.user_id = tenant.current_user_id());
END $$;

CREATE FUNCTION tenant.administered_people() RETURNS uuid[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  teams uuid[] := tenant.administered_teams();
BEGIN
  RETURN ARRAY(SELECT u.id FROM tenant.users u WHERE u.company_id = tenant.current_company() AND u.removed_at IS NULL
    AND (u.team_id = ANY (teams) OR u.id = tenant.current_user_id()));
END $$;

GRANT EXECUTE ON FUNCTION tenant.current_company(), tenant.current_user_id(), tenant.administered_teams(),
  tenant.administered_people(), tenant.originals_are_shown() TO tracker_team_admin;

-- A function in a sub-select is asked once a statement, not once a row.
CREATE POLICY team_admin_read ON tenant.users FOR SELECT TO tracker_team_admin USING (company_id = tenant.current_company()
  AND removed_at IS NULL AND id = ANY ((SELECT tenant.administered_people())::uuid[]));
GRANT SELECT (company_id, id, email, name, role, team_id, created_at, deactivated_at, removed_at) ON tenant.users TO tracker_team_admin;
DO $$
DECLARE
  rel text;
BEGIN
  FOREACH rel IN ARRAY ARRAY['devices', 'work_sessions', 'work_session_changes', 'activity_log', 'application_usage', 'website_usage',
    'manual_times', 'screenshots', 'user_usage_daily', 'user_app_usage_daily', 'user_host_usage_daily', 'user_category_usage_daily',
    'user_task_usage_daily', 'user_usage_monthly', 'user_app_usage_monthly', 'user_host_usage_monthly', 'notification_preferences'] LOOP
    EXECUTE format('CREATE POLICY team_admin_read ON tenant.%I FOR SELECT TO tracker_team_admin USING (company_id = tenant.current_company() '
      'AND user_id = ANY ((SELECT tenant.administered_people())::uuid[]))', rel);
  END LOOP;
END $$;
GRANT SELECT ON tenant.devices, tenant.work_sessions, tenant.work_session_changes, tenant.activity_log, tenant.application_usage,
  tenant.website_usage, tenant.manual_times, tenant.screenshots, tenant.user_usage_daily, tenant.user_app_usage_daily,
  tenant.user_host_usage_daily, tenant.user_category_usage_daily, tenant.user_task_usage_daily, tenant.user_usage_monthly,
  tenant.user_app_usage_monthly, tenant.user_host_usage_monthly TO tracker_team_admin;
GRANT SELECT (company_id, user_id, not_in_app, not_by_mail) ON tenant.notification_preferences TO tracker_team_admin;

DO $$
DECLARE
  rel text;
BEGIN
  FOREACH rel IN ARRAY ARRAY['invitations', 'team_leads', 'team_admins'] LOOP
    EXECUTE format('CREATE POLICY team_admin_read ON tenant.%I FOR SELECT TO tracker_team_admin USING (company_id = tenant.current_company() '
      'AND team_id = ANY ((SELECT tenant.administered_teams())::uuid[]))', rel);
  END LOOP;
END $$;
GRANT SELECT (company_id, id, email, name, role, team_id, created_at, expires_at, accepted_at, revoked_at) ON tenant.invitations
  TO tracker_team_admin;
GRANT SELECT (company_id, team_id, user_id) ON tenant.team_leads, tenant.team_admins TO tracker_team_admin;
CREATE POLICY team_admin_read ON tenant.teams FOR SELECT TO tracker_team_admin
  USING (company_id = tenant.current_company() AND id = ANY ((SELECT tenant.administered_teams())::uuid[]));
GRANT SELECT ON tenant.teams TO tracker_team_admin;
CREATE POLICY team_admin_read ON tenant.tasks FOR SELECT TO tracker_team_admin USING (company_id = tenant.current_company()
  AND CASE WHEN assignee_id = ANY ((SELECT tenant.administered_people())::uuid[]) THEN true
    ELSE team_id = ANY ((SELECT tenant.administered_teams())::uuid[]) END);
GRANT SELECT (company_id, id, title, assignee_id, team_id, estimate_seconds) ON tenant.tasks TO tracker_team_admin;
CREATE POLICY team_admin_read ON tenant.setting_overrides FOR SELECT TO tracker_team_admin USING (company_id = tenant.current_company()
  AND CASE WHEN team_id IS NULL THEN user_id = ANY ((SELECT tenant.administered_people())::uuid[])
    ELSE team_id = ANY ((SELECT tenant.administered_teams())::uuid[]) END);
GRANT SELECT ON tenant.setting_overrides TO tracker_team_admin;
CREATE POLICY team_admin_read ON tenant.company_settings FOR SELECT TO tracker_team_admin USING (company_id = tenant.current_company());
CREATE POLICY team_admin_read ON tenant.company_time_zones FOR SELECT TO tracker_team_admin USING (company_id = tenant.current_company());
CREATE POLICY team_admin_read ON tenant.company_branding FOR SELECT TO tracker_team_admin USING (company_id = tenant.current_company());
GRANT SELECT ON tenant.company_settings, tenant.company_time_zones, tenant.company_branding TO tracker_team_admin;

-- What such an admin writes: that they looked, in their own name, that they took a file, and word to whom they looked at.
CREATE POLICY team_admin_insert ON tenant.access_entries FOR INSERT TO tracker_team_admin WITH CHECK (company_id = tenant.current_company()
  AND viewer_id = tenant.current_user_id() AND subject_id = ANY ((SELECT tenant.administered_people())::uuid[])
  AND CASE WHEN kind = 'screenshot' THEN reason <> 'not_asked' AND (SELECT tenant.originals_are_shown()) ELSE true END);
CREATE POLICY team_admin_read ON tenant.access_entries FOR SELECT TO tracker_team_admin
  USING (company_id = tenant.current_company() AND subject_id = ANY ((SELECT tenant.administered_people())::uuid[]));
GRANT SELECT, INSERT ON tenant.access_entries TO tracker_team_admin;
CREATE POLICY team_admin_insert ON tenant.audit_entries FOR INSERT TO tracker_team_admin
  WITH CHECK (company_id = tenant.current_company() AND actor_id = tenant.current_user_id());
CREATE POLICY team_admin_own ON tenant.audit_entries FOR SELECT TO tracker_team_admin
  USING (company_id = tenant.current_company() AND actor_id = tenant.current_user_id());
GRANT SELECT (company_id, id, actor_id), INSERT (company_id, id, actor_id, actor, action, detail, request_id, address)
  ON tenant.audit_entries TO tracker_team_admin;
CREATE POLICY team_admin_insert ON tenant.audit_unsealed FOR INSERT TO tracker_team_admin
  WITH CHECK (company_id = tenant.current_company() AND kind IN ('access', 'change'));
GRANT INSERT (company_id, kind, entry_id) ON tenant.audit_unsealed TO tracker_team_admin;
CREATE POLICY team_admin_insert ON tenant.notifications FOR INSERT TO tracker_team_admin WITH CHECK (company_id = tenant.current_company()
  AND user_id = ANY ((SELECT tenant.administered_people())::uuid[]));
GRANT INSERT (company_id, id, user_id, kind, rule_kind, amount, task_id, in_app, by_mail) ON tenant.notifications TO tracker_team_admin;
