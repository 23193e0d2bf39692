-- What the server's key seals, to be sealed anew when that key is rotated. Each is replaced only if it is still what was
-- read: what was made meanwhile is newer.

-- Of each company the key that can be shown; those that end are only ever found by their hash.
CREATE FUNCTION auth.sealed_company_keys(p_after uuid, p_limit integer)
RETURNS TABLE (id uuid, company_id uuid, sealed bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT k.id, k.company_id, k.sealed FROM auth.company_keys k
    WHERE k.id > p_after AND k.expires_at IS NULL ORDER BY k.id LIMIT p_limit;
END $$;
CREATE FUNCTION auth.reseal_company_key(p_id uuid, p_old bytea, p_new bytea)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE auth.company_keys k SET sealed = p_new WHERE k.id = p_id AND k.sealed = p_old;
  RETURN FOUND;
END $$;
CREATE FUNCTION auth.sealed_second_factors(p_after uuid, p_limit integer)
RETURNS TABLE (user_id uuid, secret bytea, next_secret bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT f.user_id, f.secret, f.next_secret FROM auth.second_factors f
    WHERE f.user_id > p_after ORDER BY f.user_id LIMIT p_limit;
END $$;
CREATE FUNCTION auth.reseal_second_factor(p_user uuid, p_old bytea, p_new bytea)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE auth.second_factors f SET
      secret = CASE WHEN f.secret = p_old THEN p_new ELSE f.secret END,
      next_secret = CASE WHEN f.next_secret = p_old THEN p_new ELSE f.next_secret END
    WHERE f.user_id = p_user AND p_old IN (f.secret, f.next_secret);
  RETURN FOUND;
END $$;
GRANT EXECUTE ON FUNCTION auth.sealed_company_keys(uuid, integer), auth.reseal_company_key(uuid, bytea, bytea),
  auth.sealed_second_factors(uuid, integer), auth.reseal_second_factor(uuid, bytea, bytea) TO tracker_auth;
