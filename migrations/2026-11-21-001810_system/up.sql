-- How the service is doing, for its owner: what only the jobs can see is published by one, with its time.

CREATE TABLE platform.system_status (
  id boolean PRIMARY KEY DEFAULT true CONSTRAINT system_status_one_row CHECK (id),
  database_bytes bigint NOT NULL,
  partitions jsonb NOT NULL,
  agents jsonb NOT NULL,
  findings jsonb NOT NULL,
  counted_at timestamptz NOT NULL DEFAULT now());
SELECT platform.distribute('platform.system_status', 'local');
GRANT SELECT ON platform.system_status TO tracker_platform;
GRANT SELECT, INSERT, UPDATE ON platform.system_status TO tracker_jobs;
-- Versions are counted; which device has which stays with its company.
GRANT SELECT (agent_version) ON tenant.devices TO tracker_jobs;
-- To give a failed job another try. Neither payload nor error can be read.
CREATE POLICY platform_retry ON platform.jobs FOR UPDATE TO tracker_platform USING (state = 'failed') WITH CHECK (state = 'queued');
GRANT UPDATE (state, attempts, run_at, finished_at) ON platform.jobs TO tracker_platform;
