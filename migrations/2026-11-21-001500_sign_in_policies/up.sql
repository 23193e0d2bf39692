-- Who must have two-factor on: owners always, a company's people when an admin says so. And another app in place of the
-- one there is, since who must have it on cannot switch it off to change phones.

CREATE TABLE auth.sign_in_policies (
  company_id uuid PRIMARY KEY REFERENCES platform.companies (id),
  two_factor_required boolean NOT NULL DEFAULT false,
  changed_at timestamptz NOT NULL DEFAULT now());
SELECT platform.distribute('auth.sign_in_policies', 'reference');
ALTER TABLE auth.sign_in_policies ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION auth.own_sign_in_policy()
RETURNS TABLE (two_factor_required boolean, people bigint, people_with_two_factor bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT
      coalesce((SELECT p.two_factor_required FROM auth.sign_in_policies p WHERE p.company_id = tenant.current_company()), false),
      count(*), count(f.confirmed_at)
    FROM auth.credentials c LEFT JOIN auth.second_factors f ON f.user_id = c.user_id
    WHERE c.company_id = tenant.current_company() AND c.disabled_at IS NULL;
END $$;
-- Whether that changed anything. Every instance is told.
CREATE FUNCTION auth.require_two_factor(p_required boolean)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  company uuid := tenant.current_company();
BEGIN
  IF p_required THEN
    INSERT INTO auth.sign_in_policies AS p (company_id, two_factor_required) VALUES (company, true)
      ON CONFLICT (company_id) DO UPDATE SET two_factor_required = true, changed_at = now() WHERE NOT p.two_factor_required;
  ELSE
    UPDATE auth.sign_in_policies SET two_factor_required = false, changed_at = now()
      WHERE company_id = company AND two_factor_required;
  END IF;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM pg_catalog.pg_notify('tracker', 'company:' || company);
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION auth.own_sign_in_policy(), auth.require_two_factor(boolean) TO tracker_admin;

DROP FUNCTION auth.company_entries(uuid);
CREATE FUNCTION auth.company_entries(p_company uuid)
RETURNS TABLE (id uuid, name text, status text, trial_ends_at timestamptz, expires_at timestamptz, time_zone text,
  plan text, max_employees integer, max_storage_gb integer, two_factor_required boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT c.id, c.name, c.status, c.trial_ends_at, c.expires_at, c.time_zone, p.name, p.max_employees,
      p.max_storage_gb, coalesce(s.two_factor_required, false)
    FROM platform.companies c JOIN platform.plans p ON p.id = c.plan_id
    LEFT JOIN auth.sign_in_policies s ON s.company_id = c.id WHERE p_company IS NULL OR c.id = p_company;
END $$;

-- A secret that waits for its first code while the one before it is still asked for.
ALTER TABLE auth.second_factors ADD COLUMN next_secret bytea;

DROP FUNCTION auth.second_factor_of(uuid), auth.begin_second_factor(uuid, bytea), auth.use_step(uuid, bigint, boolean);
CREATE FUNCTION auth.second_factor_of(p_user uuid)
RETURNS TABLE (secret bytea, next_secret bytea, confirmed_at timestamptz, codes_left bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT f.secret, f.next_secret, f.confirmed_at,
      (SELECT count(*) FROM auth.recovery_codes r WHERE r.user_id = c.user_id AND r.used_at IS NULL)
    FROM auth.credentials c LEFT JOIN auth.second_factors f ON f.user_id = c.user_id
    WHERE c.user_id = p_user AND c.disabled_at IS NULL;
END $$;
CREATE FUNCTION auth.has_second_factor(p_user uuid)
RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN EXISTS (SELECT FROM auth.second_factors f WHERE f.user_id = p_user AND f.confirmed_at IS NOT NULL);
END $$;
CREATE FUNCTION auth.begin_second_factor(p_user uuid, p_secret bytea)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO auth.second_factors AS f (user_id, secret) VALUES (p_user, p_secret)
    ON CONFLICT (user_id) DO UPDATE SET
      secret = CASE WHEN f.confirmed_at IS NULL THEN excluded.secret ELSE f.secret END,
      next_secret = CASE WHEN f.confirmed_at IS NOT NULL THEN excluded.secret END;
END $$;
-- By the code of that step. False when the secret it is a code of does not wait any more.
CREATE FUNCTION auth.confirm_second_factor(p_user uuid, p_secret bytea, p_step bigint)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE auth.second_factors f SET secret = p_secret, next_secret = NULL, confirmed_at = now(), last_step = p_step
    WHERE f.user_id = p_user AND p_secret = CASE WHEN f.confirmed_at IS NULL THEN f.secret ELSE f.next_secret END;
  RETURN FOUND;
END $$;
-- A step is used once, whoever is first; the same statement says whether it was.
CREATE FUNCTION auth.use_step(p_user uuid, p_step bigint)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE auth.second_factors SET last_step = p_step
    WHERE user_id = p_user AND last_step < p_step AND confirmed_at IS NOT NULL;
  RETURN FOUND;
END $$;
GRANT EXECUTE ON FUNCTION auth.company_entries(uuid), auth.second_factor_of(uuid), auth.has_second_factor(uuid),
  auth.begin_second_factor(uuid, bytea), auth.confirm_second_factor(uuid, bytea, bigint), auth.use_step(uuid, bigint) TO tracker_auth;
