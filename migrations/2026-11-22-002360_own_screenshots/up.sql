-- Where the company allows it people delete their own pictures. A picture is marked by its person alone, in the own name; what
-- follows from it, sums, files and the audit entry, is a job's.
CREATE FUNCTION tenant.own_screenshots_may_go() RETURNS boolean LANGUAGE plpgsql STABLE SET search_path = '' AS $$
BEGIN
  RETURN (SELECT s.employees_may_delete_screenshots FROM tenant.company_settings s WHERE s.company_id = tenant.current_company());
END $$;
GRANT EXECUTE ON FUNCTION tenant.own_screenshots_may_go() TO tracker_employee;

CREATE POLICY employee_delete ON tenant.screenshots FOR UPDATE TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id() AND state = 'ready'
    AND (SELECT tenant.own_screenshots_may_go()))
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id() AND state = 'deleted'
    AND deleted_by = tenant.current_user_id());
GRANT UPDATE (state, deleted_at, deleted_by, deleted_by_name, deleted_reason) ON tenant.screenshots TO tracker_employee;
