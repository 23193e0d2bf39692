-- A company's admin may leave by themselves: the owner reads that the company left, and why, and not who it was.

CREATE FUNCTION platform.cancel_own_company(p_subscription uuid, p_entry uuid, p_reason text, p_request_id text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  c platform.companies;
BEGIN
  SELECT * INTO STRICT c FROM platform.companies x WHERE x.id = tenant.current_company() FOR UPDATE;
  IF c.status = 'CANCELLED' THEN
    RETURN false;
  END IF;
  DELETE FROM platform.planned_plan_changes x WHERE x.company_id = c.id;
  UPDATE platform.companies x SET status = 'CANCELLED', cancelled_at = now(), updated_at = now() WHERE x.id = c.id;
  INSERT INTO platform.subscriptions (company_id, id, event, plan_id, price_minor, currency, period, status, actor_id, actor, reason)
    SELECT c.id, p_subscription, 'cancelled', s.plan_id, s.price_minor, s.currency, s.period, 'CANCELLED',
      '00000000-0000-0000-0000-000000000000', 'the company', p_reason
    FROM platform.subscriptions s WHERE s.company_id = c.id ORDER BY s.id DESC LIMIT 1;
  INSERT INTO platform.audit_entries (id, actor_id, actor, action, company_id, detail, request_id)
    VALUES (p_entry, '00000000-0000-0000-0000-000000000000', 'the company', 'company.cancelled', c.id,
      pg_catalog.jsonb_build_object('before', pg_catalog.jsonb_build_object('status', c.status),
        'after', pg_catalog.jsonb_build_object('status', 'CANCELLED'), 'reason', p_reason), p_request_id);
  PERFORM pg_catalog.pg_notify('tracker', 'company:' || c.id);
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION platform.cancel_own_company(uuid, uuid, text, text) TO tracker_admin;
