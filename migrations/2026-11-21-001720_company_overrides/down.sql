CREATE OR REPLACE FUNCTION auth.company_entries(p_company uuid)
RETURNS TABLE (id uuid, name text, status text, trial_ends_at timestamptz, expires_at timestamptz, time_zone text,
  plan text, max_employees integer, max_storage_gb integer, screenshots boolean, api_access boolean,
  two_factor_required boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT c.id, c.name, c.status, c.trial_ends_at, c.expires_at, c.time_zone, p.name, p.max_employees,
      p.max_storage_gb, p.screenshots, p.api_access, coalesce(s.two_factor_required, false)
    FROM platform.companies c JOIN platform.plans p ON p.id = c.plan_id
    LEFT JOIN auth.sign_in_policies s ON s.company_id = c.id WHERE p_company IS NULL OR c.id = p_company;
END $$;
DROP TABLE platform.company_overrides;
