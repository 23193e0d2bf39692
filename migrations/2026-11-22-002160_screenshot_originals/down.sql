ALTER POLICY admin_all ON tenant.access_entries WITH CHECK (company_id = tenant.current_company());
DROP FUNCTION tenant.originals_are_shown();
ALTER TABLE tenant.access_entries NO FORCE ROW LEVEL SECURITY,
  DROP CONSTRAINT access_entries_kind_invalid, DROP CONSTRAINT access_entries_reason_missing,
  DROP CONSTRAINT access_entries_reason_unknown, DROP CONSTRAINT access_entries_note_missing,
  DROP CONSTRAINT access_entries_picture_missing, DROP CONSTRAINT access_entries_pkey;
DELETE FROM tenant.access_entries WHERE kind = 'gallery';
-- Of several pictures one look is left.
DELETE FROM tenant.access_entries a USING tenant.access_entries b
  WHERE (a.company_id, a.subject_id, a.at, a.viewer_id, a.kind, a.day) = (b.company_id, b.subject_id, b.at, b.viewer_id, b.kind, b.day)
    AND a.item_id > b.item_id;
UPDATE tenant.access_entries SET reason = NULL WHERE reason = 'not_asked';
ALTER TABLE tenant.access_entries FORCE ROW LEVEL SECURITY,
  DROP COLUMN item_id, DROP COLUMN taken_at, DROP COLUMN note,
  ADD PRIMARY KEY (company_id, subject_id, at, viewer_id, kind, day),
  ADD CONSTRAINT access_entries_kind_invalid CHECK (kind IN ('timeline', 'screenshot', 'export', 'sessions', 'usage'));
DROP POLICY eraser_forget ON tenant.screenshots;
DROP POLICY eraser_read ON tenant.screenshots;
DROP POLICY eraser_own ON tenant.screenshots;
CREATE POLICY eraser_own ON tenant.screenshots TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE user_id = (SELECT tenant.person_to_erase()) END);
REVOKE INSERT (company_id, id, user_id, session_id, taken_at, display, blurred, state, received_at, object_key, thumbnail_key, bytes,
  width, height, sha256) ON tenant.screenshots FROM tracker_agent;
GRANT INSERT ON tenant.screenshots TO tracker_agent;
ALTER TABLE tenant.screenshots DROP COLUMN deleted_at, DROP COLUMN deleted_by, DROP COLUMN deleted_by_name, DROP COLUMN deleted_reason;
ALTER TABLE tenant.company_settings DROP COLUMN originals_shown;
