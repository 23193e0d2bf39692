-- What other programs come with. A token works in the name of the ADMIN who made it, within its scopes, until it is
-- revoked or runs out, and no longer than that person is an active ADMIN.

CREATE TABLE auth.api_tokens (
  id uuid PRIMARY KEY,
  company_id uuid NOT NULL REFERENCES platform.companies (id),
  token_hash bytea NOT NULL CONSTRAINT api_tokens_hash_taken UNIQUE CHECK (octet_length(token_hash) = 32),
  prefix text NOT NULL CHECK (length(prefix) BETWEEN 8 AND 20),
  name text NOT NULL CONSTRAINT api_tokens_name_invalid CHECK (length(name) BETWEEN 1 AND 80),
  scopes text[] NOT NULL CONSTRAINT api_tokens_scopes_invalid CHECK (cardinality(scopes) BETWEEN 1 AND 50),
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  last_used_at timestamptz,
  revoked_at timestamptz,
  CONSTRAINT api_tokens_expires_too_late CHECK (expires_at <= created_at + interval '366 days'));
CREATE INDEX api_tokens_company ON auth.api_tokens (company_id, id);
SELECT platform.distribute('auth.api_tokens', 'reference');
ALTER TABLE auth.api_tokens ENABLE ROW LEVEL SECURITY;

-- False when the company has `p_most` tokens that work: every instance keeps them all in memory.
CREATE FUNCTION auth.add_api_token(p_id uuid, p_hash bytea, p_prefix text, p_name text, p_scopes text[],
  p_expires timestamptz, p_most integer)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  company uuid := tenant.current_company();
BEGIN
  -- Two at once would both count before either is there.
  PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('api_tokens ' || company, 0));
  IF (SELECT count(*) FROM auth.api_tokens t WHERE t.company_id = company AND t.revoked_at IS NULL AND t.expires_at > now()) >= p_most THEN
    RETURN false;
  END IF;
  INSERT INTO auth.api_tokens (id, company_id, token_hash, prefix, name, scopes, created_by, expires_at)
    VALUES (p_id, company, p_hash, p_prefix, p_name, p_scopes, tenant.current_user_id(), p_expires);
  PERFORM pg_catalog.pg_notify('tracker', 'company:' || company);
  RETURN true;
END $$;

-- Newest first, those before `p_before`.
CREATE FUNCTION auth.own_api_tokens(p_before uuid, p_limit bigint)
RETURNS TABLE (id uuid, name text, prefix text, scopes text[], created_by uuid, created_at timestamptz, expires_at timestamptz,
  last_used_at timestamptz, revoked_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT t.id, t.name, t.prefix, t.scopes, t.created_by, t.created_at, t.expires_at, t.last_used_at, t.revoked_at
    FROM auth.api_tokens t WHERE t.company_id = tenant.current_company() AND (p_before IS NULL OR t.id < p_before)
    ORDER BY t.id DESC LIMIT p_limit;
END $$;

-- The token's name and whether it worked until now; no row when there is no such token.
CREATE FUNCTION auth.revoke_api_token(p_id uuid)
RETURNS TABLE (name text, revoked boolean) LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  company uuid := tenant.current_company();
BEGIN
  UPDATE auth.api_tokens SET revoked_at = now() WHERE id = p_id AND company_id = company AND revoked_at IS NULL;
  revoked := FOUND;
  IF revoked THEN
    PERFORM pg_catalog.pg_notify('tracker', 'company:' || company);
  END IF;
  RETURN QUERY SELECT t.name, revoked FROM auth.api_tokens t WHERE t.id = p_id AND t.company_id = company;
END $$;

-- With the person who made them: a token never outlives its maker's place in the company.
CREATE FUNCTION auth.revoke_api_tokens_of(p_user uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  company uuid := tenant.current_company();
BEGIN
  UPDATE auth.api_tokens SET revoked_at = now() WHERE created_by = p_user AND company_id = company AND revoked_at IS NULL;
  IF FOUND THEN
    PERFORM pg_catalog.pg_notify('tracker', 'company:' || company);
  END IF;
END $$;

-- What is noted of a look: that it was the token's and not the person's own.
CREATE FUNCTION auth.api_token_name(p_id uuid)
RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN (SELECT t.name FROM auth.api_tokens t WHERE t.id = p_id AND t.company_id = tenant.current_company());
END $$;
GRANT EXECUTE ON FUNCTION auth.add_api_token(uuid, bytea, text, text, text[], timestamptz, integer), auth.own_api_tokens(uuid, bigint),
  auth.revoke_api_token(uuid), auth.revoke_api_tokens_of(uuid), auth.api_token_name(uuid) TO tracker_admin;

-- What every instance keeps in memory, of one company or (null) of all: tokens that work.
CREATE FUNCTION auth.api_token_entries(p_company uuid)
RETURNS TABLE (id uuid, company_id uuid, token_hash bytea, scopes text[], created_by uuid, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT t.id, t.company_id, t.token_hash, t.scopes, t.created_by, t.expires_at
    FROM auth.api_tokens t JOIN auth.credentials c ON c.user_id = t.created_by AND c.company_id = t.company_id
    WHERE (p_company IS NULL OR t.company_id = p_company) AND t.revoked_at IS NULL AND t.expires_at > now()
      AND c.disabled_at IS NULL AND c.role = 'ADMIN';
END $$;
GRANT EXECUTE ON FUNCTION auth.api_token_entries(uuid) TO tracker_auth;

-- Times only grow: another instance may have written a later one.
CREATE FUNCTION auth.write_api_token_use(p_ids uuid[], p_times timestamptz[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE auth.api_tokens t SET last_used_at = u.at FROM unnest(p_ids, p_times) AS u (id, at)
    WHERE t.id = u.id AND (t.last_used_at IS NULL OR t.last_used_at < u.at);
END $$;
GRANT EXECUTE ON FUNCTION auth.write_api_token_use(uuid[], timestamptz[]) TO tracker_auth;
