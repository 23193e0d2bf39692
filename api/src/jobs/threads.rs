//! Threads that end together: one flag, seen at once by whoever sleeps.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// Says to threads that they shall end.
#[derive(Clone, Default)]
pub(super) struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// Sleeps, and says whether it is time to end.
    pub fn wait(&self, time: Duration) -> bool {
        let (flag, changed) = &*self.0;
        let stopped = flag.lock().unwrap_or_else(PoisonError::into_inner);
        let (stopped, _) = changed
            .wait_timeout_while(stopped, time, |stopped| !*stopped)
            .unwrap_or_else(PoisonError::into_inner);
        *stopped
    }

    fn set(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }
}

/// The threads beside the server. Dropping them waits for the work under way.
#[derive(Default)]
pub struct Threads {
    stop: Stop,
    handles: Vec<JoinHandle<()>>,
}

impl Threads {
    pub(super) fn spawn(
        &mut self,
        name: &str,
        work: impl FnOnce(Stop) + Send + 'static,
    ) -> anyhow::Result<()> {
        let stop = self.stop.clone();
        let handle = Builder::new().name(name.into()).spawn(move || work(stop))?;
        self.handles.push(handle);
        Ok(())
    }

    /// Waits for the work under way.
    pub fn stop(self) {}
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.stop.set();
        for handle in self.handles.drain(..) {
            if handle.join().is_err() {
                tracing::error!("a thread beside the server had panicked");
            }
        }
    }
}
