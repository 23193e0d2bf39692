DROP FUNCTION auth.add_api_token(uuid, bytea, text, text, text[], timestamptz, integer), auth.own_api_tokens(uuid, bigint),
  auth.revoke_api_token(uuid), auth.revoke_api_tokens_of(uuid), auth.api_token_name(uuid), auth.api_token_entries(uuid),
  auth.write_api_token_use(uuid[], timestamptz[]);
DROP TABLE auth.api_tokens;
