REVOKE UPDATE (state, attempts, run_at, finished_at) ON platform.jobs FROM tracker_platform;
DROP POLICY platform_retry ON platform.jobs;
REVOKE SELECT (agent_version) ON tenant.devices FROM tracker_jobs;
DROP TABLE platform.system_status;
