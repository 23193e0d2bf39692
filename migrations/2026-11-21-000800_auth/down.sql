DROP SCHEMA auth CASCADE;
CREATE SCHEMA auth;
GRANT USAGE ON SCHEMA auth TO tracker_auth, tracker_platform, tracker_admin;
