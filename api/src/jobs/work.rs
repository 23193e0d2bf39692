//! A worker: claims a job, runs it as the job's company or as the platform's jobs, and says what became of it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use anyhow::anyhow;
use chrono::Utc;

use super::queue::{self, Job};
use super::threads::Stop;
use super::{
    alerts, audit, deleted_screenshots, digests, disputes, erasures, expiry, exports, idempotency,
    mail, manual_times, overview, own_exports, own_screenshots, partitions, plan_changes,
    reclassify, reminders, removals, report_files, retention, roll_up, silent_sessions,
    system_status, usage_daily,
};
use crate::account::attempts;
use crate::company::audit::seals as company_seals;
use crate::http::error::Error;
use crate::owner::audit::seals;
use crate::{Result, app::State, db::Db};

const LOOK: Duration = Duration::from_millis(200);
/// When the database cannot be reached.
const TROUBLE: Duration = Duration::from_secs(2);

pub(super) fn run(state: &State, stop: &Stop) {
    loop {
        let pause = match next(state) {
            Ok(true) => Duration::ZERO,
            Ok(false) => LOOK,
            Err(error) => {
                tracing::warn!(cause = cause(&error), "the queue could not be asked");
                TROUBLE
            }
        };
        if stop.wait(pause) {
            return;
        }
    }
}

/// Works on the next due job; false when there is none.
pub fn next(state: &State) -> Result<bool> {
    let Some(job) = state.db.platform_job_blocking(queue::claim)? else {
        return Ok(false);
    };
    // A panic is this job's failure and not the worker's end.
    let done = catch_unwind(AssertUnwindSafe(|| work(state, &job)))
        .unwrap_or_else(|_| Err(anyhow!("the job panicked").into()));
    match done {
        Ok(()) => state
            .db
            .platform_job_blocking(|conn| queue::finish(conn, &job))?,
        Err(error) => {
            let cause = cause(&error);
            tracing::warn!(job = %job.id, kind = job.kind, attempt = job.attempts, cause, "a job failed");
            state
                .db
                .platform_job_blocking(|conn| queue::fail(conn, &job, &cause))?;
        }
    }
    Ok(true)
}

fn work(state: &State, job: &Job) -> Result<()> {
    let (db, company): (&Db, _) = (&state.db, job.company_id);
    match job.kind.as_str() {
        roll_up::KIND => roll_up::run(db, company),
        usage_daily::KIND => usage_daily::run(db, job),
        overview::KIND => db.platform_job_blocking(|conn| overview::publish(conn, None)),
        silent_sessions::FIND => db.platform_job_blocking(silent_sessions::find),
        silent_sessions::CLOSE => silent_sessions::close(db, company),
        expiry::FIND => {
            db.platform_job_blocking(|conn| expiry::find(conn, state.directory.grace_days))
        }
        expiry::INVITATIONS => expiry::expire_invitations(db, company),
        plan_changes::FIND => db.platform_job_blocking(plan_changes::find),
        plan_changes::CHANGE => {
            db.platform_job_blocking(|conn| plan_changes::carry_out(conn, company))
        }
        reminders::FIND => db.platform_job_blocking(reminders::find),
        reminders::REMIND => reminders::remind(state, job),
        retention::FIND => db.platform_job_blocking(retention::find),
        retention::DELETE => retention::run(state, job),
        own_screenshots::KIND => own_screenshots::run(db, job),
        deleted_screenshots::KIND => deleted_screenshots::run(state, job),
        erasures::FIND => db.platform_job_blocking(erasures::find),
        erasures::ERASE => erasures::run(state, job),
        reclassify::KIND => reclassify::run(db, company),
        removals::KIND => removals::run(state, job),
        exports::KIND => exports::run(state, job),
        exports::FIND => db.platform_job_blocking(|conn| exports::FILES.find(conn)),
        exports::FORGET => exports::FILES.forget(state, job),
        own_exports::KIND => own_exports::run(state, job),
        own_exports::ENTRY => own_exports::write_down(db, job),
        own_exports::FIND => db.platform_job_blocking(|conn| own_exports::FILES.find(conn)),
        own_exports::FORGET => own_exports::FILES.forget(state, job),
        report_files::KIND => report_files::run(state, job),
        report_files::FIND => db.platform_job_blocking(|conn| report_files::FILES.find(conn)),
        report_files::FIND_DUE => db.platform_job_blocking(report_files::find_due),
        report_files::DUE => report_files::run_due(db, job),
        report_files::FORGET => report_files::FILES.forget(state, job),
        idempotency::FIND => db.platform_job_blocking(idempotency::find),
        idempotency::FORGET => idempotency::forget(db, company),
        system_status::KIND => db.platform_job_blocking(system_status::publish),
        partitions::KIND => db.platform_job_blocking(partitions::make),
        queue::FORGET => db.platform_job_blocking(queue::forget_finished),
        manual_times::KIND => manual_times::run(db, job),
        mail::KIND => mail::run(state, job),
        alerts::FIND => db.platform_job_blocking(alerts::find),
        alerts::EVALUATE => alerts::run(state, company, Utc::now()),
        disputes::KIND => disputes::run(db, job),
        digests::FIND => {
            db.platform_job_blocking(|conn| digests::find(conn, &state.directory, Utc::now()))
        }
        audit::KIND => audit::run(db, job),
        seals::KIND => {
            while db.platform_job_blocking(seals::seal)? {}
            Ok(())
        }
        company_seals::FIND => db.platform_job_blocking(company_seals::find),
        company_seals::SEAL => company_seals::run(db, company),
        attempts::FORGET => db.auth_blocking(attempts::forget),
        other => Err(anyhow!("no such kind of job: {other}").into()),
    }
}

fn cause(error: &Error) -> String {
    match error {
        Error::Internal(cause) => format!("{cause:#}"),
        error => error.to_string(),
    }
}
