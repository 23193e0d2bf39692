DROP INDEX tenant.saved_reports_due;
ALTER TABLE tenant.saved_reports DROP COLUMN repeats, DROP COLUMN repeats_on, DROP COLUMN hour, DROP COLUMN format,
  DROP COLUMN recipients, DROP COLUMN next_at, DROP COLUMN last_at;
DROP TABLE tenant.report_files;
