-- Others see a picture blurred. Its original is opened one by one, each time with a reason, which the person finds beside the
-- look; whether originals are shown at all the company decides. A picture may be deleted with a reason: its files go, its row
-- stays as long as a picture would and says who deleted it and why.
ALTER TABLE tenant.company_settings ADD COLUMN originals_shown boolean NOT NULL DEFAULT true;

-- The foreign key looks at the rows of both tables.
ALTER TABLE tenant.users NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.screenshots NO FORCE ROW LEVEL SECURITY,
  ADD COLUMN deleted_at timestamptz,
  ADD COLUMN deleted_by uuid,
  ADD COLUMN deleted_by_name text CONSTRAINT screenshots_deleted_by_name_invalid CHECK (length(deleted_by_name) <= 120),
  ADD COLUMN deleted_reason text CONSTRAINT screenshots_deleted_reason_invalid CHECK (length(deleted_reason) BETWEEN 1 AND 500),
  ADD CONSTRAINT screenshots_deletion_incomplete CHECK (num_nonnulls(deleted_at, deleted_by, deleted_by_name, deleted_reason) IN (0, 4)),
  -- What was deleted does not come back.
  ADD CONSTRAINT screenshots_deleted_is_shown CHECK (deleted_at IS NULL OR state = 'deleted'),
  ADD CONSTRAINT screenshots_deleter_unknown FOREIGN KEY (company_id, deleted_by) REFERENCES tenant.users (company_id, id);
ALTER TABLE tenant.screenshots FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.users FORCE ROW LEVEL SECURITY;
CREATE INDEX screenshots_deleter ON tenant.screenshots (company_id, deleted_by) WHERE deleted_by IS NOT NULL;
-- Agents say nothing of deletions.
REVOKE INSERT ON tenant.screenshots FROM tracker_agent;
GRANT INSERT (company_id, id, user_id, session_id, taken_at, display, blurred, state, received_at, object_key, thumbnail_key, bytes,
  width, height, sha256) ON tenant.screenshots TO tracker_agent;
GRANT SELECT (deleted_by) ON tenant.screenshots TO tracker_jobs;

-- Pictures of the person go with them; those of others that they deleted say so without the name.
DROP POLICY eraser_own ON tenant.screenshots;
CREATE POLICY eraser_own ON tenant.screenshots FOR DELETE TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE user_id = (SELECT tenant.person_to_erase()) END);
CREATE POLICY eraser_read ON tenant.screenshots FOR SELECT TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE (SELECT tenant.person_to_erase()) = ANY (ARRAY[user_id, deleted_by]) END);
CREATE POLICY eraser_forget ON tenant.screenshots FOR UPDATE TO tracker_eraser
  USING (company_id = tenant.current_company() AND deleted_by = (SELECT tenant.person_to_erase()))
  WITH CHECK (company_id = tenant.current_company());
GRANT SELECT (deleted_by), UPDATE (deleted_by_name) ON tenant.screenshots TO tracker_eraser;

-- Each original that was opened is a look of its own: the picture is a part of the key, as of other looks nobody's is.
ALTER TABLE tenant.access_entries NO FORCE ROW LEVEL SECURITY;
-- Looks of before were not asked for a reason, and nobody can say so of a new one.
UPDATE tenant.access_entries SET reason = 'not_asked' WHERE kind = 'screenshot' AND reason IS NULL;
ALTER TABLE tenant.access_entries FORCE ROW LEVEL SECURITY,
  ADD COLUMN item_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  ADD COLUMN taken_at timestamptz,
  ADD COLUMN note text CONSTRAINT access_entries_note_invalid CHECK (length(note) BETWEEN 1 AND 300),
  DROP CONSTRAINT access_entries_pkey,
  ADD PRIMARY KEY (company_id, subject_id, at, viewer_id, kind, day, item_id),
  DROP CONSTRAINT access_entries_kind_invalid,
  ADD CONSTRAINT access_entries_kind_invalid
    CHECK (kind IN ('timeline', 'screenshot', 'export', 'sessions', 'usage', 'gallery')),
  ADD CONSTRAINT access_entries_reason_missing CHECK (kind <> 'screenshot' OR reason IS NOT NULL),
  ADD CONSTRAINT access_entries_reason_unknown CHECK (kind <> 'screenshot'
    OR reason IN ('not_asked', 'quality', 'incident', 'request', 'data_problem', 'legal', 'other')),
  ADD CONSTRAINT access_entries_note_missing CHECK (kind <> 'screenshot' OR reason <> 'other' OR note IS NOT NULL),
  ADD CONSTRAINT access_entries_picture_missing
    CHECK (kind <> 'screenshot' OR reason = 'not_asked' OR taken_at IS NOT NULL);

-- Whoever looks is who is noted, and an original is noted where originals are shown at all. Without its note it is not opened.
CREATE FUNCTION tenant.originals_are_shown() RETURNS boolean LANGUAGE plpgsql STABLE SET search_path = '' AS $$
BEGIN
  RETURN (SELECT s.originals_shown FROM tenant.company_settings s WHERE s.company_id = tenant.current_company());
END $$;
GRANT EXECUTE ON FUNCTION tenant.originals_are_shown() TO tracker_admin;
ALTER POLICY admin_all ON tenant.access_entries
  WITH CHECK (company_id = tenant.current_company() AND viewer_id = tenant.current_user_id()
    AND CASE WHEN kind = 'screenshot' THEN reason <> 'not_asked' AND (SELECT tenant.originals_are_shown()) ELSE true END);
