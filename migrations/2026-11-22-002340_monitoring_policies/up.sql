-- What a company tells its people of the recording, in versions that never change once they are published, and who has
-- acknowledged which. Without a version nothing needs an acknowledgement.
CREATE TABLE tenant.monitoring_policies (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  -- From 1 on; the highest is in force.
  version integer NOT NULL CONSTRAINT monitoring_policies_version_invalid CHECK (version > 0),
  title text NOT NULL CONSTRAINT monitoring_policies_title_invalid CHECK (length(title) BETWEEN 1 AND 200),
  -- Markdown.
  text text NOT NULL CONSTRAINT monitoring_policies_text_invalid CHECK (length(text) BETWEEN 1 AND 20000),
  -- What of a person is taken in only as recorded after they acknowledged this version.
  kinds text[] NOT NULL CONSTRAINT monitoring_policies_kinds_invalid
    CHECK (kinds <@ '{applications,websites,activity,screenshots}'::text[] AND cardinality(kinds) <= 4),
  published_at timestamptz NOT NULL,
  published_by uuid NOT NULL,
  PRIMARY KEY (company_id, version),
  CONSTRAINT monitoring_policies_publisher_unknown FOREIGN KEY (company_id, published_by) REFERENCES tenant.users (company_id, id));
CREATE INDEX monitoring_policies_publisher ON tenant.monitoring_policies (company_id, published_by);
SELECT platform.distribute('tenant.monitoring_policies', 'company_id');
ALTER TABLE tenant.monitoring_policies ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.monitoring_policies TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_read ON tenant.monitoring_policies FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company());
CREATE POLICY agent_read ON tenant.monitoring_policies FOR SELECT TO tracker_agent
  USING (company_id = tenant.current_company());
CREATE POLICY jobs_read ON tenant.monitoring_policies FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.monitoring_policies TO tracker_eraser
  USING (company_id = tenant.current_company() AND (SELECT platform.erasure_is_due()));
-- Nobody has UPDATE: what was published stays as it was read.
GRANT SELECT, INSERT ON tenant.monitoring_policies TO tracker_admin;
GRANT SELECT (company_id, version, title, text, kinds, published_at) ON tenant.monitoring_policies TO tracker_employee, tracker_agent;
GRANT SELECT (company_id, version, published_by) ON tenant.monitoring_policies TO tracker_jobs;
GRANT SELECT (company_id), DELETE ON tenant.monitoring_policies TO tracker_eraser;

CREATE TABLE tenant.policy_acknowledgements (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  user_id uuid NOT NULL,
  version integer NOT NULL,
  -- To the second, as devices count time.
  acknowledged_at timestamptz NOT NULL,
  via text NOT NULL CONSTRAINT policy_acknowledgements_via_invalid CHECK (via IN ('portal', 'agent')),
  PRIMARY KEY (company_id, user_id, version),
  CONSTRAINT policy_acknowledgements_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id),
  CONSTRAINT policy_acknowledgements_version_unknown FOREIGN KEY (company_id, version) REFERENCES tenant.monitoring_policies (company_id, version));
CREATE INDEX policy_acknowledgements_version ON tenant.policy_acknowledgements (company_id, version, user_id);
SELECT platform.distribute('tenant.policy_acknowledgements', 'company_id');
ALTER TABLE tenant.policy_acknowledgements ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
-- An admin reads everybody's, and acknowledges in nobody else's name.
CREATE POLICY admin_all ON tenant.policy_acknowledgements TO tracker_admin
  USING (company_id = tenant.current_company())
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY employee_own ON tenant.policy_acknowledgements TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id())
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY agent_own ON tenant.policy_acknowledgements TO tracker_agent
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id())
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.policy_acknowledgements FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.policy_acknowledgements TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE user_id = (SELECT tenant.person_to_erase()) END);
GRANT SELECT, INSERT ON tenant.policy_acknowledgements TO tracker_admin, tracker_employee, tracker_agent;
GRANT SELECT (company_id, user_id, version) ON tenant.policy_acknowledgements TO tracker_jobs;
GRANT SELECT (company_id, user_id), DELETE ON tenant.policy_acknowledgements TO tracker_eraser;

-- Everybody is told of a new version.
ALTER TABLE tenant.notifications DROP CONSTRAINT notifications_kind_invalid,
  ADD CONSTRAINT notifications_kind_invalid
    CHECK (kind IN ('alerts', 'own_alert', 'task_assigned', 'task_commented', 'original_opened', 'policy_published'));
ALTER TABLE tenant.notification_preferences DROP CONSTRAINT notification_preferences_not_in_app_invalid,
  DROP CONSTRAINT notification_preferences_not_by_mail_invalid,
  ADD CONSTRAINT notification_preferences_not_in_app_invalid CHECK (cardinality(not_in_app) <= 20
    AND not_in_app <@ '{alerts,own_alert,task_assigned,task_commented,original_opened,policy_published}'::text[]),
  ADD CONSTRAINT notification_preferences_not_by_mail_invalid CHECK (cardinality(not_by_mail) <= 20
    AND not_by_mail <@ '{alerts,own_alert,task_assigned,task_commented,original_opened,policy_published}'::text[]);
