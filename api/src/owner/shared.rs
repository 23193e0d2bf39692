//! What takes a walk over all companies is done once for all who wait for it.

use std::future::Future;
use std::sync::{Arc, Weak};
use std::time::Instant;

use tokio::sync::Mutex;

use super::reports::history::History;
use super::summary::Summary;
use crate::Result;

/// Shared by all requests of this instance.
#[derive(Debug, Default)]
pub struct Shared {
    pub(super) history: Once<History>,
    pub(super) summary: Once<Summary>,
}

/// Work of which one runs at a time. Whoever asks while it runs waits for the next, which began after they asked: what
/// they get is as new as if they had done it themselves. Nothing is kept for those who come later.
#[derive(Debug)]
pub(super) struct Once<T>(Mutex<Option<(Instant, Weak<T>)>>);

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Once<T> {
    pub async fn get(&self, work: impl Future<Output = Result<T>>) -> Result<Arc<T>> {
        let asked_at = Instant::now();
        let mut latest = self.0.lock().await;
        let done = latest.as_ref().filter(|(began_at, _)| *began_at > asked_at);
        if let Some(done) = done.and_then(|(_, done)| done.upgrade()) {
            return Ok(done);
        }
        let began_at = Instant::now();
        let done = Arc::new(work.await?);
        *latest = Some((began_at, Arc::downgrade(&done)));
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::*;

    #[actix_web::test]
    async fn whoever_waits_shares_what_began_after_they_asked() {
        let (once, runs) = (Once::default(), AtomicU32::new(0));
        let ask = || {
            once.get(async {
                let run = runs.fetch_add(1, Ordering::SeqCst) + 1;
                tokio::time::sleep(Duration::from_millis(50)).await;
                Ok(run)
            })
        };
        let (first, second, third) = tokio::join!(ask(), ask(), ask());
        let [first, second, third] = [first, second, third].map(Result::unwrap);
        assert_eq!((*first, *second, *third), (1, 2, 2));
        assert_eq!(
            *ask().await.unwrap(),
            3,
            "what was done before is not told again"
        );
    }

    #[actix_web::test]
    async fn what_failed_is_tried_again_by_the_next() {
        let once = Once::default();
        let fails = once.get(async { Err(crate::http::error::Error::NotFound) });
        let works = once.get(async { Ok(1) });
        let (failed, worked) = tokio::join!(fails, works);
        assert!(failed.is_err());
        assert_eq!(*worked.unwrap(), 1);
    }
}
