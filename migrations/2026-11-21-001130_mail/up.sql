-- Mail that follows from something: links are made by the job that sends them, so that no queue holds one.

-- Asked for by e-mail, whether or not anybody has it: who it is is found out later, out of sight of who asked.
CREATE TABLE auth.reset_requests (
  id uuid PRIMARY KEY,
  email text NOT NULL CONSTRAINT reset_requests_email_invalid CHECK (length(email) BETWEEN 3 AND 254),
  created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX reset_requests_created ON auth.reset_requests (created_at);
SELECT platform.distribute('auth.reset_requests', 'reference');
ALTER TABLE auth.reset_requests ENABLE ROW LEVEL SECURITY;

ALTER TABLE auth.one_time_tokens
  DROP CONSTRAINT one_time_tokens_kind_invalid,
  ADD CONSTRAINT one_time_tokens_kind_invalid CHECK (kind IN ('owner', 'company_admin', 'invitation', 'reset')),
  DROP CONSTRAINT one_time_tokens_owner_has_no_company,
  ADD CONSTRAINT one_time_tokens_owner_has_no_company CHECK (kind = 'reset' OR (kind = 'owner') = (company_id IS NULL));

CREATE FUNCTION auth.enqueue_mail(p_mail text, p_company uuid, p_id uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO platform.jobs (id, company_id, kind, payload, dedupe_key) VALUES (pg_catalog.gen_random_uuid(),
    coalesce(p_company, '00000000-0000-0000-0000-000000000000'), 'mail', pg_catalog.jsonb_build_object('mail', p_mail, 'id', p_id),
    'mail:' || p_mail || ':' || p_id) ON CONFLICT DO NOTHING;
END $$;

CREATE FUNCTION auth.request_reset(p_id uuid, p_email text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO auth.reset_requests (id, email) VALUES (p_id, p_email);
  PERFORM auth.enqueue_mail('reset', NULL, p_id);
END $$;
-- Five links an hour: a stranger who asks again and again fills no mailbox.
CREATE FUNCTION auth.reset_recipients(p_request uuid)
RETURNS TABLE (user_id uuid, company_id uuid, email text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT c.user_id, c.company_id, c.email FROM auth.reset_requests r
    JOIN auth.credentials c ON c.email = r.email AND c.disabled_at IS NULL
    WHERE r.id = p_request AND (SELECT count(*) FROM auth.one_time_tokens t
      WHERE t.subject_id = c.user_id AND t.kind = 'reset' AND t.created_at > now() - interval '1 hour') < 5
    ORDER BY c.created_at LIMIT 5;
END $$;
CREATE FUNCTION auth.issue_reset_link(p_hash bytea, p_user uuid, p_expires timestamptz)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO auth.one_time_tokens (id, token_hash, kind, company_id, subject_id, email, role, expires_at)
    SELECT pg_catalog.gen_random_uuid(), p_hash, 'reset', c.company_id, c.user_id, c.email, c.role, p_expires
    FROM auth.credentials c WHERE c.user_id = p_user AND c.disabled_at IS NULL;
END $$;
-- A link whose mail could not be sent.
CREATE FUNCTION auth.withdraw_link(p_hash bytea)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  DELETE FROM auth.one_time_tokens WHERE token_hash = p_hash AND used_at IS NULL;
END $$;
CREATE FUNCTION auth.peek_reset(p_hash bytea)
RETURNS TABLE (company_id uuid, email text, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT t.company_id, t.email, t.expires_at FROM auth.one_time_tokens t
    JOIN auth.credentials c ON c.user_id = t.subject_id AND c.email = t.email AND c.disabled_at IS NULL
    WHERE t.token_hash = p_hash AND t.kind = 'reset' AND t.used_at IS NULL AND t.expires_at > now();
END $$;
-- Uses the link up with all others of the person. Whose password it was; null when the link is not good.
CREATE FUNCTION auth.use_reset_link(p_hash bytea, p_new_hash text)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  t auth.one_time_tokens;
BEGIN
  UPDATE auth.one_time_tokens x SET used_at = now()
    WHERE x.token_hash = p_hash AND x.kind = 'reset' AND x.used_at IS NULL AND x.expires_at > now() RETURNING * INTO t;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  UPDATE auth.one_time_tokens SET used_at = now() WHERE subject_id = t.subject_id AND kind = 'reset' AND used_at IS NULL;
  UPDATE auth.credentials SET password_hash = p_new_hash
    WHERE user_id = t.subject_id AND email = t.email AND disabled_at IS NULL;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  PERFORM auth.enqueue_mail('password_changed', t.company_id, t.subject_id);
  RETURN t.subject_id;
END $$;
CREATE OR REPLACE FUNCTION auth.change_password(p_user uuid, p_old_hash text, p_new_hash text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  company uuid;
BEGIN
  UPDATE auth.credentials SET password_hash = p_new_hash
    WHERE user_id = p_user AND disabled_at IS NULL AND password_hash = p_old_hash RETURNING company_id INTO company;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  -- A link that was asked for before would bring the old state back.
  UPDATE auth.one_time_tokens SET used_at = now() WHERE subject_id = p_user AND kind = 'reset' AND used_at IS NULL;
  PERFORM auth.enqueue_mail('password_changed', company, p_user);
  RETURN true;
END $$;
CREATE FUNCTION auth.mail_address(p_user uuid)
RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN (SELECT c.email FROM auth.credentials c WHERE c.user_id = p_user);
END $$;
-- The first admin's invitation once more, for the mail; whichever link is opened, both are used up.
CREATE FUNCTION auth.repeat_admin_link(p_hash bytea, p_company uuid)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  address text;
BEGIN
  INSERT INTO auth.one_time_tokens (id, token_hash, kind, company_id, email, role, expires_at)
    SELECT pg_catalog.gen_random_uuid(), p_hash, t.kind, t.company_id, t.email, t.role, t.expires_at FROM auth.one_time_tokens t
    WHERE t.company_id = p_company AND t.kind = 'company_admin' AND t.used_at IS NULL AND t.expires_at > now()
    ORDER BY t.created_at DESC LIMIT 1 RETURNING email INTO address;
  RETURN address;
END $$;
GRANT EXECUTE ON FUNCTION auth.request_reset(uuid, text), auth.reset_recipients(uuid), auth.issue_reset_link(bytea, uuid, timestamptz),
  auth.withdraw_link(bytea), auth.peek_reset(bytea), auth.use_reset_link(bytea, text), auth.mail_address(uuid),
  auth.repeat_admin_link(bytea, uuid) TO tracker_auth;

-- Invitations know nothing of resets, and all links of one invitation are used up with one.
CREATE OR REPLACE FUNCTION auth.peek_token(p_hash bytea)
RETURNS TABLE (kind text, company_id uuid, email text, name text, role text, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT t.kind, t.company_id, t.email, t.name, t.role, t.expires_at FROM auth.one_time_tokens t
    WHERE t.token_hash = p_hash AND t.kind <> 'reset' AND t.used_at IS NULL AND t.expires_at > now();
END $$;
CREATE OR REPLACE FUNCTION auth.accept_invitation_link(p_hash bytea, p_user uuid, p_password_hash text)
RETURNS TABLE (kind text, invitation_id uuid, email text, role text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  t auth.one_time_tokens;
BEGIN
  UPDATE auth.one_time_tokens x SET used_at = now()
    WHERE x.token_hash = p_hash AND x.company_id = tenant.current_company() AND x.kind <> 'reset'
      AND x.used_at IS NULL AND x.expires_at > now()
    RETURNING * INTO t;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  UPDATE auth.one_time_tokens x SET used_at = now() WHERE x.company_id = t.company_id AND x.kind = t.kind
    AND x.subject_id IS NOT DISTINCT FROM t.subject_id AND x.used_at IS NULL;
  INSERT INTO auth.credentials (user_id, company_id, email, role, password_hash)
    VALUES (p_user, t.company_id, t.email, t.role, p_password_hash);
  RETURN QUERY SELECT t.kind, t.subject_id, t.email, t.role;
END $$;

CREATE OR REPLACE FUNCTION auth.forget()
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  DELETE FROM auth.throttle WHERE updated_at < now() - interval '1 day';
  DELETE FROM auth.known_places WHERE seen_at < now() - interval '90 days';
  DELETE FROM auth.sign_ins WHERE ended_at < now() - interval '30 days' OR expires_at < now() - interval '30 days';
  DELETE FROM auth.one_time_tokens WHERE expires_at < now() - interval '30 days';
  DELETE FROM auth.reset_requests WHERE created_at < now() - interval '1 day';
END $$;
