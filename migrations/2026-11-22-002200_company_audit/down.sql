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
        'detail', p_detail, 'request_id', p_request_id), 'audit:' || p_entry);
  END IF;
END $$;
DROP TABLE tenant.audit_seals;
DROP TABLE tenant.audit_unsealed;
DROP INDEX tenant.access_entries_time;
DROP INDEX tenant.access_entries_id;
ALTER TABLE tenant.access_entries DROP COLUMN id;
ALTER TABLE tenant.audit_entries DROP COLUMN address;
