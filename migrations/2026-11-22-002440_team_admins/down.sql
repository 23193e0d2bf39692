DO $$
DECLARE
  of record;
BEGIN
  FOR of IN SELECT y.polname AS name, y.polrelid::regclass AS rel FROM pg_policy y WHERE 'tracker_team_admin'::regrole = ANY (y.polroles) LOOP
    EXECUTE format('DROP POLICY %I ON %s', of.name, of.rel);
  END LOOP;
  FOR of IN SELECT c.oid::regclass AS rel FROM pg_class c
    WHERE c.relnamespace = 'tenant'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition LOOP
    EXECUTE format('REVOKE ALL ON %s FROM tracker_team_admin', of.rel);
  END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION tenant.current_company(), tenant.current_user_id(), tenant.originals_are_shown() FROM tracker_team_admin;
DROP FUNCTION tenant.administered_people(), tenant.administered_teams();
DROP TABLE tenant.team_admins;
ALTER TABLE tenant.users NO FORCE ROW LEVEL SECURITY;
UPDATE tenant.users SET role = 'EMPLOYEE' WHERE role = 'TEAM_ADMIN';
ALTER TABLE tenant.users FORCE ROW LEVEL SECURITY, DROP CONSTRAINT users_role_invalid,
  ADD CONSTRAINT users_role_invalid CHECK (role IN ('ADMIN', 'EMPLOYEE'));
UPDATE auth.credentials SET role = 'EMPLOYEE' WHERE role = 'TEAM_ADMIN';
ALTER TABLE auth.credentials DROP CONSTRAINT credentials_role_invalid,
  ADD CONSTRAINT credentials_role_invalid CHECK (role IN ('OWNER', 'ADMIN', 'EMPLOYEE'));
