DROP INDEX tenant.audit_entries_first_steps;
ALTER TABLE tenant.users DROP COLUMN checklist_dismissed_at;
ALTER TABLE tenant.company_settings DROP COLUMN seen_at;
