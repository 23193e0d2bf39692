//! The local server as its stock clients meet it, and what the recorder makes of what they say.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use support::{settings, signed_in};
use tempfile::TempDir;
use tracker_agent::activitywatch::{Asked, Reply, Server, Sources, Store, reply};
use tracker_agent::desktop::{Desktop, fake::FakeDesktop, hidden::Hidden};
use tracker_agent::home::Home;
use tracker_agent::queue::{Queue, note};
use tracker_agent::recorder::{Moment, Recorder, State};
use tracker_wire::{AgentPolicy, AgentSettings};

const WEB: &str = "aw-watcher-web-chrome";

struct Desk {
    _dir: TempDir,
    home: Home,
    desktop: FakeDesktop,
    recorder: Recorder,
    sources: Sources,
    store: Store,
    now: Moment,
}

impl Desk {
    fn new(settings: &AgentSettings) -> Self {
        let desktop = FakeDesktop::default();
        Self::at(settings, desktop.clone(), Box::new(desktop))
    }

    fn at(settings: &AgentSettings, fake: FakeDesktop, desktop: Box<dyn Desktop>) -> Self {
        let (dir, home) = signed_in("http://127.0.0.1:1");
        let queue = Queue::open(&home).unwrap();
        queue.write(note::SETTINGS, settings).unwrap();
        let mut recorder = Recorder::new(desktop, &home, |_| u64::MAX).unwrap();
        let sources = Sources::default();
        recorder.listen_to(sources.clone());
        let now = Moment {
            wall: time("2026-11-20T10:00:00Z"),
            steady: Instant::now(),
        };
        let mut desk = Self {
            _dir: dir,
            store: Store::open(&home, "a-device".into()).unwrap(),
            home,
            desktop: fake,
            recorder,
            sources,
            now,
        };
        desk.tick();
        desk
    }

    fn tick(&mut self) -> State {
        self.now.wall += Duration::from_secs(1);
        self.now.steady += Duration::from_secs(1);
        self.desktop.type_keys(1);
        self.recorder.tick(self.now).unwrap()
    }

    fn work(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.tick();
        }
    }

    fn ask(&mut self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let query: Vec<(String, String)> = (query.split('&'))
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let body = body.to_string();
        let asked = Asked {
            method,
            path,
            query: &query,
            body: body.as_bytes(),
        };
        let Reply { status, body, .. } = reply(&mut self.store, &self.sources, asked);
        (status, body)
    }

    fn get(&mut self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, &Value::Null);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    fn beat(&mut self, bucket: &str, pulsetime: u32, data: Value) -> Value {
        let event = json!({ "timestamp": self.now.wall, "duration": 0, "data": data });
        let path = format!("/buckets/{bucket}/heartbeat?pulsetime={pulsetime}");
        let (status, kept) = self.ask("POST", &path, &event);
        assert_eq!(status, 200, "{kept}");
        kept
    }

    fn tab(&mut self, url: &str, title: &str) {
        let data = json!({ "url": url, "title": title, "audible": false, "incognito": false, "tabCount": 3 });
        self.beat(WEB, 80, data);
    }

    fn items(&self, kind: &str) -> Vec<Value> {
        let queue = Queue::open(&self.home).unwrap();
        let rows = queue.of_kind(kind).unwrap();
        rows.iter()
            .map(|row| serde_json::from_str(&row.body).unwrap())
            .collect()
    }

    /// Host, path and seconds of what was seen of the web.
    fn sites(&mut self) -> Vec<(String, Option<String>, i64)> {
        self.recorder.end("stopped");
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let items = self.items("website");
        items
            .iter()
            .map(|item| {
                let host = text(&item["host"]).unwrap();
                (host, text(&item["path"]), item["seconds"].as_i64().unwrap())
            })
            .collect()
    }

    fn holds(&self, text: &str) -> bool {
        let files = std::fs::read_dir(self.home.dir()).unwrap();
        let files = files
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file());
        files.map(|path| std::fs::read(path).unwrap()).any(|bytes| {
            bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes())
        })
    }
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn event(at: &str, duration: f64, data: &Value) -> Value {
    json!({ "timestamp": at, "duration": duration, "data": data })
}

#[test]
fn answers_have_the_shapes_that_stock_clients_know() {
    let mut desk = Desk::new(&settings());
    let info = desk.get("/info");
    assert_eq!(info["device_id"], "a-device");
    assert_eq!(info["testing"], false);
    assert!(info["hostname"].is_string() && info["version"].is_string());

    let new = json!({ "client": "aw-watcher-window", "hostname": "pc1", "type": "currentwindow" });
    let bucket = "/buckets/aw-watcher-window_pc1";
    assert_eq!(desk.ask("POST", bucket, &new).0, 200);
    assert_eq!(desk.ask("POST", bucket, &new).0, 304, "it exists");
    let made = desk.get("/buckets/aw-watcher-window_pc1/");
    assert_eq!(
        (&made["hostname"], &made["type"]),
        (&json!("pc1"), &json!("currentwindow"))
    );
    assert_eq!((&made["events"], &made["data"]), (&Value::Null, &json!({})));
    assert_eq!(made["metadata"], json!({ "start": null, "end": null }));
    assert_eq!(
        desk.ask("POST", "/buckets/here", &json!({ "hostname": "!local" }))
            .0,
        200
    );
    assert_eq!(desk.get("/buckets/here")["hostname"], info["hostname"]);
    assert_eq!(desk.get("/buckets/").as_object().unwrap().len(), 2);

    let data = json!({ "app": "a", "title": "t" });
    let events = format!("{bucket}/events");
    let two = json!([
        event("2018-01-01T01:01:01Z", 2.0, &data),
        event("2018-01-01T01:02:01.5+01:00", 1.0, &data)
    ]);
    let (status, kept) = desk.ask("POST", &events, &two);
    assert_eq!((status, kept.as_array().unwrap().len()), (200, 2));
    let first = &kept[0];
    assert_eq!(
        *first,
        json!({ "id": first["id"], "timestamp": "2018-01-01T01:01:01Z", "duration": 2.0, "data": data })
    );
    // `aw-client` asks for so many unless it is told otherwise; the newest come first.
    let all = desk.get(&format!("{events}?limit=-1"));
    assert_eq!(
        (all[0]["id"].clone(), all.as_array().unwrap().len()),
        (first["id"].clone(), 2)
    );
    assert_eq!(
        desk.get(&format!("{events}?limit=1"))
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let late = format!("{events}?start=2018-01-01T01:00:00+00:00&end=2018-01-01T02:00:00Z");
    assert_eq!(desk.get(&late).as_array().unwrap().len(), 1);
    assert_eq!(desk.get(&format!("{events}/count")), json!(2));

    let one = format!("{events}/{}", first["id"]);
    assert_eq!(desk.get(&one), *first);
    let mut other = first.clone();
    other["duration"] = json!(9.0);
    assert_eq!(desk.ask("POST", &events, &other).0, 200);
    assert_eq!(desk.get(&one)["duration"], 9.0, "an id replaces that event");
    assert_eq!(desk.ask("DELETE", &one, &Value::Null), (200, json!(true)));
    assert_eq!(desk.ask("GET", &one, &Value::Null).0, 404);

    assert_eq!(desk.get("/settings/theme"), Value::Null);
    assert_eq!(
        desk.ask("POST", "/settings/theme", &json!({ "dark": true }))
            .0,
        201
    );
    assert_eq!(desk.get("/settings"), json!({ "theme": { "dark": true } }));
    assert_eq!(desk.ask("DELETE", "/settings/theme", &Value::Null).0, 200);
    assert_eq!(
        desk.ask("POST", &format!("/settings/{}", "k".repeat(200)), &json!(1))
            .0,
        400
    );

    for missing in [
        "/buckets/none",
        "/buckets/none/events",
        "/buckets/none/export",
        "/nothing",
    ] {
        let (status, body) = desk.ask("GET", missing, &Value::Null);
        assert_eq!(status, 404, "{missing}");
        assert!(body["message"].is_string());
    }
    let (status, body) = desk.ask("POST", &events, &json!([{ "timestamp": "yesterday" }]));
    assert_eq!((status, body["message"].is_string()), (400, true));
    assert_eq!(
        desk.ask("DELETE", &format!("{bucket}?force=1"), &Value::Null)
            .0,
        200
    );
    assert_eq!(desk.ask("GET", bucket, &Value::Null).0, 404);
}

#[test]
fn beats_are_merged_as_activitywatch_merges_them() {
    let mut desk = Desk::new(&settings());
    let (a, b) = (json!({ "app": "a" }), json!({ "app": "b" }));
    // Second of the beat, its duration, its data; then when the event that answers it begins and how long it lasts.
    let beats = [
        (0, 0.0, &a, (0, 0.0)),
        (2, 0.0, &a, (0, 2.0)),
        (4, 1.0, &a, (0, 5.0)),
        // Within what is there already: nothing gets shorter.
        (3, 0.5, &a, (0, 5.0)),
        // The pulse lasts two seconds from the end on.
        (7, 0.0, &a, (0, 7.0)),
        (10, 0.0, &a, (10, 0.0)),
        (11, 0.0, &b, (11, 0.0)),
        // Out of order: another event, whatever it says.
        (10, 0.0, &b, (10, 0.0)),
    ];
    for (second, duration, data, (from, lasts)) in beats {
        let at = |second: i64| desk.now.wall + TimeDelta::seconds(second);
        let (sent, expected) = (at(second), at(from));
        let beat = json!({ "timestamp": sent, "duration": duration, "data": data });
        let (status, kept) = desk.ask("POST", "/buckets/scripts/heartbeat?pulsetime=2.0", &beat);
        assert_eq!(status, 200, "an unknown bucket is made");
        assert_eq!(
            time(kept["timestamp"].as_str().unwrap()),
            expected,
            "{second}: {kept}"
        );
        assert_eq!(kept["duration"], lasts, "{second}");
        assert!(kept["id"].is_i64());
    }
    assert_eq!(desk.get("/buckets/scripts/events/count"), json!(4));
}

#[test]
fn an_export_is_imported_once() {
    let mut desk = Desk::new(&settings());
    desk.tab("https://docs.rs/serde", "serde");
    desk.work(5);
    desk.tab("https://docs.rs/serde", "serde");
    let exported = desk.get("/export");
    let bucket = &exported["buckets"][WEB];
    assert_eq!(bucket["type"], "web.tab.current");
    assert_eq!(bucket["events"][0]["duration"], 5.0);
    assert_eq!(desk.get(&format!("/buckets/{WEB}/export")), exported);
    assert_eq!(
        desk.ask("DELETE", &format!("/buckets/{WEB}"), &Value::Null)
            .0,
        200
    );
    for _ in 0..2 {
        assert_eq!(desk.ask("POST", "/import", &exported).0, 200);
        assert_eq!(desk.get(&format!("/buckets/{WEB}/events/count")), json!(1));
    }
}

#[test]
fn queries_make_of_events_what_activitywatch_does() {
    let mut settings = settings();
    settings.record_paths = true;
    let mut desk = Desk::new(&settings);
    let at = |second: i64| (time("2026-11-20T12:00:00Z") + TimeDelta::seconds(second)).to_rfc3339();
    let put = |desk: &mut Desk, bucket: &str, spans: &[(i64, i64, Value)]| {
        let events = spans.iter().map(|(from, until, data)| {
            #[expect(clippy::cast_precision_loss, reason = "a few seconds")]
            event(&at(*from), (until - from) as f64, data)
        });
        let events = events.collect();
        assert_eq!(
            desk.ask("POST", &format!("/buckets/{bucket}/events"), &events)
                .0,
            200
        );
    };
    let (code, mail) = (
        json!({ "app": "code", "title": "a" }),
        json!({ "app": "mail", "title": "b" }),
    );
    put(
        &mut desk,
        "aw-watcher-window_pc",
        &[(0, 10, code.clone()), (12, 20, code), (24, 30, mail)],
    );
    put(
        &mut desk,
        "aw-watcher-afk_pc",
        &[
            (0, 15, json!({ "status": "not-afk" })),
            (15, 28, json!({ "status": "afk" })),
        ],
    );
    put(
        &mut desk,
        WEB,
        &[
            (0, 5, json!({ "url": "https://www.docs.rs/serde" })),
            (5, 9, json!({ "url": "https://docs.rs/" })),
        ],
    );
    // What `e` is, and then per event when it begins, how long it lasts, and one of its data.
    type Expected = [(i64, f64, &'static str)];
    let cases: [(&str, &str, &Expected); 13] = [
        (
            "w",
            "app",
            &[(24, 6.0, "mail"), (12, 8.0, "code"), (0, 10.0, "code")],
        ),
        (
            "sort_by_timestamp(w)",
            "app",
            &[(0, 10.0, "code"), (12, 8.0, "code"), (24, 6.0, "mail")],
        ),
        (
            "limit_events(sort_by_duration(w), 1)",
            "app",
            &[(0, 10.0, "code")],
        ),
        ("flood(w)", "app", &[(0, 22.0, "code"), (22, 8.0, "mail")]),
        (
            "flood(w, 1)",
            "app",
            &[(0, 10.0, "code"), (12, 8.0, "code"), (24, 6.0, "mail")],
        ),
        (
            "filter_keyvals(w, \"app\", [\"mail\", \"news\"])",
            "app",
            &[(24, 6.0, "mail")],
        ),
        (
            "exclude_keyvals(w, 'app', ['code'])",
            "app",
            &[(24, 6.0, "mail")],
        ),
        (
            "filter_keyvals_regex(w, 'app', '^m')",
            "app",
            &[(24, 6.0, "mail")],
        ),
        (
            "filter_period_intersect(w, filter_keyvals(query_bucket('aw-watcher-afk_pc'), 'status', ['not-afk']))",
            "app",
            &[(0, 10.0, "code"), (12, 3.0, "code")],
        ),
        (
            "sort_by_timestamp(merge_events_by_keys(w, ['app']))",
            "app",
            &[(12, 18.0, "code"), (24, 6.0, "mail")],
        ),
        (
            "split_url_events(sort_by_timestamp(query_bucket(find_bucket('aw-watcher-web'))))",
            "$domain",
            &[(0, 5.0, "docs.rs"), (5, 4.0, "docs.rs")],
        ),
        (
            "chunk_events_by_key(w, 'app')",
            "app",
            &[(0, 20.0, "code"), (24, 6.0, "mail")],
        ),
        (
            "union_no_overlap(filter_keyvals(w, 'app', ['mail']), query_bucket('aw-watcher-afk_pc'))",
            "status",
            &[(0, 15.0, "not-afk"), (15, 9.0, "afk"), (24, 6.0, "")],
        ),
    ];
    let ask = |desk: &mut Desk, e: &str| {
        let program = [
            "w = query_bucket(find_bucket(\"aw-watcher-window_\"));",
            &format!("RETURN = {e};"),
        ];
        let body = json!({ "timeperiods": [format!("{}/{}", at(-60), at(60))], "query": program });
        desk.ask("POST", "/query/", &body)
    };
    for (e, key, expected) in cases {
        let (status, answer) = ask(&mut desk, e);
        assert_eq!(status, 200, "{e}: {answer}");
        let events: Vec<_> = answer[0]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| {
                let from =
                    time(event["timestamp"].as_str().unwrap()) - time("2026-11-20T12:00:00Z");
                (
                    from.num_seconds(),
                    event["duration"].as_f64().unwrap(),
                    event["data"][key].as_str().unwrap_or(""),
                )
            })
            .collect();
        assert_eq!(events, expected, "{e}");
    }
    let values = [
        ("sum_durations(w)", json!(24.0)),
        (
            "sum_durations(period_union(w, query_bucket('aw-watcher-afk_pc')))",
            json!(30.0),
        ),
        (
            "contains(query_bucket_names(), 'aw-watcher-afk_pc')",
            json!(true),
        ),
        ("print(w)", Value::Null),
    ];
    for (e, expected) in values {
        assert_eq!(ask(&mut desk, e), (200, json!([expected])), "{e}");
    }
    let classes = r#"[[["Work"], {"type": "regex", "regex": "code|mail"}], [["Work", "Mail"], {"type": "regex", "regex": "MAIL", "ignore_case": true}]]"#;
    let (_, sorted) = ask(
        &mut desk,
        &format!("categorize(sort_by_timestamp(w), {classes})"),
    );
    assert_eq!(sorted[0][0]["data"]["$category"], json!(["Work"]));
    assert_eq!(sorted[0][2]["data"]["$category"], json!(["Work", "Mail"]));
    let (_, tagged) = ask(&mut desk, &format!("tag(sort_by_timestamp(w), {classes})"));
    assert_eq!(
        tagged[0][2]["data"]["$tags"],
        json!([["Work"], ["Work", "Mail"]])
    );
    let (status, failed) = ask(&mut desk, "query_bucket('none')");
    assert_eq!(
        (status, &failed["message"]),
        (500, &json!("there is no bucket none"))
    );
    let (status, _) = desk.ask(
        "POST",
        "/query",
        &json!({ "timeperiods": ["today"], "query": ["RETURN = 1;"] }),
    );
    assert_eq!(status, 500);
}

#[test]
fn what_was_answered_is_there_after_a_kill() {
    let mut desk = Desk::new(&settings());
    for number in 0..50 {
        desk.beat("scripts", 1, json!({ "number": number }));
    }
    let home = desk.home.clone();
    // A killed process closes nothing.
    std::mem::forget(std::mem::replace(
        &mut desk.store,
        Store::open(&home, String::new()).unwrap(),
    ));
    assert_eq!(desk.get("/buckets/scripts/events/count"), json!(50));
    // A month after they were heard of, whatever their own times are.
    desk.store
        .forget_heard_before(Utc::now() - TimeDelta::minutes(1))
        .unwrap();
    assert_eq!(desk.get("/buckets/scripts/events/count"), json!(50));
    desk.store
        .forget_heard_before(Utc::now() + TimeDelta::minutes(1))
        .unwrap();
    assert_eq!(desk.get("/buckets/scripts/events/count"), json!(0));
}

#[test]
fn the_page_in_front_is_told_by_the_browsers_extension() {
    let mut settings = settings();
    settings.record_paths = true;
    let mut desk = Desk::new(&settings);
    desk.desktop.show("Chromium", "serde - Rust - Chromium");
    desk.tab("https://docs.rs/serde?secret=1#top", "serde - Rust");
    desk.work(20);
    // Another window in front: the page is open and not looked at.
    desk.desktop.show("XTerm", "make");
    desk.work(10);
    desk.desktop.show("Chromium", "Prices - Chromium");
    desk.tab("https://shop.test/prices", "Prices");
    desk.work(15);
    // A private window, of which the extension tells nothing.
    desk.desktop.show("Chromium", "Bank - Chromium");
    desk.work(15);
    let sites = desk.sites();
    assert_eq!(
        sites,
        [
            ("docs.rs".to_owned(), Some("/serde".to_owned()), 20),
            ("shop.test".to_owned(), Some("/prices".to_owned()), 15),
        ]
    );
    assert!(!desk.holds("secret"));
}

#[test]
fn what_is_not_to_be_recorded_is_answered_and_not_kept() {
    let mut settings = settings();
    settings.redaction_rules = vec![
        "(?i)salary".into(),
        "^KeePassXC$".into(),
        r"(^|\.)bank\.test$".into(),
    ];
    settings.policy = Some(AgentPolicy {
        version: 1,
        title: "Recording".into(),
        kinds: vec!["websites".into()],
        published_at: time("2026-11-19T00:00:00Z"),
        acknowledged_at: Some(time("2026-11-20T10:00:30Z")),
    });
    let mut desk = Desk::new(&settings);
    desk.tab("https://unacknowledged.test/", "Unacknowledged");
    desk.work(40);
    let private = json!({ "url": "https://hidden.test/", "title": "Hidden", "incognito": true });
    desk.beat(WEB, 80, private);
    desk.beat(
        WEB,
        80,
        json!({ "url": "https://pay.test/", "title": "Salary of Bob" }),
    );
    desk.beat(
        "aw-watcher-window_pc",
        2,
        json!({ "app": "KeePassXC", "title": "Passwords of Bob" }),
    );
    let account = json!({ "url": "https://my.bank.test/balance", "title": "Account of Bob" });
    desk.beat("aw-watcher-web-firefox", 80, account);
    Queue::open(&desk.home)
        .unwrap()
        .set_note(note::PAUSED_AT, "now")
        .unwrap();
    assert_eq!(desk.tick(), State::Paused);
    desk.tab("https://paused.test/", "Paused");
    let kept = desk.get(&format!("/buckets/{WEB}/events"));
    let kept: Vec<_> = kept
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["data"]["title"])
        .collect();
    assert_eq!(kept, ["[redacted]"]);
    for text in [
        "unacknowledged.test",
        "hidden.test",
        "Salary",
        "pay.test",
        "Passwords",
        "bank.test",
        "Account of Bob",
        "paused.test",
    ] {
        assert!(!desk.holds(text), "{text}");
    }
    // A beat that began in private time is cut to what came after it.
    Queue::open(&desk.home)
        .unwrap()
        .clear_note(note::PAUSED_AT)
        .unwrap();
    assert_eq!(desk.tick(), State::Recording);
    let (since, began) = (desk.now.wall, desk.now.wall - TimeDelta::seconds(20));
    let beat = json!({ "timestamp": began, "duration": 25.0, "data": { "title": "Long" } });
    let (_, kept) = desk.ask(
        "POST",
        &format!("/buckets/{WEB}/heartbeat?pulsetime=80"),
        &beat,
    );
    assert_eq!(time(kept["timestamp"].as_str().unwrap()), since);
    assert_eq!(kept["duration"], 5.0);
}

#[test]
fn where_the_desktop_tells_nothing_watchers_do() {
    let mut desk = Desk::at(&settings(), FakeDesktop::default(), Box::new(Hidden::new()));
    desk.work(5);
    let beat = |desk: &mut Desk, app: &str| {
        desk.beat("aw-watcher-afk_pc", 185, json!({ "status": "not-afk" }));
        desk.beat(
            "aw-watcher-window_pc",
            2,
            json!({ "app": app, "title": "one" }),
        );
    };
    beat(&mut desk, "Code");
    desk.work(10);
    beat(&mut desk, "XTerm");
    desk.work(10);
    desk.recorder.end("stopped");
    let seen: Vec<_> = (desk.items("application").iter())
        .map(|item| (item["app"].clone(), item["seconds"].clone()))
        .collect();
    assert_eq!(
        seen,
        [(json!("Code"), json!(10)), (json!("XTerm"), json!(10))]
    );
    // On a desktop that tells, a watcher's window is not counted again.
    let mut desk = Desk::new(&settings());
    beat(&mut desk, "Code");
    desk.work(10);
    desk.recorder.end("stopped");
    assert!(desk.items("application").is_empty());
}

/// What an editor's plugin sends while somebody works in that file.
fn edit(desk: &mut Desk, file: &str) {
    let data = json!({ "file": file, "project": "/home/ada/ledger", "language": "rust" });
    desk.beat("aw-watcher-vscode_pc", 20, data);
}

fn applications(desk: &mut Desk) -> Vec<(String, String, i64)> {
    desk.recorder.end("stopped");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let items = desk.items("application");
    let parts = items.iter().map(|item| {
        let seconds = item["seconds"].as_i64().unwrap();
        (text(&item["app"]), text(&item["title"]), seconds)
    });
    parts.collect()
}

#[test]
fn an_editors_plugin_tells_what_is_worked_on_where_the_desktop_does_not() {
    let mut desk = Desk::at(&settings(), FakeDesktop::default(), Box::new(Hidden::new()));
    desk.work(5);
    edit(&mut desk, "/home/ada/ledger/src/main.rs");
    desk.work(10);
    edit(&mut desk, "C:\\ledger\\lib.rs");
    // It falls silent, and what is done since is not known.
    desk.work(60);
    let part = |title: &str, seconds| ("vscode".to_owned(), title.to_owned(), seconds);
    assert_eq!(
        applications(&mut desk),
        [part("main.rs — ledger", 10), part("lib.rs — ledger", 35)]
    );
    assert!(!desk.holds("/src/main.rs — "));
}

#[test]
fn a_window_named_like_the_file_that_is_worked_on_is_of_its_project() {
    let mut settings = settings();
    settings.redaction_rules = vec!["taxes.*ledger".into()];
    let mut desk = Desk::new(&settings);
    edit(&mut desk, "/home/ada/ledger/main.rs");
    for (app, title) in [
        ("Emacs", "main.rs - GNU Emacs"),
        ("Emacs", "notes.org - GNU Emacs"),
        ("Code", "main.rs - ledger - Visual Studio Code"),
        ("Chromium", "main.rs at master - Chromium"),
    ] {
        desk.desktop.show(app, title);
        desk.work(5);
    }
    edit(&mut desk, "/home/ada/ledger/taxes.rs");
    desk.desktop.show("Emacs", "taxes.rs - GNU Emacs");
    desk.work(5);
    let seen = applications(&mut desk);
    let titles: Vec<_> = seen.iter().map(|(_, title, _)| title.as_str()).collect();
    let expected = [
        "main.rs - GNU Emacs — ledger",
        "notes.org - GNU Emacs",
        "main.rs - ledger - Visual Studio Code",
        "main.rs at master - Chromium",
        "[redacted]",
    ];
    assert_eq!(titles, expected);
}

/// Status, headers and body of a request as it is written.
fn raw(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn only_programs_and_extensions_of_this_machine_are_heard() {
    let (_dir, home) = signed_in("http://127.0.0.1:1");
    let store = Store::open(&home, "a-device".into()).unwrap();
    let server = Server::start(store, Sources::default(), 0).unwrap();
    let ask = |method: &str, host: &str, origin: &str| {
        let origin = match origin {
            "" => String::new(),
            origin => format!("Origin: {origin}\r\n"),
        };
        let request = format!(
            "{method} /api/0/info HTTP/1.1\r\nHost: {host}\r\n{origin}Connection: close\r\n\r\n"
        );
        raw(&server, &request)
    };
    for host in ["localhost:5600", "127.0.0.1", "[::1]:5600"] {
        assert!(ask("GET", host, "").starts_with("HTTP/1.1 200"), "{host}");
    }
    for host in ["tracker.attacker.test", "localhost.attacker.test:5600", ""] {
        assert!(ask("GET", host, "").starts_with("HTTP/1.1 400"), "{host}");
    }
    for origin in ["https://attacker.test", "http://localhost:3000", "null"] {
        assert!(
            ask("POST", "localhost", origin).starts_with("HTTP/1.1 403"),
            "{origin}"
        );
    }
    let extension = "chrome-extension://nglaklhklhcoonedhgnpgddginnjdadi";
    let allowed = ask("OPTIONS", "localhost", extension);
    assert!(allowed.starts_with("HTTP/1.1 200"), "{allowed}");
    assert!(
        allowed.contains(&format!("access-control-allow-origin: {extension}")),
        "{allowed}"
    );
    assert!(ask("GET", "localhost", extension).contains("a-device"));
    // Whoever has the port keeps it.
    let store = Store::open(&home, String::new()).unwrap();
    assert!(Server::start(store, Sources::default(), server.address().port()).is_err());
}

/// `make test` makes the environment; a run of cargo alone may do without.
fn python() -> Option<std::path::PathBuf> {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/aw_client/.venv/bin/python");
    if !path.exists() {
        eprintln!(
            "left out: `make agent/tests/aw_client/.venv/.installed` brings the stock client"
        );
        return None;
    }
    Some(path)
}

#[test]
fn the_stock_client_loses_nothing_over_a_restart() {
    let Some(python) = python() else { return };
    let (dir, home) = signed_in("http://127.0.0.1:1");
    let start = Utc::now() - TimeDelta::minutes(30);
    let sources = Sources::default();
    sources.follow(&settings());
    sources.allow(Some(start - TimeDelta::minutes(1)));
    let mut port = 0;
    for part in ["before", "after"] {
        let store = Store::open(&home, "a-device".into()).unwrap();
        let server = Server::start(store, sources.clone(), port).unwrap();
        port = server.address().port();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/aw_client/stock.py");
        let mut client = std::process::Command::new(&python);
        client.args([script, &port.to_string(), part, &start.to_rfc3339()]);
        for folder in [
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
            "XDG_CACHE_HOME",
            "XDG_STATE_HOME",
        ] {
            client.env(folder, dir.path().join("client"));
        }
        let ended = client.env("HOME", dir.path()).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{part}: {said}");
    }
}
