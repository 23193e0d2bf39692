-- Everything of a company as one file, made by a job for the admin who asked. The row says how far it is; the file is an
-- object under the company's own prefix, taken away a day later.

CREATE TABLE tenant.exports (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  id uuid NOT NULL,
  requested_by uuid NOT NULL,
  state text NOT NULL DEFAULT 'queued'
    CONSTRAINT exports_state_invalid CHECK (state IN ('queued', 'running', 'ready', 'failed', 'expired')),
  -- Rows and pictures.
  items bigint NOT NULL DEFAULT 0 CONSTRAINT exports_items_invalid CHECK (items >= 0),
  items_done bigint NOT NULL DEFAULT 0 CONSTRAINT exports_items_done_invalid CHECK (items_done >= 0),
  object_key text CONSTRAINT exports_object_key_invalid CHECK (length(object_key) BETWEEN 10 AND 200),
  bytes bigint CONSTRAINT exports_bytes_invalid CHECK (bytes > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  expires_at timestamptz,
  PRIMARY KEY (company_id, id),
  CONSTRAINT exports_ready_has_file
    CHECK ((state = 'ready') = (object_key IS NOT NULL AND bytes IS NOT NULL AND expires_at IS NOT NULL)),
  CONSTRAINT exports_requester_unknown FOREIGN KEY (company_id, requested_by) REFERENCES tenant.users (company_id, id));
CREATE UNIQUE INDEX export_in_progress ON tenant.exports (company_id) WHERE state IN ('queued', 'running');
CREATE INDEX exports_requester ON tenant.exports (company_id, requested_by);
SELECT platform.distribute('tenant.exports', 'company_id');
ALTER TABLE tenant.exports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.exports TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY jobs_read ON tenant.exports FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT, UPDATE (state, items, items_done, object_key, bytes, finished_at, expires_at) ON tenant.exports TO tracker_admin;
GRANT SELECT (company_id, id, requested_by, state, object_key, expires_at) ON tenant.exports TO tracker_jobs;
