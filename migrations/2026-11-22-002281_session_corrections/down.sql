ALTER TABLE tenant.work_session_changes
  DROP COLUMN counted_to_after, DROP COLUMN counted_from_after, DROP COLUMN counted_to_before, DROP COLUMN counted_from_before;
ALTER TABLE tenant.work_session_changes NO FORCE ROW LEVEL SECURITY;
DELETE FROM tenant.work_session_changes WHERE kind IN ('cut', 'restored', 'deleted');
ALTER TABLE tenant.work_session_changes FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.work_session_changes DROP CONSTRAINT work_session_changes_kind_invalid,
  ADD CONSTRAINT work_session_changes_kind_invalid CHECK (kind IN ('excluded', 'included'));
ALTER TABLE tenant.work_sessions DROP CONSTRAINT work_sessions_counted_invalid,
  DROP COLUMN deleted_at, DROP COLUMN counted_to, DROP COLUMN counted_from;
