-- Large reports are made by a job: the row says how far one is, and the file is an object under the company's own prefix, taken
-- away a day later. A saved report can be made again and again, and goes to admins by a link.
CREATE TABLE tenant.report_files (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  id uuid NOT NULL,
  requested_by uuid NOT NULL,
  name text NOT NULL CONSTRAINT report_files_name_invalid CHECK (length(name) BETWEEN 1 AND 120),
  report jsonb NOT NULL
    CONSTRAINT report_files_report_invalid CHECK (jsonb_typeof(report) = 'object' AND length(report::text) <= 2000),
  format text NOT NULL CONSTRAINT report_files_format_invalid CHECK (format IN ('csv', 'xlsx', 'pdf')),
  -- Who can fetch it besides whoever asked.
  readers uuid[] NOT NULL DEFAULT '{}' CONSTRAINT report_files_readers_invalid CHECK (cardinality(readers) <= 20),
  -- At whose days a reader looks, and up to which: known when it is made.
  subjects uuid[] NOT NULL DEFAULT '{}',
  last_day date,
  state text NOT NULL DEFAULT 'queued'
    CONSTRAINT report_files_state_invalid CHECK (state IN ('queued', 'running', 'ready', 'failed', 'expired')),
  parts integer NOT NULL DEFAULT 0 CONSTRAINT report_files_parts_invalid CHECK (parts >= 0),
  parts_done integer NOT NULL DEFAULT 0 CONSTRAINT report_files_parts_done_invalid CHECK (parts_done >= 0),
  object_key text CONSTRAINT report_files_object_key_invalid CHECK (length(object_key) BETWEEN 10 AND 200),
  bytes bigint CONSTRAINT report_files_bytes_invalid CHECK (bytes > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  expires_at timestamptz,
  PRIMARY KEY (company_id, id),
  CONSTRAINT report_files_ready_has_file
    CHECK ((state = 'ready') = (object_key IS NOT NULL AND bytes IS NOT NULL AND expires_at IS NOT NULL)),
  CONSTRAINT report_files_requester_unknown FOREIGN KEY (company_id, requested_by) REFERENCES tenant.users (company_id, id));
CREATE INDEX report_files_requester ON tenant.report_files (company_id, requested_by);
SELECT platform.distribute('tenant.report_files', 'company_id');
ALTER TABLE tenant.report_files ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.report_files TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY jobs_read ON tenant.report_files FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.report_files TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE requested_by = (SELECT tenant.person_to_erase()) END);
GRANT SELECT, INSERT, UPDATE (state, readers, subjects, last_day, parts, parts_done, object_key, bytes, finished_at, expires_at)
  ON tenant.report_files TO tracker_admin;
GRANT SELECT (company_id, id, requested_by, state, expires_at) ON tenant.report_files TO tracker_jobs;
GRANT SELECT (company_id, requested_by, object_key), DELETE ON tenant.report_files TO tracker_eraser;

ALTER TABLE tenant.saved_reports
  ADD COLUMN repeats text CONSTRAINT saved_reports_repeats_invalid CHECK (repeats IN ('daily', 'weekly', 'monthly')),
  -- Weekly: 1 is Monday. Monthly: the day, or the last one of a month that has fewer.
  ADD COLUMN repeats_on smallint,
  -- On the company's clock.
  ADD COLUMN hour smallint CONSTRAINT saved_reports_hour_invalid CHECK (hour BETWEEN 0 AND 23),
  ADD COLUMN format text CONSTRAINT saved_reports_format_invalid CHECK (format IN ('csv', 'xlsx', 'pdf')),
  ADD COLUMN recipients uuid[] CONSTRAINT saved_reports_recipients_invalid CHECK (cardinality(recipients) <= 20),
  ADD COLUMN next_at timestamptz,
  ADD COLUMN last_at timestamptz,
  ADD CONSTRAINT saved_reports_repeats_on_invalid CHECK (CASE repeats WHEN 'weekly' THEN coalesce(repeats_on BETWEEN 1 AND 7, false)
    WHEN 'monthly' THEN coalesce(repeats_on BETWEEN 1 AND 31, false) ELSE repeats_on IS NULL END),
  ADD CONSTRAINT saved_reports_schedule_incomplete CHECK (num_nonnulls(repeats, hour, format, recipients, next_at) IN (0, 5));
CREATE INDEX saved_reports_due ON tenant.saved_reports (company_id, next_at) WHERE next_at IS NOT NULL;
GRANT SELECT (next_at) ON tenant.saved_reports TO tracker_jobs;
