-- A company's changes and looks say from where, and none of them is altered, taken out or slipped in unnoticed.
ALTER TABLE tenant.audit_entries ADD COLUMN address text
  CONSTRAINT audit_entries_address_invalid CHECK (length(address) <= 45);
ALTER TABLE tenant.access_entries ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid();
CREATE UNIQUE INDEX access_entries_id ON tenant.access_entries (company_id, id);
CREATE INDEX access_entries_time ON tenant.access_entries (company_id, at, id);

-- What has no seal yet, written with the entry: a job takes it from here each minute, so that no change waits for the end of
-- the chain.
CREATE TABLE tenant.audit_unsealed (
  company_id uuid NOT NULL DEFAULT tenant.current_company() REFERENCES platform.companies (id),
  kind text NOT NULL CONSTRAINT audit_unsealed_kind_invalid CHECK (kind IN ('change', 'access')),
  entry_id uuid NOT NULL,
  noted_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, kind, entry_id));
SELECT platform.distribute('tenant.audit_unsealed', 'company_id');
ALTER TABLE tenant.audit_unsealed ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.audit_unsealed TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY jobs_read ON tenant.audit_unsealed FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.audit_unsealed FOR DELETE TO tracker_eraser
  USING (company_id = tenant.current_company() AND (SELECT platform.erasure_is_due()));
CREATE POLICY eraser_read ON tenant.audit_unsealed FOR SELECT TO tracker_eraser
  USING (company_id = tenant.current_company() AND (SELECT platform.erasure_is_due()));
GRANT SELECT, INSERT, DELETE ON tenant.audit_unsealed TO tracker_admin;
GRANT SELECT (company_id, kind, entry_id) ON tenant.audit_unsealed TO tracker_jobs;
GRANT SELECT (company_id), DELETE ON tenant.audit_unsealed TO tracker_eraser;

-- A chain for each company: each hash covers the one before it and the digest of an entry. Nobody changes or takes away a
-- link. A look at a person goes when the person is removed; its link stays, and with it a digest of nothing that is known.
CREATE TABLE tenant.audit_seals (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  no bigint NOT NULL CONSTRAINT audit_seals_no_invalid CHECK (no > 0),
  kind text NOT NULL CONSTRAINT audit_seals_kind_invalid CHECK (kind IN ('change', 'access')),
  entry_id uuid NOT NULL,
  -- Of a look: at whom.
  subject_id uuid,
  digest bytea NOT NULL CONSTRAINT audit_seals_digest_invalid CHECK (octet_length(digest) = 32),
  hash bytea NOT NULL CONSTRAINT audit_seals_hash_invalid CHECK (octet_length(hash) = 32),
  sealed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, no),
  CONSTRAINT audit_seals_entry_taken UNIQUE (company_id, kind, entry_id),
  CONSTRAINT audit_seals_subject_unknown FOREIGN KEY (company_id, subject_id) REFERENCES tenant.users (company_id, id));
CREATE INDEX audit_seals_subject ON tenant.audit_seals (company_id, subject_id);
SELECT platform.distribute('tenant.audit_seals', 'company_id');
ALTER TABLE tenant.audit_seals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.audit_seals TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY jobs_read ON tenant.audit_seals FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.audit_seals FOR DELETE TO tracker_eraser
  USING (company_id = tenant.current_company() AND (SELECT platform.erasure_is_due()));
CREATE POLICY eraser_read ON tenant.audit_seals FOR SELECT TO tracker_eraser
  USING (company_id = tenant.current_company() AND (SELECT platform.erasure_is_due()));
GRANT SELECT, INSERT ON tenant.audit_seals TO tracker_admin;
GRANT SELECT (company_id, subject_id) ON tenant.audit_seals TO tracker_jobs;
GRANT SELECT (company_id), DELETE ON tenant.audit_seals TO tracker_eraser;

-- What was there before is sealed like the rest.
ALTER TABLE tenant.audit_entries NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.access_entries NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.audit_unsealed NO FORCE ROW LEVEL SECURITY;
INSERT INTO tenant.audit_unsealed (company_id, kind, entry_id, noted_at) SELECT company_id, 'change', id, at FROM tenant.audit_entries;
INSERT INTO tenant.audit_unsealed (company_id, kind, entry_id, noted_at) SELECT company_id, 'access', id, at FROM tenant.access_entries;
ALTER TABLE tenant.audit_entries FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.access_entries FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.audit_unsealed FORCE ROW LEVEL SECURITY;

-- A company's own accounts say from where as well.
CREATE OR REPLACE FUNCTION auth.record_own_change(p_user uuid, p_entry uuid, p_action text, p_detail jsonb, p_request_id text, p_address text)
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
        'detail', p_detail, 'request_id', p_request_id, 'address', p_address), 'audit:' || p_entry);
  END IF;
END $$;
