DROP FUNCTION auth.throttle_take(text, integer), auth.end_second_factor(uuid), auth.replace_recovery_codes(uuid, bytea[]),
  auth.use_recovery_code(uuid, bytea), auth.use_step(uuid, bigint, boolean), auth.begin_second_factor(uuid, bytea),
  auth.second_factor_of(uuid);
DROP TABLE auth.recovery_codes;
DROP TABLE auth.second_factors;
