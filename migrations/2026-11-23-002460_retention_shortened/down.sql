ALTER TABLE tenant.company_settings DROP COLUMN retention_shortened_at;
