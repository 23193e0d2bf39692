ALTER TABLE tenant.company_settings DROP COLUMN overrides_changed_at, DROP COLUMN overrides_version;
REVOKE SELECT (team_id) ON tenant.users FROM tracker_agent;
DROP TABLE tenant.setting_overrides;
