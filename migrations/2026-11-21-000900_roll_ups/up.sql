-- Which user-days were summed within the last minute decides which companies have work waiting.
GRANT SELECT (computed_at) ON tenant.user_usage_daily TO tracker_jobs;
