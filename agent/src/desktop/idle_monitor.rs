//! GNOME's clock of idle time: its compositor has none of Wayland's protocols for that, and tells it over the session's bus.
//!
//! Source: the D-Bus interface `org.gnome.Mutter.IdleMonitor` of Mutter.

use std::cell::OnceCell;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;

const NAME: &str = "org.gnome.Mutter.IdleMonitor";
/// Of all devices together.
const CORE: &str = "/org/gnome/Mutter/IdleMonitor/Core";
/// Longest wait for the bus.
const PATIENCE: Duration = Duration::from_secs(1);

/// Looks for it when it is first asked.
#[derive(Default)]
pub(super) struct IdleMonitor(OnceCell<Option<Connection>>);

impl IdleMonitor {
    /// How long ago the last input was; nothing where this is not GNOME.
    pub(super) fn idle(&self) -> Option<Duration> {
        let bus = self.0.get_or_init(find).as_ref()?;
        ask(bus).map(Duration::from_millis)
    }
}

fn ask(bus: &Connection) -> Option<u64> {
    let told = bus.call_method(Some(NAME), CORE, Some(NAME), "GetIdletime", &());
    told.ok()?.body().deserialize().ok()
}

/// On a thread of its own, as a bus may be deaf.
fn find() -> Option<Connection> {
    let (tell, told) = mpsc::channel();
    let look = move || {
        let bus = Builder::session().map(|builder| builder.method_timeout(PATIENCE));
        let bus = bus.and_then(Builder::build).ok();
        // Who asked may have lost patience.
        tell.send(bus.filter(|bus| ask(bus).is_some())).ok();
    };
    thread::Builder::new()
        .name("idle-monitor".to_owned())
        .spawn(look)
        .ok()?;
    told.recv_timeout(PATIENCE).ok().flatten()
}
