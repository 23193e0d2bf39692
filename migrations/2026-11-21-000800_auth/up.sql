-- Everything secret. Nobody is granted a table of this schema; each function below is one way in, for the roles named
-- after it. Functions that tenants call take the company from their transaction, never from an argument.

CREATE TABLE auth.credentials (
  user_id uuid PRIMARY KEY,
  company_id uuid REFERENCES platform.companies (id),
  email text NOT NULL CONSTRAINT credentials_email_invalid CHECK (length(email) BETWEEN 3 AND 254),
  role text NOT NULL CONSTRAINT credentials_role_invalid CHECK (role IN ('OWNER', 'ADMIN', 'EMPLOYEE')),
  password_hash text NOT NULL CONSTRAINT credentials_password_hash_invalid CHECK (password_hash LIKE '$argon2id$%'),
  disabled_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT credentials_owner_has_no_company CHECK ((role = 'OWNER') = (company_id IS NULL)),
  CONSTRAINT credentials_email_taken UNIQUE NULLS NOT DISTINCT (company_id, email));
CREATE INDEX credentials_email ON auth.credentials (email);
SELECT platform.distribute('auth.credentials', 'reference');
ALTER TABLE auth.credentials ENABLE ROW LEVEL SECURITY;

-- A sign-in is a family of refresh tokens; only the number of the newest one is kept.
CREATE TABLE auth.sign_ins (
  id uuid PRIMARY KEY,
  company_id uuid REFERENCES platform.companies (id),
  user_id uuid NOT NULL,
  audience text NOT NULL CONSTRAINT sign_ins_audience_invalid CHECK (audience IN ('web', 'owner', 'agent')),
  device_id uuid,
  generation integer NOT NULL DEFAULT 1,
  rotated_at timestamptz NOT NULL DEFAULT now(),
  idle_seconds integer NOT NULL,
  user_agent text NOT NULL DEFAULT '' CONSTRAINT sign_ins_user_agent_too_long CHECK (length(user_agent) <= 300),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  end_reason text);
CREATE INDEX sign_ins_user ON auth.sign_ins (user_id) WHERE ended_at IS NULL;
CREATE INDEX sign_ins_ended ON auth.sign_ins (ended_at) WHERE ended_at IS NOT NULL;
SELECT platform.distribute('auth.sign_ins', 'reference');
ALTER TABLE auth.sign_ins ENABLE ROW LEVEL SECURITY;

CREATE TABLE auth.one_time_tokens (
  id uuid PRIMARY KEY,
  token_hash bytea NOT NULL CONSTRAINT one_time_tokens_hash_taken UNIQUE CHECK (octet_length(token_hash) = 32),
  kind text NOT NULL CONSTRAINT one_time_tokens_kind_invalid CHECK (kind IN ('owner', 'company_admin', 'invitation')),
  company_id uuid REFERENCES platform.companies (id),
  -- The owner who is set up, or the invitation that is answered.
  subject_id uuid,
  email text NOT NULL,
  name text,
  role text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  CONSTRAINT one_time_tokens_owner_has_no_company CHECK ((kind = 'owner') = (company_id IS NULL)));
CREATE INDEX one_time_tokens_subject ON auth.one_time_tokens (subject_id) WHERE used_at IS NULL;
SELECT platform.distribute('auth.one_time_tokens', 'reference');
ALTER TABLE auth.one_time_tokens ENABLE ROW LEVEL SECURITY;

-- Found by hash; sealed as well, so that it can be shown again to who may see it.
CREATE TABLE auth.company_keys (
  id uuid PRIMARY KEY,
  company_id uuid NOT NULL REFERENCES platform.companies (id),
  key_hash bytea NOT NULL CONSTRAINT company_keys_hash_taken UNIQUE CHECK (octet_length(key_hash) = 32),
  prefix text NOT NULL CHECK (length(prefix) BETWEEN 8 AND 20),
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz);
CREATE INDEX company_keys_company ON auth.company_keys (company_id, created_at);
SELECT platform.distribute('auth.company_keys', 'reference');
ALTER TABLE auth.company_keys ENABLE ROW LEVEL SECURITY;

CREATE TABLE auth.throttle (
  key text PRIMARY KEY CHECK (length(key) <= 400),
  failures integer NOT NULL,
  blocked_until timestamptz NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now());
SELECT platform.distribute('auth.throttle', 'reference');
ALTER TABLE auth.throttle ENABLE ROW LEVEL SECURITY;

-- Signing in ------------------------------------------------------------------------------------------------------

CREATE FUNCTION auth.find_credentials(p_email text)
RETURNS TABLE (company_id uuid, user_id uuid, role text, password_hash text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT c.company_id, c.user_id, c.role, c.password_hash FROM auth.credentials c
    WHERE c.email = p_email AND c.disabled_at IS NULL ORDER BY c.created_at LIMIT 5;
END $$;
GRANT EXECUTE ON FUNCTION auth.find_credentials(text) TO tracker_auth;

CREATE FUNCTION auth.credential_of(p_user uuid)
RETURNS TABLE (company_id uuid, role text, password_hash text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT c.company_id, c.role, c.password_hash FROM auth.credentials c
    WHERE c.user_id = p_user AND c.disabled_at IS NULL;
END $$;
GRANT EXECUTE ON FUNCTION auth.credential_of(uuid) TO tracker_auth;

CREATE FUNCTION auth.begin_sign_in(p_id uuid, p_user uuid, p_audience text, p_device uuid, p_user_agent text,
  p_idle_seconds integer, p_expires timestamptz)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO auth.sign_ins (id, company_id, user_id, audience, device_id, user_agent, idle_seconds, expires_at)
    SELECT p_id, c.company_id, c.user_id, p_audience, p_device, p_user_agent, p_idle_seconds, p_expires
    FROM auth.credentials c WHERE c.user_id = p_user
    ON CONFLICT DO NOTHING;
END $$;
GRANT EXECUTE ON FUNCTION auth.begin_sign_in(uuid, uuid, text, uuid, text, integer, timestamptz) TO tracker_auth;

-- The number presented must be the newest. The one before is answered like the newest for `p_grace` seconds after
-- the rotation (null: as long as the newest was not presented itself). Any older number ends the family.
CREATE FUNCTION auth.rotate_sign_in(p_id uuid, p_generation integer, p_audience text, p_grace integer)
RETURNS TABLE (outcome text, company_id uuid, user_id uuid, role text, audience text, device_id uuid, generation integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  s auth.sign_ins;
  c auth.credentials;
BEGIN
  SELECT * INTO s FROM auth.sign_ins x WHERE x.id = p_id FOR UPDATE;
  SELECT * INTO c FROM auth.credentials x WHERE x.user_id = s.user_id;
  IF s.id IS NULL OR c.user_id IS NULL OR c.disabled_at IS NOT NULL OR s.ended_at IS NOT NULL OR s.expires_at < now()
    OR s.rotated_at + pg_catalog.make_interval(secs => s.idle_seconds) < now()
    OR (s.audience = 'agent') <> (p_audience = 'agent') THEN
    RETURN QUERY SELECT 'ended'::text, s.company_id, s.user_id, c.role, s.audience, s.device_id, s.generation;
  ELSIF p_generation = s.generation THEN
    UPDATE auth.sign_ins x SET generation = x.generation + 1, rotated_at = now() WHERE x.id = p_id;
    RETURN QUERY SELECT 'rotated'::text, s.company_id, s.user_id, c.role, s.audience, s.device_id, s.generation + 1;
  ELSIF p_generation = s.generation - 1
    AND (p_grace IS NULL OR s.rotated_at + pg_catalog.make_interval(secs => p_grace) > now()) THEN
    RETURN QUERY SELECT 'repeated'::text, s.company_id, s.user_id, c.role, s.audience, s.device_id, s.generation;
  ELSE
    PERFORM auth.end_sign_in(p_id, 'token_reused');
    RETURN QUERY SELECT 'reused'::text, s.company_id, s.user_id, c.role, s.audience, s.device_id, s.generation;
  END IF;
END $$;

CREATE FUNCTION auth.end_sign_in(p_id uuid, p_reason text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE auth.sign_ins SET ended_at = now(), end_reason = p_reason WHERE id = p_id AND ended_at IS NULL;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM pg_catalog.pg_notify('tracker', 'sign_in:' || p_id);
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION auth.rotate_sign_in(uuid, integer, text, integer), auth.end_sign_in(uuid, text) TO tracker_auth;

CREATE FUNCTION auth.recently_ended()
RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  -- Access tokens live ten minutes; one more covers clocks that differ.
  RETURN QUERY SELECT s.id FROM auth.sign_ins s WHERE s.ended_at > now() - interval '11 minutes';
END $$;
GRANT EXECUTE ON FUNCTION auth.recently_ended() TO tracker_auth;

-- Failed attempts: from the fifth on, each doubles the wait, up to 15 minutes; forgotten a day later.
CREATE FUNCTION auth.throttle_wait(p_keys text[])
RETURNS integer LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN (SELECT pg_catalog.ceil(pg_catalog.date_part('epoch', pg_catalog.max(t.blocked_until) - now()))::integer
    FROM auth.throttle t WHERE t.key = ANY (p_keys) AND t.blocked_until > now());
END $$;
CREATE FUNCTION auth.throttle_failed(p_keys text[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO auth.throttle AS t (key, failures, blocked_until)
    SELECT k, 1, now() FROM pg_catalog.unnest(p_keys) k ORDER BY k
    ON CONFLICT (key) DO UPDATE SET
      failures = CASE WHEN t.updated_at < excluded.updated_at - interval '1 day' THEN 1 ELSE t.failures + 1 END,
      blocked_until = excluded.updated_at + CASE WHEN t.failures < 4 OR t.updated_at < excluded.updated_at - interval '1 day'
        THEN interval '0' ELSE pg_catalog.make_interval(secs => LEAST(900, 2 ^ LEAST(t.failures - 3, 10))) END,
      updated_at = excluded.updated_at;
END $$;
CREATE FUNCTION auth.throttle_clear(p_keys text[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  DELETE FROM auth.throttle WHERE key = ANY (p_keys);
END $$;
GRANT EXECUTE ON FUNCTION auth.throttle_wait(text[]), auth.throttle_failed(text[]), auth.throttle_clear(text[]) TO tracker_auth;

-- One-time links --------------------------------------------------------------------------------------------------

CREATE FUNCTION auth.peek_token(p_hash bytea)
RETURNS TABLE (kind text, company_id uuid, email text, name text, role text, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT t.kind, t.company_id, t.email, t.name, t.role, t.expires_at FROM auth.one_time_tokens t
    WHERE t.token_hash = p_hash AND t.used_at IS NULL AND t.expires_at > now();
END $$;
GRANT EXECUTE ON FUNCTION auth.peek_token(bytea) TO tracker_auth;

CREATE FUNCTION auth.issue_owner_link(p_hash bytea, p_owner uuid, p_email text, p_expires timestamptz)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO auth.one_time_tokens (id, token_hash, kind, subject_id, email, role, expires_at)
    VALUES (pg_catalog.gen_random_uuid(), p_hash, 'owner', p_owner, p_email, 'OWNER', p_expires);
END $$;
CREATE FUNCTION auth.issue_admin_link(p_hash bytea, p_company uuid, p_email text, p_expires timestamptz)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO auth.one_time_tokens (id, token_hash, kind, company_id, email, role, expires_at)
    VALUES (pg_catalog.gen_random_uuid(), p_hash, 'company_admin', p_company, p_email, 'ADMIN', p_expires);
END $$;
GRANT EXECUTE ON FUNCTION auth.issue_owner_link(bytea, uuid, text, timestamptz),
  auth.issue_admin_link(bytea, uuid, text, timestamptz) TO tracker_platform;

CREATE FUNCTION auth.accept_owner_link(p_hash bytea, p_name text, p_password_hash text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  t auth.one_time_tokens;
BEGIN
  UPDATE auth.one_time_tokens x SET used_at = now()
    WHERE x.token_hash = p_hash AND x.kind = 'owner' AND x.used_at IS NULL AND x.expires_at > now() RETURNING * INTO t;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE platform.owners SET name = p_name WHERE id = t.subject_id;
  INSERT INTO auth.credentials (user_id, email, role, password_hash) VALUES (t.subject_id, t.email, 'OWNER', p_password_hash);
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION auth.accept_owner_link(bytea, text, text) TO tracker_auth;

CREATE FUNCTION auth.issue_invitation_link(p_hash bytea, p_invitation uuid, p_email text, p_name text, p_role text, p_expires timestamptz)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO auth.one_time_tokens (id, token_hash, kind, company_id, subject_id, email, name, role, expires_at)
    VALUES (pg_catalog.gen_random_uuid(), p_hash, 'invitation', tenant.current_company(), p_invitation, p_email, p_name, p_role, p_expires);
END $$;
CREATE FUNCTION auth.revoke_invitation_link(p_invitation uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE auth.one_time_tokens SET used_at = now()
    WHERE subject_id = p_invitation AND company_id = tenant.current_company() AND kind = 'invitation' AND used_at IS NULL;
END $$;

-- Uses the link up and makes the credential; what the company keeps of the person is the caller's to insert.
CREATE FUNCTION auth.accept_invitation_link(p_hash bytea, p_user uuid, p_password_hash text)
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

-- Deactivating ends every sign-in of the person, agents included.
CREATE FUNCTION auth.set_disabled(p_user uuid, p_disabled boolean)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE auth.credentials SET disabled_at = CASE WHEN p_disabled THEN now() END
    WHERE user_id = p_user AND company_id = tenant.current_company();
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF p_disabled THEN
    PERFORM auth.end_sign_in(s.id, 'deactivated') FROM auth.sign_ins s
      WHERE s.user_id = p_user AND s.company_id = tenant.current_company() AND s.ended_at IS NULL;
  END IF;
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION auth.issue_invitation_link(bytea, uuid, text, text, text, timestamptz),
  auth.revoke_invitation_link(uuid), auth.accept_invitation_link(bytea, uuid, text), auth.set_disabled(uuid, boolean) TO tracker_admin;

-- Company keys ----------------------------------------------------------------------------------------------------

-- A new key works at once; those before it end at `p_old_until`, or when they were to end anyway.
CREATE FUNCTION auth.add_company_key(p_company uuid, p_id uuid, p_hash bytea, p_prefix text, p_sealed bytea, p_old_until timestamptz)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE auth.company_keys SET expires_at = LEAST(expires_at, p_old_until) WHERE company_id = p_company;
  INSERT INTO auth.company_keys (id, company_id, key_hash, prefix, sealed) VALUES (p_id, p_company, p_hash, p_prefix, p_sealed);
  PERFORM pg_catalog.pg_notify('tracker', 'company:' || p_company);
END $$;
CREATE FUNCTION auth.company_keys_of(p_company uuid)
RETURNS TABLE (id uuid, prefix text, created_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT k.id, k.prefix, k.created_at, k.expires_at FROM auth.company_keys k
    WHERE k.company_id = p_company AND (k.expires_at IS NULL OR k.expires_at > now()) ORDER BY k.created_at DESC;
END $$;
CREATE FUNCTION auth.sealed_company_key(p_company uuid)
RETURNS bytea LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN (SELECT k.sealed FROM auth.company_keys k WHERE k.company_id = p_company AND k.expires_at IS NULL
    ORDER BY k.created_at DESC LIMIT 1);
END $$;
GRANT EXECUTE ON FUNCTION auth.add_company_key(uuid, uuid, bytea, text, bytea, timestamptz), auth.company_keys_of(uuid),
  auth.sealed_company_key(uuid) TO tracker_platform;
CREATE FUNCTION auth.own_sealed_company_key()
RETURNS bytea LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN auth.sealed_company_key(tenant.current_company());
END $$;
GRANT EXECUTE ON FUNCTION auth.own_sealed_company_key() TO tracker_admin;

-- What every instance keeps in memory, of one company or (null) of all.
CREATE FUNCTION auth.company_entries(p_company uuid)
RETURNS TABLE (id uuid, name text, status text, trial_ends_at timestamptz, expires_at timestamptz, time_zone text,
  plan text, max_employees integer, max_storage_gb integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT c.id, c.name, c.status, c.trial_ends_at, c.expires_at, c.time_zone, p.name, p.max_employees, p.max_storage_gb
    FROM platform.companies c JOIN platform.plans p ON p.id = c.plan_id WHERE p_company IS NULL OR c.id = p_company;
END $$;
CREATE FUNCTION auth.company_key_entries(p_company uuid)
RETURNS TABLE (id uuid, company_id uuid, key_hash bytea, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT k.id, k.company_id, k.key_hash, k.expires_at FROM auth.company_keys k
    WHERE (p_company IS NULL OR k.company_id = p_company) AND (k.expires_at IS NULL OR k.expires_at > now());
END $$;
CREATE FUNCTION auth.company_by_key(p_hash bytea)
RETURNS uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN (SELECT k.company_id FROM auth.company_keys k WHERE k.key_hash = p_hash AND (k.expires_at IS NULL OR k.expires_at > now()));
END $$;
GRANT EXECUTE ON FUNCTION auth.company_entries(uuid), auth.company_key_entries(uuid), auth.company_by_key(bytea) TO tracker_auth;
