DROP FUNCTION auth.use_step(uuid, bigint), auth.confirm_second_factor(uuid, bytea, bigint), auth.begin_second_factor(uuid, bytea),
  auth.has_second_factor(uuid), auth.second_factor_of(uuid), auth.company_entries(uuid), auth.require_two_factor(boolean),
  auth.own_sign_in_policy();
ALTER TABLE auth.second_factors DROP COLUMN next_secret;
DROP TABLE auth.sign_in_policies;
CREATE FUNCTION auth.company_entries(p_company uuid)
RETURNS TABLE (id uuid, name text, status text, trial_ends_at timestamptz, expires_at timestamptz, time_zone text,
  plan text, max_employees integer, max_storage_gb integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT c.id, c.name, c.status, c.trial_ends_at, c.expires_at, c.time_zone, p.name, p.max_employees, p.max_storage_gb
    FROM platform.companies c JOIN platform.plans p ON p.id = c.plan_id WHERE p_company IS NULL OR c.id = p_company;
END $$;
CREATE FUNCTION auth.second_factor_of(p_user uuid)
RETURNS TABLE (secret bytea, confirmed_at timestamptz, codes_left bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT f.secret, f.confirmed_at,
      (SELECT count(*) FROM auth.recovery_codes r WHERE r.user_id = c.user_id AND r.used_at IS NULL)
    FROM auth.credentials c LEFT JOIN auth.second_factors f ON f.user_id = c.user_id
    WHERE c.user_id = p_user AND c.disabled_at IS NULL;
END $$;
CREATE FUNCTION auth.begin_second_factor(p_user uuid, p_secret bytea)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO auth.second_factors AS f (user_id, secret) VALUES (p_user, p_secret)
    ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, last_step = 0, created_at = now()
    WHERE f.confirmed_at IS NULL;
  RETURN FOUND;
END $$;
CREATE FUNCTION auth.use_step(p_user uuid, p_step bigint, p_confirms boolean)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE auth.second_factors SET last_step = p_step, confirmed_at = coalesce(confirmed_at, now())
    WHERE user_id = p_user AND last_step < p_step AND (confirmed_at IS NULL) = p_confirms;
  RETURN FOUND;
END $$;
GRANT EXECUTE ON FUNCTION auth.company_entries(uuid), auth.second_factor_of(uuid), auth.begin_second_factor(uuid, bytea),
  auth.use_step(uuid, bigint, boolean) TO tracker_auth;
