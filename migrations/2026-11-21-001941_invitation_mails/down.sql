DROP INDEX tenant.invitations_mailed;
ALTER TABLE tenant.invitations DROP COLUMN mailed_at, DROP COLUMN mails;
