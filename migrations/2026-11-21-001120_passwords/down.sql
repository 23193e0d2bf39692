DROP FUNCTION auth.forget(), auth.change_password(uuid, text, text), auth.throttle_failed(text[], integer[], integer[]),
  auth.remember_place(uuid, text), auth.is_known_place(text, text);
DROP INDEX auth.throttle_updated;
DROP TABLE auth.known_places;
CREATE FUNCTION auth.throttle_failed(p_keys text[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO auth.throttle AS t (key, failures, blocked_until)
    SELECT k, 1, now() FROM pg_catalog.unnest(p_keys) k ORDER BY k
    ON CONFLICT (key) DO UPDATE SET
      failures = CASE WHEN t.updated_at < excluded.updated_at - interval '1 day' THEN 1 ELSE t.failures + 1 END,
      blocked_until = excluded.updated_at + CASE WHEN t.failures < 4 OR t.updated_at < excluded.updated_at - interval '1 day'
        THEN interval '0' ELSE pg_catalog.make_interval(secs => LEAST(900, 2 ^ LEAST(t.failures - 3, 10))) END,
      updated_at = excluded.updated_at;
END $$;
GRANT EXECUTE ON FUNCTION auth.throttle_failed(text[]) TO tracker_auth;
