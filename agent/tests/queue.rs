//! The queue on disk: what is in it survives its process.

mod support;

use std::os::unix::fs::PermissionsExt;

use chrono::Utc;
use support::signed_in;
use tracker_agent::queue::{Item, Queue};
use tracker_wire::{ApplicationItem, ItemAnswer, ItemResult, ScreenshotMeta};
use uuid::Uuid;

fn window(title: &str) -> Item {
    let (id, session_id) = (Uuid::now_v7(), Uuid::now_v7());
    Item::Application(ApplicationItem {
        id,
        session_id,
        app: "XTerm".into(),
        title: title.into(),
        started_at: Utc::now(),
        seconds: 1,
    })
}

#[test]
fn the_queue_survives_a_kill() {
    let (_dir, home) = signed_in("http://127.0.0.1:1");
    let mut queue = Queue::open(&home).unwrap();
    queue
        .save(&[window("one"), window("two")], Some("open"))
        .unwrap();
    let batch = queue.next_batch(1).unwrap().unwrap();
    // A killed process closes nothing.
    std::mem::forget(queue);
    let mut queue = Queue::open(&home).unwrap();
    assert_eq!(queue.waiting().unwrap().items, 2);
    assert_eq!(queue.note("open").unwrap().as_deref(), Some("open"));
    assert_eq!(
        queue.next_batch(500).unwrap().unwrap(),
        batch,
        "the batch on its way stays as it was"
    );
}

#[test]
fn an_answer_out_of_step_is_matched_by_id() {
    let (_dir, home) = signed_in("http://127.0.0.1:1");
    let mut queue = Queue::open(&home).unwrap();
    queue
        .save(&[window("one"), window("two"), window("three")], None)
        .unwrap();
    let batch = queue.next_batch(500).unwrap().unwrap();
    let answer = |place: usize, result| ItemAnswer {
        id: batch.rows[place].id.parse().ok(),
        result,
        code: None,
    };
    let left = queue
        .settle(
            &batch,
            &[
                answer(2, ItemResult::Stored),
                answer(0, ItemResult::Duplicate),
            ],
        )
        .unwrap();
    assert_eq!(left, 1);
    let next = queue.next_batch(500).unwrap().unwrap();
    assert_eq!(next.rows, [batch.rows[1].clone()]);
    assert_ne!(next.id, batch.id);
}

#[test]
fn the_folder_and_its_files_are_closed_to_others() {
    let (_dir, home) = signed_in("http://127.0.0.1:1");
    let mut queue = Queue::open(&home).unwrap();
    let meta = ScreenshotMeta {
        id: Uuid::now_v7(),
        session_id: Uuid::now_v7(),
        taken_at: Utc::now(),
        display: 0,
        blurred: false,
    };
    queue.add_screenshot(&meta, b"picture").unwrap();
    queue.save(&[window("one")], None).unwrap();
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(home.dir()), 0o700);
    for entry in std::fs::read_dir(home.dir())
        .unwrap()
        .chain(std::fs::read_dir(home.screenshots()).unwrap())
    {
        let path = entry.unwrap().path();
        let wanted = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), wanted, "{}", path.display());
    }
}

#[test]
fn a_picture_without_a_row_is_swept_away() {
    let (_dir, home) = signed_in("http://127.0.0.1:1");
    let queue = Queue::open(&home).unwrap();
    let meta = ScreenshotMeta {
        id: Uuid::now_v7(),
        session_id: Uuid::now_v7(),
        taken_at: Utc::now(),
        display: 0,
        blurred: false,
    };
    queue.add_screenshot(&meta, b"picture").unwrap();
    let leftover = home.screenshots().join("leftover.new");
    std::fs::write(&leftover, b"half a pic").unwrap();
    queue.sweep().unwrap();
    assert!(!leftover.exists());
    assert!(queue.next_screenshot(0).unwrap().unwrap().file.exists());
}
