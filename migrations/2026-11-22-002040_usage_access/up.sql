-- Reading the sums of one person's days is a look as well. Its day is the last of the stretch that was read.
ALTER TABLE tenant.access_entries DROP CONSTRAINT access_entries_kind_invalid,
  ADD CONSTRAINT access_entries_kind_invalid CHECK (kind IN ('timeline', 'screenshot', 'export', 'sessions', 'usage'));
