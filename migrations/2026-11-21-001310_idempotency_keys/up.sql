-- Answers of requests that created something, for a day: who sends such a request again gets the answer, not the effect.
-- Written in the effect's transaction. The request is known by a keyed hash (its body may hold a password), and what an
-- answer shows only once is not kept.

CREATE TABLE tenant.idempotency_keys (
  company_id uuid NOT NULL DEFAULT tenant.current_company() REFERENCES platform.companies (id),
  -- The person, or the API token that acts in their name.
  actor_id uuid NOT NULL,
  route text NOT NULL CONSTRAINT idempotency_keys_route_invalid CHECK (length(route) BETWEEN 1 AND 200),
  key text NOT NULL CONSTRAINT idempotency_keys_key_invalid CHECK (length(key) BETWEEN 1 AND 255),
  request_mac bytea NOT NULL CONSTRAINT idempotency_keys_request_mac_invalid CHECK (octet_length(request_mac) = 32),
  status integer NOT NULL CONSTRAINT idempotency_keys_status_invalid CHECK (status BETWEEN 200 AND 299),
  location text NOT NULL CONSTRAINT idempotency_keys_location_invalid CHECK (length(location) <= 300),
  body text NOT NULL CONSTRAINT idempotency_keys_body_too_long CHECK (length(body) <= 100000),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (company_id, actor_id, route, key));
CREATE INDEX idempotency_keys_created ON tenant.idempotency_keys (company_id, created_at);
SELECT platform.distribute('tenant.idempotency_keys', 'company_id');
ALTER TABLE tenant.idempotency_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.idempotency_keys TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY jobs_read ON tenant.idempotency_keys FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.idempotency_keys TO tracker_admin;
GRANT SELECT (company_id, created_at) ON tenant.idempotency_keys TO tracker_jobs;

CREATE TABLE platform.idempotency_keys (
  owner_id uuid NOT NULL,
  route text NOT NULL CONSTRAINT idempotency_keys_route_invalid CHECK (length(route) BETWEEN 1 AND 200),
  key text NOT NULL CONSTRAINT idempotency_keys_key_invalid CHECK (length(key) BETWEEN 1 AND 255),
  request_mac bytea NOT NULL CONSTRAINT idempotency_keys_request_mac_invalid CHECK (octet_length(request_mac) = 32),
  status integer NOT NULL CONSTRAINT idempotency_keys_status_invalid CHECK (status BETWEEN 200 AND 299),
  location text NOT NULL CONSTRAINT idempotency_keys_location_invalid CHECK (length(location) <= 300),
  body text NOT NULL CONSTRAINT idempotency_keys_body_too_long CHECK (length(body) <= 100000),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (owner_id, route, key));
CREATE INDEX idempotency_keys_created ON platform.idempotency_keys (created_at);
SELECT platform.distribute('platform.idempotency_keys', 'local');
GRANT SELECT, INSERT, UPDATE ON platform.idempotency_keys TO tracker_platform;
GRANT SELECT (created_at), DELETE ON platform.idempotency_keys TO tracker_jobs;
