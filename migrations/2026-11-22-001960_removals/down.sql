DROP FUNCTION auth.erase_person();
DROP FUNCTION auth.request_removal(uuid);
ALTER TABLE auth.credentials DROP CONSTRAINT removal_in_progress, DROP COLUMN removal_requested_at;
DROP POLICY eraser_count ON tenant.company_usage;
DROP POLICY eraser_read ON tenant.company_usage;
REVOKE SELECT (storage_bytes), UPDATE (storage_bytes) ON tenant.company_usage FROM tracker_eraser;
REVOKE SELECT (payload) ON platform.jobs FROM tracker_eraser;
REVOKE SELECT (email) ON tenant.invitations FROM tracker_eraser;
DROP POLICY eraser_forget ON tenant.tasks;
DROP POLICY eraser_read ON tenant.tasks;
REVOKE SELECT (assignee_id), UPDATE (assignee_id) ON tenant.tasks FROM tracker_eraser;
DROP POLICY eraser_forget ON tenant.access_entries;
DROP POLICY eraser_read ON tenant.access_entries;
REVOKE SELECT (subject_id, viewer_id), UPDATE (viewer_name) ON tenant.access_entries FROM tracker_eraser;
REVOKE SELECT (id, object_key, thumbnail_key, bytes) ON tenant.screenshots FROM tracker_eraser;
REVOKE SELECT (requested_by, object_key) ON tenant.exports FROM tracker_eraser;
REVOKE SELECT (actor_id) ON tenant.idempotency_keys FROM tracker_eraser;
REVOKE SELECT (user_id) ON tenant.devices FROM tracker_eraser;
DROP POLICY eraser_forget ON tenant.users;
DROP POLICY eraser_read ON tenant.users;
REVOKE SELECT (id, email), UPDATE (email, name, role, team_id, removed_at) ON tenant.users FROM tracker_eraser;
DROP POLICY eraser_forget ON tenant.audit_entries;
DROP POLICY eraser_read ON tenant.audit_entries;
REVOKE SELECT (actor_id), UPDATE (actor) ON tenant.audit_entries FROM tracker_eraser;
DO $$
DECLARE
  rel text;
BEGIN
  FOREACH rel IN ARRAY ARRAY['access_entries', 'audit_entries', 'company_usage', 'tasks', 'users'] LOOP
    EXECUTE format('DROP POLICY eraser_own ON tenant.%I', rel);
    EXECUTE format('CREATE POLICY eraser_own ON tenant.%I TO tracker_eraser USING (company_id = tenant.current_company() '
      'AND (SELECT platform.erasure_is_due()))', rel);
  END LOOP;
  FOREACH rel IN ARRAY ARRAY['tenant.activity_log', 'tenant.application_usage', 'tenant.website_usage', 'tenant.screenshots',
    'tenant.user_app_usage_daily', 'tenant.user_host_usage_daily', 'tenant.user_usage_daily', 'tenant.ingest_batches',
    'tenant.work_sessions', 'tenant.devices', 'tenant.idempotency_keys', 'tenant.exports', 'tenant.invitations', 'platform.jobs'] LOOP
    EXECUTE format('ALTER POLICY eraser_own ON %s USING (company_id = tenant.current_company() AND (SELECT platform.erasure_is_due()))', rel);
  END LOOP;
END $$;
ALTER POLICY admin_all ON tenant.users USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
ALTER POLICY employee_own ON tenant.users USING (company_id = tenant.current_company() AND id = tenant.current_user_id());
ALTER POLICY agent_own ON tenant.users USING (company_id = tenant.current_company() AND id = tenant.current_user_id());
ALTER TABLE tenant.users DROP COLUMN removed_at;
DROP FUNCTION tenant.person_to_erase();
DROP TABLE tenant.removals;
REVOKE EXECUTE ON FUNCTION tenant.current_user_id() FROM tracker_eraser;
