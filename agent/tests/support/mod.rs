//! What the tests share: an agent's folder, and a small server on loopback that answers by script.

#![expect(dead_code, reason = "each test file uses a part of it")]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[cfg(target_os = "linux")]
pub mod bus;
pub mod programs;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::NaiveTime;
use serde_json::{Value, json};
use tempfile::TempDir;
use tracker_agent::home::{Credentials, Home, Secret};
use tracker_agent::queue::{Queue, note};
use tracker_wire::{AgentSettings, AgentUser};
use uuid::Uuid;

/// Numbers that look random and are the same for the same seed.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// How many of something are asked for.
pub fn asked(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}: {text}")))
}

/// A request as the server saw it. Packed bodies are unpacked; `raw` is what came over the wire.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub raw: Vec<u8>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn token(&self) -> &str {
        self.header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "))
            .unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

pub enum Reply {
    Json(u16, Value),
    With(u16, Value, &'static str, String),
    /// Takes the request and closes the connection: the answer is lost.
    Lost,
}

pub fn problem(status: u16, code: &str) -> Reply {
    Reply::Json(
        status,
        json!({ "type": "about:blank", "title": code, "status": status, "detail": code, "code": code, "request_id": "r" }),
    )
}

type Script = Arc<Mutex<dyn FnMut(&Request) -> Option<Reply> + Send>>;

/// Runs until the test's process ends. What the script does not answer, it answers as a friendly server.
pub struct Server {
    pub url: String,
    seen: Arc<Mutex<Vec<Request>>>,
    script: Arc<Mutex<Script>>,
}

impl Server {
    pub fn friendly() -> Self {
        Self::scripted(|_| None)
    }

    pub fn scripted(script: impl FnMut(&Request) -> Option<Reply> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(Arc::new(Mutex::new(script))));
        let (log, answers) = (Arc::clone(&seen), Arc::clone(&script));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), &log, &answers.lock().unwrap());
            }
        });
        Self { url, seen, script }
    }

    /// From now on it answers by another script.
    pub fn now(&self, script: impl FnMut(&Request) -> Option<Reply> + Send + 'static) {
        *self.script.lock().unwrap() = Arc::new(Mutex::new(script));
    }

    pub fn seen(&self, path: &str) -> Vec<Request> {
        self.seen
            .lock()
            .unwrap()
            .iter()
            .filter(|request| request.path == path)
            .cloned()
            .collect()
    }

    pub fn count(&self, path: &str) -> usize {
        self.seen(path).len()
    }

    pub fn paths(&self) -> Vec<String> {
        self.seen
            .lock()
            .unwrap()
            .iter()
            .map(|request| request.path.clone())
            .collect()
    }

    /// All items of one kind in all batches, in the order of arrival.
    pub fn uploaded(&self, kind: &str) -> Vec<Value> {
        self.seen("/api/upload/batch")
            .iter()
            .flat_map(|request| request.json()[kind].as_array().cloned().unwrap())
            .collect()
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<Request>>, script: &Script) {
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let Some(request) = read(&mut stream) else {
        return;
    };
    let reply = (script.lock().unwrap())(&request).unwrap_or_else(|| friendly(&request));
    log.lock().unwrap().push(request);
    let (status, body, header) = match reply {
        Reply::Json(status, body) => (status, body, String::new()),
        Reply::With(status, body, name, value) => (status, body, format!("{name}: {value}\r\n")),
        Reply::Lost => return,
    };
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{header}connection: close\r\n\r\n",
        body.len()
    );
    stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body.as_bytes()))
        .ok();
}

fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut part = [0; 8192];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        match stream.read(&mut part) {
            Ok(length) if length > 0 => bytes.extend_from_slice(&part[..length]),
            _ => return None,
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ');
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(key, value)| (key.to_lowercase(), value.to_owned()))
        .collect();
    let mut raw = bytes[end + 4..].to_vec();
    let length = headers
        .iter()
        .find(|(key, _)| key == "content-length")
        .map_or(0, |(_, value)| value.parse().unwrap());
    while raw.len() < length {
        match stream.read(&mut part) {
            Ok(length) if length > 0 => raw.extend_from_slice(&part[..length]),
            _ => return None,
        }
    }
    let mut body = raw.clone();
    if headers
        .iter()
        .any(|(key, value)| key == "content-encoding" && value == "gzip")
    {
        body.clear();
        flate2::read::GzDecoder::new(raw.as_slice())
            .read_to_end(&mut body)
            .unwrap();
    }
    let (method, path) = (
        first.next().unwrap().to_owned(),
        first.next().unwrap().to_owned(),
    );
    Some(Request {
        method,
        path,
        headers,
        raw,
        body,
    })
}

/// Stores everything.
pub fn friendly(request: &Request) -> Reply {
    let body = match request.path.as_str() {
        "/api/login" | "/api/token/refresh" => tokens("access-1", "refresh-1"),
        "/api/agent/settings" => json!(settings()),
        "/api/agent/tasks" => json!({ "items": [task(1), task(2)] }),
        "/api/upload/batch" => {
            json!({ "items": answers(&request.json(), |_| None), "settings_version": 1 })
        }
        "/api/screenshot/upload" => {
            return Reply::Json(201, json!({ "id": Uuid::nil(), "result": "stored" }));
        }
        path if path.starts_with("/api/work-session/") => {
            json!({ "id": request.json()["id"], "result": "stored", "settings_version": 1 })
        }
        _ => return problem(404, "not_found"),
    };
    Reply::Json(200, body)
}

/// One answer per item, in the server's order; `code` names those to be rejected.
pub fn answers(batch: &Value, code: impl Fn(&Value) -> Option<&'static str>) -> Vec<Value> {
    let kinds = ["sessions", "applications", "websites", "activity"];
    let items = kinds
        .iter()
        .flat_map(|kind| batch[kind].as_array().cloned().unwrap_or_default());
    items
        .map(|item| match code(&item) {
            Some(code) => json!({ "id": item["id"], "result": "rejected", "code": code }),
            None => json!({ "id": item["id"], "result": "stored" }),
        })
        .collect()
}

pub fn tokens(access: &str, refresh: &str) -> Value {
    json!({ "access_token": access, "refresh_token": refresh, "expires_in": 600, "user": user(), "settings": settings() })
}

/// An open task of the person's.
pub fn task(number: u128) -> Value {
    json!({ "id": Uuid::from_u128(number), "title": format!("Task {number}"), "status": "open", "priority": "normal", "overdue": false })
}

pub fn user() -> AgentUser {
    AgentUser {
        id: Uuid::from_u128(7),
        name: "Erin Employee".into(),
    }
}

pub fn settings() -> AgentSettings {
    AgentSettings {
        version: 1,
        screenshots_enabled: false,
        screenshot_interval_seconds: 600,
        blur_screenshots: false,
        idle_threshold_seconds: 60,
        tracking_days: (1..=7).collect(),
        tracking_from: NaiveTime::MIN,
        tracking_to: NaiveTime::from_hms_opt(23, 59, 59).unwrap(),
        time_zone: "Europe/Berlin".into(),
        record_titles: true,
        record_paths: true,
        redaction_rules: Vec::new(),
        policy: None,
        timer: None,
    }
}

/// A folder of an agent that is signed in at the server, without having asked it.
pub fn signed_in(server: &str) -> (TempDir, Home) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::at(dir.path().join("agent")).unwrap();
    home.keep(&Credentials {
        server: server.to_owned(),
        allow_http: false,
        ca_file: None,
        company_key: Secret::new("company_0123456789abcdef0123456789abcdef"),
        access_token: Secret::new("access-0"),
        refresh_token: Secret::new("refresh-0"),
        user: user(),
        keyring: None,
    })
    .unwrap();
    let queue = Queue::open(&home).unwrap();
    queue.write(note::SETTINGS, &settings()).unwrap();
    queue.set_note(note::OWNER, &user().id.to_string()).unwrap();
    (dir, home)
}
