DROP POLICY platform_insert ON platform.jobs;
DROP POLICY platform_read ON platform.jobs;
CREATE POLICY platform_all ON platform.jobs TO tracker_platform USING (true) WITH CHECK (true);
ALTER POLICY tenant_insert ON platform.jobs WITH CHECK (company_id = tenant.current_company());
DROP FUNCTION auth.record_own_change(uuid, uuid, text, jsonb, text);
