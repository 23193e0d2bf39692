//! Each job is done once, tried again when it fails, and taken over when its worker dies.

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde_json::{Value, json};
use tracker::jobs::queue::{self, Job, MAX_ATTEMPTS, NewJob};
use tracker::jobs::{schedule, work};
use uuid::Uuid;

use crate::app::App;
use crate::feed::{execute, rows};

/// A server whose jobs nobody works on but the test.
async fn idle() -> App {
    App::configured(|config| config.job_workers = 0).await
}

fn job(key: &str) -> NewJob {
    NewJob::new(Uuid::nil(), "something", json!({}), key.to_owned())
}

fn enqueue(app: &App, jobs: &[NewJob]) {
    app.state
        .db
        .platform_job_blocking(|conn| queue::enqueue(conn, jobs))
        .unwrap();
}

fn claim(app: &App) -> Option<Job> {
    app.state.db.platform_job_blocking(queue::claim).unwrap()
}

fn states(app: &App) -> Vec<Value> {
    rows(
        &mut app.copy.admin(),
        "SELECT state, attempts FROM platform.jobs ORDER BY created_at, id",
    )
}

#[actix_web::test]
async fn while_a_job_waits_a_second_of_its_key_is_not_taken_in() {
    let app = idle().await;
    enqueue(&app, &[job("a")]);
    enqueue(&app, &[job("a"), job("b")]);
    assert_eq!(states(&app).len(), 2);
    let running = claim(&app).unwrap();
    enqueue(&app, &[job("a")]);
    assert_eq!(
        states(&app).len(),
        3,
        "what came after the start of {running:?} needs a job of its own"
    );
}

#[actix_web::test]
async fn four_workers_take_each_of_200_jobs_once() {
    let app = idle().await;
    let jobs: Vec<NewJob> = (0..200).map(|n| job(&n.to_string())).collect();
    enqueue(&app, &jobs);
    let taken = Mutex::new(Vec::new());
    let db = &app.state.db;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                // A door may be busy for a moment: four workers share two connections here.
                while let Some(job) = db.platform_job_blocking(queue::claim).unwrap() {
                    taken.lock().unwrap().push(job.id);
                    db.platform_job_blocking(|conn| queue::finish(conn, &job))
                        .unwrap();
                }
            });
        }
    });
    let taken = taken.into_inner().unwrap();
    assert_eq!(taken.len(), 200);
    assert_eq!(
        taken.into_iter().collect::<BTreeSet<_>>(),
        jobs.iter().map(|job| job.id).collect()
    );
}

#[actix_web::test]
async fn a_claimed_job_is_not_seen_by_others_before_its_claim_is_committed() {
    let app = idle().await;
    enqueue(&app, &[job("a"), job("b")]);
    let db = &app.state.db;
    db.platform_job_blocking(|conn| {
        let first = queue::claim(conn)?.unwrap();
        let second = db.platform_job_blocking(queue::claim)?.unwrap();
        assert_ne!(first.id, second.id);
        Ok(())
    })
    .unwrap();
}

#[actix_web::test]
async fn a_job_that_fails_waits_longer_each_time_and_is_given_up_at_last() {
    let app = idle().await;
    enqueue(&app, &[job("a")]);
    for attempt in 1..=MAX_ATTEMPTS {
        assert!(work::next(&app.state).unwrap(), "attempt {attempt}");
        assert!(
            !work::next(&app.state).unwrap(),
            "it waits after attempt {attempt}"
        );
        execute(
            &mut app.copy.admin(),
            "UPDATE platform.jobs SET run_at = now() WHERE state = 'queued'",
        );
    }
    assert_eq!(
        states(&app),
        [json!({ "state": "failed", "attempts": MAX_ATTEMPTS })]
    );
    let error = rows(&mut app.copy.admin(), "SELECT error FROM platform.jobs");
    assert_eq!(error[0]["error"], "no such kind of job: something");
}

#[actix_web::test]
async fn a_job_that_fails_gives_way_to_a_newer_one_of_its_key() {
    let app = idle().await;
    enqueue(&app, &[job("a")]);
    let running = claim(&app).unwrap();
    enqueue(&app, &[job("a")]);
    app.state
        .db
        .platform_job_blocking(|conn| queue::fail(conn, &running, "no"))
        .unwrap();
    let states = states(&app);
    assert_eq!(
        states,
        [
            json!({ "state": "failed", "attempts": 1 }),
            json!({ "state": "queued", "attempts": 0 })
        ]
    );
}

#[actix_web::test]
async fn a_job_whose_worker_died_is_taken_by_another_and_the_first_cannot_finish_it() {
    let app = idle().await;
    enqueue(&app, &[job("a")]);
    let first = claim(&app).unwrap();
    assert!(claim(&app).is_none());
    execute(
        &mut app.copy.admin(),
        "UPDATE platform.jobs SET locked_until = now() - interval '1 second'",
    );
    let second = claim(&app).unwrap();
    assert_eq!((first.id, second.attempts), (second.id, 2));
    app.state
        .db
        .platform_job_blocking(|conn| queue::finish(conn, &first))
        .unwrap();
    assert_eq!(states(&app), [json!({ "state": "running", "attempts": 2 })]);
    app.state
        .db
        .platform_job_blocking(|conn| queue::finish(conn, &second))
        .unwrap();
    assert_eq!(states(&app), [json!({ "state": "done", "attempts": 2 })]);
}

#[actix_web::test]
async fn what_is_due_by_the_clock_is_queued_once_a_slot_however_many_ask() {
    let app = idle().await;
    let minute = || chrono::Utc::now().timestamp() / 60;
    let ask = || {
        app.state
            .db
            .platform_job_blocking(schedule::enqueue_regular)
            .unwrap();
        while work::next(&app.state).unwrap() {}
        states(&app)
    };
    let before = minute();
    let (first, second) = (ask(), ask());
    assert!(first.iter().all(|job| job["state"] == "done"), "{first:?}");
    // Only if no minute ended in between do both speak of the same slots.
    if minute() == before {
        assert_eq!((first.len(), second.len()), (20, 20));
    }
}

#[actix_web::test]
async fn what_was_done_a_day_ago_is_forgotten() {
    let app = idle().await;
    enqueue(&app, &[job("old"), job("new")]);
    execute(
        &mut app.copy.admin(),
        "UPDATE platform.jobs SET state = 'done', finished_at = now() - CASE dedupe_key WHEN 'old' THEN interval '49 hours' ELSE '1 hour' END",
    );
    app.state
        .db
        .platform_job_blocking(queue::forget_finished)
        .unwrap();
    assert_eq!(
        rows(
            &mut app.copy.admin(),
            "SELECT dedupe_key FROM platform.jobs"
        ),
        [json!({ "dedupe_key": "new" })]
    );
}
