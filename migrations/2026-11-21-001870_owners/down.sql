DROP FUNCTION auth.accept_owner_link(bytea, text, text);
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
DROP FUNCTION auth.repeat_owner_link(bytea, uuid);
DROP FUNCTION auth.withdraw_owner_links(uuid);
DROP FUNCTION auth.set_owner_disabled(uuid, uuid, boolean);
DROP FUNCTION auth.owner_accounts();
