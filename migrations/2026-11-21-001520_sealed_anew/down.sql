DROP FUNCTION auth.reseal_second_factor(uuid, bytea, bytea), auth.sealed_second_factors(uuid, integer),
  auth.reseal_company_key(uuid, bytea, bytea), auth.sealed_company_keys(uuid, integer);
