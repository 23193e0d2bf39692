DROP FUNCTION auth.end_owner_second_factor(text, uuid), auth.end_employee_second_factor(uuid);
