-- The owner's side: companies, their plans, the history of both, and the numbers published about them.

CREATE TABLE platform.plans (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL CONSTRAINT plans_name_taken UNIQUE
    CONSTRAINT plans_name_invalid CHECK (name ~ '^[A-Z][A-Z0-9_]{1,31}$'),
  max_employees integer NOT NULL CONSTRAINT plans_max_employees_invalid CHECK (max_employees BETWEEN 1 AND 1000000),
  max_storage_gb integer NOT NULL CONSTRAINT plans_max_storage_gb_invalid CHECK (max_storage_gb BETWEEN 1 AND 1000000),
  price_minor bigint NOT NULL CONSTRAINT plans_price_minor_invalid CHECK (price_minor BETWEEN 0 AND 1000000000000),
  currency text NOT NULL CONSTRAINT plans_currency_invalid CHECK (currency ~ '^[A-Z]{3}$'),
  retention_days integer NOT NULL CONSTRAINT plans_retention_days_invalid CHECK (retention_days BETWEEN 1 AND 3660),
  created_at timestamptz NOT NULL DEFAULT now());
SELECT platform.distribute('platform.plans', 'reference');
GRANT SELECT, INSERT, UPDATE ON platform.plans TO tracker_platform;
GRANT SELECT ON platform.plans TO tracker_jobs;
INSERT INTO platform.plans (name, max_employees, max_storage_gb, price_minor, currency, retention_days) VALUES
  ('FREE', 5, 10, 0, 'USD', 90), ('PRO', 50, 100, 9900, 'USD', 365), ('ENTERPRISE', 999, 1000, 49900, 'USD', 1095);

CREATE TABLE platform.companies (
  id uuid PRIMARY KEY,
  name text NOT NULL CONSTRAINT companies_name_invalid CHECK (length(name) BETWEEN 1 AND 120),
  slug text NOT NULL CONSTRAINT companies_slug_taken UNIQUE
    CONSTRAINT companies_slug_invalid CHECK (slug ~ '^[a-z0-9](-?[a-z0-9])*$' AND length(slug) <= 80),
  status text NOT NULL CONSTRAINT companies_status_invalid
    CHECK (status IN ('TRIAL', 'ACTIVE', 'SUSPENDED', 'EXPIRED', 'CANCELLED')),
  plan_id uuid NOT NULL CONSTRAINT companies_plan_unknown REFERENCES platform.plans (id),
  -- What an OWNER typed at creation: the one datum of a person on this side.
  admin_email text NOT NULL CONSTRAINT companies_admin_email_invalid CHECK (length(admin_email) BETWEEN 3 AND 254),
  time_zone text NOT NULL CONSTRAINT companies_time_zone_invalid CHECK (length(time_zone) BETWEEN 1 AND 64),
  currency text NOT NULL DEFAULT 'USD' CONSTRAINT companies_currency_invalid CHECK (currency ~ '^[A-Z]{3}$'),
  display_name text CONSTRAINT companies_display_name_invalid CHECK (length(display_name) BETWEEN 1 AND 120),
  colour text CONSTRAINT companies_colour_invalid CHECK (colour ~ '^#[0-9a-f]{6}$'),
  logo_key text CONSTRAINT companies_logo_key_invalid CHECK (length(logo_key) <= 200),
  trial_ends_at timestamptz,
  expires_at timestamptz,
  suspended_reason text CONSTRAINT companies_suspended_reason_invalid CHECK (length(suspended_reason) <= 500),
  cancelled_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX companies_name ON platform.companies (lower(name), id);
CREATE INDEX companies_created ON platform.companies (created_at, id);
SELECT platform.distribute('platform.companies', 'reference');
ALTER TABLE platform.companies ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON platform.companies TO tracker_platform USING (true) WITH CHECK (true);
CREATE POLICY jobs_all ON platform.companies TO tracker_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON platform.companies TO tracker_platform;
GRANT SELECT (id, status, plan_id, time_zone, trial_ends_at, expires_at, created_at), UPDATE (status, updated_at)
  ON platform.companies TO tracker_jobs;

-- Published by the jobs, read by the owner: the platform role has no way to the rows behind it.
CREATE TABLE platform.company_overview (
  company_id uuid PRIMARY KEY REFERENCES platform.companies (id) ON DELETE CASCADE,
  employees_active integer NOT NULL DEFAULT 0,
  storage_bytes bigint NOT NULL DEFAULT 0,
  active_seconds_30d bigint NOT NULL DEFAULT 0,
  sessions_30d bigint NOT NULL DEFAULT 0,
  screenshots_30d bigint NOT NULL DEFAULT 0,
  devices integer NOT NULL DEFAULT 0,
  last_sync_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX company_overview_active ON platform.company_overview (active_seconds_30d, company_id);
CREATE INDEX company_overview_sessions ON platform.company_overview (sessions_30d, company_id);
CREATE INDEX company_overview_screenshots ON platform.company_overview (screenshots_30d, company_id);
CREATE INDEX company_overview_storage ON platform.company_overview (storage_bytes, company_id);
CREATE INDEX company_overview_employees ON platform.company_overview (employees_active, company_id);
CREATE INDEX company_overview_last_sync ON platform.company_overview (last_sync_at, company_id);
SELECT platform.distribute('platform.company_overview', 'reference');
ALTER TABLE platform.company_overview ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON platform.company_overview TO tracker_platform USING (true) WITH CHECK (true);
CREATE POLICY jobs_all ON platform.company_overview TO tracker_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON platform.company_overview TO tracker_platform;
GRANT SELECT, INSERT, UPDATE ON platform.company_overview TO tracker_jobs;

-- How much each key is still in use, so that a rotation can be watched.
CREATE TABLE platform.company_key_usage (
  company_id uuid NOT NULL REFERENCES platform.companies (id) ON DELETE CASCADE,
  key_id uuid NOT NULL,
  devices integer NOT NULL DEFAULT 0,
  last_used_at timestamptz,
  PRIMARY KEY (company_id, key_id));
SELECT platform.distribute('platform.company_key_usage', 'reference');
ALTER TABLE platform.company_key_usage ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform_read ON platform.company_key_usage FOR SELECT TO tracker_platform USING (true);
CREATE POLICY jobs_all ON platform.company_key_usage TO tracker_jobs USING (true) WITH CHECK (true);
GRANT SELECT ON platform.company_key_usage TO tracker_platform;
GRANT SELECT, INSERT, UPDATE ON platform.company_key_usage TO tracker_jobs;

-- Append-only. A row holds from `starts_at` until the next one of its company.
CREATE TABLE platform.subscriptions (
  company_id uuid NOT NULL REFERENCES platform.companies (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  event text NOT NULL CONSTRAINT subscriptions_event_invalid CHECK (event IN ('created', 'plan_changed', 'suspended',
    'reactivated', 'trial_extended', 'expired', 'cancelled')),
  plan_id uuid NOT NULL CONSTRAINT subscriptions_plan_unknown REFERENCES platform.plans (id),
  price_minor bigint NOT NULL,
  currency text NOT NULL,
  status text NOT NULL,
  starts_at timestamptz NOT NULL DEFAULT now(),
  actor_id uuid NOT NULL,
  actor text NOT NULL CONSTRAINT subscriptions_actor_invalid CHECK (length(actor) <= 254),
  reason text CONSTRAINT subscriptions_reason_invalid CHECK (length(reason) <= 500),
  PRIMARY KEY (company_id, id));
CREATE INDEX subscriptions_time ON platform.subscriptions (company_id, starts_at, id);
SELECT platform.distribute('platform.subscriptions', 'reference');
ALTER TABLE platform.subscriptions ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON platform.subscriptions TO tracker_platform USING (true) WITH CHECK (true);
CREATE POLICY jobs_all ON platform.subscriptions TO tracker_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON platform.subscriptions TO tracker_platform;
GRANT INSERT ON platform.subscriptions TO tracker_jobs;

-- The owner's only window onto usage: sums of a company's day, no person, nothing finer.
CREATE TABLE platform.company_usage_daily (
  company_id uuid NOT NULL REFERENCES platform.companies (id) ON DELETE CASCADE,
  day date NOT NULL,
  active_employees integer NOT NULL,
  sessions integer NOT NULL,
  active_seconds bigint NOT NULL,
  screenshots integer NOT NULL,
  storage_bytes bigint NOT NULL,
  events bigint NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, day));
SELECT platform.distribute('platform.company_usage_daily', 'company_id');
ALTER TABLE platform.company_usage_daily ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform_read ON platform.company_usage_daily FOR SELECT TO tracker_platform USING (true);
CREATE POLICY jobs_all ON platform.company_usage_daily TO tracker_jobs USING (true) WITH CHECK (true);
GRANT SELECT ON platform.company_usage_daily TO tracker_platform;
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.company_usage_daily TO tracker_jobs;
