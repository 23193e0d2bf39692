-- Who works now is a look at each person of whom something is shown.
ALTER TABLE tenant.access_entries DROP CONSTRAINT access_entries_kind_invalid,
  ADD CONSTRAINT access_entries_kind_invalid CHECK (kind IN ('timeline', 'screenshot', 'export', 'sessions', 'usage', 'gallery', 'live'));

-- Whose private time goes on: pauses of the last day, asked for every few seconds.
CREATE INDEX work_sessions_paused ON tenant.work_sessions (company_id, ended_at) WHERE end_reason = 'paused';
