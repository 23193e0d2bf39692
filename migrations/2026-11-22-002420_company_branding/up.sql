-- How a company shows itself to its own people: a row once an admin has said anything, none before. The logo lies here and
-- not among the objects: it is small and bounded, comes and goes in the transaction that says so, and leaves with the company.
CREATE TABLE tenant.company_branding (
  company_id uuid NOT NULL DEFAULT tenant.current_company() PRIMARY KEY REFERENCES platform.companies (id),
  -- Counts changes, from 0 on: a company without a row has none.
  version integer NOT NULL DEFAULT 0,
  -- Shown in place of the company's name, which stays what the service's owner knows.
  name text CONSTRAINT company_branding_name_invalid CHECK (length(name) BETWEEN 1 AND 60),
  accent text CONSTRAINT company_branding_accent_invalid CHECK (accent ~ '^#[0-9a-f]{6}$'),
  -- WebP, coded by the server.
  logo bytea CONSTRAINT company_branding_logo_too_large CHECK (octet_length(logo) BETWEEN 1 AND 65536),
  -- The version that the logo came with.
  logo_version integer,
  logo_width integer,
  logo_height integer,
  -- Whether it is made for a dark ground.
  logo_on_dark boolean,
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT company_branding_logo_incomplete
    CHECK (num_nonnulls(logo, logo_version, logo_width, logo_height, logo_on_dark) IN (0, 5)));
SELECT platform.distribute('tenant.company_branding', 'company_id');
ALTER TABLE tenant.company_branding ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.company_branding TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_read ON tenant.company_branding FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company());
CREATE POLICY jobs_read ON tenant.company_branding FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.company_branding TO tracker_eraser
  USING (company_id = tenant.current_company() AND (SELECT platform.erasure_is_due()));
GRANT SELECT, INSERT, UPDATE ON tenant.company_branding TO tracker_admin;
GRANT SELECT ON tenant.company_branding TO tracker_employee;
-- That it is there, and nothing of what it says.
GRANT SELECT (company_id) ON tenant.company_branding TO tracker_jobs;
GRANT SELECT (company_id), DELETE ON tenant.company_branding TO tracker_eraser;
