//! The program itself, killed without warning at any moment while it records: what was on the disk is there when it is
//! back, and what was open is closed where it was last seen. `AGENT_KILLS` asks for more kills, `AGENT_SEED` for others.
//! The desktop hides its windows, as Wayland does; sources of ActivityWatch tell them.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use support::{Dice, Reply, Server, asked, signed_in};
use tempfile::TempDir;
use tracker_agent::home::Home;
use tracker_agent::queue::{Queue, note};

/// What a test run takes; `make agent-soak` asks for more.
const KILLS: u64 = 10;

/// Killed with the test, whatever becomes of it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

struct Agent {
    _dir: TempDir,
    home: Home,
}

/// What lies on the disk: items by their ids, and the session that is open.
struct OnDisk {
    items: BTreeMap<String, Value>,
    open: Option<Value>,
}

impl Agent {
    /// A run that has begun to record, and where it hears sources.
    fn start(&self) -> (Running, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tracker-agent"));
        command
            .args(["run", "--sync-interval", "1", "--activitywatch-port", "0"])
            .env_remove("DISPLAY")
            .env("WAYLAND_DISPLAY", "wayland-of-a-test")
            .env("TRACKER_AGENT_HOME", self.home.dir())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut running = Running(command.spawn().unwrap());
        let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
        let mut lines_to_recording = lines.by_ref().map_while(Result::ok);
        assert!(
            lines_to_recording.any(|line| line.ends_with(" recording")),
            "it never began to record"
        );
        // Somebody has to read on, or the program would wait for room to write.
        std::thread::spawn(move || lines.for_each(drop));
        let queue = Queue::open(&self.home).unwrap();
        let address = queue.note(note::ACTIVITYWATCH).unwrap().unwrap();
        (running, address.trim_start_matches("http://").to_owned())
    }

    fn on_disk(&self) -> OnDisk {
        let db = self.database();
        let mut statement = db
            .prepare("SELECT id, body FROM items UNION ALL SELECT id, body FROM dead_letters")
            .unwrap();
        let rows = statement.query_map([], |row| {
            let body: String = row.get(1)?;
            Ok((row.get(0)?, serde_json::from_str(&body).unwrap()))
        });
        let items = rows.unwrap().map(Result::unwrap).collect();
        let open = "SELECT value FROM notes WHERE key = ?1";
        let open = db.query_row(open, [note::OPEN], |row| row.get::<_, String>(0));
        let open = open.ok().map(|open| serde_json::from_str(&open).unwrap());
        OnDisk { items, open }
    }

    /// To look, without taking part.
    fn database(&self) -> Connection {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let db = Connection::open_with_flags(self.home.queue_file(), flags).unwrap();
        db.busy_timeout(Duration::from_secs(10)).unwrap();
        db
    }
}

fn tell(address: &str, path: &str, body: &Value) {
    let mut stream = TcpStream::connect(address).unwrap();
    let body = body.to_string();
    let head = format!(
        "POST /api/0{path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let is_taken = answer.starts_with("HTTP/1.1 200") || answer.starts_with("HTTP/1.1 304");
    assert!(is_taken, "{path}: {answer}");
}

/// A watcher of somebody who changes windows all the time.
struct Watcher {
    address: String,
    turn: usize,
}

impl Watcher {
    fn new(address: String) -> Self {
        for (bucket, kind) in [("window", "currentwindow"), ("afk", "afkstatus")] {
            let new = json!({ "client": bucket, "hostname": "h", "type": kind });
            tell(&address, &format!("/buckets/aw-watcher-{bucket}_h"), &new);
        }
        Self { address, turn: 0 }
    }

    fn beat(&mut self) {
        self.turn += 1;
        let window = json!({ "app": "writer", "title": format!("page {}", self.turn) });
        let presence = json!({ "status": "not-afk" });
        for (bucket, data) in [("window", window), ("afk", presence)] {
            let event = json!({ "timestamp": Utc::now(), "duration": 0, "data": data });
            let path = format!("/buckets/aw-watcher-{bucket}_h/heartbeat?pulsetime=60");
            tell(&self.address, &path, &event);
        }
    }
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

/// What was there is there, or the server has acknowledged it.
fn nothing_is_gone(before: &OnDisk, after: &OnDisk, server: &Server) {
    let mut sent: BTreeMap<String, Value> = BTreeMap::new();
    for kind in ["sessions", "applications", "websites", "activity"] {
        let items = server.uploaded(kind).into_iter();
        sent.extend(items.map(|item| (item["id"].as_str().unwrap().to_owned(), item)));
    }
    for call in ["start", "stop"] {
        for request in server.seen(&format!("/api/work-session/{call}")) {
            let session = request.json();
            sent.insert(session["id"].as_str().unwrap().to_owned(), session);
        }
    }
    for (id, body) in &before.items {
        let now = after.items.get(id).or(sent.get(id));
        let Some(now) = now else {
            panic!("lost: {body}");
        };
        // A session may have ended, or have been told of by a call; all else is as it was.
        let is_session = body.get("session_id").is_none();
        assert!(is_session || now == body, "{body} became {now}");
    }
}

/// What was open ends where it was last seen, not before and not after it was killed.
fn what_was_open_is_closed(
    before: &OnDisk,
    after: &OnDisk,
    server: &Server,
    killed: DateTime<Utc>,
) {
    let Some(open) = &before.open else {
        return;
    };
    let id = &open["session"]["id"];
    let sent = server.uploaded("sessions");
    let told = after.items.values().chain(&sent);
    let ended: Vec<&Value> = told
        .filter(|item| item["id"] == *id && !item["ended_at"].is_null())
        .collect();
    assert!(!ended.is_empty(), "{id} never ended");
    for session in ended {
        let at = time(&session["ended_at"]);
        let seen = open["timeline"]["cursor"].as_i64().unwrap();
        assert!(at.timestamp() >= seen, "{session} was seen until {seen}");
        assert!(at <= killed, "{session} was killed at {killed}");
        assert_eq!(session["reason"], "shut_down");
    }
    let now_open = after.open.as_ref().map(|open| &open["session"]["id"]);
    assert_ne!(now_open, Some(id), "it goes on");
}

#[test]
fn a_killed_run_loses_nothing_that_was_on_the_disk() {
    let began = Instant::now();
    let kills = asked("AGENT_KILLS").unwrap_or(KILLS);
    let mut dice = Dice(asked("AGENT_SEED").unwrap_or(1));
    let server = Server::friendly();
    let (dir, home) = signed_in(&server.url);
    let agent = Agent { _dir: dir, home };
    let (mut running, mut address) = agent.start();
    let (mut seen, mut batches) = (0, 0);
    for kill in 0..kills {
        // Most of the time the server is away, so that all of it stays on the disk.
        server.now(move |_| (kill % 4 != 3).then_some(Reply::Lost));
        let mut watcher = Watcher::new(address);
        let until = Instant::now() + Duration::from_millis(200 + dice.below(2_300));
        while Instant::now() < until {
            watcher.beat();
            std::thread::sleep(Duration::from_millis(dice.below(40)));
        }
        let before = agent.on_disk();
        std::thread::sleep(Duration::from_micros(dice.below(30_000)));
        drop(running);
        let killed = Utc::now();
        (running, address) = agent.start();
        let integrity: String = agent
            .database()
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(integrity, "ok", "after kill {kill}");
        let after = agent.on_disk();
        nothing_is_gone(&before, &after, &server);
        what_was_open_is_closed(&before, &after, &server, killed);
        seen += before.items.len();
        batches = server.count("/api/upload/batch");
    }
    drop(running);
    println!(
        "{kills} kills, {seen} rows on the disk before them, {batches} batches on their way, {} s",
        began.elapsed().as_secs()
    );
}
