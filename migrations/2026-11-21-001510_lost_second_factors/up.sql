-- For who lost the app and the recovery codes: somebody else switches two-factor off. Every sign-in of the person ends.

-- The sign-ins that ended; null where it is not on. Nobody does it to oneself: that needs a code.
CREATE FUNCTION auth.end_employee_second_factor(p_user uuid)
RETURNS uuid[] LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF p_user = tenant.current_user_id() OR NOT auth.has_second_factor(p_user) OR NOT EXISTS (
    SELECT FROM auth.credentials c WHERE c.user_id = p_user AND c.company_id = tenant.current_company()) THEN
    RETURN NULL;
  END IF;
  PERFORM auth.end_second_factor(p_user);
  RETURN ARRAY(SELECT auth.end_sign_ins(p_user, NULL, false, 'two_factor_ended'));
END $$;
GRANT EXECUTE ON FUNCTION auth.end_employee_second_factor(uuid) TO tracker_admin;

-- An owner's, by whoever has the server's terminal. False where there is none.
CREATE FUNCTION auth.end_owner_second_factor(p_email text, p_entry uuid)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  owner uuid := (SELECT c.user_id FROM auth.credentials c WHERE c.email = p_email AND c.role = 'OWNER');
BEGIN
  IF owner IS NULL OR NOT auth.has_second_factor(owner) THEN
    RETURN false;
  END IF;
  PERFORM auth.end_second_factor(owner);
  PERFORM auth.end_sign_ins(owner, NULL, false, 'two_factor_ended');
  INSERT INTO platform.audit_entries (id, actor_id, actor, action, company_id, detail)
    VALUES (p_entry, '00000000-0000-0000-0000-000000000000', 'terminal', 'owner.two_factor_ended',
      '00000000-0000-0000-0000-000000000000', pg_catalog.jsonb_build_object('owner_id', owner));
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION auth.end_owner_second_factor(text, uuid) TO tracker_auth;
