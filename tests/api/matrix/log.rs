//! Every line that the server logs, caught: canaries in it are leaks, and statements are counted per request.

use std::collections::HashMap;
use std::fmt::{Debug, Write};
use std::sync::{Mutex, OnceLock};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

#[derive(Default)]
pub struct Caught {
    statements: HashMap<String, usize>,
    /// Lines with a canary in them.
    pub leaks: Vec<String>,
    pub lines: usize,
}

static CAUGHT: OnceLock<Mutex<Caught>> = OnceLock::new();

fn caught() -> std::sync::MutexGuard<'static, Caught> {
    CAUGHT.get_or_init(Mutex::default).lock().unwrap()
}

/// From here on, for all tests of this process: a server's threads know no narrower place for a subscriber.
pub fn catch() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Catcher).unwrap());
}

/// How many statements that request sent.
pub fn statements_of(request: &str) -> usize {
    caught().statements.remove(request).unwrap_or_default()
}

/// Lines so far, and those among them that hold a canary.
pub fn take() -> (usize, Vec<String>) {
    let mut caught = caught();
    (caught.lines, std::mem::take(&mut caught.leaks))
}

struct Catcher;

impl Subscriber for Catcher {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO
            || (*metadata.level() == Level::DEBUG && metadata.target().starts_with("tracker"))
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut line = Line::default();
        span.record(&mut line);
        line.keep();
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = Line::default();
        values.record(&mut line);
        line.keep();
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        if event.metadata().target() == "query"
            && let Some(request) = line.request.take()
        {
            *caught().statements.entry(request).or_default() += 1;
        }
        if *event.metadata().level() == Level::ERROR {
            eprintln!("{}", line.text);
        }
        line.keep();
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Line {
    text: String,
    request: Option<String>,
}

impl Line {
    fn keep(self) {
        let mut caught = caught();
        caught.lines += 1;
        if self.text.contains("cnry") {
            caught.leaks.push(self.text);
        }
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "request" {
            self.request = Some(value.to_owned());
        }
        let _ = write!(self.text, " {}={value}", field.name());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.text, " {}={value:?}", field.name());
    }
}
