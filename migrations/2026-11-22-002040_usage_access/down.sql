ALTER TABLE tenant.access_entries NO FORCE ROW LEVEL SECURITY, DROP CONSTRAINT access_entries_kind_invalid;
DELETE FROM tenant.access_entries WHERE kind = 'usage';
ALTER TABLE tenant.access_entries FORCE ROW LEVEL SECURITY,
  ADD CONSTRAINT access_entries_kind_invalid CHECK (kind IN ('timeline', 'screenshot', 'export', 'sessions'));
