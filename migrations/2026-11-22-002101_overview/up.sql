-- What an admin has to do before the numbers say anything is told by facts. One of them nothing had kept: that somebody has
-- looked at the settings. Whoever has seen enough of the list puts it away for themselves.
ALTER TABLE tenant.company_settings ADD COLUMN seen_at timestamptz;
ALTER TABLE tenant.users ADD COLUMN checklist_dismissed_at timestamptz;

-- Whether a company ever took the key, or a list, without reading everything it ever did.
CREATE INDEX audit_entries_first_steps ON tenant.audit_entries (company_id, action)
  WHERE action IN ('company_key.revealed', 'usage.exported');
