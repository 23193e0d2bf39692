-- When an admin last chose to keep something for fewer days. What goes for it goes with the night after, as the page says:
-- until then it can be taken back.
ALTER TABLE tenant.company_settings ADD COLUMN retention_shortened_at timestamptz;
GRANT SELECT (retention_shortened_at) ON tenant.company_settings TO tracker_jobs;
