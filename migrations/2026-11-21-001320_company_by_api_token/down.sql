DROP FUNCTION auth.company_by_api_token(bytea);
