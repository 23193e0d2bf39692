-- Names that differ in case alone are one name to whoever reads them.
ALTER TABLE tenant.teams DROP CONSTRAINT teams_name_taken;
CREATE UNIQUE INDEX teams_name_taken ON tenant.teams (company_id, lower(name));

-- Who is invited may be told where they will work. Under FORCE the check of a new key would see no row.
ALTER TABLE tenant.teams NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.invitations NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.invitations ADD COLUMN team_id uuid,
  ADD CONSTRAINT invitations_team_unknown FOREIGN KEY (company_id, team_id) REFERENCES tenant.teams (company_id, id);
ALTER TABLE tenant.invitations FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.teams FORCE ROW LEVEL SECURITY;
CREATE INDEX invitations_team ON tenant.invitations (company_id, team_id);
-- The audit counts orphans over every foreign key.
GRANT SELECT (team_id) ON tenant.invitations TO tracker_jobs;
