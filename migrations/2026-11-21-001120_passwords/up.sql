-- Passwords that change, and attempts that are counted so that guessing slows down and nobody else is locked out.

-- From where a person has signed in lately. Attempts from there are counted apart: strangers elsewhere cannot delay them.
CREATE TABLE auth.known_places (
  user_id uuid NOT NULL,
  place text NOT NULL CONSTRAINT known_places_place_too_long CHECK (length(place) <= 60),
  seen_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, place));
CREATE INDEX known_places_seen ON auth.known_places (seen_at);
SELECT platform.distribute('auth.known_places', 'reference');
ALTER TABLE auth.known_places ENABLE ROW LEVEL SECURITY;
CREATE INDEX throttle_updated ON auth.throttle (updated_at);

CREATE FUNCTION auth.is_known_place(p_email text, p_place text)
RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN EXISTS (SELECT FROM auth.known_places k JOIN auth.credentials c ON c.user_id = k.user_id
    WHERE c.email = p_email AND c.disabled_at IS NULL AND k.place = p_place AND k.seen_at > now() - interval '90 days');
END $$;
CREATE FUNCTION auth.remember_place(p_user uuid, p_place text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO auth.known_places AS k (user_id, place) VALUES (p_user, p_place)
    ON CONFLICT (user_id, place) DO UPDATE SET seen_at = now();
END $$;

-- Each key has its own number of failures that cost nothing; after it each failure doubles the wait, up to 15 minutes.
-- A key that many share forgets one failure in so many seconds; the others forget all of them after a quiet day.
DROP FUNCTION auth.throttle_failed(text[]);
CREATE FUNCTION auth.throttle_failed(p_keys text[], p_free integer[], p_forget_seconds integer[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  k record;
  n integer;
BEGIN
  -- In one order everywhere, so that two requests do not wait for each other.
  FOR k IN SELECT u.key, u.free, u.forget_seconds
    FROM unnest(p_keys, p_free, p_forget_seconds) u(key, free, forget_seconds) ORDER BY 1 LOOP
    INSERT INTO auth.throttle AS t (key, failures, blocked_until) VALUES (k.key, 1, now())
      ON CONFLICT (key) DO UPDATE SET
        failures = 1 + CASE
          WHEN t.updated_at < excluded.updated_at - interval '1 day' THEN 0
          WHEN k.forget_seconds IS NULL THEN t.failures
          ELSE GREATEST(0, t.failures - pg_catalog.floor(
            pg_catalog.date_part('epoch', excluded.updated_at - t.updated_at) / k.forget_seconds)::integer)
        END,
        updated_at = excluded.updated_at
      RETURNING t.failures INTO n;
    UPDATE auth.throttle t SET blocked_until = now() + CASE WHEN n <= k.free THEN interval '0'
        ELSE pg_catalog.make_interval(secs => LEAST(900, 2 ^ LEAST(n - k.free, 10))) END
      WHERE t.key = k.key;
  END LOOP;
END $$;

-- False when it was changed by somebody else since it was checked. What it ends is the caller's to say.
CREATE FUNCTION auth.change_password(p_user uuid, p_old_hash text, p_new_hash text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE auth.credentials SET password_hash = p_new_hash
    WHERE user_id = p_user AND disabled_at IS NULL AND password_hash = p_old_hash;
  RETURN FOUND;
END $$;

-- Counters, places, sign-ins and links that nobody needs any more.
CREATE FUNCTION auth.forget()
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  DELETE FROM auth.throttle WHERE updated_at < now() - interval '1 day';
  DELETE FROM auth.known_places WHERE seen_at < now() - interval '90 days';
  DELETE FROM auth.sign_ins WHERE ended_at < now() - interval '30 days' OR expires_at < now() - interval '30 days';
  DELETE FROM auth.one_time_tokens WHERE expires_at < now() - interval '30 days';
END $$;
GRANT EXECUTE ON FUNCTION auth.is_known_place(text, text), auth.remember_place(uuid, text),
  auth.throttle_failed(text[], integer[], integer[]), auth.change_password(uuid, text, text), auth.forget() TO tracker_auth;
