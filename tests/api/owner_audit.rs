//! What owners and jobs did: each change is told with who, when, from where and why, and nothing of it is altered unnoticed.

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use tracker::owner::audit::seals::{self, Verified};
use tracker::secrets::hex;

use crate::app::{App, Client, binary};
use crate::feed::{execute, rows};

/// A server whose jobs nobody works on but the test.
async fn idle() -> App {
    App::configured(|config| config.job_workers = 0).await
}

async fn entries(owner: &Client, query: &str) -> Vec<Value> {
    let (status, page) = owner.get(&format!("/api/owner/audit?{query}")).await;
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().unwrap().clone()
}

fn change<'a>(entry: &'a Value, name: &str) -> &'a Value {
    let changes = entry["changes"].as_array().unwrap();
    let found = changes.iter().find(|change| change["name"] == name);
    found.unwrap_or_else(|| panic!("{name} in {entry}"))
}

#[actix_web::test]
async fn an_entry_says_who_did_what_when_from_where_and_why() {
    let app = idle().await;
    let acme = app.company("Acme").await;
    let suspend = acme
        .owner
        .request(
            reqwest::Method::POST,
            &format!("/api/owner/companies/{}/suspend", acme.id),
        )
        .header("x-request-id", "from-the-test-1")
        .json(&json!({ "reason": "Unpaid since May" }));
    assert_eq!(suspend.send().await.unwrap().status(), 200);

    let entry = &entries(&acme.owner, "action=company.suspended").await[0];
    let me = acme.owner.get("/api/me").await.1;
    assert_eq!(entry["actor"], me["email"]);
    assert_eq!(entry["company"], json!({ "id": acme.id, "name": "Acme" }));
    assert_eq!(entry["reason"], "Unpaid since May");
    assert_eq!(entry["address"], "127.0.0.1");
    assert_eq!(entry["request_id"], "from-the-test-1");
    assert_eq!(
        change(entry, "status"),
        &json!({ "name": "status", "before": "TRIAL", "after": "SUSPENDED" })
    );
    let age = chrono::Utc::now() - crate::feed::at(entry["at"].as_str().unwrap());
    assert!(age.num_seconds() < 60, "{entry}");
    assert!(entry.get("seal").is_none(), "{entry}");
}

#[actix_web::test]
async fn entries_are_filtered_and_paged_newest_first() {
    let app = idle().await;
    let acme = app.company("Acme").await;
    let owner = &acme.owner;
    let other = app.company("Other").await;
    for reason in ["one", "two", "three"] {
        for (action, body) in [
            ("suspend", json!({ "reason": reason })),
            ("reactivate", json!({})),
        ] {
            let path = format!("/api/owner/companies/{}/{action}", acme.id);
            assert_eq!(owner.post(&path, body).await.0, 200);
        }
    }
    let of_acme = entries(owner, &format!("company_id={}", acme.id)).await;
    let actions: Vec<&str> = of_acme
        .iter()
        .map(|e| e["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions[0], "company.reactivated");
    assert_eq!((actions.len(), actions[6]), (7, "company.created"));
    assert_eq!(entries(owner, "action=company.suspended").await.len(), 3);
    assert_eq!(entries(owner, "action=company.").await.len(), 8);
    let me = owner.get("/api/me").await.1;
    let mine = entries(
        owner,
        &format!("action=company.&actor={}", me["email"].as_str().unwrap()),
    )
    .await;
    assert_eq!(mine.len(), 7);
    assert_eq!(entries(owner, "actor=%25").await.len(), 0);

    let first = of_acme[6]["at"].as_str().unwrap();
    let before = entries(owner, &format!("company_id={}&to={first}", acme.id)).await;
    assert_eq!(before.len(), 0);
    let since = entries(
        owner,
        &format!(
            "company_id={}&company_id={}&from={first}",
            acme.id, other.id
        ),
    )
    .await;
    assert_eq!(since.len(), 8);

    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/owner/audit?company_id={}&limit=2{cursor}", acme.id);
        let (status, page) = owner.get(&path).await;
        assert_eq!(status, 200, "{page}");
        paged.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(paged, of_acme);
    let foreign = format!("/api/owner/audit?limit=2{cursor}");
    assert_eq!(owner.get(&foreign).await.1["code"], "cursor_invalid");
    for nonsense in [
        "action=suspended",
        "action=.x",
        "action=A.b",
        "from=",
        "company_id=x",
        "limit=0",
    ] {
        let (status, answer) = owner.get(&format!("/api/owner/audit?{nonsense}")).await;
        assert!(
            status == 400 || status == 422,
            "{nonsense}: {status} {answer}"
        );
    }
}

#[actix_web::test]
async fn the_log_is_exported_as_it_is_shown() {
    let app = idle().await;
    let acme = app.company("Acme").await;
    let path = format!("/api/owner/companies/{}/change-plan", acme.id);
    let change = json!({ "plan": "ENTERPRISE", "reason": "=HYPERLINK(1)" });
    assert_eq!(acme.owner.post(&path, change).await.0, 200);
    seal(&app);
    let shown = entries(&acme.owner, "action=company.").await;
    let export = |format: &str| {
        let path = format!("/api/owner/audit/export?action=company.&format={format}");
        let request = acme.owner.request(reqwest::Method::GET, &path).send();
        async { request.await.unwrap().bytes().await.unwrap().to_vec() }
    };
    let csv = String::from_utf8(export("csv").await).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with("id,at,actor,action,company_id,company,reason,changes,"));
    assert_eq!(lines.len(), 1 + shown.len());
    assert!(
        lines[1].contains("company.plan_changed") && lines[1].contains("'=HYPERLINK(1)"),
        "{csv}"
    );
    let mut book: Xlsx<_> =
        open_workbook_from_rs(std::io::Cursor::new(export("xlsx").await)).unwrap();
    let cells = book.worksheet_range_at(0).unwrap().unwrap();
    assert_eq!(cells.height(), 1 + shown.len());
    for (row, entry) in cells.rows().skip(1).zip(&shown) {
        assert_eq!(row[0], Data::String(entry["id"].as_str().unwrap().into()));
        assert_eq!(
            row[3],
            Data::String(entry["action"].as_str().unwrap().into())
        );
        assert_eq!(row[10], Data::Float(entry["seal"].as_f64().unwrap()));
    }
    assert_eq!(
        cells.rows().nth(1).unwrap()[6],
        Data::String("=HYPERLINK(1)".into())
    );
    // A file of several pages has each entry once.
    put(&app, 10_001);
    let several = acme.owner.request(
        reqwest::Method::GET,
        "/api/owner/audit/export?action=company.suspended",
    );
    let several = several.send().await.unwrap().text().await.unwrap();
    let ids = several.lines().map(|line| line.split(',').next().unwrap());
    let ids: std::collections::BTreeSet<_> = ids.skip(1).collect();
    assert_eq!((ids.len(), several.lines().count() - 1), (10_001, 10_001));
    put(&app, 40_000);
    let (status, refusal) = acme.owner.get("/api/owner/audit/export").await;
    assert_eq!(
        (status, &refusal["code"]),
        (409, &json!("export_too_large"))
    );
}

fn seal(app: &App) {
    let db = &app.state.db;
    while db.platform_job_blocking(seals::seal).unwrap() {}
}

fn verify(app: &App, noted: Option<(i64, &str)>) -> Verified {
    let db = &app.state.db;
    db.platform_blocking(|conn| seals::verify(conn, noted))
        .unwrap()
}

fn put(app: &App, many: i64) {
    let sql = format!(
        "INSERT INTO platform.audit_entries (id, actor_id, actor, action, company_id, detail, at) \
         SELECT gen_random_uuid(), gen_random_uuid(), 'somebody', 'company.suspended', gen_random_uuid(), \
           jsonb_build_object('n', n), now() - make_interval(mins => (n % 7)::integer) FROM generate_series(1, {many}) n"
    );
    execute(&mut app.copy.admin(), &sql);
}

#[actix_web::test]
async fn the_page_shows_each_seal_and_the_newest() {
    let app = idle().await;
    let acme = app.company("Acme").await;
    seal(&app);
    let verified = verify(&app, None);
    let (_, page) = acme.owner.get("/api/owner/audit").await;
    let items = page["items"].as_array().unwrap();
    assert_eq!(items[0]["seal"], json!(verified.sealed));
    assert_eq!(page["head"]["no"], json!(verified.sealed));
    assert_eq!(page["head"]["hash"], json!(verified.head));
    assert_eq!(items.len(), usize::try_from(verified.sealed).unwrap());
}

#[actix_web::test]
async fn a_chain_of_many_batches_is_whole_and_later_entries_continue_it() {
    let app = idle().await;
    put(&app, 4_500);
    seal(&app);
    let first = verify(&app, None);
    assert_eq!((first.sealed, first.findings.len()), (4_500, 0));
    // Its transaction began before those that are sealed, and ended after.
    put(&app, 3);
    seal(&app);
    let noted = Some((first.sealed, first.head.as_str()));
    let second = verify(&app, noted);
    assert_eq!((second.sealed, second.findings), (4_503, Vec::new()));
}

#[actix_web::test]
async fn two_that_seal_at_once_make_one_chain() {
    let app = idle().await;
    put(&app, 2_500);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| seal(&app));
        }
    });
    let verified = verify(&app, None);
    assert_eq!((verified.sealed, verified.findings), (2_500, Vec::new()));
}

/// What `verify` says after somebody with every right did this to a chain of ten.
async fn after(sql: &str, noted: Option<i64>) -> Vec<String> {
    let app = idle().await;
    put(&app, 10);
    seal(&app);
    let conn = &mut app.copy.admin();
    let hashes = rows(
        conn,
        "SELECT encode(hash, 'hex') AS hash FROM platform.audit_seals ORDER BY no",
    );
    let noted = noted.map(|no| {
        (
            no,
            hashes[usize::try_from(no).unwrap() - 1]["hash"]
                .as_str()
                .unwrap(),
        )
    });
    conn.batch_execute(sql).unwrap();
    verify(&app, noted).findings
}

#[actix_web::test]
async fn what_is_altered_taken_out_or_put_in_is_found() {
    let third = "(SELECT entry_id FROM platform.audit_seals WHERE no = 3)";
    for column in [
        "at = at + interval '1 microsecond'",
        "actor = 'somebody else'",
        "actor_id = gen_random_uuid()",
        "action = 'company.created'",
        "company_id = gen_random_uuid()",
        "detail = detail || '{\"more\": 1}'",
        "request_id = 'other'",
        "address = '192.0.2.1'",
    ] {
        let alter = format!("UPDATE platform.audit_entries SET {column} WHERE id = {third}");
        let found = after(&alter, None).await;
        assert!(
            found.len() == 1 && found[0].starts_with("seal 3 does not fit"),
            "{column}: {found:?}"
        );
    }
    let take_out = "DELETE FROM platform.audit_seals WHERE no = 3; \
        DELETE FROM platform.audit_entries e WHERE NOT EXISTS (SELECT FROM platform.audit_seals s WHERE s.entry_id = e.id)";
    assert_eq!(after(take_out, None).await, ["seals 3 to 3 are missing"]);
    let swap = "UPDATE platform.audit_seals SET hash = sha256(hash) WHERE no = 10";
    assert_eq!(after(swap, None).await.len(), 1);
    // The end leaves no gap: only who noted it knows.
    let cut = "DELETE FROM platform.audit_seals WHERE no > 8; \
        DELETE FROM platform.audit_entries e WHERE NOT EXISTS (SELECT FROM platform.audit_seals s WHERE s.entry_id = e.id)";
    assert_eq!(after(cut, None).await, Vec::<String>::new());
    assert_eq!(after(cut, Some(8)).await, Vec::<String>::new());
    assert_eq!(
        after(cut, Some(10)).await,
        ["the chain ends at 8, before seal 10 that was noted"]
    );
    let slip_in = "INSERT INTO platform.audit_entries (id, actor_id, actor, action, company_id, at) \
        VALUES (gen_random_uuid(), gen_random_uuid(), 'x', 'company.created', gen_random_uuid(), now() - interval '3 days')";
    let found = after(slip_in, None).await;
    assert!(
        found.len() == 1 && found[0].starts_with("1 entries since"),
        "{found:?}"
    );
}

#[actix_web::test]
async fn a_chain_made_anew_is_not_the_one_that_was_noted() {
    let app = idle().await;
    put(&app, 10);
    seal(&app);
    let noted = verify(&app, None);
    execute(&mut app.copy.admin(), "DELETE FROM platform.audit_seals");
    execute(
        &mut app.copy.admin(),
        "UPDATE platform.audit_entries SET actor = 'nobody'",
    );
    seal(&app);
    assert_eq!(verify(&app, None).findings, Vec::<String>::new());
    let findings = verify(&app, Some((noted.sealed, &noted.head))).findings;
    assert_eq!(findings, ["seal 10 is not the one that was noted"]);
    let capital = verify(&app, None).head.to_uppercase();
    assert_eq!(verify(&app, Some((10, &capital))).findings.len(), 0);
}

#[actix_web::test]
async fn nobody_changes_an_entry_or_a_seal() {
    let app = idle().await;
    put(&app, 3);
    seal(&app);
    for role in [
        "tracker_platform",
        "tracker_jobs",
        "tracker_auth",
        "tracker_web",
    ] {
        for table in ["platform.audit_entries", "platform.audit_seals"] {
            for sql in [
                format!("DELETE FROM {table}"),
                format!("TRUNCATE {table} CASCADE"),
            ] {
                let refused = app
                    .copy
                    .as_role(role)
                    .batch_execute(&sql)
                    .unwrap_err()
                    .to_string();
                assert!(
                    refused.contains("permission denied"),
                    "{role} {sql}: {refused}"
                );
            }
        }
        for sql in [
            "UPDATE platform.audit_entries SET actor = 'x'",
            "UPDATE platform.audit_seals SET hash = sha256('x')",
        ] {
            let refused = app
                .copy
                .as_role(role)
                .batch_execute(sql)
                .unwrap_err()
                .to_string();
            assert!(
                refused.contains("permission denied"),
                "{role} {sql}: {refused}"
            );
        }
    }
    let make_up = format!(
        "INSERT INTO platform.audit_seals (no, entry_id, hash) SELECT 9, id, '\\x{}' FROM platform.audit_entries LIMIT 1",
        hex(&[0; 32])
    );
    let refused = app
        .copy
        .as_role("tracker_platform")
        .batch_execute(&make_up)
        .unwrap_err();
    assert!(
        refused.to_string().contains("permission denied"),
        "{refused}"
    );
}

#[actix_web::test]
async fn the_command_says_what_it_found_by_its_exit_code() {
    let Some(binary) = binary() else { return };
    let app = idle().await;
    put(&app, 5);
    seal(&app);
    let run = |more: &[&str]| {
        let output = std::process::Command::new(&binary)
            .args(["audit", "verify"])
            .args(more)
            .env("DATABASE_URL", app.copy.admin_url())
            .env("TRACKER_SECRET_FILE", app.state.config.secret_file())
            .output()
            .unwrap();
        (
            output.status.success(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (is_good, said) = run(&[]);
    assert!(
        is_good && said.starts_with("5 entries are sealed; the newest seal is 5:"),
        "{said}"
    );
    let newest = said.trim().rsplit(' ').next().unwrap();
    assert!(run(&["--noted", newest]).0);
    execute(
        &mut app.copy.admin(),
        "UPDATE platform.audit_entries SET actor = 'x'",
    );
    let (is_good, said) = run(&[]);
    assert!(
        !is_good && said.contains("seal 1 does not fit entry"),
        "{said}"
    );
}

/// A file that leaves the house is written down like whatever else an owner does: who, which part of what, from where.
#[actix_web::test]
async fn a_file_that_is_taken_along_is_in_the_log_and_a_refused_one_is_not() {
    let app = idle().await;
    let acme = app.company("Acme").await;
    let owner = &acme.owner;
    let by = acme.id;
    for path in [
        "companies/export?q=Ac&plan=PRO&plan=FREE&status=TRIAL&sort=-name&format=xlsx".to_owned(),
        "companies/export".to_owned(),
        "reports/export?report=revenue&table=months&from=2025-01&to=2025-02&currency=EUR"
            .to_owned(),
        "reports/export?report=usage&format=pdf".to_owned(),
        format!(
            "audit/export?action=company.&actor=olga&company_id={by}&from=2025-01-01T00:00:00Z"
        ),
    ] {
        let (status, answer) = owner.get(&format!("/api/owner/{path}")).await;
        assert_eq!(status, 200, "{path}: {answer}");
    }
    put(&app, 50_001);
    for path in [
        "companies/export?sort=colour",
        "companies/export?format=doc",
        "reports/export?report=overview&table=months",
        "audit/export",
    ] {
        let (status, _) = owner.get(&format!("/api/owner/{path}")).await;
        assert!(status >= 400, "{path}");
    }
    assert_eq!(acme.admin.get("/api/owner/companies/export").await.0, 403);
    let mut found = entries(owner, "actor=owner-").await;
    found.retain(|entry| entry["action"].as_str().unwrap().ends_with(".exported"));
    let found: Vec<_> = found
        .iter()
        .map(|entry| {
            assert_eq!(entry["address"], json!("127.0.0.1"));
            assert!(entry["request_id"].is_string());
            let changes = entry["changes"].as_array().unwrap().iter();
            let changes = changes.map(|one| {
                let (name, after) = (
                    one["name"].as_str().unwrap(),
                    one["after"].as_str().unwrap(),
                );
                format!("{name}={after}")
            });
            let said = changes.collect::<Vec<_>>().join(" ");
            format!("{} {said}", entry["action"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        found,
        [
            format!(
                "audit_log.exported action=company. actor=olga company_id=[\"{by}\"] format=csv from=2025-01-01T00:00:00Z"
            ),
            "report.exported format=pdf report=usage".to_owned(),
            "report.exported currency=EUR format=csv from=2025-01 report=revenue table=months to=2025-02"
                .to_owned(),
            "company_list.exported format=csv sort=name".to_owned(),
            "company_list.exported format=xlsx plan=FREE, PRO q=Ac sort=-name status=TRIAL".to_owned(),
        ]
    );
}
