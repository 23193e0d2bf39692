-- Roles and schemas: what must exist before the first migration. Idempotent; runs under an advisory lock
-- with an administrative connection. Roles belong to the cluster, schemas to the database.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['tracker_ddl', 'tracker_admin', 'tracker_employee', 'tracker_lead', 'tracker_team_admin', 'tracker_agent', 'tracker_eraser'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', name);
    END IF;
  END LOOP;
  FOREACH name IN ARRAY ARRAY['tracker_web', 'tracker_platform', 'tracker_auth', 'tracker_jobs'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', name);
    END IF;
  END LOOP;
  -- A repeated GRANT takes a lock on a row of a catalogue that all databases share, so look first.
  IF NOT pg_catalog.pg_has_role(current_user, 'tracker_ddl', 'MEMBER') THEN
    EXECUTE 'GRANT tracker_ddl TO CURRENT_USER';
  END IF;
  FOREACH name IN ARRAY ARRAY['tracker_admin', 'tracker_employee', 'tracker_lead', 'tracker_team_admin', 'tracker_agent'] LOOP
    IF NOT pg_catalog.pg_has_role('tracker_web', name, 'MEMBER') THEN
      EXECUTE format('GRANT %I TO tracker_web', name);
    END IF;
  END LOOP;
  IF NOT pg_catalog.pg_has_role('tracker_jobs', 'tracker_eraser', 'MEMBER') THEN
    EXECUTE 'GRANT tracker_eraser TO tracker_jobs';
  END IF;
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', pg_catalog.current_database());
  EXECUTE format('GRANT CREATE ON DATABASE %I TO tracker_ddl', pg_catalog.current_database());
END $$;

-- Limits sit on the role, so that they cost no statement.
ALTER ROLE tracker_web SET statement_timeout = '5s';
ALTER ROLE tracker_web SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE tracker_web SET lock_timeout = '3s';
ALTER ROLE tracker_platform SET statement_timeout = '5s';
ALTER ROLE tracker_platform SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE tracker_auth SET statement_timeout = '5s';
ALTER ROLE tracker_auth SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE tracker_jobs SET statement_timeout = '120s';
ALTER ROLE tracker_jobs SET idle_in_transaction_session_timeout = '120s';

SET ROLE tracker_ddl;
CREATE SCHEMA IF NOT EXISTS platform;
CREATE SCHEMA IF NOT EXISTS tenant;
CREATE SCHEMA IF NOT EXISTS auth;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
GRANT USAGE ON SCHEMA tenant TO tracker_admin, tracker_employee, tracker_lead, tracker_team_admin, tracker_agent, tracker_jobs, tracker_eraser;
GRANT USAGE ON SCHEMA platform TO tracker_platform, tracker_jobs, tracker_admin, tracker_employee, tracker_agent,
  tracker_eraser;
GRANT USAGE ON SCHEMA auth TO tracker_auth, tracker_platform, tracker_admin, tracker_eraser;
RESET ROLE;
