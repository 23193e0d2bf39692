DROP FUNCTION auth.change_role(uuid, text), auth.end_employee_sign_ins(uuid), auth.end_sign_ins(uuid, uuid, boolean, text),
  auth.end_own_sign_in(uuid, uuid), auth.open_sign_ins(uuid),
  auth.begin_sign_in(uuid, uuid, text, text, uuid, text, text, integer, timestamptz);
ALTER TABLE auth.sign_ins DROP COLUMN address;
CREATE FUNCTION auth.begin_sign_in(p_id uuid, p_user uuid, p_audience text, p_device uuid, p_user_agent text,
  p_idle_seconds integer, p_expires timestamptz)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO auth.sign_ins (id, company_id, user_id, audience, device_id, user_agent, idle_seconds, expires_at)
    SELECT p_id, c.company_id, c.user_id, p_audience, p_device, p_user_agent, p_idle_seconds, p_expires
    FROM auth.credentials c WHERE c.user_id = p_user
    ON CONFLICT DO NOTHING;
END $$;
GRANT EXECUTE ON FUNCTION auth.begin_sign_in(uuid, uuid, text, uuid, text, integer, timestamptz) TO tracker_auth;
