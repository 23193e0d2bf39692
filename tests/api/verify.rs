//! `tracker verify`: nothing is found in a database full of work, and each kind of fault is found.

use std::path::PathBuf;

use diesel::connection::SimpleConnection;
use serde_json::json;
use tracker::db::verify::{Report, Wanted};
use tracker::demo::{self, More};
use tracker::server::Database;
use uuid::Uuid;

use crate::app::{App, report};
use crate::feed::{execute, rows};

async fn verify(app: &App, blind: bool) -> Report {
    let config = &app.state.config;
    let database = Database::open(config).unwrap();
    let wanted = Wanted {
        objects: true,
        blindness: blind,
    };
    database.verify(config, wanted).await.unwrap()
}

async fn demo() -> App {
    let app = App::configured(|config| config.job_workers = 0).await;
    let database = Database::open(&app.state.config).unwrap();
    demo::create(&app.state.config, &database, More::default())
        .await
        .unwrap();
    app
}

fn object(app: &App, key: &str) -> PathBuf {
    app.state.config.data_dir.join("objects").join(key)
}

/// Each is one fault: its name, how it is made, how it is taken back, and what is said of it. What would refuse it is off, as in a restore.
const FAULTS: [(&str, &str, &str, &str); 16] = [
    (
        "a foreign key that was added without a look",
        "INSERT INTO tenant.tasks (company_id, id, title, created_by) SELECT id, gen_random_uuid(), 'x', gen_random_uuid() FROM platform.companies LIMIT 1",
        "DELETE FROM tenant.tasks WHERE title = 'x'",
        "tasks_creator_unknown points nowhere",
    ),
    (
        "a row that points at another company's person",
        "INSERT INTO tenant.tasks (company_id, id, title, created_by) SELECT (SELECT id FROM platform.companies WHERE id <> u.company_id LIMIT 1), \
           gen_random_uuid(), 'x', u.id FROM tenant.users u LIMIT 1",
        "DELETE FROM tenant.tasks WHERE title = 'x'",
        "tasks_creator_unknown points nowhere",
    ),
    (
        "a raw row whose session is another person's",
        "CREATE TABLE public.kept AS SELECT a.company_id, a.user_id, a.started_at, a.id, a.session_id FROM tenant.activity_log a LIMIT 1; \
         UPDATE tenant.activity_log a SET session_id = (SELECT w.id FROM tenant.work_sessions w WHERE w.company_id = a.company_id AND w.user_id <> a.user_id LIMIT 1) \
           FROM public.kept k WHERE (a.company_id, a.user_id, a.started_at, a.id) = (k.company_id, k.user_id, k.started_at, k.id)",
        "UPDATE tenant.activity_log a SET session_id = k.session_id FROM public.kept k \
           WHERE (a.company_id, a.user_id, a.started_at, a.id) = (k.company_id, k.user_id, k.started_at, k.id); DROP TABLE public.kept",
        "tenant.activity_log (company_id, user_id, session_id) in tenant.work_sessions points nowhere",
    ),
    (
        "a session on another person's device",
        "CREATE TABLE public.kept AS SELECT company_id, id, device_id FROM tenant.work_sessions WHERE ended_at IS NOT NULL LIMIT 1; \
         UPDATE tenant.work_sessions w SET device_id = (SELECT d.id FROM tenant.devices d WHERE d.company_id = w.company_id AND d.user_id <> w.user_id LIMIT 1) \
           FROM public.kept k WHERE (w.company_id, w.id) = (k.company_id, k.id)",
        "UPDATE tenant.work_sessions w SET device_id = k.device_id FROM public.kept k WHERE (w.company_id, w.id) = (k.company_id, k.id); \
         DROP TABLE public.kept",
        "tenant.work_sessions (company_id, user_id, device_id) in tenant.devices points nowhere",
    ),
    (
        "a batch of another person's device",
        "INSERT INTO tenant.ingest_batches (company_id, device_id, batch_id, user_id, body_hash, items, first_day, last_day) \
           SELECT company_id, id, '00000000-0000-0000-0000-000000000001', gen_random_uuid(), sha256(''::bytea), 1, '2026-01-01', '2026-01-01' \
           FROM tenant.devices LIMIT 1",
        "DELETE FROM tenant.ingest_batches WHERE batch_id = '00000000-0000-0000-0000-000000000001'",
        "tenant.ingest_batches (company_id, user_id, device_id) in tenant.devices points nowhere",
    ),
    (
        "a credential of a person that another company has",
        "UPDATE auth.credentials c SET company_id = (SELECT id FROM platform.companies WHERE id <> c.company_id LIMIT 1) WHERE email = 'admin@acme.test'",
        "UPDATE auth.credentials c SET company_id = (SELECT company_id FROM tenant.users WHERE id = c.user_id) WHERE email = 'admin@acme.test'",
        "the person of auth.credentials in tenant.users points nowhere",
    ),
    (
        "a secret of a company that is gone",
        "INSERT INTO auth.company_keys (id, company_id, key_hash, prefix, sealed) VALUES \
           (gen_random_uuid(), gen_random_uuid(), sha256('x'::bytea), 'company_', ''::bytea)",
        "DELETE FROM auth.company_keys WHERE key_hash = sha256('x'::bytea)",
        "auth.company_keys, company_keys_company_id_fkey points nowhere",
    ),
    (
        "a row without a company",
        "ALTER TABLE tenant.teams DROP CONSTRAINT teams_pkey CASCADE; ALTER TABLE tenant.teams ALTER company_id DROP NOT NULL; \
         INSERT INTO tenant.teams (company_id, id, name) VALUES (NULL, gen_random_uuid(), 'x')",
        "DELETE FROM tenant.teams WHERE name = 'x'; ALTER TABLE tenant.teams ADD PRIMARY KEY (company_id, id); \
         ALTER TABLE tenant.users ADD CONSTRAINT users_team_unknown FOREIGN KEY (company_id, team_id) REFERENCES tenant.teams (company_id, id); \
         ALTER TABLE tenant.tasks ADD CONSTRAINT tasks_team_unknown FOREIGN KEY (company_id, team_id) REFERENCES tenant.teams (company_id, id); \
         ALTER TABLE tenant.alert_rules ADD CONSTRAINT alert_rules_team_unknown FOREIGN KEY (company_id, team_id) REFERENCES tenant.teams (company_id, id); \
         ALTER TABLE tenant.productivity_rules ADD CONSTRAINT productivity_rules_team_unknown FOREIGN KEY (company_id, team_id) REFERENCES tenant.teams (company_id, id); \
         ALTER TABLE tenant.setting_overrides ADD CONSTRAINT setting_overrides_team_unknown FOREIGN KEY (company_id, team_id) REFERENCES tenant.teams (company_id, id); \
         ALTER TABLE tenant.team_admins ADD CONSTRAINT team_admins_team_unknown FOREIGN KEY (company_id, team_id) REFERENCES tenant.teams (company_id, id); \
         ALTER TABLE tenant.team_leads ADD CONSTRAINT team_leads_team_unknown FOREIGN KEY (company_id, team_id) REFERENCES tenant.teams (company_id, id); \
         ALTER TABLE tenant.invitations ADD CONSTRAINT invitations_team_unknown FOREIGN KEY (company_id, team_id) REFERENCES tenant.teams (company_id, id)",
        "tenant.teams has 1 rows without a company",
    ),
    (
        "a row that belongs to no month",
        "INSERT INTO tenant.activity_log (company_id, user_id, started_at, id, session_id, keystrokes, mouse_events, active_seconds, idle_seconds) \
           SELECT company_id, user_id, '1999-01-01', id, id, 0, 0, 0, 0 FROM tenant.work_sessions LIMIT 1",
        "DELETE FROM tenant.activity_log WHERE started_at < '2000-01-01'",
        "tenant.activity_log_default holds 1 rows",
    ),
    (
        "a missing index",
        "DROP INDEX tenant.work_sessions_user",
        "CREATE INDEX work_sessions_user ON tenant.work_sessions (company_id, user_id, started_at)",
        "missing: index CREATE INDEX work_sessions_user",
    ),
    (
        "a table without an index that a statement can use",
        "ALTER TABLE tenant.company_settings DROP CONSTRAINT company_settings_pkey",
        "ALTER TABLE tenant.company_settings ADD PRIMARY KEY (company_id)",
        "tenant.company_settings is read without an index",
    ),
    (
        "a table that the count is kept from",
        "DROP POLICY jobs_read ON tenant.teams",
        "CREATE POLICY jobs_read ON tenant.teams FOR SELECT TO tracker_jobs USING (true)",
        "tenant.teams hides rows from being counted",
    ),
    (
        "a reference that is no foreign key",
        "ALTER TABLE tenant.tasks ADD COLUMN device_id uuid",
        "ALTER TABLE tenant.tasks DROP COLUMN device_id",
        "tenant.tasks.device_id names something and is no foreign key",
    ),
    (
        "a picture whose file is gone",
        "UPDATE tenant.screenshots SET object_key = object_key || 'x' WHERE id = (SELECT id FROM tenant.screenshots ORDER BY id LIMIT 1)",
        "UPDATE tenant.screenshots SET object_key = rtrim(object_key, 'x') WHERE object_key LIKE '%x'",
        "is named by a row and not stored",
    ),
    (
        "a picture kept with another company's",
        "UPDATE tenant.screenshots s SET object_key = replace(object_key, s.company_id::text, (SELECT id::text FROM platform.companies WHERE id <> s.company_id LIMIT 1)) \
           WHERE id = (SELECT id FROM tenant.screenshots ORDER BY id LIMIT 1)",
        "UPDATE tenant.screenshots SET object_key = 'c/' || company_id || substr(object_key, 39)",
        "is named by a row of another company",
    ),
    (
        "an owner's role that may read a table",
        "GRANT USAGE ON SCHEMA tenant TO tracker_platform; GRANT SELECT ON tenant.users TO tracker_platform",
        "REVOKE SELECT ON tenant.users FROM tracker_platform; REVOKE USAGE ON SCHEMA tenant FROM tracker_platform",
        "the owner's role was not refused: SELECT * FROM tenant.users",
    ),
];

#[actix_web::test]
async fn a_database_full_of_work_has_no_findings_and_each_fault_is_found() {
    let app = demo().await;
    let clean = verify(&app, true).await;
    assert_eq!(clean.findings, Vec::<String>::new());
    let blindness = clean.blindness.as_ref().unwrap();
    assert!(
        blindness.tried > 400 && blindness.refused == blindness.tried,
        "{blindness}"
    );
    assert!(
        blindness.fields > 50 && blindness.allowed == blindness.fields,
        "{blindness}"
    );
    let counted: i64 = clean.rows.tables.iter().map(|table| table.rows()).sum();
    assert!(counted > 200_000, "{counted}");
    assert!(
        clean.plans.len() > 40 && clean.objects.as_ref().unwrap().objects > 20,
        "{clean}"
    );

    let mut admin = app.copy.admin();
    let mut told_of = 0;
    for (fault, make, take_back, said) in FAULTS {
        let off = "SET session_replication_role = replica;";
        admin
            .batch_execute(&format!("{off} {make}"))
            .unwrap_or_else(|error| panic!("{fault}: {error}"));
        let found = verify(&app, said.contains("owner's role")).await;
        let told = found.findings.iter().any(|finding| finding.contains(said));
        assert!(told, "{fault} is not found: {:?}", found.findings);
        told_of += 1;
        admin
            .batch_execute(&format!(
                "{off} {take_back}; RESET session_replication_role"
            ))
            .unwrap_or_else(|error| panic!("{fault}: {error}"));
    }
    let key = rows(
        &mut admin,
        "SELECT company_id FROM tenant.screenshots LIMIT 1",
    )
    .remove(0);
    let stray = [
        format!("c/{}/2026/01/stray", key["company_id"].as_str().unwrap()),
        format!("c/{}/2026/01/stray", Uuid::now_v7()),
        "elsewhere/stray".to_owned(),
    ];
    for key in &stray {
        let file = object(&app, key);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "x").unwrap();
        let found = verify(&app, false).await;
        assert_eq!(
            found.findings,
            [format!("{key} is an object without a row")]
        );
        told_of += 1;
        std::fs::remove_file(file).unwrap();
    }
    let after = verify(&app, true).await;
    assert_eq!(
        after.findings,
        Vec::<String>::new(),
        "all faults were taken back"
    );
    report(
        "verify",
        &json!({
            "checked": clean.checked(),
            "findings": clean.findings.len(),
            "planted": FAULTS.len() + stray.len(),
            "planted_found": told_of,
            "of_a_clean_system": clean.json(),
        }),
    );
}

#[actix_web::test]
async fn verifying_needs_no_right_to_change_anything() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    app.agent(&acme, &acme.admin).await;
    let mut admin = app.copy.admin();
    for login in ["tracker_jobs", "tracker_web", "tracker_platform"] {
        execute(
            &mut admin,
            &format!(
                "ALTER ROLE {login} IN DATABASE {} SET default_transaction_read_only = on",
                app.copy.name()
            ),
        );
    }
    let found = verify(&app, true).await;
    assert_eq!(found.findings, Vec::<String>::new());
}

#[actix_web::test]
async fn what_the_owner_is_answered_is_on_the_list() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let listed = tracker::db::verify::fields_of_owners();
    for (operation, path) in [
        ("list_companies", "/api/owner/companies".to_owned()),
        ("show_company", format!("/api/owner/companies/{}", acme.id)),
        (
            "list_subscriptions",
            format!("/api/owner/companies/{}/subscriptions", acme.id),
        ),
        (
            "list_company_usage",
            format!("/api/owner/companies/{}/usage", acme.id),
        ),
        ("list_plans", "/api/owner/plans".to_owned()),
        (
            "show_plan",
            format!(
                "/api/owner/plans/{}",
                crate::plans::id(&acme.owner, "PRO").await
            ),
        ),
        (
            "show_company_overrides",
            format!("/api/owner/companies/{}/overrides", acme.id),
        ),
        ("show_me", "/api/me".to_owned()),
    ] {
        let (status, answer) = acme.owner.get(&path).await;
        assert_eq!(status, 200, "{operation}: {answer}");
        let mut fields = Vec::new();
        collect(&answer, format!("{operation} "), &mut fields);
        assert!(!fields.is_empty(), "{operation}");
        for field in fields {
            assert!(
                listed.contains_key(&field),
                "{field} is answered and not in the document"
            );
        }
    }
}

fn collect(answer: &serde_json::Value, at: String, fields: &mut Vec<String>) {
    if let Some(items) = answer.as_array() {
        items
            .iter()
            .for_each(|item| collect(item, format!("{at}[]"), fields));
    }
    for (name, value) in answer.as_object().into_iter().flatten() {
        let dot = if at.ends_with(' ') { "" } else { "." };
        let at = format!("{at}{dot}{name}");
        fields.push(at.clone());
        collect(value, at, fields);
    }
}
