CREATE OR REPLACE FUNCTION auth.forget()
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  DELETE FROM auth.throttle WHERE updated_at < now() - interval '1 day';
  DELETE FROM auth.known_places WHERE seen_at < now() - interval '90 days';
  DELETE FROM auth.sign_ins WHERE ended_at < now() - interval '30 days' OR expires_at < now() - interval '30 days';
  DELETE FROM auth.one_time_tokens WHERE expires_at < now() - interval '30 days';
END $$;
CREATE OR REPLACE FUNCTION auth.accept_invitation_link(p_hash bytea, p_user uuid, p_password_hash text)
RETURNS TABLE (kind text, invitation_id uuid, email text, role text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  t auth.one_time_tokens;
BEGIN
  UPDATE auth.one_time_tokens x SET used_at = now()
    WHERE x.token_hash = p_hash AND x.company_id = tenant.current_company() AND x.used_at IS NULL AND x.expires_at > now()
    RETURNING * INTO t;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  INSERT INTO auth.credentials (user_id, company_id, email, role, password_hash)
    VALUES (p_user, t.company_id, t.email, t.role, p_password_hash);
  RETURN QUERY SELECT t.kind, t.subject_id, t.email, t.role;
END $$;
CREATE OR REPLACE FUNCTION auth.peek_token(p_hash bytea)
RETURNS TABLE (kind text, company_id uuid, email text, name text, role text, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT t.kind, t.company_id, t.email, t.name, t.role, t.expires_at FROM auth.one_time_tokens t
    WHERE t.token_hash = p_hash AND t.used_at IS NULL AND t.expires_at > now();
END $$;
CREATE OR REPLACE FUNCTION auth.change_password(p_user uuid, p_old_hash text, p_new_hash text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE auth.credentials SET password_hash = p_new_hash
    WHERE user_id = p_user AND disabled_at IS NULL AND password_hash = p_old_hash;
  RETURN FOUND;
END $$;
DROP FUNCTION auth.repeat_admin_link(bytea, uuid), auth.mail_address(uuid), auth.use_reset_link(bytea, text), auth.peek_reset(bytea),
  auth.withdraw_link(bytea), auth.issue_reset_link(bytea, uuid, timestamptz), auth.reset_recipients(uuid),
  auth.request_reset(uuid, text), auth.enqueue_mail(text, uuid, uuid);
DELETE FROM auth.one_time_tokens WHERE kind = 'reset';
ALTER TABLE auth.one_time_tokens
  DROP CONSTRAINT one_time_tokens_kind_invalid,
  ADD CONSTRAINT one_time_tokens_kind_invalid CHECK (kind IN ('owner', 'company_admin', 'invitation')),
  DROP CONSTRAINT one_time_tokens_owner_has_no_company,
  ADD CONSTRAINT one_time_tokens_owner_has_no_company CHECK ((kind = 'owner') = (company_id IS NULL));
DROP TABLE auth.reset_requests;
