DROP FUNCTION auth.company_entries(uuid);
CREATE FUNCTION auth.company_entries(p_company uuid)
RETURNS TABLE (id uuid, name text, status text, trial_ends_at timestamptz, expires_at timestamptz, time_zone text,
  plan text, max_employees integer, max_storage_gb integer, screenshots boolean, api_access boolean,
  two_factor_required boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT c.id, c.name, c.status, c.trial_ends_at, c.expires_at, c.time_zone, p.name,
      coalesce(x.max_employees, p.max_employees), coalesce(x.max_storage_gb, p.max_storage_gb),
      coalesce(x.screenshots, p.screenshots), coalesce(x.api_access, p.api_access), coalesce(s.two_factor_required, false)
    FROM platform.companies c JOIN platform.plans p ON p.id = c.plan_id
    LEFT JOIN platform.company_overrides x ON x.company_id = c.id
    LEFT JOIN auth.sign_in_policies s ON s.company_id = c.id WHERE p_company IS NULL OR c.id = p_company;
END $$;
GRANT EXECUTE ON FUNCTION auth.company_entries(uuid) TO tracker_auth;
DROP FUNCTION auth.erase_company();
REVOKE SELECT (name, cancelled_at) ON platform.companies FROM tracker_jobs;
REVOKE SELECT (id), UPDATE (slug, admin_email, display_name, colour, logo_key, suspended_reason, updated_at)
  ON platform.companies FROM tracker_eraser;
DROP POLICY eraser_own ON platform.companies;
DO $$
DECLARE
  rel text;
BEGIN
  FOREACH rel IN ARRAY ARRAY['tenant.access_entries', 'tenant.activity_log', 'tenant.application_usage', 'tenant.audit_entries',
    'tenant.company_settings', 'tenant.company_time_zones', 'tenant.company_usage', 'tenant.devices', 'tenant.exports',
    'tenant.idempotency_keys', 'tenant.ingest_batches', 'tenant.invitations', 'tenant.screenshots', 'tenant.tasks', 'tenant.teams',
    'tenant.user_app_usage_daily', 'tenant.user_host_usage_daily', 'tenant.user_usage_daily', 'tenant.users', 'tenant.website_usage',
    'tenant.work_sessions', 'platform.company_key_usage', 'platform.company_notes', 'platform.company_overrides',
    'platform.company_overview', 'platform.company_usage_daily', 'platform.expiry_reminders', 'platform.jobs',
    'platform.planned_plan_changes'] LOOP
    EXECUTE format('DROP POLICY eraser_own ON %s', rel);
    EXECUTE format('REVOKE ALL ON %s FROM tracker_eraser', rel);
  END LOOP;
END $$;
DROP FUNCTION platform.erasure_is_due();
REVOKE EXECUTE ON FUNCTION tenant.current_company() FROM tracker_eraser;
DROP TABLE platform.erasures;
