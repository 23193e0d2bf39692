-- What people do to their own accounts is written down like what admins do to them. It is done where no company's table
-- can be reached: a job of the same transaction carries it there. An owner's is written at once.

-- The job's id becomes the entry's: however often it runs, there is one.
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

-- Such a job comes from that function alone: nobody else who may put work into the queue makes an entry up.
ALTER POLICY tenant_insert ON platform.jobs WITH CHECK (company_id = tenant.current_company() AND kind <> 'audit');
DROP POLICY platform_all ON platform.jobs;
CREATE POLICY platform_read ON platform.jobs FOR SELECT TO tracker_platform USING (true);
CREATE POLICY platform_insert ON platform.jobs FOR INSERT TO tracker_platform WITH CHECK (kind <> 'audit');
