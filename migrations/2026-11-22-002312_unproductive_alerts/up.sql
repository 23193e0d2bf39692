-- Rules may watch the share of a day's tracked time that the productivity rules call unproductive.
ALTER TABLE tenant.alert_rules DROP CONSTRAINT alert_rules_kind_invalid, ADD CONSTRAINT alert_rules_kind_invalid
  CHECK (kind IN ('silent', 'long_day', 'idle', 'unproductive', 'storage', 'device', 'repeated_input'));
ALTER TABLE tenant.alerts DROP CONSTRAINT alerts_kind_invalid, ADD CONSTRAINT alerts_kind_invalid
  CHECK (kind IN ('silent', 'long_day', 'idle', 'unproductive', 'storage', 'device', 'repeated_input'));
