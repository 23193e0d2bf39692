//! Team leads: who makes them, what they see, and what the database refuses them whatever the program asks.

use chrono::{Days, NaiveDate, Utc};
use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, Client, Company, read};
use crate::feed::{Feed, execute, rows, settle};

/// Every table that shows a lead rows of people.
const OF_PEOPLE: [&str; 11] = [
    "devices",
    "work_sessions",
    "work_session_changes",
    "activity_log",
    "application_usage",
    "website_usage",
    "manual_times",
    "user_usage_daily",
    "user_app_usage_daily",
    "user_host_usage_daily",
    "user_category_usage_daily",
];

/// Lea leads Sales, where five others are. Mia is in Support, Zed in another company.
pub struct Scene {
    pub app: App,
    pub acme: Company,
    pub bolt: Company,
    pub lea: Client,
    pub sales: Vec<Client>,
    pub mia: Client,
    pub zed: Client,
    pub sales_id: String,
    pub support_id: String,
    pub bolts_id: String,
}

pub async fn scene() -> Scene {
    let app = App::configured(|config| config.job_workers = 0).await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let lea = app.employee(&acme, "Lea").await;
    let mut sales = Vec::new();
    for name in ["Ada", "Bob", "Cyd", "Dan", "Eve"] {
        sales.push(app.employee(&acme, name).await);
    }
    let mia = app.employee(&acme, "Mia").await;
    let zed = app.employee(&bolt, "Zed").await;
    let members: Vec<_> = sales.iter().chain([&lea]).map(|one| one.user).collect();
    let sales_id = team(&acme.admin, "Sales", &members).await;
    let support_id = team(&acme.admin, "Support", &[mia.user]).await;
    let bolts_id = team(&bolt.admin, "Sales", &[zed.user]).await;
    let scene = Scene {
        app,
        acme,
        bolt,
        lea,
        sales,
        mia,
        zed,
        sales_id,
        support_id,
        bolts_id,
    };
    let (status, made) = scene.lead(&scene.sales_id, &[scene.lea.user]).await;
    assert_eq!(
        (status, &made["items"][0]["name"]),
        (200, &json!("Lea")),
        "{made}"
    );
    scene
}

async fn team(admin: &Client, name: &str, members: &[Uuid]) -> String {
    let (status, team) = admin.post("/api/teams", json!({ "name": name })).await;
    assert_eq!(status, 201, "{team}");
    let id = team["id"].as_str().unwrap().to_owned();
    let body = json!({ "employee_ids": members });
    let (status, joined) = admin.post(&format!("/api/teams/{id}/members"), body).await;
    assert_eq!(status, 200, "{joined}");
    id
}

async fn put(by: &Client, team: &str, seen: Option<&str>, people: &[Uuid]) -> (u16, Value) {
    let mut request = by.request(Method::PUT, &format!("/api/teams/{team}/leads"));
    if let Some(seen) = seen {
        request = request.header("If-Match", seen);
    }
    let body = json!({ "employee_ids": people });
    read(request.json(&body).send().await.unwrap()).await
}

pub fn ago(days: u64) -> NaiveDate {
    Utc::now().date_naive() - Days::new(days)
}

impl Scene {
    pub fn ada(&self) -> &Client {
        &self.sales[0]
    }

    pub fn sql(&self, sql: &str) {
        execute(&mut self.app.copy.admin(), sql);
    }

    async fn lead(&self, team: &str, people: &[Uuid]) -> (u16, Value) {
        put(&self.acme.admin, team, Some("*"), people).await
    }

    async fn leads_see(&self, what: &str) {
        let request = self.acme.admin.request(Method::PATCH, "/api/settings");
        let request = request.header("If-Match", "*");
        let body = json!({ "leads_see": what });
        let (status, settings) = read(request.json(&body).send().await.unwrap()).await;
        assert_eq!(
            (status, &settings["leads_see"]),
            (200, &json!(what)),
            "{settings}"
        );
    }

    /// Sums of a day, as roll-ups write them.
    pub fn day(&self, company: Uuid, of: &Client, day: NaiveDate, tracked: i32) {
        self.sql(&format!(
            "INSERT INTO tenant.user_usage_daily (company_id, user_id, day, tracked_seconds, active_seconds, idle_seconds, keystrokes, \
               mouse_events, sessions, screenshots, screenshot_bytes, events) \
             VALUES ('{company}', '{}', '{day}', {tracked}, {tracked} / 2, {tracked} / 2, 9, 9, 1, 0, 0, 1)",
            of.user
        ));
    }

    pub fn looks(&self, at: &Client) -> Vec<(String, String)> {
        let sql = format!(
            "SELECT kind, viewer_name FROM tenant.access_entries WHERE subject_id = '{}' ORDER BY 1, 2",
            at.user
        );
        let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
        let rows = rows(&mut self.app.copy.admin(), &sql);
        let pair = |row: &Value| (text(row, "kind"), text(row, "viewer_name"));
        rows.iter().map(pair).collect()
    }

    /// How many rows the lead's database role is shown.
    fn seen(&self, what: &str) -> i64 {
        self.seen_as(&self.as_lea(), what)
    }

    pub fn seen_as(&self, who: &str, what: &str) -> i64 {
        let mut conn = self.app.copy.admin();
        conn.batch_execute(&format!("BEGIN; {who}")).unwrap();
        rows(&mut conn, &format!("SELECT count(*) AS n FROM {what}"))[0]["n"]
            .as_i64()
            .unwrap()
    }

    fn as_lea(&self) -> String {
        format!(
            "SET LOCAL ROLE tracker_lead; SET LOCAL app.company_id = '{}'; SET LOCAL app.user_id = '{}'",
            self.acme.id, self.lea.user
        )
    }

    /// A day with rows of every kind that a lead may read: of Ada, of Mia and of Zed.
    pub fn record(&self) {
        for (company, person) in [
            (&self.acme, self.ada()),
            (&self.acme, &self.mia),
            (&self.bolt, &self.zed),
        ] {
            let day = ago(2);
            let at = |time: &str| format!("{day}T{time}Z");
            let mut feed = Feed::new(&self.app, company.id, person.user, &at("08:00:00"));
            feed.minutes(&at("08:00:00"), 30, 60, 0)
                .app("Editor", "A secret title", &at("08:00:00"), 600)
                .site("example.com", &at("08:10:00"), 600);
            feed.screenshot(&at("08:05:00"), 100);
            feed.batch(&day.to_string(), &day.to_string());
            self.sql(&format!(
                "INSERT INTO tenant.manual_times (company_id, id, user_id, started_at, ended_at, kind, reason, created_by, created_by_name) \
                   VALUES ('{company}', gen_random_uuid(), '{user}', '{day} 12:00+0', '{day} 12:30+0', 'meeting', 'Planning', '{user}', 'x')",
                company = company.id,
                user = person.user
            ));
            self.sql(&format!(
                "INSERT INTO tenant.disputes (company_id, id, user_id, kind, started_at, ended_at, reason) \
                   VALUES ('{company}', gen_random_uuid(), '{user}', 'slot', '{day} 8:00+0', '{day} 8:10+0', 'Not me')",
                company = company.id,
                user = person.user
            ));
            self.sql(&format!(
                "INSERT INTO tenant.work_session_changes (company_id, id, session_id, user_id, kind, reason, actor_id, actor_name, \
                   tracked_seconds_before, tracked_seconds_after, active_seconds_before, active_seconds_after) \
                   SELECT company_id, gen_random_uuid(), id, user_id, 'included', 'x', user_id, 'x', 0, 0, 0, 0 \
                   FROM tenant.work_sessions WHERE user_id = '{user}'",
                user = person.user
            ));
        }
        settle(&self.app);
    }
}

#[actix_web::test]
async fn a_lead_sees_the_people_of_the_own_teams_and_nobody_else() {
    let scene = scene().await;
    scene.record();
    scene.leads_see("people").await;
    let (lea, ada) = (&scene.lea, scene.ada());
    let (_, me) = lea.get("/api/me").await;
    assert_eq!(me["leads_teams"], true);
    let (_, me) = ada.get("/api/me").await;
    assert_eq!(me["leads_teams"], false);
    let (status, teams) = lea.get("/api/led-teams").await;
    assert_eq!(status, 200, "{teams}");
    assert_eq!(teams["leads_see"], "people");
    let expected = json!([{ "id": scene.sales_id, "name": "Sales", "members": 6 }]);
    assert_eq!(teams["items"], expected, "not Support, not Bolt's");

    let (status, people) = lea
        .get(&format!("/api/led-teams/{}/people", scene.sales_id))
        .await;
    assert_eq!(status, 200, "{people}");
    let items = people["items"].as_array().unwrap();
    let names: Vec<_> = items
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Ada", "Bob", "Cyd", "Dan", "Eve", "Lea"]);
    assert_eq!(items[0]["tracked_seconds"], 1800);
    assert!(items[0].get("email").is_none());
    // Days are shown however few have them: each person is shown anyway.
    let (_, days) = lea
        .get(&format!("/api/led-teams/{}/days", scene.sales_id))
        .await;
    assert_eq!(days["items"][0]["people"], 1, "{days}");

    // One person's day, without pictures, though there is one.
    let day = ago(2);
    let timeline = |of: Uuid| format!("/api/timeline?user_id={of}&day={day}");
    let (status, shown) = lea.get(&timeline(ada.user)).await;
    assert_eq!(status, 200, "{shown}");
    assert_eq!(shown["tracked_seconds"], 1800);
    assert_eq!(shown["applications"][0]["app"], "Editor");
    assert_eq!(shown["manual"][0]["reason"], "Planning");
    assert_eq!(shown["screenshots"], json!([]));
    let (_, own) = ada.get(&timeline(ada.user)).await;
    assert_eq!(own["screenshots"].as_array().unwrap().len(), 1);
    for sums in ["daily", "apps", "hosts", "categories"] {
        let path = |of: Uuid| format!("/api/usage/{sums}?user_id={of}");
        let (status, shown) = lea.get(&path(ada.user)).await;
        assert_eq!(status, 200, "{sums}: {shown}");
        assert_ne!(shown["items"], json!([]), "{sums}");
        for stranger in [scene.mia.user, scene.zed.user, Uuid::now_v7()] {
            assert_eq!(lea.get(&path(stranger)).await.0, 404, "{sums}");
        }
        assert_eq!(ada.get(&path(scene.mia.user)).await.0, 404, "{sums}");
    }
    // Whom one does not lead one does not know: a colleague, another company's, nobody.
    for stranger in [scene.mia.user, scene.zed.user, Uuid::now_v7()] {
        let (status, problem) = lea.get(&timeline(stranger)).await;
        assert_eq!((status, &problem["code"]), (404, &json!("not_found")));
    }
    for team in [
        &scene.support_id,
        &scene.bolts_id,
        &Uuid::now_v7().to_string(),
    ] {
        for what in ["people", "days"] {
            let (status, _) = lea.get(&format!("/api/led-teams/{team}/{what}")).await;
            assert_eq!(status, 404, "{what}");
        }
    }
    // Pictures, lists and all that is an admin's stay closed.
    for (path, status) in [
        (format!("/api/screenshots?user_id={}", ada.user), 404),
        (format!("/api/work-sessions?user_id={}", ada.user), 404),
        ("/api/live".to_owned(), 403),
        ("/api/employees".to_owned(), 403),
        (format!("/api/employees/{}", ada.user), 403),
        (format!("/api/usage?user_id={}", ada.user), 404),
        (format!("/api/usage/export?user_id={}", ada.user), 404),
        ("/api/usage?by=person".to_owned(), 422),
        ("/api/teams".to_owned(), 403),
        ("/api/settings".to_owned(), 403),
    ] {
        assert_eq!(lea.get(&path).await.0, status, "{path}");
    }

    // Each look is there to be read, and says that a lead looked.
    let as_lead = |kind: &str| (kind.to_owned(), "Lea, team lead".to_owned());
    assert_eq!(
        scene.looks(ada),
        [as_lead("team_sums"), as_lead("timeline"), as_lead("usage")]
    );
    let (_, entries) = ada.get("/api/me/access-entries").await;
    assert_eq!(entries["items"][0]["viewer_name"], "Lea, team lead");
    assert_eq!(scene.looks(&scene.mia), []);
    assert_eq!(scene.looks(lea), [], "one's own day is no look");
    let unsealed = rows(
        &mut scene.app.copy.admin(),
        "SELECT count(*) AS n FROM tenant.access_entries a WHERE NOT EXISTS (SELECT FROM tenant.audit_unsealed u WHERE u.entry_id = a.id) \
           AND NOT EXISTS (SELECT FROM tenant.audit_seals s WHERE s.entry_id = a.id)",
    );
    assert_eq!(
        unsealed[0]["n"], 0,
        "each look is on its way into the chain"
    );

    // Taken away, it is gone at once: the token is the same.
    assert_eq!(scene.lead(&scene.sales_id, &[]).await.0, 200);
    let (status, problem) = lea.get("/api/led-teams").await;
    assert_eq!((status, &problem["code"]), (403, &json!("not_a_lead")));
    assert_eq!(lea.get(&timeline(ada.user)).await.0, 404);
    assert_eq!(lea.get(&timeline(lea.user)).await.0, 200);
    // So it is with the switch to sums, and with who leaves the team.
    scene.lead(&scene.sales_id, &[lea.user]).await;
    assert_eq!(lea.get(&timeline(ada.user)).await.0, 200);
    let out = format!("/api/teams/{}/members/{}", scene.sales_id, ada.user);
    assert_eq!(
        scene.acme.admin.send(Method::DELETE, &out, None).await.0,
        204
    );
    assert_eq!(lea.get(&timeline(ada.user)).await.0, 404);
    let back = json!({ "employee_ids": [ada.user] });
    let members = format!("/api/teams/{}/members", scene.sales_id);
    scene.acme.admin.post(&members, back).await;
    assert_eq!(lea.get(&timeline(ada.user)).await.0, 200);
    scene.leads_see("team_sums").await;
    assert_eq!(lea.get(&timeline(ada.user)).await.0, 404);
}

#[actix_web::test]
async fn sums_of_a_team_are_told_of_five_people_besides_the_lead() {
    let scene = scene().await;
    scene.record();
    let (lea, acme) = (&scene.lea, scene.acme.id);
    let five = ago(5);
    for (one, seconds) in scene.sales.iter().zip([100, 200, 300, 400, 500]) {
        scene.day(acme, one, five, seconds);
        scene.day(acme, one, ago(0), 1000);
    }
    // Four and the lead are too few, and so are five of whom one has nothing.
    for one in &scene.sales[..4] {
        scene.day(acme, one, ago(6), 100);
        scene.day(acme, one, ago(7), 100);
    }
    scene.day(acme, lea, ago(6), 100);
    scene.day(acme, &scene.sales[4], ago(7), 0);
    // Of another team's and another company's people nothing is added.
    scene.day(acme, &scene.mia, five, 10_000);
    scene.day(scene.bolt.id, &scene.zed, five, 10_000);

    let path = format!("/api/led-teams/{}/days", scene.sales_id);
    let (status, days) = lea.get(&path).await;
    assert_eq!(status, 200, "{days}");
    let expected = json!([{ "day": five, "people": 5, "tracked_seconds": 1500, "active_seconds": 750, "idle_seconds": 750 }]);
    assert_eq!(days["items"], expected, "nor the day that is not over");
    // Which days are asked for changes nothing of what is told of one.
    let (_, days) = lea.get(&format!("{path}?from={five}&to={five}")).await;
    assert_eq!(days["items"], expected);
    let (_, days) = lea
        .get(&format!("{path}?from={}&to={}", ago(7), ago(6)))
        .await;
    assert_eq!(days["items"], json!([]));
    // The lead's own time is in the sum, and counts for nobody else.
    scene.day(acme, lea, five, 60);
    let (_, days) = lea.get(&path).await;
    assert_eq!(days["items"][0]["tracked_seconds"], 1560);
    assert_eq!(days["items"][0]["people"], 6);

    let (status, problem) = lea
        .get(&format!("/api/led-teams/{}/people", scene.sales_id))
        .await;
    assert_eq!((status, &problem["code"]), (403, &json!("team_sums_only")));
    let ada = scene.ada();
    assert_eq!(
        lea.get(&format!("/api/timeline?user_id={}", ada.user))
            .await
            .0,
        404
    );
    assert_eq!(
        lea.get(&format!("/api/usage/daily?user_id={}", ada.user))
            .await
            .0,
        404
    );
    // Of the thirty days and of the one day that something was shown of; of the two days nothing was.
    let noted = ("team_sums".to_owned(), "Lea, team lead".to_owned());
    assert_eq!(scene.looks(ada), [noted.clone(), noted]);

    // The database itself shows the lead nobody's rows, whatever the program asks.
    for table in OF_PEOPLE {
        assert_eq!(scene.seen(&format!("tenant.{table}")), 0, "{table}");
    }
    assert_eq!(scene.seen("tenant.users"), 1, "the own name, for the notes");
    assert_eq!(scene.seen("tenant.teams"), 1);
    let days_of = |team: &str| format!("tenant.led_team_days('{team}', '-infinity', 'infinity')");
    assert_eq!(scene.seen(&days_of(&scene.sales_id)), 1);
    for team in [&scene.support_id, &scene.bolts_id] {
        assert_eq!(scene.seen(&days_of(team)), 0);
    }
    // Where people are shown it is theirs alone, and all of it.
    scene.leads_see("people").await;
    for table in OF_PEOPLE {
        let seen = scene.seen(&format!("tenant.{table}"));
        let theirs = scene.seen(&format!(
            "tenant.{table} WHERE user_id = ANY (tenant.led_members())"
        ));
        assert!(seen > 0 && seen == theirs, "{table}: {seen}, {theirs}");
    }
    assert_eq!(scene.seen("tenant.users"), 6);
    // Nor are days of another team told, of however few people they are.
    for team in [&scene.support_id, &scene.bolts_id] {
        assert_eq!(scene.seen(&days_of(team)), 0);
    }
    // Whoever may not sign in any more leads nobody.
    scene.sql(&format!(
        "UPDATE tenant.users SET deactivated_at = now() WHERE id = '{}'",
        lea.user
    ));
    for table in OF_PEOPLE {
        assert_eq!(scene.seen(&format!("tenant.{table}")), 0, "{table}");
    }
    assert_eq!(scene.seen(&days_of(&scene.sales_id)), 0);
    assert_eq!(lea.get("/api/led-teams").await.0, 403);
}

#[actix_web::test]
async fn a_lead_writes_nothing_but_that_they_looked() {
    let scene = scene().await;
    scene.record();
    scene.leads_see("people").await;
    let (lea, ada, mia) = (scene.lea.user, scene.ada().user, scene.mia.user);
    let look = |of: Uuid, by: Uuid| {
        format!(
            "INSERT INTO tenant.access_entries (company_id, subject_id, viewer_id, at, kind, day, viewer_name) \
             VALUES ('{}', '{of}', '{by}', now(), 'usage', now(), 'x')",
            scene.acme.id
        )
    };
    let run = |sql: &str| {
        let text = format!("BEGIN; {}; {sql}; COMMIT", scene.as_lea());
        scene
            .app
            .copy
            .admin()
            .batch_execute(&text)
            .map_err(|error| error.to_string())
    };
    run(&look(ada, lea)).unwrap();
    for sql in [
        look(mia, lea),
        look(ada, mia),
        "INSERT INTO tenant.audit_unsealed (company_id, kind, entry_id) VALUES (tenant.current_company(), 'change', gen_random_uuid())".into(),
        format!("INSERT INTO tenant.team_leads (team_id, user_id) VALUES ('{}', '{lea}')", scene.support_id),
        "SELECT * FROM tenant.team_leads".into(),
        "UPDATE tenant.company_settings SET leads_see = 'people'".into(),
        "UPDATE tenant.users SET team_id = NULL".into(),
        "DELETE FROM tenant.access_entries".into(),
        "UPDATE tenant.access_entries SET viewer_name = 'nobody'".into(),
        "SELECT email FROM tenant.users".into(),
        "SELECT count(*) FROM tenant.screenshots".into(),
        "SELECT count(*) FROM tenant.tasks".into(),
        "SELECT count(*) FROM tenant.usage_daily".into(),
        "SELECT count(*) FROM tenant.audit_entries".into(),
        "SELECT count(*) FROM auth.credentials".into(),
        "SELECT count(*) FROM platform.companies".into(),
    ] {
        let error = run(&sql).unwrap_err();
        assert!(error.contains("denied") || error.contains("row-level"), "{sql}: {error}");
    }
    // An employee's role does not make itself one.
    let forged = format!(
        "BEGIN; SET LOCAL ROLE tracker_employee; SET LOCAL app.company_id = '{}'; SET LOCAL app.user_id = '{lea}'; \
         INSERT INTO tenant.team_leads (team_id, user_id) VALUES ('{}', '{lea}'); COMMIT",
        scene.acme.id, scene.support_id
    );
    assert!(scene.app.copy.admin().batch_execute(&forged).is_err());
}

#[actix_web::test]
async fn an_admin_says_who_leads_and_it_is_written_down() {
    let scene = scene().await;
    let (admin, lea, ada) = (&scene.acme.admin, &scene.lea, scene.ada());
    let path = format!("/api/teams/{}/leads", scene.sales_id);
    let answer = admin.request(Method::GET, &path).send().await.unwrap();
    let tag = answer.headers()["etag"].to_str().unwrap().to_owned();

    let (status, problem) = put(admin, &scene.sales_id, None, &[]).await;
    assert_eq!(
        (status, &problem["code"]),
        (428, &json!("precondition_required"))
    );
    let both = [ada.user, lea.user, ada.user];
    let (status, leads) = put(admin, &scene.sales_id, Some(&tag), &both).await;
    assert_eq!(status, 200, "{leads}");
    assert_eq!(
        leads["items"],
        json!([{ "id": ada.user, "name": "Ada" }, { "id": lea.user, "name": "Lea" }])
    );
    let (status, problem) = put(admin, &scene.sales_id, Some(&tag), &[]).await;
    assert_eq!(
        (status, &problem["code"]),
        (412, &json!("precondition_failed"))
    );
    // The same people in another order are no change.
    assert_eq!(
        scene.lead(&scene.sales_id, &[lea.user, ada.user]).await.0,
        200
    );
    let (_, team) = admin.get(&format!("/api/teams/{}", scene.sales_id)).await;
    assert_eq!(team["leads"], leads["items"]);
    assert_eq!(scene.lead(&scene.sales_id, &[ada.user]).await.0, 200);
    let written = rows(
        &mut scene.app.copy.admin(),
        "SELECT detail FROM tenant.audit_entries WHERE action = 'team.leads_changed' ORDER BY at, id",
    );
    let details: Vec<_> = written.iter().map(|entry| &entry["detail"]).collect();
    let team = &scene.sales_id;
    assert_eq!(
        details,
        [
            &json!({ "team_id": team, "added": [lea.user], "removed": [] }),
            &json!({ "team_id": team, "added": [ada.user], "removed": [] }),
            &json!({ "team_id": team, "added": [], "removed": [lea.user] }),
        ]
    );

    // Somebody of another company is as unknown as nobody, and so is another company's team.
    for (at, stranger) in [scene.zed.user, Uuid::now_v7()].into_iter().enumerate() {
        let (status, problem) = scene.lead(team, &[ada.user, stranger]).await;
        assert_eq!(status, 422, "{at}");
        assert_eq!(problem["errors"][0]["pointer"], "/employee_ids/1");
        assert_eq!(problem["errors"][0]["code"], "employee_unknown");
    }
    let crowd: Vec<_> = (0..51).map(|_| Uuid::now_v7()).collect();
    let (status, problem) = scene.lead(team, &crowd).await;
    assert_eq!(
        (status, &problem["errors"][0]["code"]),
        (422, &json!("leads_too_many"))
    );
    for other in [&scene.bolts_id, &Uuid::now_v7().to_string()] {
        assert_eq!(scene.lead(other, &[]).await.0, 404);
        assert_eq!(admin.get(&format!("/api/teams/{other}/leads")).await.0, 404);
    }
    // Nobody but an admin: not who leads it, not the service's owner.
    for other in [lea, ada, &scene.acme.owner] {
        assert_eq!(put(other, team, Some("*"), &[lea.user]).await.0, 403);
        assert_eq!(other.get(&path).await.0, 403);
    }
    // An admin who leads nothing is no lead either.
    let (status, problem) = admin.get("/api/led-teams").await;
    assert_eq!((status, &problem["code"]), (403, &json!("not_a_lead")));

    let (_, settings) = admin.get("/api/settings").await;
    assert_eq!(
        settings["leads_see"], "team_sums",
        "until an admin says otherwise"
    );
    let request = admin
        .request(Method::PATCH, "/api/settings")
        .header("If-Match", "*");
    let (status, _) = read(
        request
            .json(&json!({ "leads_see": "all" }))
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(status, 422);

    // A team that goes leaves no lead behind.
    let gone = format!("/api/teams/{team}");
    assert_eq!(admin.send(Method::DELETE, &gone, None).await.0, 204);
    assert_eq!(ada.get("/api/led-teams").await.0, 403);
    let (_, me) = ada.get("/api/me").await;
    assert_eq!(me["leads_teams"], false);
}
