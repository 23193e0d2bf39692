-- What an agent told last of what waits on its device, beyond what it sent with the same request. Nothing where the agent does not tell.
ALTER TABLE tenant.devices
  -- When the server last took something in.
  ADD COLUMN last_synced_at timestamptz,
  ADD COLUMN queued_items integer CONSTRAINT devices_queued_items_invalid CHECK (queued_items >= 0),
  ADD COLUMN queued_screenshots integer CONSTRAINT devices_queued_screenshots_invalid CHECK (queued_screenshots >= 0),
  ADD COLUMN dead_letters integer CONSTRAINT devices_dead_letters_invalid CHECK (dead_letters >= 0),
  ADD COLUMN oldest_queued_at timestamptz,
  ADD CONSTRAINT devices_queue_incomplete CHECK (num_nulls(queued_items, queued_screenshots, dead_letters) IN (0, 3));
GRANT UPDATE (last_synced_at, queued_items, queued_screenshots, dead_letters, oldest_queued_at) ON tenant.devices TO tracker_agent;

-- People revoke their own devices, once: there is no way back, and no other moment afterwards.
CREATE POLICY employee_revoke ON tenant.devices FOR UPDATE TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id() AND revoked_at IS NULL)
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id() AND revoked_at IS NOT NULL);
GRANT UPDATE (revoked_at) ON tenant.devices TO tracker_employee;

-- Ends where the person's own device is signed in, and enters that in the person's name. The transaction revokes the device.
CREATE FUNCTION tenant.end_own_device_sign_ins(p_device uuid, p_entry uuid, p_request_id text, p_address text)
RETURNS SETOF uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  v_user uuid := tenant.current_user_id();
  ended uuid[] := ARRAY(SELECT auth.end_device_sign_ins(v_user, p_device));
BEGIN
  PERFORM auth.record_own_change(v_user, p_entry, 'account.device_revoked',
    pg_catalog.jsonb_build_object('device_id', p_device, 'sign_ins', pg_catalog.cardinality(ended)), p_request_id, p_address);
  RETURN QUERY SELECT pg_catalog.unnest(ended);
END $$;
GRANT EXECUTE ON FUNCTION tenant.end_own_device_sign_ins(uuid, uuid, text, text) TO tracker_employee, tracker_admin;
