REVOKE SELECT (computed_at) ON tenant.user_usage_daily FROM tracker_jobs;
