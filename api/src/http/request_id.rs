//! The id of the request under way: in its answer, its errors, its audit entries and every line of its log.

use std::cell::RefCell;

use tokio::task_local;
use uuid::Uuid;

task_local! {
    static OF_TASK: String;
}
thread_local! {
    // Database work runs on a thread of its own, where the task's value is not to be had.
    static OF_THREAD: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The id of the request that this task or thread serves, if it serves one.
pub fn current() -> Option<String> {
    OF_TASK
        .try_with(Clone::clone)
        .ok()
        .or_else(|| OF_THREAD.with_borrow(Clone::clone))
}

/// Runs `work` on this thread for a request.
pub(crate) fn on_thread<T>(id: Option<String>, work: impl FnOnce() -> T) -> T {
    OF_THREAD.set(id);
    let done = work();
    OF_THREAD.set(None);
    done
}

/// A caller's own id is kept when it is harmless to log; else one is made.
pub(crate) fn of_header(given: Option<&str>) -> String {
    given
        .filter(|id| {
            (8..=64).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
        .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

pub(super) async fn scope<F: Future>(id: String, work: F) -> F::Output {
    OF_TASK.scope(id, work).await
}
