-- What the owner's reports read at ten thousand companies.

-- All rows of all subscriptions, in their order, without a look at the table. Nothing was read in the order of time.
DROP INDEX platform.subscriptions_time;
CREATE INDEX subscriptions_history ON platform.subscriptions (company_id, id)
  INCLUDE (starts_at, status, plan_id, currency, period, price_minor);

-- A company's months, summed from its days whenever one of them is.
CREATE TABLE platform.company_usage_monthly (
  company_id uuid NOT NULL REFERENCES platform.companies (id) ON DELETE CASCADE,
  month date NOT NULL CONSTRAINT company_usage_monthly_month_invalid CHECK (extract(day FROM month) = 1),
  active_seconds bigint NOT NULL,
  -- On its busiest day.
  active_employees integer NOT NULL,
  PRIMARY KEY (company_id, month));
CREATE INDEX company_usage_monthly_month ON platform.company_usage_monthly (month) INCLUDE (active_seconds, active_employees);
SELECT platform.distribute('platform.company_usage_monthly', 'company_id');
ALTER TABLE platform.company_usage_monthly ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform_read ON platform.company_usage_monthly FOR SELECT TO tracker_platform USING (true);
CREATE POLICY jobs_all ON platform.company_usage_monthly TO tracker_jobs USING (true) WITH CHECK (true);
CREATE POLICY eraser_own ON platform.company_usage_monthly TO tracker_eraser USING (company_id = tenant.current_company()
  AND (SELECT platform.erasure_is_due()));
GRANT SELECT (company_id), DELETE ON platform.company_usage_monthly TO tracker_eraser;
GRANT SELECT ON platform.company_usage_monthly TO tracker_platform;
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.company_usage_monthly TO tracker_jobs;
INSERT INTO platform.company_usage_monthly
  SELECT company_id, date_trunc('month', day::timestamp)::date, sum(active_seconds), max(active_employees)
  FROM platform.company_usage_daily GROUP BY 1, 2;
