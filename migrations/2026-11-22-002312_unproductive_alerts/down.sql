ALTER TABLE tenant.alerts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.alert_rules NO FORCE ROW LEVEL SECURITY;
DELETE FROM tenant.alerts WHERE kind = 'unproductive';
DELETE FROM tenant.alert_rules WHERE kind = 'unproductive';
ALTER TABLE tenant.alert_rules FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.alerts FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.alert_rules DROP CONSTRAINT alert_rules_kind_invalid, ADD CONSTRAINT alert_rules_kind_invalid
  CHECK (kind IN ('silent', 'long_day', 'idle', 'storage', 'device', 'repeated_input'));
ALTER TABLE tenant.alerts DROP CONSTRAINT alerts_kind_invalid, ADD CONSTRAINT alerts_kind_invalid
  CHECK (kind IN ('silent', 'long_day', 'idle', 'storage', 'device', 'repeated_input'));
