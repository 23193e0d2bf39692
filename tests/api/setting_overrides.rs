//! Settings of a team or a person: whose wins, that agents hear of every change, and that the server keeps to them.

use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, Client, Company, PASSWORD};
use crate::feed::rows;
use crate::tracking::screenshot::try_upload;
use crate::tracking::{ago, application, count, website};

struct Scene {
    app: App,
    acme: Company,
    team: String,
    /// Of the team.
    ada: Client,
    /// Of none.
    bob: Client,
}

async fn scene() -> Scene {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let bob = app.employee(&acme, "Bob").await;
    let team = made(&acme.admin, "Support").await;
    let scene = Scene {
        app,
        acme,
        team,
        ada,
        bob,
    };
    scene.joins(&scene.team, &scene.ada).await;
    scene
}

async fn made(admin: &Client, name: &str) -> String {
    let (status, team) = admin.post("/api/teams", json!({ "name": name })).await;
    assert_eq!(status, 201, "{team}");
    team["id"].as_str().unwrap().to_owned()
}

async fn seen(who: &Client, path: &str) -> (u16, String, Value) {
    let answer = who.request(Method::GET, path).send().await.unwrap();
    let tag = answer.headers().get("etag");
    let tag = tag.map_or(String::new(), |tag| tag.to_str().unwrap().to_owned());
    let status = answer.status().as_u16();
    (status, tag, answer.json().await.unwrap_or_default())
}

async fn patch(who: &Client, path: &str, tag: Option<&str>, body: Value) -> (u16, Value) {
    let mut request = who.request(Method::PATCH, path).json(&body);
    if let Some(tag) = tag {
        request = request.header("If-Match", tag);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or_default())
}

impl Scene {
    fn of_team(&self) -> String {
        format!("/api/teams/{}/settings", self.team)
    }

    async fn joins(&self, team: &str, who: &Client) {
        let path = format!("/api/teams/{team}/members");
        let body = json!({ "employee_ids": [who.user] });
        assert_eq!(self.acme.admin.post(&path, body).await.0, 200);
    }

    async fn change(&self, path: &str, body: Value) -> Value {
        let (_, tag, _) = seen(&self.acme.admin, path).await;
        let (status, after) = patch(&self.acme.admin, path, Some(&tag), body).await;
        assert_eq!(status, 200, "{after}");
        after
    }

    async fn of(&self, who: &Client) -> Value {
        seen(&self.acme.admin, &of_person(who)).await.2
    }
}

fn of_person(who: &Client) -> String {
    format!("/api/employees/{}/settings", who.user)
}

#[actix_web::test]
async fn a_persons_own_wins_over_the_teams_and_that_over_the_companys() {
    let scene = scene().await;
    let agent = scene.app.agent(&scene.acme, &scene.ada).await;
    scene
        .change(
            &scene.of_team(),
            json!({ "idle_threshold_seconds": 600, "screenshot_interval_seconds": 120,
                "tracking_hours": { "days": [5, 1], "from": "22:00:00", "to": "06:00:00" } }),
        )
        .await;
    scene
        .change(
            &of_person(&scene.ada),
            json!({ "idle_threshold_seconds": 60, "blur_screenshots": true }),
        )
        .await;
    let settings = scene.of(&scene.ada).await;
    assert_eq!(
        settings["idle_threshold_seconds"],
        json!({ "value": 60, "source": "person", "own": 60, "inherited": 600, "inherited_from": "team" })
    );
    assert_eq!(
        settings["screenshot_interval_seconds"],
        json!({ "value": 120, "source": "team", "inherited": 120, "inherited_from": "team" })
    );
    let night = json!({ "days": [1, 5], "from": "22:00:00", "to": "06:00:00" });
    assert_eq!(settings["tracking_hours"]["value"], night);
    assert_eq!(
        settings["record_titles"],
        json!({ "value": true, "source": "company", "inherited": true, "inherited_from": "company" })
    );
    assert_eq!(settings["team"]["name"], "Support");
    let (_, _, own) = seen(&scene.ada, "/api/me/settings").await;
    assert_eq!(own, settings, "people read what is in force for them");
    let (_, said) = agent.get("/api/agent/settings").await;
    for (name, value) in [
        ("idle_threshold_seconds", json!(60)),
        ("screenshot_interval_seconds", json!(120)),
        ("blur_screenshots", json!(true)),
        ("tracking_days", json!([1, 5])),
        ("tracking_from", json!("22:00:00")),
        ("tracking_to", json!("06:00:00")),
        ("record_titles", json!(true)),
    ] {
        assert_eq!(said[name], value, "{name}");
    }
    let bobs = scene.of(&scene.bob).await;
    assert_eq!(bobs["idle_threshold_seconds"]["value"], 300, "no team");
    assert_eq!(bobs.get("team"), None);
    let (_, _, team) = seen(&scene.acme.admin, &scene.of_team()).await;
    assert_eq!(
        team["idle_threshold_seconds"],
        json!({ "value": 600, "source": "team", "own": 600, "inherited": 300, "inherited_from": "company" })
    );
    assert_eq!(team["blur_screenshots"]["value"], false);

    let (_, list) = scene.acme.admin.get("/api/setting-overrides?limit=1").await;
    assert_eq!(
        (&list["items"][0]["kind"], &list["items"][0]["name"]),
        (&json!("team"), &json!("Support"))
    );
    assert_eq!(
        list["items"][0]["own"],
        json!({ "idle_threshold_seconds": 600, "screenshot_interval_seconds": 120, "tracking_days": [1, 5],
            "tracking_from": "22:00:00", "tracking_to": "06:00:00" })
    );
    let cursor = list["next_cursor"].as_str().unwrap();
    let rest = format!("/api/setting-overrides?cursor={cursor}");
    let (_, rest) = scene.acme.admin.get(&rest).await;
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&rest["items"][0]["kind"], &rest["items"][0]["id"]),
        (&json!("person"), &json!(scene.ada.user))
    );

    let after = scene
        .change(
            &of_person(&scene.ada),
            json!({ "idle_threshold_seconds": null, "blur_screenshots": null }),
        )
        .await;
    assert_eq!(
        after["idle_threshold_seconds"],
        json!({ "value": 600, "source": "team", "inherited": 600, "inherited_from": "team" })
    );
    assert_eq!(count(&scene.app, "tenant.setting_overrides"), 1);
    let written = rows(
        &mut scene.app.copy.admin(),
        "SELECT action, detail FROM tenant.audit_entries WHERE action LIKE '%_settings.changed' ORDER BY id",
    );
    let actions: Vec<_> = written.iter().map(|entry| &entry["action"]).collect();
    assert_eq!(
        actions,
        [
            "team_settings.changed",
            "employee_settings.changed",
            "employee_settings.changed"
        ]
    );
    assert_eq!(
        written[2]["detail"],
        json!({ "user_id": scene.ada.user, "before": { "idle_threshold_seconds": 60, "blur_screenshots": true },
            "after": { "idle_threshold_seconds": null, "blur_screenshots": null } })
    );
}

#[actix_web::test]
async fn each_setting_alone_is_the_persons_else_the_teams_else_the_companys() {
    let scene = scene().await;
    let agent = scene.app.agent(&scene.acme, &scene.ada).await;
    let hours = |from: &str| json!({ "days": [1, 2], "from": from, "to": "23:00:00" });
    // Of the team and of the person, each time other than below.
    let settings = [
        ("screenshots_enabled", json!(false), json!(true)),
        ("screenshot_interval_seconds", json!(120), json!(900)),
        ("blur_screenshots", json!(true), json!(false)),
        ("idle_threshold_seconds", json!(900), json!(60)),
        ("tracking_hours", hours("07:00:00"), hours("08:00:00")),
        ("record_titles", json!(false), json!(true)),
        ("record_paths", json!(true), json!(false)),
    ];
    let company = scene.of(&scene.bob).await;
    let mut wrong = Vec::new();
    let mut check = async |own: Option<&str>, has_team: bool| {
        let settings_of_ada = scene.of(&scene.ada).await;
        let (_, said) = agent.get("/api/agent/settings").await;
        for (name, of_team, of_person) in &settings {
            let (value, source) = match (own == Some(name), has_team) {
                (true, _) => (of_person, "person"),
                (_, true) => (of_team, "team"),
                _ => (&company[name]["value"], "company"),
            };
            let found = &settings_of_ada[name];
            if (&found["value"], &found["source"]) != (value, &json!(source)) {
                wrong.push(format!("{name} of the {source} shown: {found}"));
            }
            let told = match *name {
                "tracking_hours" => {
                    json!({ "days": said["tracking_days"], "from": said["tracking_from"], "to": said["tracking_to"] })
                }
                _ => said[name].clone(),
            };
            if told != *value {
                wrong.push(format!("{name} of the {source} told the agent: {told}"));
            }
        }
    };
    check(None, false).await;
    let all = settings
        .iter()
        .map(|(name, of_team, _)| ((*name).to_owned(), of_team.clone()));
    scene
        .change(&scene.of_team(), Value::Object(all.collect()))
        .await;
    check(None, true).await;
    for (name, _, own) in &settings {
        scene
            .change(&of_person(&scene.ada), json!({ *name: own }))
            .await;
        check(Some(name), true).await;
        scene
            .change(&of_person(&scene.ada), json!({ *name: null }))
            .await;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[actix_web::test]
async fn an_agent_hears_of_every_way_in_which_its_settings_change() {
    let scene = scene().await;
    let agent = scene.app.agent(&scene.acme, &scene.ada).await;
    let told = async || -> i64 {
        let batch = json!({ "batch_id": Uuid::now_v7() });
        let (status, answer) = agent.post("/api/upload/batch", batch).await;
        assert_eq!(status, 200, "{answer}");
        let (_, settings) = agent.get("/api/agent/settings").await;
        assert_eq!(
            settings["version"], answer["settings_version"],
            "and asks no more than once"
        );
        settings["version"].as_i64().unwrap()
    };
    let mut last = told().await;
    let mut grew = async |what: &str| {
        let now = told().await;
        assert!(now > last, "{what}: {last} to {now}");
        last = now;
    };
    let own = of_person(&scene.ada);
    let set = json!({ "record_titles": false });
    scene.change(&scene.of_team(), set.clone()).await;
    grew("a team's").await;
    scene.change(&own, set.clone()).await;
    grew("a person's").await;
    scene.change(&own, json!({ "record_titles": null })).await;
    grew("the team's again").await;
    let other = made(&scene.acme.admin, "Sales").await;
    scene.joins(&other, &scene.ada).await;
    grew("another team").await;
    scene.joins(&scene.team, &scene.ada).await;
    grew("back").await;
    let out = format!("/api/teams/{}/members/{}", scene.team, scene.ada.user);
    assert_eq!(
        scene.acme.admin.send(Method::DELETE, &out, None).await.0,
        204
    );
    grew("no team").await;
    scene.joins(&scene.team, &scene.ada).await;
    grew("into it").await;
    let session = json!({ "id": Uuid::now_v7(), "started_at": crate::tracking::wire(ago(60)) });
    let (_, started) = agent.post("/api/work-session/start", session).await;
    assert_eq!(
        started["settings_version"],
        agent.get("/api/agent/settings").await.1["version"]
    );
    let (_, tag, _) = seen(&scene.acme.admin, &scene.of_team()).await;
    let (status, same) = patch(&scene.acme.admin, &scene.of_team(), Some(&tag), set).await;
    assert_eq!(
        (status, &same["version"]),
        (200, &json!(tag.trim_matches('"')))
    );
    let (_, still) = agent.get("/api/agent/settings").await;
    assert_eq!(still["record_titles"], false);
    let team = format!("/api/teams/{}", scene.team);
    let gone = scene.acme.admin.send(Method::DELETE, &team, None).await;
    assert_eq!(gone.0, 204, "{}", gone.1);
    grew("its team ended").await;
    let (_, after) = agent.get("/api/agent/settings").await;
    assert_eq!(after["record_titles"], true);
    assert_eq!(count(&scene.app, "tenant.setting_overrides"), 0);
}

#[actix_web::test]
async fn what_is_sent_is_kept_by_the_settings_of_whom_it_is_of() {
    let scene = scene().await;
    let ada = scene.app.agent(&scene.acme, &scene.ada).await;
    let bob = scene.app.agent(&scene.acme, &scene.bob).await;
    let company = json!({ "record_paths": true });
    scene.change("/api/settings", company).await;
    scene
        .change(
            &scene.of_team(),
            json!({ "record_titles": false, "record_paths": false, "screenshots_enabled": false }),
        )
        .await;
    let send = async |agent: &Client| {
        let session = Uuid::now_v7();
        let batch = json!({ "batch_id": Uuid::now_v7(), "applications": [application(session, ago(60))],
            "websites": [website(session, ago(60))] });
        assert_eq!(agent.post("/api/upload/batch", batch).await.0, 200);
    };
    send(&ada).await;
    send(&bob).await;
    let of = |who: &Client, what: &str| {
        count(
            &scene.app,
            &format!(
                "tenant.website_usage JOIN tenant.application_usage a USING (user_id) WHERE user_id = '{}' AND {what}",
                who.user
            ),
        )
    };
    let nothing = "path IS NULL AND website_usage.title IS NULL AND a.title = ''";
    let all = "path IS NOT NULL AND website_usage.title <> '' AND a.title <> ''";
    assert_eq!((of(&scene.ada, nothing), of(&scene.bob, all)), (1, 1));

    let (status, refused) = try_upload(&ada).await;
    assert_eq!(
        (status, &refused["errors"][0]["code"]),
        (422, &json!("screenshots_off")),
        "{refused}"
    );
    assert_eq!(try_upload(&bob).await.0, 201);
    let own = of_person(&scene.ada);
    scene
        .change(
            &own,
            json!({ "screenshots_enabled": true, "blur_screenshots": true }),
        )
        .await;
    let (status, stored) = try_upload(&ada).await;
    assert_eq!(status, 201, "{stored}");
    let blurred = |who: &Client| {
        let of = format!(
            "tenant.screenshots WHERE blurred AND user_id = '{}'",
            who.user
        );
        count(&scene.app, &of)
    };
    assert_eq!((blurred(&scene.ada), blurred(&scene.bob)), (1, 0));
}

#[actix_web::test]
async fn hours_of_a_team_are_kept_to_where_hours_count() {
    let scene = scene().await;
    let company = json!({ "tracking_days": [1, 2, 3, 4, 5, 6, 7], "tracking_from": "00:00:00", "tracking_to": "23:59:59" });
    scene.change("/api/settings", company).await;
    // An hour that is not now, nor an hour ago.
    let outside = (chrono::Utc::now() + chrono::Duration::hours(6)).format("%H:00:00");
    let until = (chrono::Utc::now() + chrono::Duration::hours(7)).format("%H:00:00");
    scene
        .change(
            &scene.of_team(),
            json!({ "tracking_hours": { "days": [1, 2, 3, 4, 5, 6, 7], "from": outside.to_string(), "to": until.to_string() } }),
        )
        .await;
    let minute = |ago: i64| {
        let at = chrono::Utc::now() - chrono::Duration::minutes(ago);
        at.format("%Y-%m-%dT%H:%M:00Z").to_string()
    };
    let body = json!({ "kind": "meeting", "reason": "Call", "started_at": minute(50), "ended_at": minute(40) });
    let (status, refused) = scene.ada.post("/api/manual-times", body.clone()).await;
    assert_eq!(
        (status, &refused["errors"][0]["code"]),
        (422, &json!("manual_times_outside_hours")),
        "{refused}"
    );
    let mut of_ada = body.clone();
    of_ada["user_id"] = json!(scene.ada.user);
    let (status, refused) = scene.acme.admin.post("/api/manual-times", of_ada).await;
    assert_eq!(status, 422, "whoever adds it: {refused}");
    let (status, added) = scene.bob.post("/api/manual-times", body).await;
    assert_eq!(status, 201, "{added}");
    let (_, rules) = scene.ada.get("/api/manual-times/rules").await;
    assert_eq!(rules["tracking_from"], json!(outside.to_string()));
}

#[actix_web::test]
async fn only_admins_decide_of_what_they_saw_and_of_their_company() {
    let scene = scene().await;
    let bolt = scene.app.company("Bolt").await;
    let lead = json!({ "employee_ids": [scene.bob.user] });
    let leads = format!("/api/teams/{}/leads", scene.team);
    let request = scene.acme.admin.request(Method::PUT, &leads);
    let led = request.header("If-Match", "*").json(&lead).send().await;
    assert_eq!(led.unwrap().status(), 200, "Bob leads Ada's team");
    let body = json!({ "idle_threshold_seconds": 60 });
    for path in [scene.of_team(), of_person(&scene.ada)] {
        for (who, status) in [
            (&scene.ada, 403),
            (&scene.bob, 403),
            (&scene.acme.owner, 403),
            (&bolt.admin, 404),
            (&scene.app.anonymous(), 401),
        ] {
            assert_eq!(seen(who, &path).await.0, status, "{path}");
            assert_eq!(
                patch(who, &path, Some("*"), body.clone()).await.0,
                status,
                "{path}"
            );
        }
        let admin = &scene.acme.admin;
        assert_eq!(patch(admin, &path, None, body.clone()).await.0, 428);
        let (_, tag, _) = seen(admin, &path).await;
        // What was shown is not what is there any more, whoever changed it.
        let company =
            json!({ "idle_threshold_seconds": if path.contains("teams") { 240 } else { 250 } });
        scene.change("/api/settings", company).await;
        assert_eq!(patch(admin, &path, Some(&tag), body.clone()).await.0, 412);
        for (body, pointer, code) in [
            (
                json!({ "idle_threshold_seconds": 29 }),
                "/idle_threshold_seconds",
                "idle_threshold_invalid",
            ),
            (
                json!({ "screenshot_interval_seconds": 59 }),
                "/screenshot_interval_seconds",
                "screenshot_interval_invalid",
            ),
            (
                json!({ "tracking_hours": { "days": [], "from": "09:00:00", "to": "17:00:00" } }),
                "/tracking_hours/days",
                "tracking_days_invalid",
            ),
            (
                json!({ "tracking_hours": { "days": [1], "from": "09:00:00", "to": "09:00:00" } }),
                "/tracking_hours/to",
                "tracking_hours_empty",
            ),
        ] {
            let (status, refused) = patch(admin, &path, Some("*"), body).await;
            assert_eq!(status, 422, "{refused}");
            let error = &refused["errors"][0];
            assert_eq!(
                (&error["pointer"], &error["code"]),
                (&json!(pointer), &json!(code))
            );
        }
        for unknown in ["redaction_rules", "leads_see", "usage_retention_days"] {
            let body = json!({ unknown: null });
            assert_eq!(
                patch(admin, &path, Some("*"), body).await.0,
                422,
                "{unknown} is the company's"
            );
        }
    }
    assert_eq!(scene.ada.get("/api/setting-overrides").await.0, 403);
    assert_eq!(
        bolt.admin.get("/api/setting-overrides").await.1["items"],
        json!([])
    );
    assert_eq!(count(&scene.app, "tenant.setting_overrides"), 0);
    let nobody = format!("/api/employees/{}/settings", Uuid::now_v7());
    assert_eq!(
        patch(&scene.acme.admin, &nobody, Some("*"), body).await.0,
        404
    );
}

#[actix_web::test]
async fn a_persons_settings_go_with_them() {
    let scene = scene().await;
    let own = of_person(&scene.ada);
    scene.change(&own, json!({ "record_titles": false })).await;
    let gone = format!("/api/employees/{}/deactivate", scene.ada.user);
    assert_eq!(scene.acme.admin.post(&gone, json!({})).await.0, 200);
    let email = rows(
        &mut scene.app.copy.admin(),
        &format!(
            "SELECT email FROM tenant.users WHERE id = '{}'",
            scene.ada.user
        ),
    );
    let removal =
        json!({ "employee_id": scene.ada.user, "email": email[0]["email"], "password": PASSWORD });
    let (status, asked) = scene.acme.admin.post("/api/removals", removal).await;
    assert!(status < 300, "{asked}");
    for _ in 0..2000 {
        if count(&scene.app, "tenant.removals WHERE removed_at IS NOT NULL") == 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(count(&scene.app, "tenant.setting_overrides"), 0);
    assert_eq!(
        count(&scene.app, "tenant.removals WHERE removed_at IS NOT NULL"),
        1
    );
}

#[actix_web::test]
async fn the_database_shows_people_the_own_ones_and_those_of_their_team() {
    let scene = scene().await;
    let other = made(&scene.acme.admin, "Sales").await;
    for path in [
        scene.of_team(),
        format!("/api/teams/{other}/settings"),
        of_person(&scene.ada),
        of_person(&scene.bob),
    ] {
        let body = json!({ "idle_threshold_seconds": 120 });
        scene.change(&path, body).await;
    }
    for (role, person, shown) in [
        ("tracker_employee", &scene.ada, 2),
        ("tracker_agent", &scene.ada, 2),
        ("tracker_employee", &scene.bob, 1),
        ("tracker_agent", &scene.bob, 1),
        ("tracker_admin", &scene.acme.admin, 4),
    ] {
        let mut conn = scene.app.copy.admin();
        conn.batch_execute(&format!(
            "BEGIN; SET LOCAL ROLE {role}; SET LOCAL app.company_id = '{}'; SET LOCAL app.user_id = '{}'",
            scene.acme.id, person.user
        ))
        .unwrap();
        let all = rows(&mut conn, "SELECT id FROM tenant.setting_overrides");
        assert_eq!(all.len(), shown, "{role}");
    }
}
