ALTER TABLE tenant.access_entries NO FORCE ROW LEVEL SECURITY;
DELETE FROM tenant.access_entries WHERE kind = 'alerts';
ALTER TABLE tenant.access_entries FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.access_entries DROP CONSTRAINT access_entries_kind_invalid,
  ADD CONSTRAINT access_entries_kind_invalid
    CHECK (kind IN ('timeline', 'screenshot', 'export', 'sessions', 'usage', 'gallery', 'live', 'tasks'));
DROP TABLE tenant.alerts;
DROP TABLE tenant.alert_rules;
