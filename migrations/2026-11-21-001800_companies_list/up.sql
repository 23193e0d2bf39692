-- The owner's list and summary at ten thousand companies: an index for each order of the list, and the month before to
-- compare the last one with.

DROP INDEX platform.company_overview_last_sync;
-- Companies that never synced come first, so that they are on a page as well.
CREATE INDEX company_overview_last_sync ON platform.company_overview ((coalesce(last_sync_at, '-infinity'::timestamptz)), company_id);
CREATE INDEX companies_status ON platform.companies (status, id);

ALTER TABLE platform.company_overview ADD COLUMN active_seconds_previous_30d bigint NOT NULL DEFAULT 0;
-- Each row is written anew every minute: with room beside it, no index hears of that.
ALTER TABLE platform.company_overview SET (fillfactor = 50);
