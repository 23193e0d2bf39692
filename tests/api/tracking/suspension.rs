//! A suspended company, from the desk: the real agent is refused on every instance, goes on recording, and when the
//! company is back everything arrives that it kept, once.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use chrono::Utc;
use image::{Rgb, RgbImage};
use serde_json::json;
use tempfile::TempDir;
use tokio::task::spawn_blocking;
use tracker_agent::desktop::fake::FakeDesktop;
use tracker_agent::home::{Home, Secret};
use tracker_agent::login::{Login, login};
use tracker_agent::queue::{KINDS, Queue, Waiting};
use tracker_agent::recorder::{Moment, Recorder};
use tracker_agent::sync::{Engine, Trouble};

use crate::app::{App, Client, Company, PASSWORD};
use crate::feed::rows;

/// The program on somebody's desk, its folder, and the instance it talks to.
pub(super) struct Desk {
    _dir: TempDir,
    pub home: Home,
}

impl Desk {
    pub async fn new(app: &App, company: &Company, person: &Client) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path().join("agent")).unwrap();
        let wanted = Login {
            server: app.address.clone(),
            company_key: Secret::new(company.key.clone()),
            email: person.email.clone(),
            password: Secret::new(PASSWORD),
            ask_code: || unreachable!("nobody here has two-factor"),
            ca_file: None,
            allow_http: false,
            keyring: false,
            discard: false,
        };
        let at = home.clone();
        let done = spawn_blocking(move || login(&at, &wanted).unwrap());
        assert!(done.await.unwrap());
        Self { _dir: dir, home }
    }

    /// So many minutes of work, the last of them just now, with a window, a site and a picture each.
    pub fn record(&self, minutes: u64, until: chrono::DateTime<Utc>) {
        let desktop = FakeDesktop::default();
        desktop.scene.borrow_mut().displays =
            vec![RgbImage::from_pixel(64, 48, Rgb([90, 120, 200]))];
        let mut recorder =
            Recorder::new(Box::new(desktop.clone()), &self.home, |_| u64::MAX).unwrap();
        let began = Instant::now();
        for second in 0..=minutes * 60 {
            let (app, title) = match second % 120 {
                0..60 => ("xterm", "make"),
                _ => ("firefox", "Docs - https://docs.test/"),
            };
            desktop.show(app, &format!("{title} {}", second / 60));
            desktop.type_keys(1);
            let wall = until - chrono::Duration::seconds((minutes * 60 - second) as i64);
            let steady = began + Duration::from_secs(second);
            recorder.tick(Moment { wall, steady }).unwrap();
        }
        recorder.end("stopped");
    }

    /// A new start of the program each time, as after a restart: what it knows is on its disk.
    pub async fn pass(&self) -> Result<(), Trouble> {
        let home = self.home.clone();
        let pass = spawn_blocking(move || Engine::new(&home).unwrap().pass());
        pass.await.unwrap()
    }

    pub fn waiting(&self) -> Waiting {
        Queue::open(&self.home).unwrap().waiting().unwrap()
    }

    /// The ids of what waits, by kind.
    fn ids(&self) -> Vec<BTreeSet<String>> {
        let queue = Queue::open(&self.home).unwrap();
        let items = KINDS.map(|kind| {
            let rows = queue.of_kind(kind).unwrap();
            rows.into_iter().map(|row| row.id).collect()
        });
        let (mut pictures, mut seq) = (BTreeSet::new(), 0);
        while let Some(picture) = queue.next_screenshot(seq).unwrap() {
            seq = picture.seq;
            pictures.insert(picture.id);
        }
        items.into_iter().chain([pictures]).collect()
    }
}

/// The ids of what arrived, in the same order. Counted as rows, so that what came twice shows.
fn arrived(app: &App) -> Vec<Vec<String>> {
    let tables = [
        "work_sessions",
        "application_usage",
        "website_usage",
        "activity_log",
        "screenshots",
    ];
    let ids = |table| {
        let sql = format!("SELECT id FROM tenant.{table} ORDER BY id::text");
        let found = rows(&mut app.copy.admin(), &sql).into_iter();
        found
            .map(|row| row["id"].as_str().unwrap().to_owned())
            .collect()
    };
    tables.map(ids).to_vec()
}

async fn owner_does(acme: &Company, action: &str, body: serde_json::Value) {
    let path = format!("/api/owner/companies/{}/{action}", acme.id);
    let (status, answer) = acme.owner.post(&path, body).await;
    assert_eq!(status, 200, "{answer}");
}

/// Within a second: forty looks with 25 ms between them, so that a machine that stood still is not blamed on the server.
async fn within_a_second(agent: &Client, wanted: u16) {
    for _ in 0..40 {
        let (status, answer) = agent.get("/api/agent/settings").await;
        if status == wanted {
            let code = if wanted == 200 {
                json!(null)
            } else {
                json!("company_suspended")
            };
            assert_eq!(answer["code"], code);
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("after a second {} is not there", wanted);
}

#[actix_web::test]
async fn what_an_agent_kept_while_its_company_was_suspended_arrives_complete() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    crate::feed::execute(
        &mut app.copy.admin(),
        "UPDATE tenant.company_settings SET screenshot_interval_seconds = 60",
    );
    let here = app.agent(&acme, &ada).await;
    let there = here.at(&twin);
    within_a_second(&there, 200).await;
    // The owner works on one instance, the agent talks to the other.
    let desk = Desk::new(&twin, &acme, &ada).await;
    let now = Utc::now();
    desk.record(3, now - chrono::Duration::minutes(30));
    let mut sent: Vec<BTreeSet<String>> = desk.ids();
    desk.pass().await.unwrap();
    assert_eq!(desk.waiting().items, 0, "before it all goes out");

    // More is recorded, and the company is suspended before it was sent.
    desk.record(4, now - chrono::Duration::minutes(20));
    owner_does(&acme, "suspend", json!({ "reason": "unpaid" })).await;
    assert_eq!(
        here.get("/api/agent/settings").await.1["code"],
        json!("company_suspended"),
        "where it was done it holds before the answer leaves"
    );
    within_a_second(&there, 403).await;
    // Restarted meanwhile, and still recording.
    desk.record(5, now - chrono::Duration::minutes(10));
    let kept = desk.ids();
    for (kind, ids) in KINDS.iter().chain(&["screenshot"]).zip(&kept) {
        assert!(!ids.is_empty(), "no {kind} waits");
    }
    let before = desk.waiting();
    for _ in 0..3 {
        let Err(Trouble::Company { code, .. }) = desk.pass().await else {
            panic!("a suspended company's agent was served");
        };
        assert_eq!(code, "company_suspended");
    }
    assert_eq!(desk.waiting(), before, "refused, and everything is kept");
    assert_eq!(desk.ids(), kept);

    // Its admin reads and changes nothing, on either instance.
    for admin in [acme.admin.clone(), acme.admin.at(&twin)] {
        for path in ["/api/me", "/api/employees", "/api/usage/today"] {
            let (status, answer) = admin.get(path).await;
            assert_eq!(status, 200, "{path}: {answer}");
        }
        let new = json!({ "email": "new@acme.test", "role": "EMPLOYEE" });
        let (status, answer) = admin.post("/api/employees", new).await;
        assert_eq!(
            (status, &answer["code"]),
            (403, &json!("company_suspended"))
        );
    }

    // By then the access token has ended: the first pass renews it.
    let mut credentials = desk.home.credentials().unwrap().unwrap();
    credentials.access_token = Secret::new("ended");
    desk.home.keep(&credentials).unwrap();
    owner_does(&acme, "reactivate", json!({})).await;
    within_a_second(&there, 200).await;
    desk.pass().await.unwrap();
    let left = desk.waiting();
    assert_eq!((left.items, left.screenshots, left.dead_letters), (0, 0, 0));
    for (all, more) in sent.iter_mut().zip(kept) {
        all.extend(more);
    }
    let sent: Vec<Vec<String>> = sent
        .into_iter()
        .map(|ids| ids.into_iter().collect())
        .collect();
    assert_eq!(arrived(&app), sent);
    // Twelve minutes were worked, and each second of them is there.
    let sql = "SELECT sum(active_seconds + idle_seconds) AS seconds FROM tenant.activity_log";
    assert_eq!(
        rows(&mut app.copy.admin(), sql),
        [json!({ "seconds": 720 })]
    );
}
