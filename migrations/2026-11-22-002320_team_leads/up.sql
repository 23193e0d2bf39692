-- Who leads a team sees its people, or its sums alone, as the company decided. Both are decided here: a lead's transaction runs
-- as a role of its own, whose policies let through the people of the teams that the person leads at this moment.

CREATE TABLE tenant.team_leads (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  team_id uuid NOT NULL,
  user_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, team_id, user_id),
  CONSTRAINT team_leads_team_unknown FOREIGN KEY (company_id, team_id) REFERENCES tenant.teams (company_id, id),
  CONSTRAINT team_leads_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id));
CREATE INDEX team_leads_user ON tenant.team_leads (company_id, user_id);
SELECT platform.distribute('tenant.team_leads', 'company_id');
ALTER TABLE tenant.team_leads ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.team_leads TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.team_leads FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.team_leads FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.team_leads TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE user_id = (SELECT tenant.person_to_erase()) END);
GRANT SELECT, INSERT, DELETE ON tenant.team_leads TO tracker_admin;
GRANT SELECT (company_id, team_id, user_id) ON tenant.team_leads TO tracker_employee, tracker_jobs;
GRANT SELECT (company_id, user_id), DELETE ON tenant.team_leads TO tracker_eraser;

-- Sums are what a lead sees until an admin says otherwise.
ALTER TABLE tenant.company_settings ADD COLUMN leads_see text NOT NULL DEFAULT 'team_sums'
  CONSTRAINT company_settings_leads_see_invalid CHECK (leads_see IN ('people', 'team_sums'));

-- Every look of a lead is noted, at sums as well.
ALTER TABLE tenant.access_entries DROP CONSTRAINT access_entries_kind_invalid,
  ADD CONSTRAINT access_entries_kind_invalid
    CHECK (kind IN ('timeline', 'screenshot', 'export', 'sessions', 'usage', 'gallery', 'live', 'tasks', 'alerts', 'team_sums'));

-- What a lead's policies ask, they could not ask as the lead: the answer would depend on itself. So the functions below run as
-- the tables' owner, whom row security holds as well, and who is shown one company through them and nothing without one.
CREATE POLICY definer_read ON tenant.team_leads FOR SELECT TO tracker_ddl USING (company_id = tenant.current_company());
CREATE POLICY definer_read ON tenant.users FOR SELECT TO tracker_ddl USING (company_id = tenant.current_company());
CREATE POLICY definer_read ON tenant.company_settings FOR SELECT TO tracker_ddl USING (company_id = tenant.current_company());
CREATE POLICY definer_read ON tenant.user_usage_daily FOR SELECT TO tracker_ddl USING (company_id = tenant.current_company());

-- The teams that the transaction's person leads; none for who was deactivated.
CREATE FUNCTION tenant.led_teams() RETURNS uuid[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN ARRAY(SELECT l.team_id FROM tenant.team_leads l
    JOIN tenant.users u ON u.company_id = l.company_id AND u.id = l.user_id AND u.deactivated_at IS NULL AND u.removed_at IS NULL
    WHERE l.company_id = tenant.current_company() AND l.user_id = tenant.current_user_id());
END $$;

-- Whose look at their records is to be noted: everybody in these teams, or in one of them.
CREATE FUNCTION tenant.led_members(p_team uuid DEFAULT NULL) RETURNS uuid[]
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN ARRAY(SELECT u.id FROM tenant.users u WHERE u.company_id = tenant.current_company()
    AND u.team_id = ANY (tenant.led_teams()) AND (p_team IS NULL OR u.team_id = p_team) AND u.removed_at IS NULL);
END $$;

-- Whose records the lead is shown: the same people, or nobody where the company shows sums alone.
CREATE FUNCTION tenant.led_people() RETURNS uuid[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF EXISTS (SELECT FROM tenant.company_settings s WHERE s.company_id = tenant.current_company() AND s.leads_see = 'people') THEN
    RETURN tenant.led_members();
  END IF;
  RETURN '{}'::uuid[];
END $$;

-- A team's days. Where sums alone are shown a day is told if at least five people besides the lead have time on it, and once it is
-- over everywhere on earth. Neither depends on which days are asked for, so there is nothing to subtract from one another.
CREATE FUNCTION tenant.led_team_days(p_team uuid, p_from date, p_to date)
  RETURNS TABLE (day date, people bigint, tracked_seconds bigint, active_seconds bigint, idle_seconds bigint)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  shows_people boolean := EXISTS (SELECT FROM tenant.company_settings s
    WHERE s.company_id = tenant.current_company() AND s.leads_see = 'people');
BEGIN
  RETURN QUERY SELECT d.day, count(*), sum(d.tracked_seconds), sum(d.active_seconds), sum(d.idle_seconds)
    FROM tenant.users u
    JOIN tenant.user_usage_daily d ON d.company_id = tenant.current_company() AND d.user_id = u.id AND d.tracked_seconds > 0
    WHERE u.company_id = tenant.current_company() AND u.team_id = p_team AND u.team_id = ANY (tenant.led_teams())
      AND d.day BETWEEN p_from AND p_to
      AND d.day < CASE WHEN shows_people THEN 'infinity' ELSE (pg_catalog.timezone('UTC', now()) - interval '12 hours')::date END
    GROUP BY d.day
    HAVING CASE WHEN shows_people THEN true ELSE count(*) FILTER (WHERE u.id <> tenant.current_user_id()) >= 5 END
    ORDER BY d.day;
END $$;

GRANT EXECUTE ON FUNCTION tenant.current_company(), tenant.current_user_id(), tenant.led_teams(), tenant.led_members(uuid),
  tenant.led_people(), tenant.led_team_days(uuid, date, date) TO tracker_lead;

-- What a lead may read of whom they see. A function in a sub-select is asked once a statement, not once a row.
CREATE POLICY lead_read ON tenant.users FOR SELECT TO tracker_lead USING (company_id = tenant.current_company()
  AND removed_at IS NULL
  AND CASE WHEN id = tenant.current_user_id() THEN true ELSE id = ANY ((SELECT tenant.led_people())::uuid[]) END);
GRANT SELECT (company_id, id, name, team_id, deactivated_at) ON tenant.users TO tracker_lead;
DO $$
DECLARE
  rel text;
BEGIN
  FOREACH rel IN ARRAY ARRAY['devices', 'work_sessions', 'work_session_changes', 'activity_log', 'application_usage', 'website_usage',
    'manual_times', 'user_usage_daily', 'user_app_usage_daily', 'user_host_usage_daily', 'user_category_usage_daily'] LOOP
    EXECUTE format('CREATE POLICY lead_read ON tenant.%I FOR SELECT TO tracker_lead USING (company_id = tenant.current_company() '
      'AND user_id = ANY ((SELECT tenant.led_people())::uuid[]))', rel);
  END LOOP;
END $$;
GRANT SELECT (company_id, id, user_id, name, last_seen_at, revoked_at) ON tenant.devices TO tracker_lead;
GRANT SELECT (company_id, id, user_id, session_id, kind, reason) ON tenant.work_session_changes TO tracker_lead;
GRANT SELECT (company_id, id, user_id, started_at, ended_at, kind, reason, state) ON tenant.manual_times TO tracker_lead;
GRANT SELECT ON tenant.work_sessions, tenant.activity_log, tenant.application_usage, tenant.website_usage, tenant.user_usage_daily,
  tenant.user_app_usage_daily, tenant.user_host_usage_daily, tenant.user_category_usage_daily TO tracker_lead;
CREATE POLICY lead_read ON tenant.teams FOR SELECT TO tracker_lead
  USING (company_id = tenant.current_company() AND id = ANY ((SELECT tenant.led_teams())::uuid[]));
GRANT SELECT (company_id, id, name) ON tenant.teams TO tracker_lead;
CREATE POLICY lead_read ON tenant.company_settings FOR SELECT TO tracker_lead USING (company_id = tenant.current_company());
GRANT SELECT (company_id, leads_see) ON tenant.company_settings TO tracker_lead;
CREATE POLICY lead_read ON tenant.company_time_zones FOR SELECT TO tracker_lead USING (company_id = tenant.current_company());
GRANT SELECT ON tenant.company_time_zones TO tracker_lead;

-- A lead writes one thing: that they looked, in their own name, at somebody of their teams.
CREATE POLICY lead_insert ON tenant.access_entries FOR INSERT TO tracker_lead WITH CHECK (company_id = tenant.current_company()
  AND viewer_id = tenant.current_user_id() AND subject_id = ANY ((SELECT tenant.led_members())::uuid[]));
CREATE POLICY lead_own ON tenant.access_entries FOR SELECT TO tracker_lead
  USING (company_id = tenant.current_company() AND viewer_id = tenant.current_user_id());
GRANT SELECT (company_id, id, subject_id, viewer_id, at, kind, day), INSERT (company_id, subject_id, viewer_id, at, kind, day, viewer_name)
  ON tenant.access_entries TO tracker_lead;
CREATE POLICY lead_insert ON tenant.audit_unsealed FOR INSERT TO tracker_lead
  WITH CHECK (company_id = tenant.current_company() AND kind = 'access');
GRANT INSERT (company_id, kind, entry_id) ON tenant.audit_unsealed TO tracker_lead;
