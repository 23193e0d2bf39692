-- Whose token an instance does not know yet. By its hash and not by the company it names: that would take longer for a
-- company that is there.
CREATE FUNCTION auth.company_by_api_token(p_hash bytea)
RETURNS uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN (SELECT t.company_id FROM auth.api_tokens t WHERE t.token_hash = p_hash AND t.revoked_at IS NULL AND t.expires_at > now());
END $$;
GRANT EXECUTE ON FUNCTION auth.company_by_api_token(bytea) TO tracker_auth;
