REVOKE INSERT ON platform.jobs FROM tracker_team_admin;
REVOKE USAGE ON SCHEMA platform FROM tracker_team_admin;
ALTER POLICY tenant_insert ON platform.jobs TO tracker_admin, tracker_employee, tracker_agent;
REVOKE SELECT ON tenant.productivity_rules FROM tracker_team_admin;
DROP POLICY team_admin_read ON tenant.productivity_rules;
REVOKE UPDATE (created_at) ON tenant.users FROM tracker_team_admin;
DROP POLICY team_admin_lock ON tenant.users;
REVOKE INSERT ON tenant.work_session_changes FROM tracker_team_admin;
REVOKE UPDATE (excluded_at, counted_from, counted_to, deleted_at) ON tenant.work_sessions FROM tracker_team_admin;
REVOKE UPDATE (state, decided_at, decided_by, decided_by_name, decision_reason) ON tenant.manual_times FROM tracker_team_admin;
DROP POLICY team_admin_insert ON tenant.work_session_changes;
DROP POLICY team_admin_update ON tenant.work_sessions;
DROP POLICY team_admin_update ON tenant.manual_times;
DO $$
DECLARE
  rel text;
BEGIN
  FOREACH rel IN ARRAY ARRAY['user_usage_daily', 'user_app_usage_daily', 'user_host_usage_daily', 'user_category_usage_daily',
    'user_task_usage_daily', 'user_usage_monthly', 'user_app_usage_monthly', 'user_host_usage_monthly'] LOOP
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON tenant.%I FROM tracker_team_admin', rel);
    EXECUTE format('DROP POLICY team_admin_delete ON tenant.%I', rel);
    EXECUTE format('DROP POLICY team_admin_update ON tenant.%I', rel);
    EXECUTE format('DROP POLICY team_admin_insert ON tenant.%I', rel);
  END LOOP;
END $$;
