ALTER TABLE tenant.company_settings DROP COLUMN manual_time_approval, DROP COLUMN manual_time_allowed;
ALTER TABLE tenant.user_usage_daily DROP COLUMN explained_seconds, DROP COLUMN manual_seconds;
ALTER TABLE tenant.usage_daily DROP COLUMN explained_seconds, DROP COLUMN manual_seconds;
DROP TABLE tenant.manual_times;
