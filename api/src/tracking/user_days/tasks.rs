//! Seconds by task: what the devices observed in sessions of the task. A minute of two devices with the same task counts once,
//! as the longer of them, and a minute of two tasks for both as far as each was observed.

use std::sync::LazyLock;

use diesel::{PgConnection, RunQueryDsl};
use uuid::Uuid;

use super::{COUNTS, Span, bound};
use crate::Result;

static TEXT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "INSERT INTO tenant.user_task_usage_daily (company_id, user_id, day, task_id, tracked_seconds) \
    WITH days AS (SELECT * FROM unnest($3, $4, $5) AS d (day, from_at, to_at)), \
    device_minutes AS (SELECT d.day, s.device_id, s.task_id, date_trunc('minute', a.started_at) AS minute, \
      least(60, sum(a.active_seconds + a.idle_seconds)) AS tracked \
      FROM tenant.activity_log a JOIN days d ON a.started_at >= d.from_at AND a.started_at < d.to_at \
      JOIN tenant.work_sessions s ON s.company_id = $1 AND s.id = a.session_id \
      WHERE a.company_id = $1 AND a.user_id = $2 AND a.started_at >= $6 AND a.started_at < $7 \
        AND s.task_id IS NOT NULL AND {COUNTS} GROUP BY 1, 2, 3, 4), \
    minutes AS (SELECT day, task_id, minute, max(tracked) AS tracked FROM device_minutes GROUP BY 1, 2, 3) \
    SELECT $1, $2, day, task_id, sum(tracked) FROM minutes WHERE tracked > 0 GROUP BY day, task_id ON CONFLICT DO NOTHING"
    )
});

pub(super) fn write(conn: &mut PgConnection, company: Uuid, user: Uuid, span: &Span) -> Result<()> {
    bound(&TEXT, company, user, span).execute(conn)?;
    Ok(())
}
