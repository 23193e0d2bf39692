-- Reports that an admin keeps under a name: what is asked for, never what was answered. Shared ones other admins see too.
CREATE TABLE tenant.saved_reports (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  id uuid NOT NULL,
  created_by uuid NOT NULL,
  name text NOT NULL CONSTRAINT saved_reports_name_invalid CHECK (length(name) BETWEEN 1 AND 120),
  report jsonb NOT NULL
    CONSTRAINT saved_reports_report_invalid CHECK (jsonb_typeof(report) = 'object' AND length(report::text) <= 2000),
  shared boolean NOT NULL DEFAULT false,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, id),
  CONSTRAINT saved_reports_name_taken UNIQUE (company_id, created_by, name),
  CONSTRAINT saved_reports_creator_unknown FOREIGN KEY (company_id, created_by) REFERENCES tenant.users (company_id, id));
SELECT platform.distribute('tenant.saved_reports', 'company_id');
ALTER TABLE tenant.saved_reports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.saved_reports TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY jobs_read ON tenant.saved_reports FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.saved_reports TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE created_by = (SELECT tenant.person_to_erase()) END);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.saved_reports TO tracker_admin;
GRANT SELECT (company_id, id, created_by) ON tenant.saved_reports TO tracker_jobs;
GRANT SELECT (company_id, created_by), DELETE ON tenant.saved_reports TO tracker_eraser;
