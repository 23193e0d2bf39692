-- What one company has other than its plan says: agreed with it alone, for a reason. Null: as the plan says.

CREATE TABLE platform.company_overrides (
  company_id uuid PRIMARY KEY REFERENCES platform.companies (id) ON DELETE CASCADE,
  max_employees integer CONSTRAINT company_overrides_max_employees_invalid CHECK (max_employees BETWEEN 1 AND 1000000),
  max_storage_gb integer CONSTRAINT company_overrides_max_storage_gb_invalid CHECK (max_storage_gb BETWEEN 1 AND 1000000),
  retention_days integer CONSTRAINT company_overrides_retention_days_invalid CHECK (retention_days BETWEEN 1 AND 3660),
  history_days integer CONSTRAINT company_overrides_history_days_invalid CHECK (history_days BETWEEN 1 AND 3660),
  screenshots boolean,
  api_access boolean,
  webhooks boolean,
  exports boolean,
  reason text NOT NULL CONSTRAINT company_overrides_reason_invalid CHECK (length(reason) BETWEEN 1 AND 500),
  changed_by text NOT NULL CONSTRAINT company_overrides_changed_by_invalid CHECK (length(changed_by) <= 254),
  version integer NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL DEFAULT now());
SELECT platform.distribute('platform.company_overrides', 'reference');
ALTER TABLE platform.company_overrides ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON platform.company_overrides TO tracker_platform USING (true) WITH CHECK (true);
CREATE POLICY jobs_read ON platform.company_overrides FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT, UPDATE ON platform.company_overrides TO tracker_platform;
GRANT SELECT (company_id) ON platform.company_overrides TO tracker_jobs;

CREATE OR REPLACE FUNCTION auth.company_entries(p_company uuid)
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
