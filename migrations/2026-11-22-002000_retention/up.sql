-- Raw records are deleted by age, kind by kind; what was summed from them stays. From these days on they are still there:
-- a day before must not be summed again, also when the company keeps its records longer from now on. Null: nothing was
-- deleted yet.
ALTER TABLE tenant.company_settings ADD COLUMN screenshots_kept_from date, ADD COLUMN usage_kept_from date;
GRANT SELECT (screenshots_kept_from, usage_kept_from) ON tenant.company_settings TO tracker_jobs;

-- Requests know how long a company may keep its records at most.
DROP FUNCTION auth.company_entries(uuid);
CREATE FUNCTION auth.company_entries(p_company uuid)
RETURNS TABLE (id uuid, name text, status text, trial_ends_at timestamptz, expires_at timestamptz, cancelled_at timestamptz,
  time_zone text, plan text, max_employees integer, max_storage_gb integer, retention_days integer, screenshots boolean,
  api_access boolean, two_factor_required boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT c.id, c.name, c.status, c.trial_ends_at, c.expires_at, c.cancelled_at, c.time_zone, p.name,
      coalesce(x.max_employees, p.max_employees), coalesce(x.max_storage_gb, p.max_storage_gb),
      coalesce(x.retention_days, p.retention_days), coalesce(x.screenshots, p.screenshots), coalesce(x.api_access, p.api_access),
      coalesce(s.two_factor_required, false)
    FROM platform.companies c JOIN platform.plans p ON p.id = c.plan_id
    LEFT JOIN platform.company_overrides x ON x.company_id = c.id
    LEFT JOIN auth.sign_in_policies s ON s.company_id = c.id
    WHERE (p_company IS NULL OR c.id = p_company)
      AND NOT EXISTS (SELECT FROM platform.erasures e WHERE e.company_id = c.id);
END $$;
GRANT EXECUTE ON FUNCTION auth.company_entries(uuid) TO tracker_auth;
