REVOKE UPDATE (bytes, width, height, sha256) ON tenant.screenshots FROM tracker_agent;
REVOKE UPDATE (started_at) ON tenant.work_sessions FROM tracker_agent;
