//! The real server, killed without warning while agents upload: what it acknowledged is there, once.

use std::collections::HashSet;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, Client, binary};

const BATCHES: usize = 300;
const ITEMS: usize = 20;
const SIDES: usize = 4;

struct Server {
    child: Child,
}

impl Server {
    fn start(binary: &PathBuf, app: &App, port: u16) -> Self {
        let config = &app.state.config;
        let child = Command::new(binary)
            .args(["serve", "--workers", "2"])
            .env("DATABASE_URL", app.copy.admin_url())
            .env("DATA_DIR", &config.data_dir)
            .env("TRACKER_SECRET_FILE", config.secret_file())
            .env("HOST", "127.0.0.1")
            .env("PORT", port.to_string())
            .env_remove("PUBLIC_URL")
            .env("LOG_LEVEL", "off")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self { child }
    }

    /// SIGKILL: nothing of the server's own runs after it.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn batch(session: Uuid, number: usize) -> Value {
    let at = |item: usize| {
        let seconds = i64::try_from(number * ITEMS + item).unwrap();
        (chrono::Utc::now() - chrono::Duration::seconds(7200 + seconds)).to_rfc3339()
    };
    let items: Vec<_> = (0..ITEMS)
        .map(|item| json!({ "id": Uuid::now_v7(), "session_id": session, "app": "a", "title": "t", "started_at": at(item), "seconds": 1 }))
        .collect();
    json!({ "batch_id": Uuid::now_v7(), "applications": items })
}

#[derive(Default)]
struct Progress {
    waiting: Vec<Value>,
    acknowledged: HashSet<String>,
    batches: usize,
}

/// Sends what waits until nothing does. What was not answered waits again.
async fn send_all(agent: Client, progress: Arc<Mutex<Progress>>) {
    loop {
        let next = progress.lock().unwrap().waiting.pop();
        let Some(batch) = next else { return };
        let request = agent
            .request(reqwest::Method::POST, "/api/upload/batch")
            .json(&batch);
        let answer = match request.send().await {
            Ok(response) if response.status() == 200 => response.json::<Value>().await.ok(),
            _ => None,
        };
        let Some(answer) = answer else {
            progress.lock().unwrap().waiting.push(batch);
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let mut progress = progress.lock().unwrap();
        progress.batches += 1;
        for item in answer["items"].as_array().unwrap() {
            assert!(
                ["stored", "duplicate"].contains(&item["result"].as_str().unwrap()),
                "{item}"
            );
            progress
                .acknowledged
                .insert(item["id"].as_str().unwrap().to_owned());
        }
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = BigInt)]
    times: i64,
}

#[actix_web::test]
async fn what_a_killed_server_acknowledged_is_there_once() {
    let Some(binary) = binary() else { return };
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut agent = app.agent(&acme, &acme.admin).await;
    agent.address = format!("http://127.0.0.1:{port}");
    let session = Uuid::now_v7();
    let waiting = (0..BATCHES).map(|number| batch(session, number)).collect();
    let progress = Arc::new(Mutex::new(Progress {
        waiting,
        ..Progress::default()
    }));
    let mut server = Server::start(&binary, &app, port);
    let sides: Vec<_> = (0..SIDES)
        .map(|_| actix_web::rt::spawn(send_all(agent.clone(), progress.clone())))
        .collect();
    for goal in [BATCHES / 5, BATCHES / 2, BATCHES * 4 / 5] {
        while progress.lock().unwrap().batches < goal {
            assert!(
                server.child.try_wait().unwrap().is_none(),
                "the server ended by itself"
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        server.kill();
        server = Server::start(&binary, &app, port);
    }
    for side in sides {
        side.await.unwrap();
    }
    let rows: Vec<Row> =
        sql_query("SELECT id::text, count(*) AS times FROM tenant.application_usage GROUP BY id")
            .load(&mut app.copy.admin())
            .unwrap();
    assert!(rows.iter().all(|row| row.times == 1));
    let stored: HashSet<String> = rows.into_iter().map(|row| row.id).collect();
    assert_eq!(stored, progress.lock().unwrap().acknowledged);
    assert_eq!(stored.len(), BATCHES * ITEMS);
}
