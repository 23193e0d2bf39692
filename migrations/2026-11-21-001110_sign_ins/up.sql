-- A person's open sign-ins, to look at and to end; roles that change; a sign-in that cannot overtake its own end.

ALTER TABLE auth.sign_ins ADD COLUMN address text NOT NULL DEFAULT '' CONSTRAINT sign_ins_address_too_long CHECK (length(address) <= 45);

-- The credential is looked at once more and held: between the check of the password and this it may have been disabled
-- or given another password, which ended every sign-in but this one. Null when it was; else the role it has now.
DROP FUNCTION auth.begin_sign_in(uuid, uuid, text, uuid, text, integer, timestamptz);
CREATE FUNCTION auth.begin_sign_in(p_id uuid, p_user uuid, p_password_hash text, p_audience text, p_device uuid, p_user_agent text,
  p_address text, p_idle_seconds integer, p_expires timestamptz)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  c auth.credentials;
BEGIN
  SELECT * INTO c FROM auth.credentials x
    WHERE x.user_id = p_user AND x.disabled_at IS NULL AND x.password_hash = p_password_hash FOR SHARE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  INSERT INTO auth.sign_ins (id, company_id, user_id, audience, device_id, user_agent, address, idle_seconds, expires_at)
    VALUES (p_id, c.company_id, c.user_id, p_audience, p_device, p_user_agent, p_address, p_idle_seconds, p_expires);
  RETURN c.role;
END $$;
GRANT EXECUTE ON FUNCTION auth.begin_sign_in(uuid, uuid, text, text, uuid, text, text, integer, timestamptz) TO tracker_auth;

CREATE FUNCTION auth.open_sign_ins(p_user uuid)
RETURNS TABLE (id uuid, audience text, device_id uuid, user_agent text, address text, created_at timestamptz, last_used_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT s.id, s.audience, s.device_id, s.user_agent, s.address, s.created_at, s.rotated_at FROM auth.sign_ins s
    WHERE s.user_id = p_user AND s.ended_at IS NULL AND s.expires_at > now()
      AND s.rotated_at + pg_catalog.make_interval(secs => s.idle_seconds) > now()
    ORDER BY s.rotated_at DESC, s.id LIMIT 200;
END $$;
CREATE FUNCTION auth.end_own_sign_in(p_user uuid, p_id uuid)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN EXISTS (SELECT FROM auth.sign_ins s WHERE s.id = p_id AND s.user_id = p_user) AND auth.end_sign_in(p_id, 'ended_by_person');
END $$;
-- Every one of the person but one (null: every one). Agents keep theirs where only portals are meant.
CREATE FUNCTION auth.end_sign_ins(p_user uuid, p_but uuid, p_portals_only boolean, p_reason text)
RETURNS SETOF uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT s.id FROM auth.sign_ins s
    WHERE s.user_id = p_user AND s.ended_at IS NULL AND s.id IS DISTINCT FROM p_but
      AND NOT (p_portals_only AND s.audience = 'agent') AND auth.end_sign_in(s.id, p_reason);
END $$;
GRANT EXECUTE ON FUNCTION auth.open_sign_ins(uuid), auth.end_own_sign_in(uuid, uuid), auth.end_sign_ins(uuid, uuid, boolean, text)
  TO tracker_auth;

-- What an admin does to somebody of the own company. A new role needs a new sign-in; agents have none to lose.
CREATE FUNCTION auth.end_employee_sign_ins(p_user uuid)
RETURNS SETOF uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT e FROM auth.credentials c CROSS JOIN LATERAL auth.end_sign_ins(c.user_id, NULL, false, 'ended_by_admin') e
    WHERE c.user_id = p_user AND c.company_id = tenant.current_company();
END $$;
CREATE FUNCTION auth.change_role(p_user uuid, p_role text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE auth.credentials SET role = p_role WHERE user_id = p_user AND company_id = tenant.current_company() AND role <> 'OWNER';
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM auth.end_sign_ins(p_user, NULL, true, 'role_changed');
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION auth.end_employee_sign_ins(uuid), auth.change_role(uuid, text) TO tracker_admin;
