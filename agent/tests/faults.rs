//! Long sequences of faults, drawn from a seed: answers lost before and after the server stored,
//! refusals, ended tokens, agents killed between two requests. Whatever happens, each item is stored
//! once or put aside with a reason. `AGENT_SEQUENCES` asks for more of them.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use chrono::Utc;
use serde_json::{Value, json};
use support::{Dice, Reply, Request, Server, answers, asked, problem, signed_in, tokens};
use tracker_agent::queue::{Item, Queue};
use tracker_agent::sync::Engine;
use tracker_wire::{ApplicationItem, SessionItem};
use uuid::Uuid;

/// What the server has, and what it saw of each batch.
#[derive(Default)]
struct Books {
    stored: BTreeMap<String, Value>,
    rejected: BTreeSet<String>,
    batches: BTreeMap<String, Vec<u8>>,
    generation: u32,
}

impl Books {
    fn take(&mut self, request: &Request) -> Vec<Value> {
        let batch = request.json();
        let body = self
            .batches
            .entry(batch["batch_id"].to_string())
            .or_insert_with(|| request.body.clone());
        assert_eq!(*body, request.body, "a batch came again in another form");
        let items = ["sessions", "applications", "websites", "activity"]
            .iter()
            .flat_map(|kind| batch[kind].as_array().cloned().unwrap());
        for item in items {
            let id = item["id"].as_str().unwrap().to_owned();
            if item["title"] == "bad" {
                self.rejected.insert(id);
            } else {
                // The closed form of a session replaces the open one; nothing else ever changes.
                let known = self.stored.insert(id, item.clone());
                assert!(
                    known.is_none_or(|known| known == item || known["ended_at"].is_null()),
                    "an item changed"
                );
            }
        }
        answers(&batch, |item| (item["title"] == "bad").then_some("invalid"))
    }

    fn reply(&mut self, request: &Request, dice: &mut Dice) -> Option<Reply> {
        if request.path == "/api/token/refresh" {
            assert_eq!(
                request.json()["refresh_token"],
                format!("refresh-{}", self.generation),
                "a spent token came back"
            );
            // The answer may be lost, as long as the child was not used.
            return Some(match dice.below(4) {
                0 => Reply::Lost,
                _ => {
                    self.generation += 1;
                    Reply::Json(
                        200,
                        tokens(
                            &format!("access-{}", self.generation),
                            &format!("refresh-{}", self.generation),
                        ),
                    )
                }
            });
        }
        match dice.below(10) {
            0 => return Some(Reply::Lost),
            1 => return Some(problem(503, "busy")),
            2 => return Some(problem(401, "unauthenticated")),
            3 => return Some(problem(403, "company_suspended")),
            _ => {}
        }
        if request.path != "/api/upload/batch" {
            return None;
        }
        if request.json()["applications"].as_array().unwrap().len() > 3 && dice.below(6) == 0 {
            return Some(problem(413, "too_large"));
        }
        let mut items = self.take(request);
        match dice.below(4) {
            0 => return Some(Reply::Lost),
            1 => items.truncate(items.len() / 2),
            _ => {}
        }
        Some(Reply::Json(
            200,
            json!({ "items": items, "settings_version": 1 }),
        ))
    }
}

fn sequence(seed: u64) {
    let books = Arc::new(Mutex::new(Books::default()));
    let (ledger, dice) = (Arc::clone(&books), Arc::new(Mutex::new(Dice(seed))));
    let rolls = Arc::clone(&dice);
    let server = Server::scripted(move |request| {
        ledger
            .lock()
            .unwrap()
            .reply(request, &mut rolls.lock().unwrap())
    });
    let (_dir, home) = signed_in(&server.url);
    let mut queue = Queue::open(&home).unwrap();
    let mut engine = Engine::new(&home).unwrap();
    let (mut sent, mut own) = (BTreeSet::new(), Dice(!seed));
    for _ in 0..12 {
        let (ids, items): (Vec<_>, Vec<_>) = batch_of(&mut own).into_iter().unzip();
        sent.extend(ids);
        queue.save(&items, None).unwrap();
        drop(engine.pass());
        if own.below(3) == 0 {
            // A killed agent closes nothing.
            std::mem::forget(std::mem::replace(&mut engine, Engine::new(&home).unwrap()));
        }
    }
    let ledger = Arc::clone(&books);
    server.now(move |request| {
        let mut books = ledger.lock().unwrap();
        let items = (request.path == "/api/upload/batch").then(|| books.take(request))?;
        Some(Reply::Json(
            200,
            json!({ "items": items, "settings_version": 1 }),
        ))
    });
    Engine::new(&home).unwrap().pass().unwrap();
    settled(&queue, &books.lock().unwrap(), &server, &sent, seed);
}

/// An ended session and a few windows, some of which the server will never take.
fn batch_of(dice: &mut Dice) -> Vec<(String, Item)> {
    let (session_id, started_at) = (Uuid::now_v7(), Utc::now());
    let reason = Some(["paused", "stopped"][usize::from(dice.below(2) == 0)].to_owned());
    let session = SessionItem {
        id: session_id,
        started_at,
        ended_at: Some(started_at),
        reason,
        task_id: None,
    };
    let mut items = vec![(session_id.to_string(), Item::Session(session))];
    for _ in 0..dice.below(8) {
        let (id, title) = (
            Uuid::now_v7(),
            if dice.below(9) == 0 { "bad" } else { "good" },
        );
        let window = ApplicationItem {
            id,
            session_id,
            app: "XTerm".into(),
            title: title.into(),
            started_at,
            seconds: 1,
        };
        items.push((id.to_string(), Item::Application(window)));
    }
    items
}

fn settled(queue: &Queue, books: &Books, server: &Server, sent: &BTreeSet<String>, seed: u64) {
    let waiting = queue.waiting().unwrap();
    assert_eq!(waiting.items, 0, "seed {seed}");
    let letters: BTreeSet<String> = queue
        .dead_letters(10_000)
        .unwrap()
        .into_iter()
        .map(|letter| letter.id)
        .collect();
    assert_eq!(letters, books.rejected, "seed {seed}");
    let stops = server
        .seen("/api/work-session/stop")
        .into_iter()
        .map(|request| request.json()["id"].as_str().unwrap().to_owned());
    let known: BTreeSet<String> = books
        .stored
        .keys()
        .chain(&books.rejected)
        .cloned()
        .chain(stops)
        .collect();
    assert_eq!(*sent, known, "seed {seed}");
}

#[test]
fn every_item_is_stored_once_or_put_aside_whatever_fails() {
    let sequences = asked("AGENT_SEQUENCES").unwrap_or(25);
    (0..sequences).for_each(sequence);
    println!("{sequences} sequences of faults");
}
