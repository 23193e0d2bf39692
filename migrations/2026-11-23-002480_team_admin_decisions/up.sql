-- An admin of teams decides about manual time and corrects sessions of the people of these teams, and never of the own self. What
-- that changes of sums is summed anew in the same transaction, so the sums of the same people can be written.
DO $$
DECLARE
  others text := 'company_id = tenant.current_company() AND user_id <> tenant.current_user_id() '
    'AND user_id = ANY ((SELECT tenant.administered_people())::uuid[])';
  rel text;
BEGIN
  FOREACH rel IN ARRAY ARRAY['user_usage_daily', 'user_app_usage_daily', 'user_host_usage_daily', 'user_category_usage_daily',
    'user_task_usage_daily', 'user_usage_monthly', 'user_app_usage_monthly', 'user_host_usage_monthly'] LOOP
    EXECUTE format('CREATE POLICY team_admin_insert ON tenant.%I FOR INSERT TO tracker_team_admin WITH CHECK (%s)', rel, others);
    EXECUTE format('CREATE POLICY team_admin_update ON tenant.%I FOR UPDATE TO tracker_team_admin USING (%s) WITH CHECK (%s)',
      rel, others, others);
    EXECUTE format('CREATE POLICY team_admin_delete ON tenant.%I FOR DELETE TO tracker_team_admin USING (%s)', rel, others);
    EXECUTE format('GRANT INSERT, UPDATE, DELETE ON tenant.%I TO tracker_team_admin', rel);
  END LOOP;
  EXECUTE format('CREATE POLICY team_admin_update ON tenant.manual_times FOR UPDATE TO tracker_team_admin USING (%s) '
    'WITH CHECK (%s AND decided_by = tenant.current_user_id())', others, others);
  EXECUTE format('CREATE POLICY team_admin_update ON tenant.work_sessions FOR UPDATE TO tracker_team_admin USING (%s) '
    'WITH CHECK (%s AND deleted_at IS NULL)', others, others);
  EXECUTE format('CREATE POLICY team_admin_insert ON tenant.work_session_changes FOR INSERT TO tracker_team_admin '
    'WITH CHECK (%s AND actor_id = tenant.current_user_id() AND kind <> ''deleted'')', others);
END $$;
GRANT UPDATE (state, decided_at, decided_by, decided_by_name, decision_reason) ON tenant.manual_times TO tracker_team_admin;
GRANT UPDATE (excluded_at, counted_from, counted_to, deleted_at) ON tenant.work_sessions TO tracker_team_admin;
GRANT INSERT ON tenant.work_session_changes TO tracker_team_admin;

-- Whoever sums a person's days locks that person's row, which takes the right to change one of its columns. Nothing can be changed.
CREATE POLICY team_admin_lock ON tenant.users FOR UPDATE TO tracker_team_admin
  USING (company_id = tenant.current_company() AND id <> tenant.current_user_id()
    AND id = ANY ((SELECT tenant.administered_people())::uuid[]))
  WITH CHECK (company_id = tenant.current_company() AND false);
GRANT UPDATE (created_at) ON tenant.users TO tracker_team_admin;

-- By which the time of these days is sorted. All of the company's: a server keeps them by company, whoever asked first.
CREATE POLICY team_admin_read ON tenant.productivity_rules FOR SELECT TO tracker_team_admin USING (company_id = tenant.current_company());
GRANT SELECT ON tenant.productivity_rules TO tracker_team_admin;

-- The company's sums of these days, which such an admin is not shown, are a job's.
ALTER POLICY tenant_insert ON platform.jobs TO tracker_admin, tracker_employee, tracker_agent, tracker_team_admin;
GRANT USAGE ON SCHEMA platform TO tracker_team_admin;
GRANT INSERT ON platform.jobs TO tracker_team_admin;
