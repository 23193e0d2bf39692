-- One company's rows for the matrix, in every table that holds a company's data. Run once per company, with its id and
-- letter put in: the rows of the companies differ in nothing else. Every text that a table takes is a canary, which
-- says whose it is: cnry.<company>.<table>.<column>.<person, 0 for nobody's>.<digits>.
CREATE FUNCTION pg_temp.company() RETURNS uuid LANGUAGE sql AS $$ SELECT '{company}'::uuid $$;
CREATE FUNCTION pg_temp.id(kind text, n integer) RETURNS uuid LANGUAGE sql AS $$ SELECT md5('{letter}' || kind || n)::uuid $$;
CREATE FUNCTION pg_temp.canary(place text, person integer, nth integer DEFAULT 0, most integer DEFAULT 100)
RETURNS text LANGUAGE sql AS $$
  SELECT left(format('cnry.{letter}.%s.%s.%s', place, person, md5('{company}' || place || person || '.' || nth)), most) $$;
-- Numbered, so that "the third person" is the same one in each company. 1 is the admin who came by invitation.
CREATE TEMP TABLE people AS
  SELECT 1 AS n, id, 'ADMIN' AS role FROM tenant.users WHERE company_id = pg_temp.company()
  UNION ALL SELECT n, pg_temp.id('users', n), CASE n WHEN 2 THEN 'ADMIN' ELSE 'EMPLOYEE' END FROM generate_series(2, 65) n;
-- Those who record.
CREATE TEMP TABLE tracked AS SELECT * FROM people WHERE n <= 5;

INSERT INTO tenant.teams (company_id, id, name)
  SELECT pg_temp.company(), pg_temp.id('teams', n), pg_temp.canary('teams.name', 0, n) || CASE WHEN n > 20 THEN ' ended' ELSE '' END
  FROM generate_series(1, 40) n;
UPDATE tenant.users SET name = 'Same Name ' || pg_temp.canary('users.name', 1) WHERE company_id = pg_temp.company();
INSERT INTO tenant.users (company_id, id, email, name, role, team_id, deactivated_at)
  SELECT pg_temp.company(), id, pg_temp.canary('users.email', n) ||
      CASE WHEN n <= 5 THEN '@same.test' WHEN n <= 25 THEN '@leaver.test' WHEN n <= 45 THEN '@returner.test' ELSE '@spare.test' END, 'Same Name ' || pg_temp.canary('users.name', n), role,
    pg_temp.id('teams', 1), CASE WHEN n BETWEEN 26 AND 45 THEN now() END
  FROM people WHERE n > 1;
-- The fifth leads them all, the first of which everybody is in.
INSERT INTO tenant.team_leads (company_id, team_id, user_id)
  SELECT pg_temp.company(), pg_temp.id('teams', t), p.id FROM people p, generate_series(1, 40) t WHERE p.n = 5;
-- To be removed, and known by an address that a test can tell from the id.
INSERT INTO tenant.users (company_id, id, email, name, role, deactivated_at)
  SELECT pg_temp.company(), id, replace(id::text, '-', '') || '@goer.test', 'Same Name ' || pg_temp.canary('users.name', 0, n), 'EMPLOYEE', now()
  FROM (SELECT n, pg_temp.id('users', n) AS id FROM generate_series(81, 100) n) goers;
-- Long gone: rows without a name.
INSERT INTO tenant.users (company_id, id, email, name, role, deactivated_at, removed_at)
  SELECT pg_temp.company(), pg_temp.id('users', n), 'removed-' || n, 'Removed person', 'EMPLOYEE', now(), now() FROM generate_series(101, 120) n;
INSERT INTO tenant.setting_overrides (company_id, id, team_id, idle_threshold_seconds, tracking_days, tracking_from, tracking_to)
  SELECT pg_temp.company(), pg_temp.id('setting_overrides', t), pg_temp.id('teams', t), 200 + t, '{1,2}', '09:00', '17:00'
  FROM generate_series(2, 11) t;
INSERT INTO tenant.setting_overrides (company_id, id, user_id, screenshot_interval_seconds)
  SELECT pg_temp.company(), pg_temp.id('setting_overrides', n), pg_temp.id('users', n), 300 + n FROM generate_series(81, 100) n;
INSERT INTO tenant.setting_overrides (company_id, id, user_id, record_paths)
  SELECT pg_temp.company(), pg_temp.id('setting_overrides', 20 + n), id, true FROM people WHERE n <= 20;
INSERT INTO tenant.removals (company_id, id, user_id, requested_by, tables, removed_at)
  SELECT pg_temp.company(), pg_temp.id('removals', i), pg_temp.id('users', i), p.id,
    jsonb_build_object(pg_temp.canary('removals.tables', 0, i), i), now()
  FROM generate_series(101, 120) i, people p WHERE p.n = 1;
-- Nobody can tell these by name or address: they are the same in all companies.
INSERT INTO tenant.users (company_id, id, email, name, role)
  VALUES (pg_temp.company(), pg_temp.id('users', 66), 'twin@same.test', 'Same Twin', 'EMPLOYEE');
-- Limited to all teams.
INSERT INTO tenant.users (company_id, id, email, name, role)
  VALUES (pg_temp.company(), pg_temp.id('users', 67), pg_temp.canary('users.email', 67) || '@limited.test',
    'Same Name ' || pg_temp.canary('users.name', 67), 'TEAM_ADMIN');
INSERT INTO tenant.team_admins (company_id, team_id, user_id)
  SELECT pg_temp.company(), pg_temp.id('teams', t), pg_temp.id('users', 67) FROM generate_series(1, 40) t;
INSERT INTO auth.credentials (user_id, company_id, email, role, password_hash)
  SELECT u.id, u.company_id, u.email, u.role, c.password_hash FROM tenant.users u
  JOIN auth.credentials c ON c.company_id = u.company_id
  WHERE u.company_id = pg_temp.company() AND u.id <> c.user_id AND u.removed_at IS NULL;
UPDATE auth.credentials SET disabled_at = now() WHERE company_id = pg_temp.company() AND email LIKE '%@goer.test';
-- Open, and nobody's in use.
INSERT INTO auth.sign_ins (id, company_id, user_id, audience, user_agent, idle_seconds, expires_at)
  SELECT pg_temp.id('sign_ins', p.n * 100 + i), pg_temp.company(), p.id, 'web', pg_temp.canary('sign_ins.user_agent', p.n, i), 86400,
    now() + interval '1 day' FROM people p, generate_series(1, 4) i;
-- The owner has some too, once.
INSERT INTO auth.sign_ins (id, user_id, audience, user_agent, idle_seconds, expires_at)
  SELECT md5('owner' || i || c.user_id)::uuid, c.user_id, 'owner', 'the owner''s other', 86400, now() + interval '1 day'
  FROM auth.credentials c, generate_series(1, 4) i WHERE c.role = 'OWNER' ON CONFLICT DO NOTHING;
INSERT INTO auth.api_tokens (id, company_id, token_hash, prefix, name, scopes, created_by, expires_at)
  SELECT pg_temp.id('api_tokens', i), pg_temp.company(), sha256(('{letter}' || i)::bytea), 'track_matrix',
    pg_temp.canary('api_tokens.name', 0, i, 80), ARRAY['employees:read'], p.id, now() + interval '1 day'
  FROM people p, generate_series(1, 20) i WHERE p.n = 1;
UPDATE tenant.company_usage SET seats_used = 50, storage_bytes = 1000000 WHERE company_id = pg_temp.company();
UPDATE tenant.company_settings SET employees_may_delete_screenshots = true, leads_see = 'people',
  redaction_rules = ARRAY[pg_temp.canary('company_settings.redaction_rules', 0)]
  WHERE company_id = pg_temp.company();
INSERT INTO tenant.invitations (company_id, id, email, name, role, invited_by, expires_at)
  SELECT pg_temp.company(), pg_temp.id('invitations', n), pg_temp.canary('invitations.email', 0, n) || '@same.test',
    pg_temp.canary('invitations.name', 0, n), 'EMPLOYEE', (SELECT id FROM people WHERE people.n = 1), now() + interval '2 days'
  FROM generate_series(1, 20) n;
INSERT INTO tenant.audit_entries (company_id, id, actor_id, actor, action, address, detail)
  SELECT pg_temp.company(), pg_temp.id('audit_entries', i), p.id, pg_temp.canary('audit_entries.actor', 0, i), 'employee.invited',
    pg_temp.canary('audit_entries.address', 0, i, 45),
    jsonb_build_object('note', pg_temp.canary('audit_entries.detail', 0, i))
  FROM generate_series(1, 20) i, people p WHERE p.n = 1;
INSERT INTO tenant.audit_seals (company_id, no, kind, entry_id, digest, hash)
  SELECT pg_temp.company(), i, 'change', pg_temp.id('audit_entries', i), sha256('{letter}'::bytea), sha256('{letter}'::bytea)
  FROM generate_series(1, 20) i;
INSERT INTO tenant.audit_unsealed (company_id, kind, entry_id)
  SELECT pg_temp.company(), 'change', pg_temp.id('unsealed', i) FROM generate_series(1, 20) i;
INSERT INTO tenant.idempotency_keys (company_id, actor_id, route, key, request_mac, status, location, body, created_at)
  SELECT pg_temp.company(), p.id, pg_temp.canary('idempotency_keys.route', 0, i), pg_temp.canary('idempotency_keys.key', 0, i),
    sha256(p.id::text::bytea), 201, pg_temp.canary('idempotency_keys.location', 0, i),
    jsonb_build_object('note', pg_temp.canary('idempotency_keys.body', 0, i)), now()
  FROM generate_series(1, 20) i, people p WHERE p.n = 1;
INSERT INTO tenant.access_entries (company_id, subject_id, viewer_id, at, kind, day, viewer_name, reason, note)
  SELECT pg_temp.company(), s.id, v.id, date_trunc('hour', now()) - i * interval '1 hour', 'timeline', current_date,
    pg_temp.canary('access_entries.viewer_name', s.n, i), pg_temp.canary('access_entries.reason', s.n, i),
    pg_temp.canary('access_entries.note', s.n, i)
  FROM tracked s, people v, generate_series(1, 5) i WHERE v.n = 1;
INSERT INTO tenant.devices (company_id, id, user_id, name, os, agent_version, limitations, last_synced_at, queued_items, queued_screenshots,
    dead_letters, oldest_queued_at, key_id)
  SELECT pg_temp.company(), pg_temp.id('devices', p.n * 100 + d), p.id, pg_temp.canary('devices.name', p.n, d),
    pg_temp.canary('devices.os', p.n, d), pg_temp.canary('devices.agent_version', p.n, d, 50),
    ARRAY[pg_temp.canary('devices.limitations', p.n, d)], now(), p.n * 1000 + d, d, p.n, now() - interval '1 hour', k.id
  FROM tracked p, generate_series(1, 16) d, auth.company_keys k WHERE k.company_id = pg_temp.company();
-- All of it today, as far as the day has come: most pages show today. So many that no id must be tried twice.
INSERT INTO tenant.work_sessions (company_id, id, user_id, device_id, started_at, ended_at, end_reason, last_seen_at)
  SELECT pg_temp.company(), pg_temp.id('work_sessions', p.n * 100 + s), p.id, pg_temp.id('devices', p.n * 100 + 1), t.at, t.at,
    pg_temp.canary('work_sessions.end_reason', p.n, s, 40), t.at
  FROM tracked p, generate_series(1, 80) s, LATERAL (SELECT now() - s * interval '1 minute' AS at) t;
-- Some of yesterday's 10:00 to 10:10, which can be cut, and some that are.
UPDATE tenant.work_sessions w SET started_at = t.at, ended_at = t.at + interval '10 minutes',
    counted_from = CASE WHEN s <= 20 THEN t.at + interval '2 minutes' END
  FROM tracked p, generate_series(11, 30) s,
    LATERAL (SELECT date_trunc('day', now(), 'UTC') - interval '14 hours' AS at) t
  WHERE w.company_id = pg_temp.company() AND w.id = pg_temp.id('work_sessions', p.n * 100 + s);
-- Twenty a person that do not count, so that each can be let count again.
UPDATE tenant.work_sessions w SET excluded_at = now() FROM tracked p, generate_series(41, 60) s
  WHERE w.company_id = pg_temp.company() AND w.id = pg_temp.id('work_sessions', p.n * 100 + s);
INSERT INTO tenant.work_session_changes (company_id, id, session_id, user_id, kind, reason, actor_id, actor_name,
    tracked_seconds_before, tracked_seconds_after, active_seconds_before, active_seconds_after)
  SELECT pg_temp.company(), pg_temp.id('work_session_changes', p.n * 100 + s), pg_temp.id('work_sessions', p.n * 100 + s), p.id,
    'excluded', pg_temp.canary('work_session_changes.reason', p.n, s), a.id, pg_temp.canary('work_session_changes.actor_name', p.n, s),
    80, 80, 60, 60
  FROM tracked p, generate_series(41, 60) s, people a WHERE a.n = 1;
INSERT INTO tenant.application_usage (company_id, user_id, started_at, id, session_id, app, title, seconds)
  SELECT pg_temp.company(), p.id, now() - i * interval '20 seconds', pg_temp.id('application_usage', p.n * 100 + i),
    pg_temp.id('work_sessions', p.n * 100 + 1), pg_temp.canary('application_usage.app', p.n, i),
    pg_temp.canary('application_usage.title', p.n, i), 20
  FROM tracked p, generate_series(1, 45) i;
INSERT INTO tenant.website_usage (company_id, user_id, started_at, id, session_id, host, path, title, seconds)
  SELECT pg_temp.company(), p.id, now() - i * interval '20 seconds', pg_temp.id('website_usage', p.n * 10 + i),
    pg_temp.id('work_sessions', p.n * 100 + 1), pg_temp.canary('website_usage.host', p.n, i),
    pg_temp.canary('website_usage.path', p.n, i), pg_temp.canary('website_usage.title', p.n, i), 20
  FROM tracked p, generate_series(1, 4) i;
INSERT INTO tenant.activity_log (company_id, user_id, started_at, id, session_id, keystrokes, mouse_events, active_seconds, idle_seconds)
  SELECT pg_temp.company(), p.id, date_trunc('minute', now()) - i * interval '1 minute', pg_temp.id('activity_log', p.n * 10 + i),
    pg_temp.id('work_sessions', p.n * 100 + 1), 100 + i, 10 + i, 50, 10
  FROM tracked p, generate_series(1, 4) i;
INSERT INTO tenant.ingest_batches (company_id, device_id, batch_id, user_id, body_hash, items, first_day, last_day, rolled_up_at)
  SELECT pg_temp.company(), pg_temp.id('devices', p.n * 100 + i), pg_temp.id('ingest_batches', p.n * 10 + i), p.id,
    sha256(p.id::text::bytea), 4, current_date, current_date, now()
  FROM tracked p, generate_series(1, 8) i;
-- Blurred on the device, sharp ones, and those that somebody deleted; the latter without files.
INSERT INTO tenant.screenshots (company_id, id, user_id, session_id, taken_at, display, blurred, state, object_key, thumbnail_key,
    bytes, width, height, sha256)
  SELECT pg_temp.company(), pg_temp.id('screenshots', p.n * 100 + i), p.id, pg_temp.id('work_sessions', p.n * 100 + 1),
    now() - i * interval '10 seconds', 0, i <= 8, 'ready', 'c/{company}/matrix/' || pg_temp.canary('screenshots.object_key', p.n, i),
    'c/{company}/matrix/' || pg_temp.canary('screenshots.thumbnail_key', p.n, i), 1000, 64, 48, sha256(p.id::text::bytea)
  FROM tracked p, generate_series(1, 60) i;
UPDATE tenant.screenshots s SET state = 'deleted', deleted_at = now(), deleted_by = a.id, bytes = 0,
    deleted_by_name = pg_temp.canary('screenshots.deleted_by_name', p.n, i), deleted_reason = pg_temp.canary('screenshots.deleted_reason', p.n, i)
  FROM tracked p, people a, generate_series(56, 60) i
  WHERE a.n = 1 AND s.company_id = pg_temp.company() AND s.id = pg_temp.id('screenshots', p.n * 100 + i);
INSERT INTO tenant.exports (company_id, id, requested_by, state, items, items_done, object_key, bytes, finished_at, expires_at)
  SELECT pg_temp.company(), pg_temp.id('exports', p.n * 100 + i), p.id, 'ready', 10, 10,
    'c/{company}/matrix/' || pg_temp.canary('exports.object_key', p.n, i), 1000, now(), now() + interval '1 day'
  FROM people p, generate_series(1, 10) i WHERE p.n <= 2;
-- Asked for before today, so that another can be.
INSERT INTO tenant.own_exports (company_id, id, user_id, state, items, items_done, object_key, bytes, created_at, finished_at, expires_at)
  SELECT pg_temp.company(), pg_temp.id('own_exports', p.n * 100 + i), p.id, 'ready', 10, 10,
    'c/{company}/matrix/' || pg_temp.canary('own_exports.object_key', p.n, i), 1000, now() - interval '2 days', now(), now() + interval '1 day'
  FROM people p, generate_series(1, 10) i WHERE p.n <= 5;
INSERT INTO tenant.tasks (company_id, id, title, description, assignee_id, created_by)
  SELECT pg_temp.company(), pg_temp.id('tasks', p.n * 10 + i), pg_temp.canary('tasks.title', p.n, i),
    pg_temp.canary('tasks.description', p.n, i), p.id, (SELECT id FROM people WHERE n = 1)
  FROM tracked p, generate_series(1, 4) i;
INSERT INTO tenant.timers (company_id, user_id, task_id, changed_at, said_in)
  SELECT pg_temp.company(), p.id, CASE WHEN t.id IS NOT NULL THEN pg_temp.id('tasks', p.n * 10 + 1) END, now() - interval '1 hour',
    'browser'
  FROM people p LEFT JOIN tracked t ON t.id = p.id;
INSERT INTO tenant.task_comments (company_id, id, task_id, author_id, author_name, text)
  SELECT pg_temp.company(), pg_temp.id('task_comments', p.n * 10 + i), pg_temp.id('tasks', p.n * 10 + i), p.id,
    pg_temp.canary('task_comments.author_name', p.n, i), pg_temp.canary('task_comments.text', p.n, i)
  FROM tracked p, generate_series(1, 4) i;
INSERT INTO tenant.task_changes (company_id, id, task_id, actor_id, actor_name, field, before, after)
  SELECT pg_temp.company(), pg_temp.id('task_changes', p.n * 10 + i), pg_temp.id('tasks', p.n * 10 + i), p.id,
    pg_temp.canary('task_changes.actor_name', p.n, i), 'title', pg_temp.canary('task_changes.before', p.n, i),
    pg_temp.canary('task_changes.after', p.n, i)
  FROM tracked p, generate_series(1, 4) i;
-- Rules for each attack to take one away, the last of them about one person; switched off, so that nothing is found meanwhile.
INSERT INTO tenant.alert_rules (company_id, id, kind, threshold, user_id, enabled, created_by)
  SELECT pg_temp.company(), pg_temp.id('alert_rules', i), 'silent', 2, CASE WHEN i > 40 THEN p.id END, false, (SELECT a.id FROM people a WHERE a.n = 1)
  FROM generate_series(1, 44) i, people p WHERE p.n = 3;
INSERT INTO tenant.alerts (company_id, id, kind, threshold, user_id, device_id, problem, day, event_key, value, acknowledged_by, acknowledged_at, note)
  SELECT pg_temp.company(), pg_temp.id('alerts', p.n * 100 + i), 'device', 0, p.id, pg_temp.id('devices', p.n * 100 + 1), 'limited', current_date,
    'matrix ' || p.n || ' ' || i, 0, a.id, now(), pg_temp.canary('alerts.note', p.n, i)
  FROM tracked p, generate_series(1, 20) i, people a WHERE a.n = 1;
INSERT INTO tenant.notifications (company_id, id, user_id, kind, task_id, in_app, by_mail)
  SELECT pg_temp.company(), pg_temp.id('notifications', p.n * 100 + i), p.id, 'task_assigned', pg_temp.id('tasks', p.n * 10 + 1), true, false
  FROM tracked p, generate_series(1, 20) i;
INSERT INTO tenant.notifications (company_id, id, user_id, kind, rule_kind, amount, in_app, by_mail)
  SELECT pg_temp.company(), pg_temp.id('notifications', p.n * 100 + 50 + i), p.id, 'alerts', 'silent', 2, true, false
  FROM people p, generate_series(1, 10) i WHERE p.n <= 2;
-- A file that is none: nothing here decodes it, and a picture holds no canary.
INSERT INTO tenant.company_branding (company_id, version, name, accent, logo, logo_version, logo_width, logo_height, logo_on_dark)
  VALUES (pg_temp.company(), 1, pg_temp.canary('company_branding.name', 0, 0, 60), '#0b7285', '\x00', 1, 1, 1, false);
-- Nothing waits for an acknowledgement: items are refused for other reasons here.
INSERT INTO tenant.monitoring_policies (company_id, version, title, text, kinds, published_at, published_by)
  SELECT pg_temp.company(), i, pg_temp.canary('monitoring_policies.title', 0, i), pg_temp.canary('monitoring_policies.text', 0, i), '{}',
    now() - (30 - i) * interval '1 day', p.id
  FROM generate_series(1, 20) i, people p WHERE p.n = 1;
INSERT INTO tenant.policy_acknowledgements (company_id, user_id, version, acknowledged_at, via)
  SELECT pg_temp.company(), p.id, i, now() - (30 - i) * interval '1 day', 'portal' FROM people p, generate_series(1, 20) i;
INSERT INTO tenant.notification_preferences (company_id, user_id) SELECT pg_temp.company(), p.id FROM people p;
INSERT INTO tenant.report_files (company_id, id, requested_by, name, report, format, state, object_key, bytes, finished_at, expires_at)
  SELECT pg_temp.company(), pg_temp.id('report_files', p.n * 100 + i), p.id, pg_temp.canary('report_files.name', p.n, i),
    jsonb_build_object('kind', 'hours'), 'csv', 'ready',
    'c/{company}/matrix/' || pg_temp.canary('report_files.object_key', p.n, i), 1000, now(), now() + interval '1 day'
  FROM people p, generate_series(1, 12) i WHERE p.n <= 2;
-- Half of them shared with the other admins.
INSERT INTO tenant.saved_reports (company_id, id, created_by, name, report, shared)
  SELECT pg_temp.company(), pg_temp.id('saved_reports', p.n * 100 + i), p.id, pg_temp.canary('saved_reports.name', p.n, i),
    jsonb_build_object('kind', 'hours'), i > 8
  FROM people p, generate_series(1, 12) i WHERE p.n <= 2;
-- One session of each task.
UPDATE tenant.work_sessions w SET task_id = pg_temp.id('tasks', p.n * 10 + i) FROM tracked p, generate_series(1, 4) i
  WHERE w.company_id = pg_temp.company() AND w.id = pg_temp.id('work_sessions', p.n * 100 + i);
-- Said by the people, or by the first of them: waiting to be withdrawn, approved and rejected, and some that are approved.
INSERT INTO tenant.manual_times (company_id, id, user_id, started_at, ended_at, kind, reason, task_id, state, created_by, created_by_name,
    decided_at, decided_by, decided_by_name, decision_reason)
  SELECT pg_temp.company(), pg_temp.id('manual_times', p.n * 100 + i), p.id, t.at, t.at + interval '1 minute',
    CASE WHEN i <= 20 THEN 'meeting' WHEN i <= 40 THEN 'call' WHEN i <= 60 THEN 'travel' ELSE 'other' END,
    pg_temp.canary('manual_times.reason', p.n, i), CASE WHEN i = 61 THEN pg_temp.id('tasks', p.n * 10 + 1) END,
    CASE WHEN i <= 60 THEN 'pending' ELSE 'approved' END, CASE WHEN i <= 60 THEN p.id ELSE a.id END,
    pg_temp.canary('manual_times.created_by_name', p.n, i), CASE WHEN i > 60 THEN now() END, CASE WHEN i > 60 THEN a.id END,
    CASE WHEN i > 60 THEN pg_temp.canary('manual_times.decided_by_name', p.n, i) END,
    CASE WHEN i > 60 THEN pg_temp.canary('manual_times.decision_reason', p.n, i) END
  FROM tracked p, people a, generate_series(1, 64) i,
    LATERAL (SELECT date_trunc('minute', now()) - interval '2 days' - i * interval '1 minute' AS at) t WHERE a.n = 1;
-- Slots to withdraw, labels to answer, and some that the first of the people answered.
INSERT INTO tenant.disputes (company_id, id, user_id, kind, started_at, ended_at, app, host, label, reason, state, answer, answered_at,
    answered_by, answered_by_name)
  SELECT pg_temp.company(), pg_temp.id('disputes', p.n * 100 + i), p.id, CASE WHEN i <= 20 THEN 'slot' ELSE 'label' END,
    CASE WHEN i <= 20 THEN t.at END, CASE WHEN i <= 20 THEN t.at + interval '10 minutes' END,
    CASE WHEN i > 20 AND i % 2 = 0 THEN pg_temp.canary('disputes.app', p.n, i) END,
    CASE WHEN i > 20 AND i % 2 = 1 THEN pg_temp.canary('disputes.host', p.n, i) END, CASE WHEN i > 20 THEN 'unproductive' END,
    pg_temp.canary('disputes.reason', p.n, i), CASE WHEN i > 40 THEN 'rejected' ELSE 'open' END,
    CASE WHEN i > 40 THEN pg_temp.canary('disputes.answer', p.n, i) END, CASE WHEN i > 40 THEN now() END,
    CASE WHEN i > 40 THEN a.id END, CASE WHEN i > 40 THEN pg_temp.canary('disputes.answered_by_name', p.n, i) END
  FROM tracked p, people a, generate_series(1, 44) i,
    LATERAL (SELECT date_trunc('minute', now()) - interval '1 day' - i * interval '10 minutes' AS at) t WHERE a.n = 1;
INSERT INTO tenant.user_task_usage_daily (company_id, user_id, day, task_id, tracked_seconds)
  SELECT pg_temp.company(), p.id, current_date - d, pg_temp.id('tasks', p.n * 10 + i), 60
  FROM tracked p, generate_series(0, 1) d, generate_series(1, 4) i;
INSERT INTO tenant.user_usage_daily (company_id, user_id, day, tracked_seconds, active_seconds, idle_seconds, keystrokes, mouse_events,
    sessions, screenshots, screenshot_bytes, events)
  SELECT pg_temp.company(), p.id, current_date - d, 80, 60, 20, 400, 40, 4, 4, 4000, 12 FROM tracked p, generate_series(0, 4) d;
INSERT INTO tenant.user_app_usage_daily (company_id, user_id, day, app, seconds)
  SELECT pg_temp.company(), p.id, current_date - d, pg_temp.canary('user_app_usage_daily.app', p.n, d), 80
  FROM tracked p, generate_series(0, 4) d;
INSERT INTO tenant.user_host_usage_daily (company_id, user_id, day, host, seconds)
  SELECT pg_temp.company(), p.id, current_date - d, pg_temp.canary('user_host_usage_daily.host', p.n, d), 80
  FROM tracked p, generate_series(0, 4) d;
-- What follows from these days.
INSERT INTO tenant.user_numbers (company_id, user_id, number)
  SELECT pg_temp.company(), p.id, p.n - 1 FROM people p WHERE p.n <= 20;
INSERT INTO tenant.user_usage_monthly (company_id, user_id, month, tracked_until, active_until, apps_until, hosts_until)
  SELECT pg_temp.company(), p.id, m.month, l.until, l.until, l.until, l.until
  FROM tracked p, (SELECT date_trunc('month', current_date - i * interval '1 month')::date AS month, i FROM generate_series(0, 3) i) m,
    LATERAL (SELECT array_agg(coalesce((SELECT sum(u.tracked_seconds) FROM tenant.user_usage_daily u WHERE u.company_id = pg_temp.company()
      AND u.user_id = p.id AND u.day BETWEEN m.month AND least(m.month + d - 1, m.month + interval '1 month' - interval '1 day')), 0)::integer ORDER BY d)
      AS until FROM generate_series(1, 31) d) l;
INSERT INTO tenant.user_app_usage_monthly (company_id, user_id, month, app, seconds_until)
  SELECT s.company_id, s.user_id, date_trunc('month', s.day::timestamp)::date, s.app,
    (SELECT array_agg(CASE WHEN d < extract(day FROM s.day) THEN 0 ELSE s.seconds END ORDER BY d) FROM generate_series(1, 31) d)
  FROM tenant.user_app_usage_daily s WHERE s.company_id = pg_temp.company();
INSERT INTO tenant.user_host_usage_monthly (company_id, user_id, month, host, seconds_until)
  SELECT s.company_id, s.user_id, date_trunc('month', s.day::timestamp)::date, s.host,
    (SELECT array_agg(CASE WHEN d < extract(day FROM s.day) THEN 0 ELSE s.seconds END ORDER BY d) FROM generate_series(1, 31) d)
  FROM tenant.user_host_usage_daily s WHERE s.company_id = pg_temp.company();
INSERT INTO tenant.usage_daily (company_id, day, tracked_seconds, active_seconds, idle_seconds, people)
  SELECT pg_temp.company(), current_date - d, CASE WHEN d < 5 THEN 400 ELSE 0 END, CASE WHEN d < 5 THEN 300 ELSE 0 END,
    CASE WHEN d < 5 THEN 100 ELSE 0 END, rpad(CASE WHEN d < 5 THEN '11111' ELSE '' END, 256, '0')::varbit FROM generate_series(0, 19) d;
INSERT INTO tenant.app_usage_daily (company_id, day, app, seconds, people)
  SELECT s.company_id, s.day, s.app, s.seconds, set_bit(repeat('0', 256)::varbit, n.number, 1) FROM tenant.user_app_usage_daily s
  JOIN tenant.user_numbers n USING (company_id, user_id) WHERE s.company_id = pg_temp.company();
INSERT INTO tenant.host_usage_daily (company_id, day, host, seconds, people)
  SELECT s.company_id, s.day, s.host, s.seconds, set_bit(repeat('0', 256)::varbit, n.number, 1) FROM tenant.user_host_usage_daily s
  JOIN tenant.user_numbers n USING (company_id, user_id) WHERE s.company_id = pg_temp.company();
INSERT INTO tenant.user_category_usage_daily (company_id, user_id, day, category, seconds)
  SELECT pg_temp.company(), p.id, current_date - d, 'unclassified', 80 FROM tracked p, generate_series(0, 4) d;
INSERT INTO tenant.reclassifications (company_id, user_id)
  SELECT company_id, id FROM tenant.users WHERE company_id = pg_temp.company();
INSERT INTO tenant.productivity_rules (company_id, position, field, kind, pattern, category)
  SELECT pg_temp.company(), i, 'title', 'glob', pg_temp.canary('productivity_rules.pattern', 0, i), 'productive' FROM generate_series(1, 20) i;
UPDATE tenant.company_settings SET rules_version = 1 WHERE company_id = pg_temp.company();

-- The owner's side of it: the owner may read these.
INSERT INTO platform.subscriptions (company_id, id, event, plan_id, price_minor, currency, status, actor_id, actor, reason)
  SELECT pg_temp.company(), pg_temp.id('subscriptions', n), 'trial_extended', c.plan_id, 0, 'USD', c.status, pg_temp.id('owner', 1),
    pg_temp.canary('platform.subscriptions.actor', 0, n), pg_temp.canary('platform.subscriptions.reason', 0, n)
  FROM generate_series(1, 20) n, platform.companies c WHERE c.id = pg_temp.company();
INSERT INTO platform.audit_entries (id, actor_id, actor, action, company_id, detail)
  SELECT pg_temp.id('platform audit', n), pg_temp.id('owner', 1), pg_temp.canary('platform.audit_entries.actor', 0, n),
    'company.trial_extended', pg_temp.company(), jsonb_build_object('note', pg_temp.canary('platform.audit_entries.detail', 0, n))
  FROM generate_series(1, 20) n;
INSERT INTO platform.plans (id, name, max_employees, max_storage_gb, retention_days, history_days)
  SELECT pg_temp.id('plans', 1), 'MATRIX_' || upper('{letter}'), 10, 10, 90, 90;
INSERT INTO platform.plan_prices (plan_id, currency, period, price_minor) SELECT pg_temp.id('plans', 1), 'USD', 'month', 900;
INSERT INTO platform.company_overrides (company_id, max_storage_gb, reason, changed_by)
  SELECT pg_temp.company(), 500, pg_temp.canary('platform.company_overrides.reason', 0, 1),
    pg_temp.canary('platform.company_overrides.changed_by', 0, 1);
INSERT INTO platform.company_notes (company_id, id, author_id, author, text)
  SELECT pg_temp.company(), md5('{letter}note' || n || c.user_id)::uuid, c.user_id,
    pg_temp.canary('platform.company_notes.author', 0, n), pg_temp.canary('platform.company_notes.text', 0, n)
  FROM generate_series(1, 20) n, auth.credentials c WHERE c.role = 'OWNER';
INSERT INTO platform.planned_plan_changes (company_id, plan_id, period, currency, price_minor, effective_at, reason, planned_by)
  SELECT pg_temp.company(), pg_temp.id('plans', 1), 'month', 'USD', 900, now() + interval '1 year',
    pg_temp.canary('platform.planned_plan_changes.reason', 0, 1), pg_temp.canary('platform.planned_plan_changes.planned_by', 0, 1);
INSERT INTO platform.company_usage_daily (company_id, day, active_employees, sessions, active_seconds, screenshots, storage_bytes, events)
  SELECT pg_temp.company(), current_date - d, 5, 20, 300, 20, 20000, 60 FROM generate_series(0, 19) d;
INSERT INTO platform.company_key_usage (company_id, key_id, devices)
  SELECT pg_temp.company(), id, 20 FROM auth.company_keys WHERE company_id = pg_temp.company();
INSERT INTO platform.jobs (id, company_id, kind, payload, dedupe_key, state)
  SELECT pg_temp.id('jobs', n), pg_temp.company(), 'matrix', jsonb_build_object('note', pg_temp.canary('jobs.payload', 0, n)),
    'matrix {letter} ' || n, 'done' FROM generate_series(1, 20) n;
-- Of no company, as the owner's page of failed jobs names theirs.
INSERT INTO platform.jobs (id, company_id, kind, payload, dedupe_key, state, finished_at)
  SELECT pg_temp.id('jobs', n), '00000000-0000-0000-0000-000000000000', 'matrix',
    jsonb_build_object('note', pg_temp.canary('jobs.payload', 0, n)), 'matrix {letter} ' || n, 'failed', now()
  FROM generate_series(21, 40) n;
-- Owners whom nobody needs: one who has joined, one who is asked to.
INSERT INTO platform.owners (id, email, name)
  SELECT pg_temp.id('owners', n), '{letter}' || n || CASE n WHEN 1 THEN '@colleague.test' ELSE '@invited.test' END, 'Somebody'
  FROM generate_series(1, 2) n;
INSERT INTO auth.credentials (user_id, email, role, password_hash)
  SELECT pg_temp.id('owners', 1), '{letter}1@colleague.test', 'OWNER', c.password_hash FROM auth.credentials c LIMIT 1;
-- So many that each attack may take one away.
INSERT INTO platform.exchange_rates (id, from_currency, to_currency, rate_e10, valid_from, changed_by)
  SELECT pg_temp.id('exchange rates', n), 'X' || upper('{letter}') || chr(65 + n), 'USD', 20000000000, '2026-01-01',
    pg_temp.canary('platform.exchange_rates.changed_by', 0, n) FROM generate_series(0, 19) n;
-- One that is gone: of the owner's books alone.
INSERT INTO platform.companies (id, name, slug, status, plan_id, admin_email, time_zone, cancelled_at, created_at)
  SELECT md5('erased company')::uuid, 'Gone', 'gone', 'CANCELLED', p.id, 'erased', 'UTC', now() - interval '40 days', now() - interval '90 days'
  FROM platform.plans p WHERE p.name = 'FREE' ON CONFLICT DO NOTHING;
INSERT INTO platform.erasures (company_id, name, cancelled_at, tables, objects, object_bytes, erased_at, certificate, sha256)
  VALUES (md5('erased company')::uuid, 'Gone', now() - interval '40 days', '{"tenant.users": 3}', 2, 100, now(), 'Certificate', sha256(''))
  ON CONFLICT DO NOTHING;
