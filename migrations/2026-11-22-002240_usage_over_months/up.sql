-- Sums of sums, so that a page over a quarter of two thousand people reads thousands of rows and not a million: a person's
-- months, and the company's days. All of it follows from the people's days and can be made of them again.

-- The bit that stands for a person in the company's days. It is nobody else's afterwards.
CREATE TABLE tenant.user_numbers (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  user_id uuid NOT NULL,
  number integer NOT NULL CONSTRAINT user_numbers_number_invalid CHECK (number >= 0),
  PRIMARY KEY (company_id, user_id),
  CONSTRAINT user_numbers_number_taken UNIQUE (company_id, number),
  CONSTRAINT user_numbers_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id));

-- Element d: seconds from the month's first day to its d-th, always 31 of them. Any stretch of days is a difference of two.
-- Rows are written again and again while their month goes on: there is room for it on their pages.
CREATE TABLE tenant.user_usage_monthly (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  user_id uuid NOT NULL,
  month date NOT NULL CONSTRAINT user_usage_monthly_month_invalid CHECK (extract(day FROM month) = 1),
  tracked_until integer[] NOT NULL,
  active_until integer[] NOT NULL,
  -- Of all applications and of all hosts.
  apps_until integer[] NOT NULL,
  hosts_until integer[] NOT NULL,
  PRIMARY KEY (company_id, user_id, month),
  CONSTRAINT user_usage_monthly_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id))
  WITH (fillfactor = 75);
CREATE INDEX user_usage_monthly_month ON tenant.user_usage_monthly (company_id, month);

CREATE TABLE tenant.user_app_usage_monthly (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  user_id uuid NOT NULL,
  month date NOT NULL CONSTRAINT user_app_usage_monthly_month_invalid CHECK (extract(day FROM month) = 1),
  app text NOT NULL,
  seconds_until integer[] NOT NULL,
  PRIMARY KEY (company_id, user_id, month, app),
  CONSTRAINT user_app_usage_monthly_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id))
  WITH (fillfactor = 75);
CREATE INDEX user_app_usage_monthly_app ON tenant.user_app_usage_monthly (company_id, app, month);

CREATE TABLE tenant.user_host_usage_monthly (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  user_id uuid NOT NULL,
  month date NOT NULL CONSTRAINT user_host_usage_monthly_month_invalid CHECK (extract(day FROM month) = 1),
  host text NOT NULL,
  seconds_until integer[] NOT NULL,
  PRIMARY KEY (company_id, user_id, month, host),
  CONSTRAINT user_host_usage_monthly_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id))
  WITH (fillfactor = 75);
CREATE INDEX user_host_usage_monthly_host ON tenant.user_host_usage_monthly (company_id, host, month);

-- The company's days. People do not add up over days, so each row says who they are: a bit for each number.
CREATE TABLE tenant.usage_daily (
  company_id uuid NOT NULL DEFAULT tenant.current_company() REFERENCES platform.companies (id),
  day date NOT NULL,
  tracked_seconds bigint NOT NULL,
  active_seconds bigint NOT NULL,
  idle_seconds bigint NOT NULL,
  -- With any tracked time.
  people bit varying NOT NULL,
  summed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (company_id, day));
CREATE TABLE tenant.app_usage_daily (
  company_id uuid NOT NULL DEFAULT tenant.current_company() REFERENCES platform.companies (id),
  day date NOT NULL,
  app text NOT NULL,
  seconds bigint NOT NULL,
  people bit varying NOT NULL,
  PRIMARY KEY (company_id, day, app));
CREATE TABLE tenant.host_usage_daily (
  company_id uuid NOT NULL DEFAULT tenant.current_company() REFERENCES platform.companies (id),
  day date NOT NULL,
  host text NOT NULL,
  seconds bigint NOT NULL,
  people bit varying NOT NULL,
  PRIMARY KEY (company_id, day, host));

DO $$
DECLARE
  of record;
BEGIN
  FOR of IN SELECT * FROM (VALUES ('user_numbers'), ('user_usage_monthly'), ('user_app_usage_monthly'),
    ('user_host_usage_monthly'), ('usage_daily'), ('app_usage_daily'), ('host_usage_daily')) AS t (rel) LOOP
    EXECUTE format('SELECT platform.distribute(%L, ''company_id'')', 'tenant.' || of.rel);
  END LOOP;
END $$;

-- What is there already.
ALTER TABLE tenant.user_usage_daily NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.user_app_usage_daily NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.user_host_usage_daily NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.users NO FORCE ROW LEVEL SECURITY;
INSERT INTO tenant.user_numbers (company_id, user_id, number)
  SELECT company_id, user_id, row_number() OVER (PARTITION BY company_id ORDER BY user_id) - 1
  FROM (SELECT DISTINCT company_id, user_id FROM tenant.user_usage_daily) d;
DO $$
DECLARE
  until text := (SELECT string_agg(format('coalesce(sum(%%1$s) FILTER (WHERE d <= %s), 0)', d), ', ' ORDER BY d) FROM generate_series(1, 31) d);
  of record;
BEGIN
  FOR of IN SELECT * FROM (VALUES ('app'), ('host')) AS t (name) LOOP
    EXECUTE format('INSERT INTO tenant.user_%1$s_usage_monthly (company_id, user_id, month, %1$s, seconds_until) '
      'SELECT company_id, user_id, month, %1$s, ARRAY[' || format(until, 'seconds') || ']::integer[] '
      'FROM (SELECT *, extract(day FROM day)::integer AS d, date_trunc(''month'', day::timestamp)::date AS month FROM tenant.user_%1$s_usage_daily) s '
      'GROUP BY company_id, user_id, month, %1$s', of.name);
  END LOOP;
  EXECUTE 'INSERT INTO tenant.user_usage_monthly (company_id, user_id, month, tracked_until, active_until, apps_until, hosts_until) '
    'SELECT company_id, user_id, month, ARRAY[' || format(until, 'tracked') || ']::integer[], ARRAY[' || format(until, 'active') || ']::integer[], '
    'ARRAY[' || format(until, 'apps') || ']::integer[], ARRAY[' || format(until, 'hosts') || ']::integer[] '
    'FROM (SELECT company_id, user_id, extract(day FROM day)::integer AS d, date_trunc(''month'', day::timestamp)::date AS month, sum(tracked) AS tracked, '
    'sum(active) AS active, sum(apps) AS apps, sum(hosts) AS hosts FROM (SELECT company_id, user_id, day, tracked_seconds AS tracked, active_seconds AS active, 0 AS apps, 0 AS hosts FROM tenant.user_usage_daily '
    'UNION ALL SELECT company_id, user_id, day, 0, 0, seconds, 0 FROM tenant.user_app_usage_daily '
    'UNION ALL SELECT company_id, user_id, day, 0, 0, 0, seconds FROM tenant.user_host_usage_daily) u GROUP BY company_id, user_id, day) s '
    'GROUP BY company_id, user_id, month';
END $$;
INSERT INTO tenant.usage_daily (company_id, day, tracked_seconds, active_seconds, idle_seconds, people)
  SELECT u.company_id, u.day, sum(u.tracked_seconds), sum(u.active_seconds), sum(u.idle_seconds),
    bit_or(CASE WHEN u.tracked_seconds > 0 THEN set_bit(w.none, n.number, 1) ELSE w.none END)
  FROM tenant.user_usage_daily u JOIN tenant.user_numbers n ON n.company_id = u.company_id AND n.user_id = u.user_id
  JOIN (SELECT company_id, repeat('0', (max(number) / 256 + 1) * 256)::varbit AS none FROM tenant.user_numbers GROUP BY company_id) w
    ON w.company_id = u.company_id
  GROUP BY u.company_id, u.day;
INSERT INTO tenant.app_usage_daily (company_id, day, app, seconds, people)
  SELECT u.company_id, u.day, u.app, sum(u.seconds), bit_or(set_bit(w.none, n.number, 1))
  FROM tenant.user_app_usage_daily u JOIN tenant.user_numbers n ON n.company_id = u.company_id AND n.user_id = u.user_id
  JOIN (SELECT company_id, repeat('0', (max(number) / 256 + 1) * 256)::varbit AS none FROM tenant.user_numbers GROUP BY company_id) w
    ON w.company_id = u.company_id
  WHERE u.seconds > 0 GROUP BY u.company_id, u.day, u.app;
INSERT INTO tenant.host_usage_daily (company_id, day, host, seconds, people)
  SELECT u.company_id, u.day, u.host, sum(u.seconds), bit_or(set_bit(w.none, n.number, 1))
  FROM tenant.user_host_usage_daily u JOIN tenant.user_numbers n ON n.company_id = u.company_id AND n.user_id = u.user_id
  JOIN (SELECT company_id, repeat('0', (max(number) / 256 + 1) * 256)::varbit AS none FROM tenant.user_numbers GROUP BY company_id) w
    ON w.company_id = u.company_id
  WHERE u.seconds > 0 GROUP BY u.company_id, u.day, u.host;
ALTER TABLE tenant.user_usage_daily FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.user_app_usage_daily FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.user_host_usage_daily FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.users FORCE ROW LEVEL SECURITY;

DO $$
DECLARE
  of record;
BEGIN
  FOR of IN SELECT * FROM (VALUES ('user_numbers', false), ('user_usage_monthly', true), ('user_app_usage_monthly', true),
    ('user_host_usage_monthly', true), ('usage_daily', false), ('app_usage_daily', false), ('host_usage_daily', false)) AS t (rel, of_person) LOOP
    EXECUTE format('ALTER TABLE tenant.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', of.rel);
    EXECUTE format('CREATE POLICY admin_all ON tenant.%I TO tracker_admin USING (company_id = tenant.current_company()) '
      'WITH CHECK (company_id = tenant.current_company())', of.rel);
    EXECUTE format('CREATE POLICY jobs_read ON tenant.%I FOR SELECT TO tracker_jobs USING (true)', of.rel);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.%I TO tracker_admin', of.rel);
    EXECUTE format('GRANT SELECT (company_id) ON tenant.%I TO tracker_jobs', of.rel);
    EXECUTE format('GRANT SELECT (company_id), DELETE ON tenant.%I TO tracker_eraser', of.rel);
    IF of.of_person THEN
      EXECUTE format('CREATE POLICY eraser_own ON tenant.%I TO tracker_eraser USING (company_id = tenant.current_company() '
        'AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE user_id = (SELECT tenant.person_to_erase()) END)', of.rel);
      EXECUTE format('GRANT SELECT (user_id) ON tenant.%I TO tracker_eraser', of.rel);
    ELSE
      EXECUTE format('CREATE POLICY eraser_own ON tenant.%I TO tracker_eraser USING (company_id = tenant.current_company() '
        'AND (SELECT platform.erasure_is_due()))', of.rel);
    END IF;
  END LOOP;
END $$;
GRANT SELECT (user_id) ON tenant.user_numbers, tenant.user_usage_monthly, tenant.user_app_usage_monthly,
  tenant.user_host_usage_monthly TO tracker_jobs;
