//! What other instances changed: one connection that listens. A suspension is in force here within a second; after a
//! lost connection everything is loaded anew, since nobody knows what was missed.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use uuid::Uuid;

use super::threads::Stop;
use crate::directory::Directory;

/// Asking for notifications neither blocks nor reports a dead socket.
const LOOK: Duration = Duration::from_millis(50);
/// So a statement is sent now and then, which does.
const PROBE: Duration = Duration::from_secs(5);
const RECONNECT: Duration = Duration::from_millis(500);

pub(super) fn run(directory: &Directory, url: &str, stop: &Stop) {
    loop {
        if let Err(error) = listen(directory, url, stop) {
            tracing::warn!(%error, "listening for changes broke off; connecting again");
        }
        if stop.wait(RECONNECT) {
            return;
        }
    }
}

fn listen(directory: &Directory, url: &str, stop: &Stop) -> anyhow::Result<()> {
    let conn = &mut PgConnection::establish(&impatient(url))?;
    // First listen, then load: a change in between is loaded and announced, not lost.
    conn.batch_execute("LISTEN tracker")?;
    directory.load(conn, None)?;
    let mut probed = Instant::now();
    while !stop.wait(LOOK) {
        if probed.elapsed() >= PROBE {
            let asked_at = Instant::now();
            conn.batch_execute("SELECT 1")?;
            probed = asked_at;
        }
        let said: Vec<String> = conn
            .notifications_iter()
            .map(|said| said.map(|said| said.payload))
            .collect::<Result<_, _>>()?;
        for payload in said {
            hear(directory, conn, &payload)?;
        }
        // What the server sent before it answered the probe has been read by now.
        directory.hear(probed);
    }
    Ok(())
}

/// A network that swallows packets is noticed after seconds, not after the kernel's quarter of an hour.
fn impatient(url: &str) -> String {
    let join = if url.contains('?') { '&' } else { '?' };
    format!(
        "{url}{join}connect_timeout=5&tcp_user_timeout=10000&keepalives_idle=5&keepalives_interval=5&keepalives_count=2"
    )
}

fn hear(directory: &Directory, conn: &mut PgConnection, payload: &str) -> anyhow::Result<()> {
    let parsed = payload
        .split_once(':')
        .and_then(|(kind, id)| Some((kind, id.parse::<Uuid>().ok()?)));
    match parsed {
        Some(("company", id)) => directory.load(conn, Some(id))?,
        // It may be the plan of any number of companies, and seldom changes.
        Some(("plan", _)) => directory.load(conn, None)?,
        Some(("sign_in", id)) => directory.end(id),
        // A newer instance may speak of kinds that this one does not know.
        _ => tracing::debug!("a notification was not understood"),
    }
    Ok(())
}
