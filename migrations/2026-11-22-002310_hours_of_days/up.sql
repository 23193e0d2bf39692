-- Tracked seconds by the hours of the local day, 0 to 23: an hour that the clock repeats counts for both, one that it skips is
-- empty. Nothing where the day was summed before there were hours, and of the company where that is so of anybody with time:
-- `tracker usage rebuild` makes them as far as records are kept. No row is written by this.
ALTER TABLE tenant.user_usage_daily ADD COLUMN tracked_by_hour smallint[] NOT NULL DEFAULT '{}';
ALTER TABLE tenant.usage_daily ADD COLUMN tracked_by_hour integer[] NOT NULL DEFAULT '{}';
