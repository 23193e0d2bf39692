DROP FUNCTION auth.end_old_company_keys(uuid);
