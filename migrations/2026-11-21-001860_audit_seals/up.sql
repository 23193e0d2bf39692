-- The owner's audit entries say from where, and none of them is altered, taken out or slipped in unnoticed.

ALTER TABLE platform.audit_entries ADD COLUMN address text
  CONSTRAINT audit_entries_address_invalid CHECK (length(address) <= 45);
CREATE INDEX audit_entries_at ON platform.audit_entries (at, id);
GRANT SELECT ON platform.audit_entries TO tracker_jobs;

-- A chain: each hash covers the one before it and an entry whole. A job adds to it each minute, so that no change waits
-- for the chain's end. Nobody changes or takes away a link.
CREATE TABLE platform.audit_seals (
  no bigint PRIMARY KEY CONSTRAINT audit_seals_no_invalid CHECK (no > 0),
  entry_id uuid NOT NULL CONSTRAINT audit_seals_entry_taken UNIQUE
    CONSTRAINT audit_seals_entry_unknown REFERENCES platform.audit_entries (id),
  hash bytea NOT NULL CONSTRAINT audit_seals_hash_invalid CHECK (octet_length(hash) = 32),
  sealed_at timestamptz NOT NULL DEFAULT now());
SELECT platform.distribute('platform.audit_seals', 'local');
GRANT SELECT ON platform.audit_seals TO tracker_platform;
GRANT SELECT, INSERT ON platform.audit_seals TO tracker_jobs;

DROP FUNCTION auth.record_own_change(uuid, uuid, text, jsonb, text);
CREATE FUNCTION auth.record_own_change(p_user uuid, p_entry uuid, p_action text, p_detail jsonb, p_request_id text, p_address text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  c auth.credentials;
BEGIN
  SELECT * INTO STRICT c FROM auth.credentials x WHERE x.user_id = p_user;
  IF c.company_id IS NULL THEN
    INSERT INTO platform.audit_entries (id, actor_id, actor, action, company_id, detail, request_id, address)
      VALUES (p_entry, c.user_id, c.email, p_action, '00000000-0000-0000-0000-000000000000', p_detail, p_request_id, p_address);
  ELSE
    INSERT INTO platform.jobs (id, company_id, kind, payload, dedupe_key)
      VALUES (p_entry, c.company_id, 'audit', pg_catalog.jsonb_build_object('at', now(), 'user_id', c.user_id, 'action', p_action,
        'detail', p_detail, 'request_id', p_request_id), 'audit:' || p_entry);
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION auth.record_own_change(uuid, uuid, text, jsonb, text, text) TO tracker_auth;
