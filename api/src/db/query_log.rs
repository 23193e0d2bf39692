//! In development: each statement's text, its milliseconds, role, company and request, without the bound values.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use diesel::PgConnection;
use diesel::connection::{Connection, Instrumentation, InstrumentationEvent};
use diesel::r2d2::{CustomizeConnection, Error};

static ENABLED: AtomicBool = AtomicBool::new(false);

/// For every connection opened from now on, in all servers of this process.
pub fn enable() {
    ENABLED.store(true, Ordering::Relaxed);
}

/// Hangs the log on a new connection.
#[derive(Debug)]
pub(super) struct Instrument {
    /// The role that logs in here.
    pub login: &'static str,
}

impl CustomizeConnection<PgConnection, Error> for Instrument {
    fn on_acquire(&self, conn: &mut PgConnection) -> Result<(), Error> {
        // Without one, diesel's default would be asked for each statement's text all the same.
        match ENABLED.load(Ordering::Relaxed) {
            true => conn.set_instrumentation(Log {
                started: Instant::now(),
                login: self.login,
                scope: self.login.to_owned(),
            }),
            false => conn.set_instrumentation(Silent),
        }
        Ok(())
    }
}

struct Silent;
impl Instrumentation for Silent {
    fn on_connection_event(&mut self, _: InstrumentationEvent<'_>) {}
}

struct Log {
    started: Instant,
    login: &'static str,
    /// The statement that opened the transaction: it names role, company and user.
    scope: String,
}

impl Instrumentation for Log {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                self.started = Instant::now();
                let text = query.to_string();
                if let Some(scope) = text.strip_prefix("BEGIN; SET LOCAL ROLE ") {
                    self.scope = scope
                        .split_whitespace()
                        .filter(|word| !["SET", "LOCAL", "="].contains(word))
                        .collect::<Vec<_>>()
                        .join(" ");
                } else if text.starts_with("BEGIN") {
                    self.login.clone_into(&mut self.scope);
                }
            }
            InstrumentationEvent::FinishQuery { query, error, .. } => {
                let text = query.to_string();
                // diesel prints the binds after the text; they may be anything a person typed.
                let statement = text
                    .split("-- binds:")
                    .next()
                    .unwrap_or_default()
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ");
                let request = crate::http::origin::request_id();
                tracing::info!(
                    target: "query",
                    ms = self.started.elapsed().as_micros() as f64 / 1000.0,
                    scope = self.scope,
                    request,
                    failed = error.is_some(),
                    statement
                );
            }
            _ => {}
        }
    }
}
