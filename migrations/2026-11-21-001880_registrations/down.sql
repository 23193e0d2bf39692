CREATE OR REPLACE FUNCTION auth.forget()
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  DELETE FROM auth.throttle WHERE updated_at < now() - interval '1 day';
  DELETE FROM auth.known_places WHERE seen_at < now() - interval '90 days';
  DELETE FROM auth.sign_ins WHERE ended_at < now() - interval '30 days' OR expires_at < now() - interval '30 days';
  DELETE FROM auth.one_time_tokens WHERE expires_at < now() - interval '30 days';
  DELETE FROM auth.reset_requests WHERE created_at < now() - interval '1 day';
END $$;
CREATE OR REPLACE FUNCTION auth.peek_token(p_hash bytea)
RETURNS TABLE (kind text, company_id uuid, email text, name text, role text, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY SELECT t.kind, t.company_id, t.email, t.name, t.role, t.expires_at FROM auth.one_time_tokens t
    WHERE t.token_hash = p_hash AND t.kind <> 'reset' AND t.used_at IS NULL AND t.expires_at > now();
END $$;
DROP FUNCTION auth.registration_becomes_invitation(bytea, uuid);
DROP FUNCTION auth.peek_registration(bytea);
DROP FUNCTION auth.issue_registration_link(bytea, uuid, timestamptz);
DROP FUNCTION auth.request_registration(uuid, text, text, text, text);
DROP FUNCTION auth.registration_is_open();
DELETE FROM auth.one_time_tokens WHERE kind = 'registration';
ALTER TABLE auth.one_time_tokens
  DROP CONSTRAINT one_time_tokens_kind_invalid,
  ADD CONSTRAINT one_time_tokens_kind_invalid CHECK (kind IN ('owner', 'company_admin', 'invitation', 'reset')),
  DROP CONSTRAINT one_time_tokens_owner_has_no_company,
  ADD CONSTRAINT one_time_tokens_owner_has_no_company CHECK (kind = 'reset' OR (kind = 'owner') = (company_id IS NULL));
DROP TABLE auth.registrations;
DROP TABLE platform.registration_terms;
