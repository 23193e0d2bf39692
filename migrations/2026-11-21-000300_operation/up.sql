-- Who runs the service, what they did, and the queue of what is to be done.

CREATE TABLE platform.owners (
  id uuid PRIMARY KEY,
  email text NOT NULL CONSTRAINT owners_email_taken UNIQUE CONSTRAINT owners_email_invalid CHECK (length(email) BETWEEN 3 AND 254),
  name text NOT NULL CONSTRAINT owners_name_invalid CHECK (length(name) BETWEEN 1 AND 120),
  created_at timestamptz NOT NULL DEFAULT now());
SELECT platform.distribute('platform.owners', 'local');
GRANT SELECT, INSERT, UPDATE ON platform.owners TO tracker_platform;

-- Append-only: what owners and jobs did to companies. The nil company means the platform itself.
CREATE TABLE platform.audit_entries (
  id uuid PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  actor_id uuid NOT NULL,
  actor text NOT NULL CONSTRAINT audit_entries_actor_invalid CHECK (length(actor) <= 254),
  action text NOT NULL CONSTRAINT audit_entries_action_invalid CHECK (action ~ '^[a-z_]+\.[a-z_]+$'),
  company_id uuid NOT NULL,
  detail jsonb NOT NULL DEFAULT '{}' CONSTRAINT audit_entries_detail_too_long CHECK (length(detail::text) <= 4000),
  request_id text CONSTRAINT audit_entries_request_id_invalid CHECK (length(request_id) <= 64));
CREATE INDEX audit_entries_company ON platform.audit_entries (company_id, at);
SELECT platform.distribute('platform.audit_entries', 'local');
GRANT SELECT, INSERT ON platform.audit_entries TO tracker_platform;
GRANT INSERT ON platform.audit_entries TO tracker_jobs;

-- Payloads hold ids and days only. The nil company marks work that belongs to no company.
CREATE TABLE platform.jobs (
  id uuid PRIMARY KEY,
  company_id uuid NOT NULL,
  kind text NOT NULL CONSTRAINT jobs_kind_invalid CHECK (kind ~ '^[a-z_]{1,60}$'),
  payload jsonb NOT NULL DEFAULT '{}' CONSTRAINT jobs_payload_too_long CHECK (length(payload::text) <= 4000),
  dedupe_key text NOT NULL CONSTRAINT jobs_dedupe_key_invalid CHECK (length(dedupe_key) BETWEEN 1 AND 200),
  state text NOT NULL DEFAULT 'queued' CONSTRAINT jobs_state_invalid CHECK (state IN ('queued', 'running', 'done', 'failed')),
  attempts integer NOT NULL DEFAULT 0,
  run_at timestamptz NOT NULL DEFAULT now(),
  locked_until timestamptz,
  finished_at timestamptz,
  error text CONSTRAINT jobs_error_too_long CHECK (length(error) <= 2000),
  created_at timestamptz NOT NULL DEFAULT now());
-- While one waits, a second of the same key is not needed; once it runs, it is.
CREATE UNIQUE INDEX jobs_dedupe ON platform.jobs (dedupe_key) WHERE state = 'queued';
CREATE INDEX jobs_due ON platform.jobs (run_at) WHERE state = 'queued';
CREATE INDEX jobs_running ON platform.jobs (locked_until) WHERE state = 'running';
SELECT platform.distribute('platform.jobs', 'local');
ALTER TABLE platform.jobs ENABLE ROW LEVEL SECURITY;
CREATE POLICY jobs_all ON platform.jobs TO tracker_jobs USING (true) WITH CHECK (true);
CREATE POLICY platform_all ON platform.jobs TO tracker_platform USING (true) WITH CHECK (true);
CREATE POLICY tenant_insert ON platform.jobs FOR INSERT TO tracker_admin, tracker_employee, tracker_agent
  WITH CHECK (company_id = tenant.current_company());
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.jobs TO tracker_jobs;
GRANT INSERT ON platform.jobs TO tracker_admin, tracker_employee, tracker_agent, tracker_platform;
GRANT SELECT (id, company_id, kind, state, attempts, run_at, finished_at, created_at) ON platform.jobs TO tracker_platform;
