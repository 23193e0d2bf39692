-- What an admin does about one device of somebody of the own company, and how many sign-ins that person has open.

CREATE FUNCTION auth.end_device_sign_ins(p_user uuid, p_device uuid)
RETURNS SETOF uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT s.id FROM auth.sign_ins s
    WHERE s.user_id = p_user AND s.company_id = tenant.current_company() AND s.device_id = p_device AND s.ended_at IS NULL
      AND auth.end_sign_in(s.id, 'device_revoked');
END $$;
CREATE FUNCTION auth.count_open_sign_ins(p_user uuid)
RETURNS TABLE (portals bigint, agents bigint) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT count(*) FILTER (WHERE s.audience <> 'agent'), count(*) FILTER (WHERE s.audience = 'agent')
    FROM auth.sign_ins s
    WHERE s.user_id = p_user AND s.company_id = tenant.current_company() AND s.ended_at IS NULL AND s.expires_at > now()
      AND s.rotated_at + pg_catalog.make_interval(secs => s.idle_seconds) > now();
END $$;
GRANT EXECUTE ON FUNCTION auth.end_device_sign_ins(uuid, uuid), auth.count_open_sign_ins(uuid) TO tracker_admin;
