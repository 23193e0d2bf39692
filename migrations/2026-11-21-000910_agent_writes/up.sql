-- Items may arrive before the session they belong to: its start is then moved to where it really was.
GRANT UPDATE (started_at) ON tenant.work_sessions TO tracker_agent;
-- A picture whose upload broke off between row and object is completed by the repeat, which may be coded anew.
GRANT UPDATE (bytes, width, height, sha256) ON tenant.screenshots TO tracker_agent;
