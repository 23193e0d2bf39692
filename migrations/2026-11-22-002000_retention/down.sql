DROP FUNCTION auth.company_entries(uuid);
CREATE FUNCTION auth.company_entries(p_company uuid)
RETURNS TABLE (id uuid, name text, status text, trial_ends_at timestamptz, expires_at timestamptz, cancelled_at timestamptz,
  time_zone text, plan text, max_employees integer, max_storage_gb integer, screenshots boolean, api_access boolean,
  two_factor_required boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT c.id, c.name, c.status, c.trial_ends_at, c.expires_at, c.cancelled_at, c.time_zone, p.name,
      coalesce(x.max_employees, p.max_employees), coalesce(x.max_storage_gb, p.max_storage_gb),
      coalesce(x.screenshots, p.screenshots), coalesce(x.api_access, p.api_access), coalesce(s.two_factor_required, false)
    FROM platform.companies c JOIN platform.plans p ON p.id = c.plan_id
    LEFT JOIN platform.company_overrides x ON x.company_id = c.id
    LEFT JOIN auth.sign_in_policies s ON s.company_id = c.id
    WHERE (p_company IS NULL OR c.id = p_company)
      AND NOT EXISTS (SELECT FROM platform.erasures e WHERE e.company_id = c.id);
END $$;
GRANT EXECUTE ON FUNCTION auth.company_entries(uuid) TO tracker_auth;
ALTER TABLE tenant.company_settings DROP COLUMN screenshots_kept_from, DROP COLUMN usage_kept_from;
