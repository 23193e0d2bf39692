-- Everything of one person as one file, made by a job for that person alone. Row and file are theirs, whatever role they have:
-- the role of an employee writes the row, also while the job makes the file, so that no other row can be reached from here.

CREATE TABLE tenant.own_exports (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  id uuid NOT NULL,
  user_id uuid NOT NULL DEFAULT tenant.current_user_id(),
  state text NOT NULL DEFAULT 'queued'
    CONSTRAINT own_exports_state_invalid CHECK (state IN ('queued', 'running', 'ready', 'failed', 'expired')),
  -- Rows and pictures.
  items bigint NOT NULL DEFAULT 0 CONSTRAINT own_exports_items_invalid CHECK (items >= 0),
  items_done bigint NOT NULL DEFAULT 0 CONSTRAINT own_exports_items_done_invalid CHECK (items_done >= 0),
  object_key text CONSTRAINT own_exports_object_key_invalid CHECK (length(object_key) BETWEEN 10 AND 200),
  bytes bigint CONSTRAINT own_exports_bytes_invalid CHECK (bytes > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  expires_at timestamptz,
  PRIMARY KEY (company_id, id),
  CONSTRAINT own_exports_ready_has_file
    CHECK ((state = 'ready') = (object_key IS NOT NULL AND bytes IS NOT NULL AND expires_at IS NOT NULL)),
  CONSTRAINT own_exports_person_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id));
CREATE UNIQUE INDEX own_export_in_progress ON tenant.own_exports (company_id, user_id) WHERE state IN ('queued', 'running');
CREATE INDEX own_exports_person ON tenant.own_exports (company_id, user_id, id);
SELECT platform.distribute('tenant.own_exports', 'company_id');
ALTER TABLE tenant.own_exports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY employee_own ON tenant.own_exports TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id())
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
-- That nothing is left of whoever was removed is counted by this role, which writes nothing here.
CREATE POLICY admin_all ON tenant.own_exports TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY jobs_read ON tenant.own_exports FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.own_exports TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE user_id = (SELECT tenant.person_to_erase()) END);
GRANT SELECT, INSERT (company_id, id, user_id), UPDATE (state, items, items_done, object_key, bytes, finished_at, expires_at)
  ON tenant.own_exports TO tracker_employee;
GRANT SELECT ON tenant.own_exports TO tracker_admin;
GRANT SELECT (company_id, user_id, state, object_key, expires_at) ON tenant.own_exports TO tracker_jobs;
GRANT SELECT (company_id, user_id, object_key), DELETE ON tenant.own_exports TO tracker_eraser;
