-- Two-factor: a secret that makes codes, and codes for when the device is lost.

CREATE TABLE auth.second_factors (
  user_id uuid PRIMARY KEY,
  -- Sealed for this person by the server's key.
  secret bytea NOT NULL,
  -- From here on it is asked for.
  confirmed_at timestamptz,
  -- The newest step whose code was used: none before it is taken again.
  last_step bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now());
SELECT platform.distribute('auth.second_factors', 'reference');
ALTER TABLE auth.second_factors ENABLE ROW LEVEL SECURITY;

CREATE TABLE auth.recovery_codes (
  user_id uuid NOT NULL,
  code_hash bytea NOT NULL CHECK (octet_length(code_hash) = 32),
  used_at timestamptz,
  PRIMARY KEY (user_id, code_hash));
SELECT platform.distribute('auth.recovery_codes', 'reference');
ALTER TABLE auth.recovery_codes ENABLE ROW LEVEL SECURITY;

-- One look at a person's second factor. No row: there is no such account.
CREATE FUNCTION auth.second_factor_of(p_user uuid)
RETURNS TABLE (secret bytea, confirmed_at timestamptz, codes_left bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT f.secret, f.confirmed_at,
      (SELECT count(*) FROM auth.recovery_codes r WHERE r.user_id = c.user_id AND r.used_at IS NULL)
    FROM auth.credentials c LEFT JOIN auth.second_factors f ON f.user_id = c.user_id
    WHERE c.user_id = p_user AND c.disabled_at IS NULL;
END $$;
-- False where there is one already: it is replaced by nobody who has not switched it off.
CREATE FUNCTION auth.begin_second_factor(p_user uuid, p_secret bytea)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO auth.second_factors AS f (user_id, secret) VALUES (p_user, p_secret)
    ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, last_step = 0, created_at = now()
    WHERE f.confirmed_at IS NULL;
  RETURN FOUND;
END $$;
-- A step is used once, whoever is first; the same statement says whether it was.
CREATE FUNCTION auth.use_step(p_user uuid, p_step bigint, p_confirms boolean)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE auth.second_factors SET last_step = p_step, confirmed_at = coalesce(confirmed_at, now())
    WHERE user_id = p_user AND last_step < p_step AND (confirmed_at IS NULL) = p_confirms;
  RETURN FOUND;
END $$;
CREATE FUNCTION auth.use_recovery_code(p_user uuid, p_hash bytea)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE auth.recovery_codes r SET used_at = now() WHERE r.user_id = p_user AND r.code_hash = p_hash AND r.used_at IS NULL
    AND EXISTS (SELECT FROM auth.second_factors f WHERE f.user_id = p_user AND f.confirmed_at IS NOT NULL);
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM auth.enqueue_mail('recovery_code_used', NULL, p_user);
  RETURN true;
END $$;
CREATE FUNCTION auth.replace_recovery_codes(p_user uuid, p_hashes bytea[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  DELETE FROM auth.recovery_codes WHERE user_id = p_user;
  INSERT INTO auth.recovery_codes (user_id, code_hash) SELECT p_user, h FROM unnest(p_hashes) h;
END $$;
CREATE FUNCTION auth.end_second_factor(p_user uuid)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  DELETE FROM auth.recovery_codes WHERE user_id = p_user;
  DELETE FROM auth.second_factors WHERE user_id = p_user;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM auth.enqueue_mail('two_factor_off', NULL, p_user);
  RETURN true;
END $$;
-- An attempt is counted before it is looked at, so that no number of them at once is looked at for the price of one.
-- Seconds to wait, or null: go on.
CREATE FUNCTION auth.throttle_take(p_key text, p_free integer)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  waiting integer;
BEGIN
  PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(p_key, 0));
  waiting := auth.throttle_wait(ARRAY[p_key]);
  IF waiting IS NULL THEN
    PERFORM auth.throttle_failed(ARRAY[p_key], ARRAY[p_free], ARRAY[NULL::integer]);
  END IF;
  RETURN waiting;
END $$;
GRANT EXECUTE ON FUNCTION auth.second_factor_of(uuid), auth.begin_second_factor(uuid, bytea), auth.use_step(uuid, bigint, boolean),
  auth.use_recovery_code(uuid, bytea), auth.replace_recovery_codes(uuid, bytea[]), auth.end_second_factor(uuid),
  auth.throttle_take(text, integer) TO tracker_auth;
