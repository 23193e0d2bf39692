ALTER TABLE tenant.usage_daily DROP COLUMN tracked_by_hour;
ALTER TABLE tenant.user_usage_daily DROP COLUMN tracked_by_hour;
