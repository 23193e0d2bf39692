DO $$
DECLARE
  of record;
BEGIN
  FOR of IN SELECT y.polname AS name, y.polrelid::regclass AS rel FROM pg_policy y
    WHERE 'tracker_lead'::regrole = ANY (y.polroles) OR y.polname = 'definer_read' LOOP
    EXECUTE format('DROP POLICY %I ON %s', of.name, of.rel);
  END LOOP;
  FOR of IN SELECT c.oid::regclass AS rel FROM pg_class c
    WHERE c.relnamespace = 'tenant'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition LOOP
    EXECUTE format('REVOKE ALL ON %s FROM tracker_lead', of.rel);
  END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION tenant.current_company(), tenant.current_user_id() FROM tracker_lead;
DROP FUNCTION tenant.led_team_days(uuid, date, date), tenant.led_people(), tenant.led_members(uuid), tenant.led_teams();
ALTER TABLE tenant.access_entries NO FORCE ROW LEVEL SECURITY;
DELETE FROM tenant.access_entries WHERE kind = 'team_sums';
ALTER TABLE tenant.access_entries FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.access_entries DROP CONSTRAINT access_entries_kind_invalid,
  ADD CONSTRAINT access_entries_kind_invalid
    CHECK (kind IN ('timeline', 'screenshot', 'export', 'sessions', 'usage', 'gallery', 'live', 'tasks', 'alerts'));
ALTER TABLE tenant.company_settings DROP COLUMN leads_see;
DROP TABLE tenant.team_leads;
