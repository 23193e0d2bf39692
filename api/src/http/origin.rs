//! The request under way: its id, in its answer, its errors, its audit entries and every line of its log; and from where
//! it came, in its audit entries.

use std::cell::RefCell;
use std::net::IpAddr;

use tokio::task_local;
use uuid::Uuid;

#[derive(Debug, Clone)]
pub struct Origin {
    id: String,
    address: Option<IpAddr>,
}

task_local! {
    static OF_TASK: Origin;
}
thread_local! {
    // Database work runs on a thread of its own, where the task's value is not to be had.
    static OF_THREAD: RefCell<Option<Origin>> = const { RefCell::new(None) };
}

/// Of the request that this task or thread serves, if it serves one.
pub(crate) fn current() -> Option<Origin> {
    OF_TASK
        .try_with(Clone::clone)
        .ok()
        .or_else(|| OF_THREAD.with_borrow(Clone::clone))
}

/// The id of the request under way.
pub fn request_id() -> Option<String> {
    current().map(|origin| origin.id)
}

/// The address that the request under way came from.
pub(crate) fn address() -> Option<String> {
    Some(current()?.address?.to_string())
}

/// Runs `work` on this thread for a request.
pub(crate) fn on_thread<T>(origin: Option<Origin>, work: impl FnOnce() -> T) -> T {
    OF_THREAD.set(origin);
    let done = work();
    OF_THREAD.set(None);
    done
}

/// A caller's own id is kept when it is harmless to log; else one is made.
pub(crate) fn id_of_header(given: Option<&str>) -> String {
    given
        .filter(|id| {
            (8..=64).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
        .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

pub(super) async fn scope<F: Future>(id: String, address: Option<IpAddr>, work: F) -> F::Output {
    OF_TASK.scope(Origin { id, address }, work).await
}
