DROP FUNCTION auth.record_own_change(uuid, uuid, text, jsonb, text, text);
CREATE FUNCTION auth.record_own_change(p_user uuid, p_entry uuid, p_action text, p_detail jsonb, p_request_id text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  c auth.credentials;
BEGIN
  SELECT * INTO STRICT c FROM auth.credentials x WHERE x.user_id = p_user;
  IF c.company_id IS NULL THEN
    INSERT INTO platform.audit_entries (id, actor_id, actor, action, company_id, detail, request_id)
      VALUES (p_entry, c.user_id, c.email, p_action, '00000000-0000-0000-0000-000000000000', p_detail, p_request_id);
  ELSE
    INSERT INTO platform.jobs (id, company_id, kind, payload, dedupe_key)
      VALUES (p_entry, c.company_id, 'audit', pg_catalog.jsonb_build_object('at', now(), 'user_id', c.user_id, 'action', p_action,
        'detail', p_detail, 'request_id', p_request_id), 'audit:' || p_entry);
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION auth.record_own_change(uuid, uuid, text, jsonb, text) TO tracker_auth;
DROP TABLE platform.audit_seals;
REVOKE SELECT ON platform.audit_entries FROM tracker_jobs;
DROP INDEX platform.audit_entries_at;
ALTER TABLE platform.audit_entries DROP COLUMN address;
