-- An admin may say that only a part of a session counts, and may delete one. What devices said of a session stays as it is
-- until it is deleted; then its rows and pictures go, and the session itself stays without them: what its device still sends
-- finds no place. The ledger says by how much the days changed, and what counted of the session before and after.
ALTER TABLE tenant.work_sessions ADD COLUMN counted_from timestamptz, ADD COLUMN counted_to timestamptz,
  ADD COLUMN deleted_at timestamptz,
  ADD CONSTRAINT work_sessions_counted_invalid CHECK (counted_to > counted_from);
ALTER TABLE tenant.work_session_changes DROP CONSTRAINT work_session_changes_kind_invalid,
  ADD CONSTRAINT work_session_changes_kind_invalid CHECK (kind IN ('excluded', 'included', 'cut', 'restored', 'deleted'));
-- Absent where the session counted, or counts, from its beginning or to its end.
ALTER TABLE tenant.work_session_changes
  ADD COLUMN counted_from_before timestamptz, ADD COLUMN counted_to_before timestamptz,
  ADD COLUMN counted_from_after timestamptz, ADD COLUMN counted_to_after timestamptz;
