-- Owners invite owners, and deactivate them. What is secret of it stays behind functions.

CREATE FUNCTION auth.owner_accounts()
RETURNS TABLE (owner_id uuid, disabled_at timestamptz, has_two_factor boolean, last_seen_at timestamptz, has_joined boolean,
  invited_until timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT o.id, c.disabled_at, coalesce(f.confirmed_at IS NOT NULL, false),
      (SELECT pg_catalog.max(s.rotated_at) FROM auth.sign_ins s WHERE s.user_id = o.id), c.user_id IS NOT NULL,
      (SELECT pg_catalog.max(t.expires_at) FROM auth.one_time_tokens t
        WHERE t.subject_id = o.id AND t.kind = 'owner' AND t.used_at IS NULL AND t.expires_at > now())
    FROM platform.owners o LEFT JOIN auth.credentials c ON c.user_id = o.id AND c.role = 'OWNER'
    LEFT JOIN auth.second_factors f ON f.user_id = o.id;
END $$;

-- The sign-ins that ended; null where the owner has not joined, or the one who does it is not active any more: of two who
-- deactivate each other at once, one remains.
CREATE FUNCTION auth.set_owner_disabled(p_actor uuid, p_owner uuid, p_disabled boolean)
RETURNS uuid[] LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  PERFORM FROM auth.credentials c WHERE c.role = 'OWNER' ORDER BY c.user_id FOR UPDATE;
  IF p_actor = p_owner OR NOT EXISTS (SELECT FROM auth.credentials c
    WHERE c.user_id = p_actor AND c.role = 'OWNER' AND c.disabled_at IS NULL) THEN
    RETURN NULL;
  END IF;
  UPDATE auth.credentials SET disabled_at = CASE WHEN p_disabled THEN now() END WHERE user_id = p_owner AND role = 'OWNER';
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  RETURN ARRAY(SELECT s FROM auth.end_sign_ins(p_owner, NULL, false, 'deactivated') s WHERE p_disabled);
END $$;
CREATE FUNCTION auth.withdraw_owner_links(p_owner uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE auth.one_time_tokens SET used_at = now() WHERE subject_id = p_owner AND kind = 'owner' AND used_at IS NULL;
END $$;
GRANT EXECUTE ON FUNCTION auth.owner_accounts(), auth.set_owner_disabled(uuid, uuid, boolean),
  auth.withdraw_owner_links(uuid) TO tracker_platform;

-- Beside the link that the inviting owner was shown; null when that was answered or taken back meanwhile.
CREATE FUNCTION auth.repeat_owner_link(p_hash bytea, p_owner uuid)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  address text;
BEGIN
  INSERT INTO auth.one_time_tokens (id, token_hash, kind, subject_id, email, role, expires_at)
    SELECT pg_catalog.gen_random_uuid(), p_hash, t.kind, t.subject_id, t.email, t.role, t.expires_at FROM auth.one_time_tokens t
    WHERE t.subject_id = p_owner AND t.kind = 'owner' AND t.used_at IS NULL AND t.expires_at > now()
    ORDER BY t.created_at DESC LIMIT 1 RETURNING email INTO address;
  RETURN address;
END $$;

-- Says who joined, and uses up every link of the invitation with the one that was opened.
DROP FUNCTION auth.accept_owner_link(bytea, text, text);
CREATE FUNCTION auth.accept_owner_link(p_hash bytea, p_name text, p_password_hash text)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  t auth.one_time_tokens;
BEGIN
  UPDATE auth.one_time_tokens x SET used_at = now()
    WHERE x.token_hash = p_hash AND x.kind = 'owner' AND x.used_at IS NULL AND x.expires_at > now() RETURNING * INTO t;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  PERFORM auth.withdraw_owner_links(t.subject_id);
  UPDATE platform.owners SET name = p_name WHERE id = t.subject_id;
  INSERT INTO auth.credentials (user_id, email, role, password_hash) VALUES (t.subject_id, t.email, 'OWNER', p_password_hash);
  RETURN t.subject_id;
END $$;
GRANT EXECUTE ON FUNCTION auth.repeat_owner_link(bytea, uuid), auth.accept_owner_link(bytea, text, text) TO tracker_auth;
