-- Companies register themselves, if the owner lets them: who wants one proves the address first, then the company is made.

-- One row: what such a company begins with.
CREATE TABLE platform.registration_terms (
  id boolean PRIMARY KEY DEFAULT true CONSTRAINT registration_terms_one_row CHECK (id),
  is_open boolean NOT NULL DEFAULT true,
  plan_id uuid NOT NULL CONSTRAINT registration_terms_plan_unknown REFERENCES platform.plans (id),
  currency text NOT NULL DEFAULT 'USD' CONSTRAINT registration_terms_currency_invalid CHECK (currency ~ '^[A-Z]{3}$'),
  trial_days integer NOT NULL DEFAULT 14 CONSTRAINT registration_terms_trial_days_invalid CHECK (trial_days BETWEEN 1 AND 366),
  version integer NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL DEFAULT now());
SELECT platform.distribute('platform.registration_terms', 'reference');
GRANT SELECT, UPDATE ON platform.registration_terms TO tracker_platform;
GRANT SELECT (id, plan_id) ON platform.registration_terms TO tracker_jobs;
INSERT INTO platform.registration_terms (plan_id) SELECT id FROM platform.plans ORDER BY max_employees, id LIMIT 1;

-- What was asked for, until the address is proved. The id becomes the company's.
CREATE TABLE auth.registrations (
  id uuid PRIMARY KEY,
  email text NOT NULL CONSTRAINT registrations_email_invalid CHECK (length(email) BETWEEN 3 AND 254),
  name text NOT NULL CONSTRAINT registrations_name_invalid CHECK (length(name) BETWEEN 1 AND 120),
  company_name text NOT NULL CONSTRAINT registrations_company_name_invalid CHECK (length(company_name) BETWEEN 1 AND 120),
  time_zone text NOT NULL CONSTRAINT registrations_time_zone_invalid CHECK (length(time_zone) BETWEEN 1 AND 64),
  created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX registrations_created ON auth.registrations (created_at);
SELECT platform.distribute('auth.registrations', 'reference');
ALTER TABLE auth.registrations ENABLE ROW LEVEL SECURITY;

ALTER TABLE auth.one_time_tokens
  DROP CONSTRAINT one_time_tokens_kind_invalid,
  ADD CONSTRAINT one_time_tokens_kind_invalid CHECK (kind IN ('owner', 'company_admin', 'invitation', 'reset', 'registration')),
  DROP CONSTRAINT one_time_tokens_owner_has_no_company,
  ADD CONSTRAINT one_time_tokens_owner_has_no_company
    CHECK (kind = 'reset' OR (kind IN ('owner', 'registration')) = (company_id IS NULL));

CREATE FUNCTION auth.registration_is_open()
RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN (SELECT t.is_open FROM platform.registration_terms t);
END $$;
CREATE FUNCTION auth.request_registration(p_id uuid, p_email text, p_name text, p_company_name text, p_time_zone text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO auth.registrations (id, email, name, company_name, time_zone)
    VALUES (p_id, p_email, p_name, p_company_name, p_time_zone);
  PERFORM auth.enqueue_mail('registration', NULL, p_id);
END $$;
-- Whom to write to; the link is made only where nobody has the address yet, and for five requests an hour.
CREATE FUNCTION auth.issue_registration_link(p_hash bytea, p_registration uuid, p_expires timestamptz)
RETURNS TABLE (email text, company_name text, is_known boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  r auth.registrations;
  known boolean;
BEGIN
  SELECT * INTO r FROM auth.registrations x WHERE x.id = p_registration;
  IF r.id IS NULL OR (SELECT count(*) FROM auth.registrations x
    WHERE x.email = r.email AND x.created_at > r.created_at - interval '1 hour' AND x.created_at <= r.created_at) > 5 THEN
    RETURN;
  END IF;
  known := EXISTS (SELECT FROM auth.credentials c WHERE c.email = r.email);
  IF NOT known THEN
    INSERT INTO auth.one_time_tokens (id, token_hash, kind, subject_id, email, name, role, expires_at)
      VALUES (pg_catalog.gen_random_uuid(), p_hash, 'registration', r.id, r.email, r.name, 'ADMIN', p_expires);
  END IF;
  RETURN QUERY SELECT r.email, r.company_name, known;
END $$;
CREATE FUNCTION auth.peek_registration(p_hash bytea)
RETURNS TABLE (id uuid, email text, name text, company_name text, time_zone text, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT r.id, r.email, r.name, r.company_name, r.time_zone, t.expires_at FROM auth.one_time_tokens t
    JOIN auth.registrations r ON r.id = t.subject_id
    WHERE t.token_hash = p_hash AND t.kind = 'registration' AND t.used_at IS NULL AND t.expires_at > now();
END $$;
GRANT EXECUTE ON FUNCTION auth.registration_is_open(), auth.request_registration(uuid, text, text, text, text),
  auth.issue_registration_link(bytea, uuid, timestamptz), auth.peek_registration(bytea) TO tracker_auth;

-- In the transaction that makes the company: the link is its first admin's invitation from then on. False when it was used.
CREATE FUNCTION auth.registration_becomes_invitation(p_hash bytea, p_company uuid)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE auth.one_time_tokens SET kind = 'company_admin', company_id = p_company, subject_id = NULL
    WHERE token_hash = p_hash AND kind = 'registration' AND subject_id = p_company AND used_at IS NULL AND expires_at > now();
  RETURN FOUND;
END $$;
GRANT EXECUTE ON FUNCTION auth.registration_becomes_invitation(bytea, uuid) TO tracker_platform;

CREATE OR REPLACE FUNCTION auth.peek_token(p_hash bytea)
RETURNS TABLE (kind text, company_id uuid, email text, name text, role text, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT t.kind, t.company_id, t.email, t.name, t.role, t.expires_at FROM auth.one_time_tokens t
    WHERE t.token_hash = p_hash AND t.kind NOT IN ('reset', 'registration') AND t.used_at IS NULL AND t.expires_at > now();
END $$;
CREATE OR REPLACE FUNCTION auth.forget()
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  DELETE FROM auth.throttle WHERE updated_at < now() - interval '1 day';
  DELETE FROM auth.known_places WHERE seen_at < now() - interval '90 days';
  DELETE FROM auth.sign_ins WHERE ended_at < now() - interval '30 days' OR expires_at < now() - interval '30 days';
  DELETE FROM auth.one_time_tokens WHERE expires_at < now() - interval '30 days';
  DELETE FROM auth.reset_requests WHERE created_at < now() - interval '1 day';
  DELETE FROM auth.registrations WHERE created_at < now() - interval '30 days';
END $$;
