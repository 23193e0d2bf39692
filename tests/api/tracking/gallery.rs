//! The gallery: a day's pictures of a person or a team, why ten minutes have none, and deleting one.

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use uuid::Uuid;

use super::wire;
use crate::app::{App, Client, Company};
use crate::feed::{Feed, Picture, execute, rows, settle};

struct Scene {
    app: App,
    acme: Company,
    ada: Client,
    bob: Client,
    team: Uuid,
    /// Ada's at 10:05, 10:15 and 10:25 of yesterday's UTC, Bob's at 10:05.
    pictures: [Picture; 4],
    day: String,
}

fn at(day: &str, minute: i64) -> String {
    let ten = format!("{day}T10:00:00Z").parse::<chrono::DateTime<chrono::Utc>>();
    wire(ten.unwrap() + chrono::Duration::minutes(minute))
}

/// Ada works half an hour, of which the last ten minutes are hardly active; then her agent is paused.
async fn scene() -> Scene {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let (ada, bob) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
    );
    let (_, team) = acme
        .admin
        .post("/api/teams", json!({ "name": "Support" }))
        .await;
    let team: Uuid = team["id"].as_str().unwrap().parse().unwrap();
    execute(
        &mut app.copy.admin(),
        &format!("UPDATE tenant.users SET team_id = '{team}' WHERE role = 'EMPLOYEE'"),
    );
    let day = (chrono::Utc::now().date_naive() - chrono::Days::new(1)).to_string();
    let mut desk = Feed::new(&app, acme.id, ada.user, &at(&day, 0));
    desk.minutes(&at(&day, 0), 20, 60, 0)
        .minutes(&at(&day, 20), 10, 3, 57)
        .minutes(&at(&day, 30), 10, 0, 60)
        .app("editor", "main.rs", &at(&day, 0), 600)
        .app("mail", "[redacted]", &at(&day, 10), 600);
    let of_ada = [5, 15, 25].map(|minute| desk.screenshot(&at(&day, minute), 1000));
    let mut other = Feed::new(&app, acme.id, bob.user, &at(&day, 0));
    let of_bob = other
        .minutes(&at(&day, 0), 10, 60, 0)
        .screenshot(&at(&day, 5), 1000);
    for feed in [&mut desk, &mut other] {
        feed.batch(&day, &day);
        let ends = format!(
            "UPDATE tenant.work_sessions SET ended_at = '{}', end_reason = 'paused' WHERE id = '{}'",
            at(&day, 40),
            feed.session
        );
        execute(&mut app.copy.admin(), &ends);
    }
    execute(
        &mut app.copy.admin(),
        "UPDATE tenant.company_usage SET storage_bytes = 4000",
    );
    execute(
        &mut app.copy.admin(),
        "UPDATE tenant.company_settings SET updated_at = now() - interval '9 days'",
    );
    settle(&app);
    let [one, two, three] = of_ada;
    let pictures = [one, two, three, of_bob];
    for picture in &pictures {
        for key in [&picture.object_key, &picture.thumbnail_key] {
            app.state
                .objects
                .put(key, b"picture".to_vec())
                .await
                .unwrap();
        }
    }
    Scene {
        app,
        acme,
        ada,
        bob,
        team,
        pictures,
        day,
    }
}

async fn list(client: &Client, query: &str) -> Value {
    let (status, list) = client.get(&format!("/api/screenshots?{query}")).await;
    assert_eq!(status, 200, "{list}");
    list
}

fn ids(list: &Value) -> Vec<Uuid> {
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|item| item["id"].as_str().unwrap().parse().unwrap())
        .collect()
}

/// Kind and day of each look at the person's.
async fn looks(person: &Client) -> Vec<Value> {
    let (_, entries) = person.get("/api/me/access-entries").await;
    let items = entries["items"].as_array().unwrap().iter();
    items
        .map(|look| json!([look["kind"], look["day"]]))
        .collect()
}

#[actix_web::test]
async fn a_days_pictures_are_listed_with_what_was_in_front_and_how_active_it_was() {
    let Scene {
        app: _app,
        acme,
        ada,
        pictures,
        day,
        ..
    } = scene().await;
    let shown = list(&acme.admin, &format!("user_id={}&day={day}", ada.user)).await;
    assert_eq!(
        ids(&shown),
        [pictures[0].id, pictures[1].id, pictures[2].id]
    );
    assert_eq!(
        (
            &shown["time_zone"],
            &shown["originals_shown"],
            &shown["day"]
        ),
        (&json!("Europe/Berlin"), &json!(true), &json!(day))
    );
    let first = &shown["items"][0];
    assert_eq!(
        (&first["user_name"], &first["app"], &first["title"]),
        (&json!("Ada"), &json!("editor"), &json!("main.rs"))
    );
    assert_eq!(
        (&first["slot_from"], &first["bytes"]),
        (&json!(at(&day, 0)), &json!(1000))
    );
    let active: Vec<_> = (shown["items"].as_array().unwrap().iter())
        .map(|item| {
            (
                item["tracked_seconds"].as_i64().unwrap(),
                item["active_seconds"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(active, [(600, 600), (600, 600), (600, 30)]);
    assert_eq!(
        shown["items"][2]["app"],
        json!(null),
        "nothing is known to have been in front"
    );
    assert_eq!(looks(&ada).await, [json!(["gallery", day])]);
    let today = list(&acme.admin, &format!("user_id={}", ada.user)).await;
    assert!(ids(&today).is_empty());
    assert_eq!(
        looks(&ada).await.len(),
        2,
        "who finds nothing has looked as well"
    );
}

#[actix_web::test]
async fn filters_and_pages_leave_out_what_does_not_match() {
    let Scene {
        app,
        acme,
        ada,
        pictures,
        day,
        team,
        ..
    } = scene().await;
    let blur = format!(
        "UPDATE tenant.screenshots SET blurred = true WHERE id = '{}'",
        pictures[1].id
    );
    execute(&mut app.copy.admin(), &blur);
    let of = format!("user_id={}&day={day}", ada.user);
    for (filter, expected) in [
        ("blurred=true", vec![pictures[1].id]),
        ("blurred=false", vec![pictures[0].id, pictures[2].id]),
        ("low_activity=true", vec![pictures[2].id]),
        ("low_activity=true&blurred=true", vec![]),
        ("deleted=true", vec![]),
        (
            "deleted=false",
            vec![pictures[0].id, pictures[1].id, pictures[2].id],
        ),
    ] {
        let shown = list(&acme.admin, &format!("{of}&{filter}")).await;
        assert_eq!(ids(&shown), expected, "{filter}");
    }
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = list(
            &acme.admin,
            &format!("team_id={team}&day={day}&limit=1{cursor}"),
        )
        .await;
        all.extend(ids(&page));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(all.len(), 4);
    let cursor = cursor.clone();
    let (status, problem) = acme
        .admin
        .get(&format!("/api/screenshots?{of}{cursor}"))
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (400, &json!("cursor_invalid")),
        "of another list"
    );
    for bad in [
        "limit=0",
        "limit=201",
        "day=2026-02-30",
        "blurred=maybe",
        "person=1",
    ] {
        assert_eq!(
            acme.admin.get(&format!("/api/screenshots?{bad}")).await.0,
            422,
            "{bad}"
        );
    }
}

#[actix_web::test]
async fn of_a_team_those_are_noted_who_were_shown() {
    let Scene {
        app,
        acme,
        ada,
        bob,
        team,
        day,
        ..
    } = scene().await;
    let cal = app.employee(&acme, "Cal").await;
    let join = format!(
        "UPDATE tenant.users SET team_id = '{team}' WHERE id = '{}'",
        cal.user
    );
    execute(&mut app.copy.admin(), &join);
    let shown = list(&acme.admin, &format!("team_id={team}&day={day}")).await;
    assert_eq!(ids(&shown).len(), 4);
    for person in [&ada, &bob] {
        assert_eq!(looks(person).await, [json!(["gallery", day])]);
    }
    assert_eq!(looks(&cal).await, Vec::<Value>::new());
    let nobody = list(
        &acme.admin,
        &format!("team_id={}&day={day}", Uuid::now_v7()),
    )
    .await;
    assert!(ids(&nobody).is_empty());
    let both = list(
        &acme.admin,
        &format!("team_id={team}&user_id={}&day={day}", bob.user),
    )
    .await;
    assert_eq!(ids(&both).len(), 1);
}

#[actix_web::test]
async fn employees_see_their_own_and_leave_no_note() {
    let Scene {
        app: _app,
        ada,
        bob,
        team,
        pictures,
        day,
        ..
    } = scene().await;
    for query in [
        format!("day={day}"),
        format!("day={day}&user_id={}", bob.user),
    ] {
        assert_eq!(ids(&list(&bob, &query).await), [pictures[3].id]);
    }
    assert_eq!(
        ids(&list(&bob, &format!("day={day}&team_id={team}")).await),
        [pictures[3].id]
    );
    for path in ["", "/days", "/slots"] {
        let (status, _) = bob
            .get(&format!("/api/screenshots{path}?user_id={}", ada.user))
            .await;
        assert_eq!(status, 404, "{path}");
    }
    let (status, days) = bob
        .get(&format!("/api/screenshots/days?from={day}&to={day}"))
        .await;
    assert_eq!(
        (status, &days["items"]),
        (200, &json!([{ "day": day, "screenshots": 1 }]))
    );
    assert_eq!(
        bob.get(&format!("/api/screenshots/slots?day={day}"))
            .await
            .0,
        200
    );
    assert_eq!(looks(&bob).await, Vec::<Value>::new());
    assert_eq!(looks(&ada).await, Vec::<Value>::new());
}

#[actix_web::test]
async fn days_with_pictures_are_counted_as_far_as_they_are_kept() {
    let Scene {
        app,
        acme,
        ada,
        bob,
        team,
        day,
        ..
    } = scene().await;
    let days = async |query: &str| {
        let (status, days) = acme
            .admin
            .get(&format!("/api/screenshots/days?{query}"))
            .await;
        assert_eq!(status, 200, "{days}");
        days["items"].clone()
    };
    assert_eq!(
        days(&format!("team_id={team}")).await,
        json!([{ "day": day, "screenshots": 4 }])
    );
    assert_eq!(looks(&ada).await, Vec::<Value>::new(), "sums of several");
    assert_eq!(
        days(&format!("user_id={}", ada.user)).await,
        json!([{ "day": day, "screenshots": 3 }])
    );
    assert_eq!(looks(&ada).await.len(), 1);
    let leave = format!(
        "UPDATE tenant.users SET team_id = NULL WHERE id = '{}'",
        ada.user
    );
    execute(&mut app.copy.admin(), &leave);
    assert_eq!(
        days(&format!("team_id={team}")).await,
        json!([{ "day": day, "screenshots": 1 }])
    );
    assert_eq!(
        looks(&bob).await.len(),
        1,
        "what a team has is one person's alone"
    );
    execute(
        &mut app.copy.admin(),
        "UPDATE tenant.company_settings SET screenshots_kept_from = current_date",
    );
    assert_eq!(days(&format!("user_id={}", ada.user)).await, json!([]));
    let shown = list(&acme.admin, &format!("user_id={}&day={day}", ada.user)).await;
    let today = chrono::Utc::now().date_naive();
    assert_eq!(shown["kept_from"], json!(today), "and the list says so");
    let far = "/api/screenshots/days?from=2025-01-01&to=2026-11-01";
    assert_eq!(acme.admin.get(far).await.0, 422);
}

#[actix_web::test]
async fn ten_minutes_without_a_picture_say_why() {
    let Scene {
        app,
        acme,
        ada,
        pictures,
        day,
        ..
    } = scene().await;
    let gone = format!(
        "UPDATE tenant.screenshots SET state = 'pending' WHERE id = '{}'",
        pictures[1].id
    );
    execute(&mut app.copy.admin(), &gone);
    let path = format!("/api/screenshots/slots?user_id={}&day={day}", ada.user);
    let (status, slots) = acme.admin.get(&path).await;
    assert_eq!(status, 200, "{slots}");
    let items = slots["items"].as_array().unwrap();
    assert_eq!(items[0]["from"], json!(at(&day, 0)));
    let missing: Vec<Value> = items[..6]
        .iter()
        .map(|slot| slot["missing"].clone())
        .collect();
    assert_eq!(
        missing,
        [
            json!(null),
            json!("excluded"),
            json!(null),
            json!("idle"),
            json!("private"),
            json!("private")
        ]
    );
    assert_eq!(
        (&items[2]["tracked_seconds"], &items[2]["active_seconds"]),
        (&json!(600), &json!(30))
    );
    assert_eq!(items[2]["screenshots"], json!(1));
    assert_eq!(looks(&ada).await, [json!(["gallery", day])]);
    let off = "UPDATE tenant.company_settings SET screenshots_enabled = false";
    execute(&mut app.copy.admin(), off);
    assert_eq!(
        acme.admin.get(&path).await.1["items"][1]["missing"],
        json!("switched_off")
    );
    let now = "UPDATE tenant.company_settings SET updated_at = now()";
    execute(&mut app.copy.admin(), now);
    assert_eq!(
        acme.admin.get(&path).await.1["items"][1]["missing"],
        json!("excluded"),
        "whether they were on then is not known"
    );
}

#[actix_web::test]
async fn why_there_is_no_picture_is_told_by_the_settings_in_force_for_each_person() {
    let Scene {
        app,
        acme,
        bob,
        team,
        day,
        ..
    } = scene().await;
    let run = |sql: &str| execute(&mut app.copy.admin(), sql);
    // Before ten he was there for a moment; after ten past he works on, and no picture comes.
    let mut early = Feed::new(&app, acme.id, bob.user, &at(&day, -180));
    run(&format!(
        "UPDATE tenant.work_sessions SET ended_at = '{}', end_reason = 'stopped' WHERE id = '{}'",
        at(&day, -175),
        early.session
    ));
    early.minutes(&at(&day, 10), 10, 60, 0);
    let path = format!("/api/screenshots/slots?team_id={team}&day={day}");
    let told = async |own: &str, value: &str| {
        run("DELETE FROM tenant.setting_overrides");
        run(&format!(
            "INSERT INTO tenant.setting_overrides (company_id, id, user_id, {own}) \
             VALUES ('{}', gen_random_uuid(), '{}', {value})",
            acme.id, bob.user
        ));
        let (_, slots) = acme.admin.get(&path).await;
        let of = |minute: i64, name: &str| {
            let items = slots["items"].as_array().unwrap();
            let slot = items.iter().find(|slot| slot["from"] == at(&day, minute));
            let mut people = slot.unwrap()["people"].as_array().unwrap().iter();
            let one = people.find(|one| one["names"].as_array().unwrap().contains(&json!(name)));
            one.unwrap()["missing"].as_str().unwrap().to_owned()
        };
        [of(-170, "Bob"), of(10, "Bob"), of(30, "Ada")]
    };
    for (own, value, expected) in [
        ("record_titles", "false", ["offline", "unknown", "idle"]),
        (
            "screenshots_enabled",
            "false",
            ["offline", "switched_off", "idle"],
        ),
        (
            "screenshot_interval_seconds",
            "3600",
            ["offline", "not_due", "idle"],
        ),
        (
            "tracking_days, tracking_from, tracking_to",
            "'{1,2,3,4,5,6,7}', '20:00', '21:00'",
            ["outside_hours", "unknown", "idle"],
        ),
    ] {
        assert_eq!(told(own, value).await, expected, "{own}");
    }
}

#[actix_web::test]
async fn a_minute_of_which_there_are_two_rows_counts_once_in_its_ten_minutes() {
    let Scene {
        app,
        acme,
        ada,
        bob,
        team,
        day,
        ..
    } = scene().await;
    let session = format!(
        "SELECT id, device_id FROM tenant.work_sessions WHERE user_id = '{}'",
        ada.user
    );
    let desk = rows(&mut app.copy.admin(), &session).remove(0);
    let mut laptop = Feed::new(&app, acme.id, ada.user, &at(&day, 20));
    laptop.minutes(&at(&day, 20), 5, 40, 0);
    // Of the desk once more, in minutes that are full already.
    laptop.session = desk["id"].as_str().unwrap().parse().unwrap();
    laptop.minutes(&at(&day, 30), 2, 20, 0);
    // Nothing was observed so early, and only half of what was of Bob counts.
    laptop.minutes(&at(&day, -120), 1, 0, 0);
    let cut = format!(
        "UPDATE tenant.work_sessions SET counted_to = '{}' WHERE user_id = '{}'",
        at(&day, 5),
        bob.user
    );
    execute(&mut app.copy.admin(), &cut);
    for (of, first) in [
        (format!("user_id={}", ada.user), 600),
        (format!("team_id={team}"), 900),
    ] {
        let path = format!("/api/screenshots/slots?{of}&day={day}");
        let (_, slots) = acme.admin.get(&path).await;
        let seconds = |nth: usize| {
            let slot = &slots["items"][nth];
            [&slot["tracked_seconds"], &slot["active_seconds"]].map(|of| of.as_i64().unwrap())
        };
        assert_eq!(
            [seconds(0), seconds(2), seconds(3)],
            [[first; 2], [600, 5 * 40 + 5 * 3], [600, 2 * 20]],
            "{of}"
        );
    }
}

#[actix_web::test]
async fn ten_minutes_of_a_team_say_who_has_no_picture_and_why() {
    let Scene {
        app,
        acme,
        ada,
        bob,
        team,
        day,
        ..
    } = scene().await;
    let cal = app.employee(&acme, "Cal").await;
    let join = format!(
        "UPDATE tenant.users SET team_id = '{team}' WHERE id = '{}'",
        cal.user
    );
    execute(&mut app.copy.admin(), &join);
    let path = format!("/api/screenshots/slots?team_id={team}&day={day}");
    let (status, slots) = acme.admin.get(&path).await;
    assert_eq!(status, 200, "{slots}");
    let items = slots["items"].as_array().unwrap();
    let why = |slot: &Value| {
        let people = slot["people"].as_array().unwrap().iter();
        let one = |one: &Value| {
            (
                one["missing"].clone(),
                one["people"].clone(),
                one["names"].clone(),
            )
        };
        people.map(one).collect::<Vec<_>>()
    };
    assert_eq!(items[0]["from"], json!(at(&day, 0)));
    assert_eq!(
        (
            &items[0]["screenshots"],
            &items[0]["tracked_seconds"],
            why(&items[0])
        ),
        (&json!(2), &json!(1200), vec![]),
        "both have one"
    );
    let bobs = (json!("unknown"), json!(1), json!(["Bob"]));
    assert_eq!(why(&items[1]), std::slice::from_ref(&bobs), "Ada has one");
    assert_eq!(
        why(&items[3]),
        [(json!("idle"), json!(1), json!(["Ada"])), bobs]
    );
    assert_eq!(
        why(&items[4]),
        [(json!("private"), json!(2), json!(["Ada", "Bob"]))],
        "nothing is known of Cal"
    );
    assert!(items.iter().all(|slot| slot["missing"].is_null()));
    for person in [&ada, &bob] {
        assert_eq!(looks(person).await, [json!(["gallery", day])]);
    }
    assert_eq!(looks(&cal).await, Vec::<Value>::new());

    // What each has alone is what the team's is made of.
    let mut alone = 0;
    for person in [&ada, &bob] {
        let path = format!("/api/screenshots/slots?user_id={}&day={day}", person.user);
        let (_, of) = acme.admin.get(&path).await;
        let of = of["items"].as_array().unwrap();
        assert!(of.iter().all(|slot| slot["people"].is_null()));
        alone += of.iter().filter(|slot| !slot["missing"].is_null()).count();
    }
    let counted: u64 = (items.iter())
        .flat_map(|slot| slot["people"].as_array().unwrap())
        .map(|one| one["people"].as_u64().unwrap())
        .sum();
    assert_eq!(counted, alone as u64);

    let bolt = app.company("Bolt").await;
    let other = bolt.admin.get(&path).await;
    assert_eq!((other.0, &other.1["items"]), (200, &json!([])));
    let (_, own) = ada.get(&path).await;
    let named: Vec<_> = (own["items"].as_array().unwrap().iter())
        .flat_map(why)
        .map(|(_, _, names)| names)
        .collect();
    assert!(!named.is_empty() && named.iter().all(|names| *names == json!(["Ada"])));
    let both = format!("{path}&user_id={}", bob.user);
    assert_eq!(ada.get(&both).await.0, 404);
    assert_eq!(acme.owner.get(&path).await.0, 403);
}

#[actix_web::test]
async fn a_picture_says_which_task_was_worked_on() {
    let Scene {
        app,
        acme,
        ada,
        bob,
        pictures,
        day,
        ..
    } = scene().await;
    let task = json!({ "title": "Print", "assignee_id": ada.user });
    let (_, task) = acme.admin.post("/api/tasks", task).await;
    let id = task["id"].as_str().unwrap();
    let named = format!(
        "UPDATE tenant.work_sessions SET task_id = '{id}' WHERE user_id = '{}'",
        ada.user
    );
    execute(&mut app.copy.admin(), &named);
    let whole = json!({ "id": id, "title": "Print" });
    let of_ada = format!("user_id={}&day={day}", ada.user);
    let tasks = async |client: &Client| {
        let shown = list(client, &of_ada).await;
        let timeline = client.get(&format!("/api/timeline?{of_ada}")).await.1;
        [&shown["items"], &timeline["screenshots"]].map(|all| {
            let all = all.as_array().unwrap();
            assert_eq!(all.len(), 3);
            all.iter()
                .map(|one| one["task"].clone())
                .collect::<Vec<_>>()
        })
    };
    for client in [&acme.admin, &ada] {
        assert_eq!(
            tasks(client).await,
            [vec![whole.clone(); 3], vec![whole.clone(); 3]]
        );
    }
    let of_bob = list(&acme.admin, &format!("user_id={}&day={day}", bob.user)).await;
    assert_eq!(ids(&of_bob), [pictures[3].id]);
    assert_eq!(of_bob["items"][0]["task"], Value::Null);
    let given = format!(
        "UPDATE tenant.tasks SET assignee_id = '{}' WHERE id = '{id}'",
        bob.user
    );
    execute(&mut app.copy.admin(), &given);
    let bare = json!({ "id": id });
    assert_eq!(tasks(&ada).await, [vec![bare.clone(); 3], vec![bare; 3]]);
    assert_eq!(tasks(&acme.admin).await[0], vec![whole; 3]);
}

#[actix_web::test]
async fn a_deleted_picture_is_gone_and_says_who_deleted_it_and_why() {
    let Scene {
        app,
        acme,
        ada,
        pictures,
        day,
        ..
    } = scene().await;
    let sums = "SELECT tracked_seconds, active_seconds, screenshots FROM tenant.user_usage_daily ORDER BY screenshots DESC LIMIT 1";
    let before = rows(&mut app.copy.admin(), sums);
    let path = format!("/api/screenshots/{}/delete", pictures[0].id);
    let why = json!({ "reason": "A letter of the bank was open" });
    for body in [
        json!({}),
        json!({ "reason": "" }),
        json!({ "reason": "x".repeat(501) }),
    ] {
        assert_eq!(acme.admin.post(&path, body).await.0, 422);
    }
    assert_eq!(ada.post(&path, why.clone()).await.0, 403);
    let (status, deleted) = acme.admin.post(&path, why.clone()).await;
    assert_eq!(status, 200, "{deleted}");
    assert_eq!(
        (
            &deleted["screenshots_before"],
            &deleted["screenshots_after"],
            &deleted["bytes"]
        ),
        (&json!(3), &json!(2), &json!(1000))
    );
    assert_eq!(acme.admin.post(&path, why).await.0, 404, "once");
    let after = rows(&mut app.copy.admin(), sums);
    assert_eq!(
        (
            &after[0]["tracked_seconds"],
            &after[0]["active_seconds"],
            &after[0]["screenshots"]
        ),
        (
            &before[0]["tracked_seconds"],
            &before[0]["active_seconds"],
            &json!(2)
        )
    );
    for what in ["image", "thumbnail"] {
        let file = format!("/api/screenshots/{}/{what}", pictures[0].id);
        assert_eq!(ada.get(&file).await.0, 404);
    }
    let shown = list(&ada, &format!("day={day}")).await;
    let deletion = &shown["items"][0]["deletion"];
    assert_eq!(
        (&deletion["by"], &deletion["reason"]),
        (&json!("Ada Admin"), &json!("A letter of the bank was open"))
    );
    assert_eq!(
        ids(&list(&ada, &format!("day={day}&deleted=true")).await),
        [pictures[0].id]
    );
    assert_eq!(
        ids(&list(&ada, &format!("day={day}&deleted=false")).await).len(),
        2
    );
    let (_, slots) = ada.get(&format!("/api/screenshots/slots?day={day}")).await;
    assert_eq!(slots["items"][0]["missing"], json!("deleted"));
    let audit = rows(
        &mut app.copy.admin(),
        "SELECT detail FROM tenant.audit_entries WHERE action = 'screenshot.deleted'",
    );
    assert_eq!(audit.len(), 1);
    let detail = &audit[0]["detail"];
    assert_eq!(
        (&detail["screenshots"], &detail["bytes"]),
        (&json!({ "before": 3, "after": 2 }), &json!(1000))
    );

    let left = || {
        rows(
            &mut app.copy.admin(),
            "SELECT storage_bytes::int AS n FROM tenant.company_usage",
        )[0]["n"]
            .clone()
    };
    assert_eq!(left(), json!(4000), "as long as the files are there");
    settle(&app);
    assert_eq!(left(), json!(3000));
    for key in [&pictures[0].object_key, &pictures[0].thumbnail_key] {
        assert!(app.state.objects.get(key).await.unwrap().is_none());
    }
    assert!(
        app.state
            .objects
            .get(&pictures[1].object_key)
            .await
            .unwrap()
            .is_some()
    );
    // The agent says it once more.
    let back = format!(
        "UPDATE tenant.screenshots SET state = 'ready' WHERE id = '{}'",
        pictures[0].id
    );
    let refused = diesel::connection::SimpleConnection::batch_execute(&mut app.copy.admin(), &back);
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("screenshots_deleted_is_shown")
    );
}

fn allow(app: &App, may: bool) {
    execute(
        &mut app.copy.admin(),
        &format!("UPDATE tenant.company_settings SET employees_may_delete_screenshots = {may}"),
    );
}

#[actix_web::test]
async fn where_the_company_allows_it_people_delete_their_own_pictures() {
    let Scene {
        app,
        acme,
        ada,
        bob,
        pictures,
        day,
        ..
    } = scene().await;
    let path = |picture: &Picture| format!("/api/screenshots/{}/delete", picture.id);
    let why = json!({ "reason": "My bank" });
    let (status, refused) = ada.post(&path(&pictures[0]), why.clone()).await;
    assert_eq!(
        (status, &refused["code"]),
        (403, &json!("own_screenshots_stay"))
    );
    let shown = list(&ada, &format!("day={day}")).await;
    assert_eq!(shown["own_may_be_deleted"], json!(false));
    allow(&app, true);
    let shown = list(&ada, &format!("day={day}")).await;
    assert_eq!(shown["own_may_be_deleted"], json!(true));
    assert_eq!(bob.post(&path(&pictures[0]), why.clone()).await.0, 404);
    let (status, deleted) = ada.post(&path(&pictures[0]), why.clone()).await;
    assert_eq!(status, 200, "{deleted}");
    assert_eq!(
        (
            &deleted["screenshots_before"],
            &deleted["screenshots_after"]
        ),
        (&json!(3), &json!(2))
    );
    assert_eq!(
        ada.post(&path(&pictures[0]), why).await.0,
        404,
        "gone at once"
    );
    settle(&app);
    let shown = list(&acme.admin, &format!("user_id={}&day={day}", ada.user)).await;
    let deletion = &shown["items"][0]["deletion"];
    assert_eq!(
        (&deletion["by"], &deletion["reason"]),
        (&json!("Ada"), &json!("My bank"))
    );
    assert!(
        app.state
            .objects
            .get(&pictures[0].object_key)
            .await
            .unwrap()
            .is_none()
    );
    let sums = rows(
        &mut app.copy.admin(),
        "SELECT screenshots, (SELECT storage_bytes::int FROM tenant.company_usage) AS storage FROM tenant.user_usage_daily \
         ORDER BY screenshots DESC LIMIT 1",
    );
    assert_eq!(
        (&sums[0]["screenshots"], &sums[0]["storage"]),
        (&json!(2), &json!(3000))
    );
    let audit =
        "SELECT actor_id, detail FROM tenant.audit_entries WHERE action = 'screenshot.deleted'";
    let audit = rows(&mut app.copy.admin(), audit);
    assert_eq!(audit.len(), 1);
    assert_eq!(audit[0]["actor_id"], json!(ada.user.to_string()));
    assert_eq!(
        (
            &audit[0]["detail"]["screenshots"],
            &audit[0]["detail"]["reason"]
        ),
        (&json!({ "before": 3, "after": 2 }), &json!("My bank"))
    );
    let jobs = rows(
        &mut app.copy.admin(),
        "SELECT payload FROM platform.jobs WHERE payload::text LIKE '%My bank%'",
    );
    assert!(jobs.is_empty(), "a job names things by id: {jobs:?}");
}

#[actix_web::test]
async fn the_database_itself_lets_people_mark_their_pictures_where_the_company_allows_it() {
    let Scene {
        app,
        acme,
        ada,
        bob,
        pictures,
        ..
    } = scene().await;
    let of_ada = pictures[0].id;
    // How many pictures the statement reached; nothing where it was refused. Nothing of it stays.
    let mark = |person: &Client, by: &Client| {
        let mut conn = app.copy.admin();
        conn.batch_execute(&format!(
            "BEGIN; SET LOCAL ROLE tracker_employee; SET LOCAL app.company_id = '{}'; SET LOCAL app.user_id = '{}'",
            acme.id, person.user
        ))
        .unwrap();
        diesel::sql_query(format!(
            "UPDATE tenant.screenshots SET state = 'deleted', deleted_at = now(), deleted_by = '{}', deleted_by_name = 'Ada', \
               deleted_reason = 'Mine' WHERE id = '{of_ada}'",
            by.user
        ))
        .execute(&mut conn)
        .ok()
    };
    assert_eq!(
        mark(&ada, &ada),
        Some(0),
        "not where the company does not say so"
    );
    allow(&app, true);
    assert_eq!(mark(&ada, &ada), Some(1));
    assert_eq!(mark(&ada, &bob), None, "in the own name alone");
    assert_eq!(mark(&bob, &bob), Some(0), "nobody else's");
}

#[actix_web::test]
async fn what_follows_from_a_deletion_is_done_once_however_often_its_job_runs() {
    let Scene {
        app, ada, pictures, ..
    } = scene().await;
    allow(&app, true);
    for sql in [
        "UPDATE tenant.company_settings SET usage_kept_from = current_date",
        "DELETE FROM tenant.activity_log",
    ] {
        execute(&mut app.copy.admin(), sql);
    }
    let path = format!("/api/screenshots/{}/delete", pictures[0].id);
    assert_eq!(ada.post(&path, json!({ "reason": "Private" })).await.0, 200);
    settle(&app);
    execute(
        &mut app.copy.admin(),
        "UPDATE platform.jobs SET state = 'queued', finished_at = NULL WHERE kind = 'own_screenshot'",
    );
    settle(&app);
    let sums = "SELECT screenshots, (SELECT count(*)::int FROM tenant.audit_entries WHERE action = 'screenshot.deleted') AS entries \
        FROM tenant.user_usage_daily ORDER BY screenshots DESC LIMIT 1";
    let sums = &rows(&mut app.copy.admin(), sums)[0];
    assert_eq!(
        (&sums["screenshots"], &sums["entries"]),
        (&json!(2), &json!(1))
    );
}

#[actix_web::test]
async fn of_a_day_that_cannot_be_summed_again_one_picture_less_is_counted() {
    let Scene {
        app,
        acme,
        pictures,
        ..
    } = scene().await;
    for sql in [
        "UPDATE tenant.company_settings SET usage_kept_from = current_date",
        "DELETE FROM tenant.activity_log",
    ] {
        execute(&mut app.copy.admin(), sql);
    }
    let path = format!("/api/screenshots/{}/delete", pictures[0].id);
    let (status, deleted) = acme.admin.post(&path, json!({ "reason": "Private" })).await;
    assert_eq!(status, 200, "{deleted}");
    assert_eq!(
        (
            &deleted["screenshots_before"],
            &deleted["screenshots_after"]
        ),
        (&json!(3), &json!(2))
    );
    let sums =
        "SELECT tracked_seconds FROM tenant.user_usage_daily ORDER BY screenshots DESC LIMIT 1";
    assert_eq!(
        rows(&mut app.copy.admin(), sums)[0]["tracked_seconds"],
        json!(2400),
        "what is left was not summed"
    );
}
