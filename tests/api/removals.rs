//! A person is removed for good: everything about them goes, nothing of anybody else, and nobody goes whom no admin meant.

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use tracker::db::placement::{PLACEMENT, Place};

use crate::app::{App, Company, PASSWORD};
use crate::erasures::{full, occurrences, server, tables};
use crate::feed::{execute, next_job, rows, settle};

/// The company's third person, who records.
const THIRD: &str = "cnry.a.users.email.3.";

/// Their id and address.
fn third(app: &App) -> (String, String) {
    let found = rows(
        &mut app.copy.admin(),
        &format!("SELECT id, email FROM tenant.users WHERE email LIKE '{THIRD}%'"),
    );
    let text = |name: &str| found[0][name].as_str().unwrap().to_owned();
    (text("id"), text("email"))
}

async fn deactivate(company: &Company, person: &str) {
    let path = format!("/api/employees/{person}/deactivate");
    assert_eq!(company.admin.post(&path, json!({})).await.0, 200);
}

async fn ask(company: &Company, person: &str, email: &str) -> (u16, Value) {
    let body = json!({ "employee_id": person, "email": email, "password": PASSWORD });
    company.admin.post("/api/removals", body).await
}

/// A sum over the rows of everybody else, per table; without what the removal itself writes.
fn others(app: &App, person: &str, email: &str) -> BTreeMap<String, Value> {
    // The company's days are summed anew without them.
    const OWN: [&str; 9] = [
        "tenant.app_usage_daily",
        "tenant.host_usage_daily",
        "tenant.usage_daily",
        "tenant.audit_entries",
        "tenant.audit_unsealed",
        "tenant.company_usage",
        "tenant.idempotency_keys",
        "platform.jobs",
        "auth.throttle",
    ];
    let conn = &mut app.copy.admin();
    let mut sums = BTreeMap::new();
    for table in tables(app) {
        if OWN.contains(&table.as_str()) || table.starts_with("platform.") {
            continue;
        }
        let sum = rows(
            conn,
            &format!(
                "SELECT count(*) AS n, sum(hashtextextended(t::text, 0))::text AS sum FROM {table} t WHERE strpos(t::text, '{person}') = 0 AND strpos(t::text, '{email}') = 0"
            ),
        );
        sums.insert(table, json!(sum));
    }
    sums
}

#[actix_web::test]
async fn everything_of_the_person_is_erased_and_nothing_of_others() {
    let app = server().await;
    let acme = full(&app, "Acme", "a").await;
    full(&app, "Globex", "b").await;
    settle(&app);
    let (person, email) = third(&app);
    let conn = &mut app.copy.admin();
    let named: &[&str] = &[&person, &email, "cnry.a.users.name.3."];
    // What the data set gives no third person: a task, an invitation that was accepted, a view of another's day, a file.
    for sql in [
        "UPDATE tenant.tasks SET assignee_id = '{p}' WHERE company_id = '{c}' AND id = (SELECT min(id::text)::uuid FROM tenant.tasks WHERE company_id = '{c}')",
        "INSERT INTO tenant.invitations (company_id, id, email, name, role, invited_by, expires_at, accepted_at) SELECT '{c}', gen_random_uuid(), '{e}', 'x', \
           'EMPLOYEE', invited_by, now(), now() FROM tenant.invitations WHERE company_id = '{c}' LIMIT 1",
        "INSERT INTO tenant.access_entries (company_id, subject_id, viewer_id, at, kind, day, viewer_name) SELECT '{c}', id, '{p}', now(), 'timeline', \
           current_date, 'cnry.a.users.name.3. saw' FROM tenant.users WHERE company_id = '{c}' AND id <> '{p}' LIMIT 1",
        "UPDATE tenant.work_session_changes SET actor_id = '{p}', actor_name = 'cnry.a.users.name.3. said' WHERE company_id = '{c}' \
           AND id = (SELECT min(id::text)::uuid FROM tenant.work_session_changes WHERE company_id = '{c}' AND user_id <> '{p}')",
        "UPDATE tenant.screenshots SET deleted_by = '{p}', deleted_by_name = 'cnry.a.users.name.3. deleted' WHERE company_id = '{c}' \
           AND id = (SELECT min(id::text)::uuid FROM tenant.screenshots WHERE company_id = '{c}' AND user_id <> '{p}' AND deleted_at IS NOT NULL)",
        "INSERT INTO tenant.saved_reports (company_id, id, created_by, name, report) VALUES ('{c}', gen_random_uuid(), '{p}', 'x', '{}')",
        "INSERT INTO tenant.task_comments (company_id, id, task_id, author_id, author_name, text) SELECT '{c}', gen_random_uuid(), t.id, '{p}', \
           'cnry.a.users.name.3. wrote', 'x' FROM tenant.tasks t WHERE t.company_id = '{c}' AND t.assignee_id <> '{p}' LIMIT 1",
        "INSERT INTO tenant.task_changes (company_id, id, task_id, actor_id, actor_name, field) SELECT '{c}', gen_random_uuid(), t.id, '{p}', \
           'cnry.a.users.name.3. changed', 'status' FROM tenant.tasks t WHERE t.company_id = '{c}' AND t.assignee_id <> '{p}' LIMIT 1",
        "UPDATE tenant.manual_times SET created_by = '{p}', created_by_name = 'cnry.a.users.name.3. said', decided_at = now(), state = 'approved', \
           decided_by = '{p}', decided_by_name = 'cnry.a.users.name.3. approved' WHERE company_id = '{c}' \
           AND id = (SELECT min(id::text)::uuid FROM tenant.manual_times WHERE company_id = '{c}' AND user_id <> '{p}')",
        "UPDATE tenant.disputes SET state = 'rejected', answer = 'x', answered_at = now(), answered_by = '{p}', \
           answered_by_name = 'cnry.a.users.name.3. answered' WHERE company_id = '{c}' \
           AND id = (SELECT min(id::text)::uuid FROM tenant.disputes WHERE company_id = '{c}' AND user_id <> '{p}')",
        "UPDATE tenant.audit_entries SET actor_id = '{p}', actor = '{e}' WHERE company_id = '{c}' AND id = (SELECT min(id::text)::uuid FROM tenant.audit_entries WHERE company_id = '{c}')",
        "INSERT INTO auth.reset_requests (id, email) VALUES (gen_random_uuid(), '{e}')",
        "INSERT INTO auth.throttle (key, count, window_started_at) VALUES ('sign-in e-mail {e}', 1, now())",
    ] {
        let sql = sql
            .replace("{p}", &person)
            .replace("{c}", &acme.id.to_string())
            .replace("{e}", &email);
        drop(conn.batch_execute(&sql));
    }
    let keys = rows(
        conn,
        &format!(
            "SELECT object_key AS a, thumbnail_key AS b FROM tenant.screenshots WHERE user_id = '{person}'"
        ),
    );
    let stored = app.state.objects.sizes("c").await.unwrap().len();
    assert!(!keys.is_empty());
    let bytes = "SELECT (SELECT storage_bytes FROM tenant.company_usage u WHERE u.company_id = s.company_id) - sum(bytes)::bigint AS left \
        FROM tenant.screenshots s WHERE user_id = ";
    let room = rows(conn, &format!("{bytes}'{person}' GROUP BY company_id"))[0]["left"].clone();
    deactivate(&acme, &person).await;
    let before = others(&app, &person, &email);
    for text in named {
        assert!(!occurrences(&app, text).is_empty(), "{text}");
    }

    let (status, made) = ask(&acme, &person, &email).await;
    assert_eq!(
        (status, &made["employee_id"]),
        (201, &json!(person)),
        "{made}"
    );
    let waiting = format!("/api/employees/{person}/reactivate");
    let (status, problem) = acme.admin.post(&waiting, json!({})).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("removal_in_progress"))
    );
    let (status, problem) = ask(&acme, &person, &email).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("removal_in_progress"))
    );
    while next_job(&app) {}

    let (_, list) = acme.admin.get("/api/removals").await;
    let done = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["id"] == made["id"])
        .unwrap();
    assert!(done["removed_at"].is_string(), "{done}");
    assert!(
        done["objects"].as_u64().unwrap() >= 2 * keys.len() as u64,
        "{done}"
    );
    assert!(done["rows"].as_i64().unwrap() > 30, "{done}");
    for text in &named[1..] {
        assert_eq!(occurrences(&app, text), BTreeMap::new(), "{text}");
    }
    // The id alone is left, where entries about others point at a row without a name.
    let left: Vec<String> = occurrences(&app, &person).into_keys().collect();
    assert_eq!(
        left,
        [
            "tenant.access_entries",
            "tenant.audit_entries",
            "tenant.disputes",
            "tenant.manual_times",
            "tenant.removals",
            "tenant.screenshots",
            "tenant.task_changes",
            "tenant.task_comments",
            // Whose bit it was in the company's days, in which it is zero now.
            "tenant.user_numbers",
            "tenant.users",
            "tenant.work_session_changes"
        ]
    );
    let tombstone = rows(
        conn,
        &format!("SELECT name, team_id FROM tenant.users WHERE id = '{person}'"),
    );
    assert_eq!(
        tombstone,
        [json!({ "name": "Removed person", "team_id": null })]
    );
    let seen = rows(
        conn,
        &format!(
            "SELECT DISTINCT viewer_name FROM tenant.access_entries WHERE viewer_id = '{person}'"
        ),
    );
    assert_eq!(seen, [json!({ "viewer_name": "Removed person" })]);
    let usage = format!(
        "SELECT storage_bytes FROM tenant.company_usage WHERE company_id = '{}'",
        acme.id
    );
    assert_eq!(rows(conn, &usage)[0]["storage_bytes"], room);
    let now_stored = app.state.objects.sizes("c").await.unwrap().len();
    assert_eq!(json!(stored - now_stored), done["objects"]);

    // A task of the person's is nobody's now.
    let (mut after, mut expected) = (others(&app, &person, &email), before);
    for sums in [&mut after, &mut expected] {
        sums.remove("tenant.tasks");
    }
    assert_eq!(after, expected);

    // Nobody finds the person any more.
    for path in [
        format!("/api/employees/{person}"),
        format!("/api/employees/{person}/devices"),
        format!("/api/timeline?user_id={person}"),
    ] {
        assert_eq!(acme.admin.get(&path).await.0, 404, "{path}");
    }
    assert_eq!(ask(&acme, &person, &email).await.0, 404);
    let (_, people) = acme.admin.get("/api/employees?limit=200").await;
    assert!(!people.to_string().contains(&person));
    let audit = rows(
        conn,
        "SELECT actor, detail->>'user_id' AS person FROM tenant.audit_entries WHERE action = 'employee.removed'",
    );
    assert_eq!(audit, [json!({ "actor": "system", "person": person })]);
    let report = tracker::db::lint::lint(&app.copy.url("tracker_jobs")).unwrap();
    assert_eq!(report.findings, Vec::<String>::new());
}

#[actix_web::test]
async fn nobody_is_removed_by_mistake() {
    let app = server().await;
    let acme = full(&app, "Acme", "a").await;
    let (person, email) = third(&app);
    let (status, problem) = ask(&acme, &person, &email).await;
    assert_eq!((status, &problem["code"]), (409, &json!("employee_active")));
    deactivate(&acme, &person).await;
    let (status, problem) = ask(&acme, &person, "somebody@else.test").await;
    assert_eq!(
        (
            status,
            &problem["errors"][0]["code"],
            &problem["errors"][0]["pointer"]
        ),
        (422, &json!("confirmation_mismatch"), &json!("/email")),
        "{problem}"
    );
    let body =
        json!({ "employee_id": person, "email": email, "password": "not the admin's own one" });
    let (status, problem) = acme.admin.post("/api/removals", body).await;
    assert_eq!(
        (status, &problem["code"]),
        (403, &json!("password_wrong")),
        "{problem}"
    );
    while next_job(&app) {}
    let people =
        format!("SELECT name FROM tenant.users WHERE id = '{person}' AND removed_at IS NULL");
    assert_eq!(rows(&mut app.copy.admin(), &people).len(), 1);
}

#[actix_web::test]
async fn the_database_lets_nobody_be_erased_whom_no_admin_asked_for() {
    let app = server().await;
    let acme = full(&app, "Acme", "a").await;
    full(&app, "Globex", "b").await;
    settle(&app);
    let (person, email) = third(&app);
    let other = rows(
        &mut app.copy.admin(),
        "SELECT id FROM tenant.users WHERE email LIKE 'cnry.a.users.email.4.%'",
    )[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    deactivate(&acme, &person).await;
    deactivate(&acme, &other).await;
    // The third's is asked for and waits; the fourth's is not.
    assert_eq!(ask(&acme, &person, &email).await.0, 201);
    let before = others(&app, &person, &email);
    let mut eraser = app.copy.as_role("tracker_jobs");
    let mut attempt = |user: &str, sql: &str| {
        drop(eraser.batch_execute(&format!(
            "BEGIN; SET LOCAL ROLE tracker_eraser; SET LOCAL app.company_id = '{}'; SET LOCAL app.user_id = '{user}'; {sql}; COMMIT",
            acme.id
        )));
        drop(eraser.batch_execute("ROLLBACK"));
    };
    for (table, place) in PLACEMENT {
        if !matches!(place, Place::Tenant | Place::PlatformByCompany) {
            continue;
        }
        attempt(&other, &format!("DELETE FROM {table}"));
    }
    for sql in [
        "SELECT auth.erase_person()",
        "UPDATE tenant.users SET name = 'x', email = 'x@x', removed_at = now()",
        "UPDATE tenant.access_entries SET viewer_name = 'x'",
        "UPDATE tenant.tasks SET assignee_id = NULL",
        "UPDATE tenant.company_usage SET storage_bytes = 0",
    ] {
        attempt(&other, sql);
    }
    assert_eq!(others(&app, &person, &email), before);
    // In the name of the one who goes, nobody else's rows do.
    for (table, place) in PLACEMENT {
        if *place == Place::Tenant {
            attempt(&person, &format!("DELETE FROM {table}"));
        }
    }
    assert_eq!(others(&app, &person, &email), before);
}

#[actix_web::test]
async fn what_is_broken_off_goes_on_and_is_done_only_when_nothing_is_left() {
    let app = server().await;
    let acme = full(&app, "Acme", "a").await;
    settle(&app);
    let (person, email) = third(&app);
    deactivate(&acme, &person).await;
    let conn = &mut app.copy.admin();
    execute(conn, "REVOKE DELETE ON tenant.devices FROM tracker_eraser");
    let (_, made) = ask(&acme, &person, &email).await;
    while next_job(&app) {}
    let first = async || {
        let (_, list) = acme.admin.get("/api/removals").await;
        let of = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["id"] == made["id"]);
        of.unwrap().clone()
    };
    let half = first().await;
    assert_eq!(half.get("removed_at"), None, "{half}");
    assert!(half["rows"].as_i64().unwrap() > 10);
    execute(conn, "GRANT DELETE ON tenant.devices TO tracker_eraser");
    let again = "UPDATE platform.jobs SET run_at = now() WHERE state = 'queued'";
    // A row that the eraser is blind to keeps the removal open.
    let policy = "ALTER POLICY eraser_own ON tenant.devices USING";
    execute(conn, &format!("{policy} (false)"));
    execute(conn, again);
    while next_job(&app) {}
    assert_eq!(first().await.get("removed_at"), None);
    execute(
        conn,
        &format!(
            "{policy} (company_id = tenant.current_company() AND user_id = (SELECT tenant.person_to_erase()))"
        ),
    );
    execute(conn, again);
    while next_job(&app) {}
    assert!(first().await["removed_at"].is_string());
}
