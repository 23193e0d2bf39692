ALTER TABLE tenant.invitations DROP COLUMN team_id;
DROP INDEX tenant.teams_name_taken;
ALTER TABLE tenant.teams ADD CONSTRAINT teams_name_taken UNIQUE (company_id, name);
