//! The id of the request under way: in its answer, its errors and every line of its log.

use tokio::task_local;
use uuid::Uuid;

task_local! {
    static CURRENT: String;
}

/// The id of the request this task serves, if it serves one.
pub fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// A caller's own id is kept when it is harmless to log; else one is made.
pub(super) fn of_header(given: Option<&str>) -> String {
    given
        .filter(|id| {
            (8..=64).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
        .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

pub(super) async fn scope<F: Future>(id: String, work: F) -> F::Output {
    CURRENT.scope(id, work).await
}
