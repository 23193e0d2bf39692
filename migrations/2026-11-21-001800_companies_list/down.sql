ALTER TABLE platform.company_overview RESET (fillfactor);
ALTER TABLE platform.company_overview DROP COLUMN active_seconds_previous_30d;
DROP INDEX platform.companies_status;
DROP INDEX platform.company_overview_last_sync;
CREATE INDEX company_overview_last_sync ON platform.company_overview (last_sync_at, company_id);
