//! Disputes: who contests, answers and takes back, what of it is refused by the database itself, and who is told.

use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{App, Client, Company};
use crate::feed::{execute, next_job, rows};

struct Scene {
    app: App,
    acme: Company,
    bolt: Company,
    ada: Client,
    bob: Client,
}

async fn scene() -> Scene {
    let app = App::configured(|config| config.job_workers = 0).await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let (ada, bob) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
    );
    Scene {
        app,
        acme,
        bolt,
        ada,
        bob,
    }
}

fn slot() -> Value {
    json!({ "kind": "slot", "started_at": "2026-03-02T09:00:00Z", "ended_at": "2026-03-02T09:10:00Z",
        "reason": "Somebody else sat there" })
}

fn label() -> Value {
    json!({ "kind": "label", "host": "video.test", "label": "unproductive", "reason": "Our lessons are there" })
}

fn yes() -> Value {
    json!({ "accepted": true, "answer": "You are right" })
}

fn items(answer: (u16, Value)) -> Vec<Value> {
    assert_eq!(answer.0, 200, "{}", answer.1);
    answer.1["items"].as_array().unwrap().clone()
}

/// The code of a refused request.
fn refused(answer: (u16, Value)) -> (u16, String) {
    let code = match &answer.1["errors"][0]["code"] {
        Value::String(code) => code.clone(),
        _ => answer.1["code"].as_str().unwrap_or_default().to_owned(),
    };
    (answer.0, code)
}

async fn contest(who: &Client, body: Value) -> String {
    let (status, made) = who.post("/api/disputes", body).await;
    assert_eq!((status, &made["state"]), (201, &json!("open")), "{made}");
    made["id"].as_str().unwrap().to_owned()
}

async fn answer(who: &Client, id: &str, body: Value) -> (u16, Value) {
    who.post(&format!("/api/disputes/{id}/answer"), body).await
}

async fn withdraw(who: &Client, id: &str) -> (u16, Value) {
    let path = format!("/api/disputes/{id}/withdraw");
    who.send(Method::POST, &path, None).await
}

async fn told(who: &Client) -> Vec<Value> {
    let told = items(who.get("/api/notifications").await);
    told.iter().map(|one| one["kind"].clone()).collect()
}

impl Scene {
    fn run_as(&self, role: &str, who: &Client, sql: &str) -> Result<(), String> {
        let text = format!(
            "BEGIN; SET LOCAL ROLE {role}; SET LOCAL app.company_id = '{}'; SET LOCAL app.user_id = '{}'; {sql}; COMMIT",
            self.acme.id, who.user
        );
        let mut conn = self.app.copy.admin();
        let done = conn.batch_execute(&text);
        done.map_err(|error| error.to_string())
    }
}

#[actix_web::test]
async fn what_is_contested_is_answered_once_and_both_sides_read_it() {
    let scene = scene().await;
    let (admin, ada) = (&scene.acme.admin, &scene.ada);
    let id = contest(ada, slot()).await;
    while next_job(&scene.app) {}
    assert_eq!(told(admin).await, [json!("dispute_opened")]);
    assert_eq!(told(ada).await, Vec::<Value>::new());
    assert_eq!(told(&scene.bolt.admin).await, Vec::<Value>::new());

    let body = json!({ "accepted": false, "answer": "The door log says so" });
    let (status, answered) = answer(admin, &id, body).await;
    assert_eq!(status, 200, "{answered}");
    assert_eq!(
        [
            &answered["state"],
            &answered["answer"],
            &answered["answered_by_name"]
        ],
        [
            &json!("rejected"),
            &json!("The door log says so"),
            &json!("Ada Admin")
        ]
    );
    assert_eq!(
        items(ada.get("/api/disputes").await),
        std::slice::from_ref(&answered),
        "the same on both sides"
    );
    assert_eq!(told(ada).await, [json!("dispute_answered")]);
    let audit = rows(
        &mut scene.app.copy.admin(),
        "SELECT detail FROM tenant.audit_entries WHERE action = 'dispute.answered'",
    );
    assert_eq!(
        audit,
        [
            json!({ "detail": { "dispute_id": id, "user_id": ada.user, "kind": "slot", "state": "rejected",
            "reason": "The door log says so" } })
        ]
    );

    // Both are on record: nothing of it changes any more, whoever asks.
    let closed = (409, "disputes_closed".to_owned());
    assert_eq!(refused(answer(admin, &id, yes()).await), closed);
    assert_eq!(refused(withdraw(ada, &id).await), closed);
    assert_eq!(items(ada.get("/api/disputes").await), [answered]);
    for role in ["tracker_admin", "tracker_employee"] {
        let sql = "UPDATE tenant.disputes SET state = 'withdrawn', withdrawn_at = now()";
        scene.run_as(role, ada, sql).unwrap();
    }
    let state = rows(
        &mut scene.app.copy.admin(),
        "SELECT state FROM tenant.disputes",
    );
    assert_eq!(state, [json!({ "state": "rejected" })]);
}

#[actix_web::test]
async fn who_contests_may_take_it_back_while_nobody_has_answered() {
    let scene = scene().await;
    let id = contest(&scene.ada, label()).await;
    for other in [&scene.bob, &scene.acme.admin, &scene.bolt.admin] {
        assert_eq!(withdraw(other, &id).await.0, 404);
    }
    let (status, withdrawn) = withdraw(&scene.ada, &id).await;
    assert_eq!((status, &withdrawn["state"]), (200, &json!("withdrawn")));
    assert!(withdrawn["withdrawn_at"].is_string() && withdrawn["answer"].is_null());
    let closed = (409, "disputes_closed".to_owned());
    assert_eq!(refused(withdraw(&scene.ada, &id).await), closed);
    assert_eq!(refused(answer(&scene.acme.admin, &id, yes()).await), closed);
    while next_job(&scene.app) {}
    assert_eq!(
        told(&scene.acme.admin).await,
        Vec::<Value>::new(),
        "nothing waits any more"
    );
}

#[actix_web::test]
async fn everybody_contests_for_themselves_and_only_admins_of_the_company_answer() {
    let scene = scene().await;
    let (admin, ada, bob) = (&scene.acme.admin, &scene.ada, &scene.bob);
    let id = contest(ada, slot()).await;
    for employee in [ada, bob] {
        assert_eq!(answer(employee, &id, yes()).await.0, 403);
        assert_eq!(employee.get("/api/disputes/export").await.0, 403);
    }
    assert_eq!(answer(&scene.bolt.admin, &id, yes()).await.0, 404);
    assert_eq!(answer(&scene.acme.owner, &id, yes()).await.0, 403);
    for (method, path) in [
        (Method::GET, "/api/disputes".to_owned()),
        (Method::GET, "/api/disputes/export".to_owned()),
        (Method::POST, format!("/api/disputes/{id}/withdraw")),
    ] {
        let (status, _) = scene.acme.owner.send(method, &path, None).await;
        assert_eq!(status, 403, "{path}");
    }
    for silent in [
        json!({ "accepted": true }),
        json!({ "accepted": true, "answer": " " }),
        json!({ "answer": "Fine" }),
        json!({ "accepted": true, "answer": "x".repeat(501) }),
    ] {
        assert_eq!(answer(admin, &id, silent).await.0, 422);
    }

    // An employee's role may neither answer, nor contest for others, nor rewrite, nor read a colleague's, whatever the program asks.
    let forge = format!(
        "UPDATE tenant.disputes SET state = 'accepted', answer = 'x', answered_at = now(), answered_by = '{}', answered_by_name = 'x'",
        admin.user
    );
    let as_another = format!(
        "INSERT INTO tenant.disputes (company_id, id, user_id, kind, app, label, reason) \
         VALUES ('{}', gen_random_uuid(), '{}', 'label', 'x', 'neutral', 'x')",
        scene.acme.id, bob.user
    );
    for (role, who, sql) in [
        ("tracker_employee", ada, forge.as_str()),
        (
            "tracker_employee",
            ada,
            "UPDATE tenant.disputes SET state = 'accepted'",
        ),
        (
            "tracker_employee",
            ada,
            "UPDATE tenant.disputes SET reason = 'x'",
        ),
        ("tracker_employee", ada, "DELETE FROM tenant.disputes"),
        ("tracker_employee", ada, &as_another),
        ("tracker_admin", admin, &as_another),
        (
            "tracker_admin",
            admin,
            "UPDATE tenant.disputes SET reason = 'x'",
        ),
        ("tracker_admin", admin, "DELETE FROM tenant.disputes"),
        ("tracker_admin", bob, &forge),
        ("tracker_lead", bob, "SELECT count(*) FROM tenant.disputes"),
        ("tracker_agent", ada, "SELECT count(*) FROM tenant.disputes"),
    ] {
        let error = scene.run_as(role, who, sql).unwrap_err();
        assert!(
            error.contains("denied") || error.contains("row-level"),
            "{role}, {sql}: {error}"
        );
    }
    let seen = "DO $$ BEGIN ASSERT (SELECT count(*) FROM tenant.disputes) = 0; END $$";
    scene.run_as("tracker_employee", bob, seen).unwrap();
    assert!(scene.run_as("tracker_employee", ada, seen).is_err());

    // Lists: everybody's, one's own, nobody else's; and who was looked at reads so.
    contest(bob, label()).await;
    assert_eq!(items(admin.get("/api/disputes").await).len(), 2);
    assert_eq!(items(ada.get("/api/disputes").await).len(), 1);
    let of_ada = format!("/api/disputes?user_id={}", ada.user);
    assert_eq!(bob.get(&of_ada).await.0, 404);
    assert_eq!(
        items(scene.bolt.admin.get(&of_ada).await),
        Vec::<Value>::new()
    );
    for (who, kind) in [(ada, "sessions"), (bob, "usage")] {
        let noted = items(who.get("/api/me/access-entries").await);
        assert_eq!((&noted[0]["kind"], noted.len()), (&json!(kind), 1));
    }
    // An admin contests as anybody does, and an admin answers.
    let own = contest(admin, label()).await;
    assert_eq!(answer(admin, &own, yes()).await.0, 200);
}

#[actix_web::test]
async fn a_slot_has_times_and_a_label_a_name_and_neither_has_both() {
    let scene = scene().await;
    let now = chrono::Utc::now().timestamp() / 60;
    let minute =
        |by: i64| super::wire(chrono::DateTime::from_timestamp((now + by) * 60, 0).unwrap());
    let code = async |mut body: Value, changes: Value| {
        for (name, value) in changes.as_object().unwrap() {
            match value.is_null() {
                true => drop(body.as_object_mut().unwrap().remove(name)),
                false => body[name] = value.clone(),
            }
        }
        refused(scene.ada.post("/api/disputes", body).await)
    };
    for (body, changes) in [
        (slot(), json!({ "ended_at": null })),
        (slot(), json!({ "app": "Editor" })),
        (slot(), json!({ "label": "neutral" })),
        (slot(), json!({ "kind": "label" })),
        (label(), json!({ "label": null })),
        (label(), json!({ "host": null })),
        (label(), json!({ "app": "Editor" })),
        (label(), json!({ "started_at": minute(-9) })),
    ] {
        assert_eq!(
            code(body, changes.clone()).await,
            (422, "disputes_subject_invalid".into()),
            "{changes}"
        );
    }
    for (changes, wanted) in [
        (
            json!({ "started_at": "2026-03-02T09:00:30Z" }),
            "disputes_minute",
        ),
        (json!({ "ended_at": minute(2) }), "disputes_future"),
        (
            json!({ "ended_at": "2026-03-02T09:00:00Z" }),
            "disputes_length_invalid",
        ),
        (
            json!({ "ended_at": "2026-03-03T09:01:00Z" }),
            "disputes_length_invalid",
        ),
    ] {
        assert_eq!(code(slot(), changes).await, (422, wanted.into()));
    }
    for changes in [
        json!({ "reason": " " }),
        json!({ "reason": "x".repeat(501) }),
        json!({ "host": "x".repeat(201) }),
        json!({ "label": "lazy" }),
        json!({ "user_id": scene.bob.user }),
    ] {
        assert_eq!(code(label(), changes.clone()).await.0, 422, "{changes}");
    }
    assert_eq!(
        code(slot(), json!({ "ended_at": "2026-03-03T09:00:00Z" }))
            .await
            .0,
        201
    );
}

#[actix_web::test]
async fn fifty_are_open_at_most() {
    let scene = scene().await;
    execute(
        &mut scene.app.copy.admin(),
        &format!(
            "INSERT INTO tenant.disputes (company_id, id, user_id, kind, app, label, reason) \
             SELECT '{}', gen_random_uuid(), '{}', 'label', 'x', 'neutral', 'x' FROM generate_series(1, 49)",
            scene.acme.id, scene.ada.user
        ),
    );
    let say = || scene.ada.post("/api/disputes", label());
    let answers = tokio::join!(say(), say(), say());
    let mut statuses = [answers.0.0, answers.1.0, answers.2.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409], "however many ask at once");
    assert_eq!(refused(say().await), (409, "disputes_too_many".to_owned()));
    let open = items(scene.ada.get("/api/disputes?limit=1").await);
    assert_eq!(
        withdraw(&scene.ada, open[0]["id"].as_str().unwrap())
            .await
            .0,
        200
    );
    contest(&scene.ada, label()).await;
    contest(&scene.bob, label()).await;
}

#[actix_web::test]
async fn the_list_is_filtered_paged_and_saved_as_a_file() {
    let scene = scene().await;
    let admin = &scene.acme.admin;
    let first = contest(&scene.ada, slot()).await;
    let second = contest(&scene.bob, label()).await;
    let third = contest(&scene.bob, slot()).await;
    assert_eq!(answer(admin, &second, yes()).await.0, 200);
    let get = async |query: &str| {
        let listed = items(admin.get(&format!("/api/disputes?{query}")).await);
        let id = |one: &Value| one["id"].as_str().unwrap().to_owned();
        listed.iter().map(id).collect::<Vec<_>>()
    };
    let all = [third.clone(), second.clone(), first.clone()];
    assert_eq!(get("").await, all);
    assert_eq!(get("state=open").await, [third.clone(), first.clone()]);
    assert_eq!(
        get("state=accepted&state=rejected").await,
        std::slice::from_ref(&second)
    );
    assert_eq!(get("kind=label").await, std::slice::from_ref(&second));
    assert_eq!(get("q=aDa").await, std::slice::from_ref(&first));
    assert_eq!(get(&format!("user_id={}", scene.bob.user)).await.len(), 2);
    let (_, page) = admin.get("/api/disputes?limit=2").await;
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(get(&format!("limit=2&cursor={cursor}")).await, [first]);
    let of_another = format!("/api/disputes?state=open&cursor={cursor}");
    assert_eq!(admin.get(&of_another).await.0, 400);
    let file = admin
        .request(Method::GET, "/api/disputes/export?state=accepted")
        .send()
        .await
        .unwrap();
    let text = file.text().await.unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(
        lines[1].contains(",Bob,label,,,,video.test,unproductive,")
            && lines[1].contains(",accepted,")
            && lines[1].contains(",You are right,"),
        "{text}"
    );
    let written = rows(
        &mut scene.app.copy.admin(),
        "SELECT detail->'rows' AS n FROM tenant.audit_entries WHERE action = 'disputes.exported'",
    );
    assert_eq!(written, [json!({ "n": 1 })]);
}
