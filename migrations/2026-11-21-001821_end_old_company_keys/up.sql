-- A replaced key that leaked need not wait for its grace.

CREATE FUNCTION auth.end_old_company_keys(p_company uuid)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  ended integer;
BEGIN
  UPDATE auth.company_keys SET expires_at = now() WHERE company_id = p_company AND expires_at > now();
  GET DIAGNOSTICS ended = ROW_COUNT;
  RETURN ended;
END $$;
GRANT EXECUTE ON FUNCTION auth.end_old_company_keys(uuid) TO tracker_platform;
