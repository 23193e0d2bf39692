//! A Wayland session, as far as its compositor tells: the window in front by wlr-foreign-toplevel (sway, Hyprland,
//! Wayfire and their kin), idle time by ext-idle-notify, KDE's own protocol or GNOME's bus. No protocol tells input or, without
//! asking the person each time, pixels. Where a compositor tells nothing, work sessions alone are recorded.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use image::RgbImage;
use wayland_client::backend::ObjectId;
use wayland_client::globals::{GlobalListContents, registry_queue_init};
use wayland_client::protocol::{wl_registry, wl_seat};
use wayland_client::{
    Connection, Dispatch, EventQueue, Proxy, QueueHandle, delegate_noop, event_created_child,
};
use wayland_protocols::ext::idle_notify::v1::client::{
    ext_idle_notification_v1::{self, ExtIdleNotificationV1},
    ext_idle_notifier_v1::ExtIdleNotifierV1,
};
use wayland_protocols_plasma::idle::client::{
    org_kde_kwin_idle::OrgKdeKwinIdle,
    org_kde_kwin_idle_timeout::{self, OrgKdeKwinIdleTimeout},
};
use wayland_protocols_wlr::foreign_toplevel::v1::client::{
    zwlr_foreign_toplevel_handle_v1::{self, ZwlrForeignToplevelHandleV1},
    zwlr_foreign_toplevel_manager_v1::{self, ZwlrForeignToplevelManagerV1},
};

use super::idle_monitor::IdleMonitor;
use super::logind::Logind;
use super::{
    ACTIVITY_NOT_AVAILABLE, Activity, Desktop, SCREENSHOTS_NOT_AVAILABLE, TITLES_NOT_AVAILABLE,
    Window,
};

/// The compositor says that no input came for so long, and says when input comes again.
const QUIET: Duration = Duration::from_secs(1);
/// From this version of ext-idle-notify on, a film that keeps the screen on does not count as input.
const INPUT_ALONE: u32 = 2;

pub struct Wayland {
    queue: EventQueue<Seen>,
    seen: Seen,
    tells_windows: bool,
    tells_idle: bool,
    idle_monitor: IdleMonitor,
    logind: Logind,
}

/// What the compositor has told so far.
#[derive(Default)]
struct Seen {
    windows: HashMap<ObjectId, Toplevel>,
    /// Told nothing more from now on.
    is_finished: bool,
    /// When it was said that input had not come for [`QUIET`]; nothing while somebody works.
    quiet_at: Option<Instant>,
}

/// Its changes come one by one and count together, at the compositor's word.
#[derive(Default)]
struct Toplevel {
    shown: State,
    next: State,
}

#[derive(Default, Clone)]
struct State {
    app: String,
    title: String,
    is_activated: bool,
}

impl Wayland {
    pub fn open() -> Result<Self> {
        let conn = Connection::connect_to_env().context("the Wayland display does not answer")?;
        let (globals, mut queue) = registry_queue_init::<Seen>(&conn)?;
        let handle = queue.handle();
        let windows = globals.bind::<ZwlrForeignToplevelManagerV1, _, _>(&handle, 1..=3, ());
        let seat = globals.bind::<wl_seat::WlSeat, _, _>(&handle, 1..=1, ());
        let tells_idle = seat.is_ok_and(|seat| {
            let milliseconds = u32::try_from(QUIET.as_millis()).unwrap_or(u32::MAX);
            if let Ok(notifier) = globals.bind::<ExtIdleNotifierV1, _, _>(&handle, 1..=2, ()) {
                if notifier.version() >= INPUT_ALONE {
                    notifier.get_input_idle_notification(milliseconds, &seat, &handle, ());
                } else {
                    notifier.get_idle_notification(milliseconds, &seat, &handle, ());
                }
                return true;
            }
            let kde = globals.bind::<OrgKdeKwinIdle, _, _>(&handle, 1..=1, ());
            kde.is_ok_and(|idle| {
                idle.get_idle_timeout(&seat, milliseconds, &handle, ());
                true
            })
        });
        let mut seen = Seen::default();
        // The first brings the windows, the second what they are called.
        for _ in 0..2 {
            queue.roundtrip(&mut seen)?;
        }
        Ok(Self {
            queue,
            seen,
            tells_windows: windows.is_ok(),
            tells_idle,
            idle_monitor: IdleMonitor::default(),
            logind: Logind::new(),
        })
    }

    fn hear(&mut self) -> Result<()> {
        let heard = self.queue.roundtrip(&mut self.seen);
        heard.context("the Wayland display is gone")?;
        ensure!(
            !self.seen.is_finished,
            "the Wayland display no longer tells of its windows"
        );
        Ok(())
    }
}

impl Desktop for Wayland {
    fn active_window(&mut self) -> Result<Option<Window>> {
        self.hear()?;
        Ok(self.seen.front())
    }

    fn idle(&mut self) -> Result<Option<Duration>> {
        let quiet = self.seen.quiet_at;
        Ok(match self.tells_idle {
            true => Some(quiet.map_or(Duration::ZERO, |since| QUIET + since.elapsed())),
            false => self.idle_monitor.idle(),
        })
    }

    fn activity(&mut self) -> Result<Activity> {
        Ok(Activity::default())
    }

    fn screenshot(&mut self, _display: u8) -> Result<Option<RgbImage>> {
        Ok(None)
    }

    fn is_locked(&mut self, anew: bool) -> Result<bool> {
        let now = Instant::now();
        // Where somebody works nothing is locked.
        let is_quiet = !self.tells_idle || self.seen.quiet_at.is_some();
        Ok(match anew {
            true => self.logind.is_locked_now(now),
            false => self.logind.is_locked(is_quiet, now),
        })
    }

    fn limitations(&self) -> Vec<String> {
        let titles = (!self.tells_windows).then_some(TITLES_NOT_AVAILABLE);
        let others = [ACTIVITY_NOT_AVAILABLE, SCREENSHOTS_NOT_AVAILABLE];
        titles.into_iter().chain(others).map(String::from).collect()
    }
}

impl Seen {
    fn front(&self) -> Option<Window> {
        let mut shown = self.windows.values().map(|window| &window.shown);
        let front = shown.find(|state| state.is_activated && !state.app.is_empty())?;
        Some(Window {
            app: front.app.clone(),
            title: front.title.clone(),
        })
    }

    fn hear_idle(&mut self, is_quiet: bool) {
        self.quiet_at = is_quiet.then(Instant::now);
    }
}

impl Dispatch<ZwlrForeignToplevelManagerV1, ()> for Seen {
    fn event(
        seen: &mut Self,
        _manager: &ZwlrForeignToplevelManagerV1,
        event: zwlr_foreign_toplevel_manager_v1::Event,
        _data: &(),
        _conn: &Connection,
        _handle: &QueueHandle<Self>,
    ) {
        use zwlr_foreign_toplevel_manager_v1::Event;
        match event {
            Event::Toplevel { toplevel } => {
                seen.windows.insert(toplevel.id(), Toplevel::default());
            }
            Event::Finished => seen.is_finished = true,
            _ => {}
        }
    }

    event_created_child!(Seen, ZwlrForeignToplevelManagerV1, [
        zwlr_foreign_toplevel_manager_v1::EVT_TOPLEVEL_OPCODE => (ZwlrForeignToplevelHandleV1, ())
    ]);
}

impl Dispatch<ZwlrForeignToplevelHandleV1, ()> for Seen {
    fn event(
        seen: &mut Self,
        toplevel: &ZwlrForeignToplevelHandleV1,
        event: zwlr_foreign_toplevel_handle_v1::Event,
        _data: &(),
        _conn: &Connection,
        _handle: &QueueHandle<Self>,
    ) {
        use zwlr_foreign_toplevel_handle_v1::Event;
        let id = toplevel.id();
        if matches!(event, Event::Closed) {
            seen.windows.remove(&id);
            toplevel.destroy();
            return;
        }
        let Some(window) = seen.windows.get_mut(&id) else {
            return;
        };
        match event {
            Event::AppId { app_id } => window.next.app = app_id,
            Event::Title { title } => window.next.title = title,
            Event::State { state } => window.next.is_activated = is_activated(&state),
            Event::Done => window.shown = window.next.clone(),
            _ => {}
        }
    }
}

impl Dispatch<ExtIdleNotificationV1, ()> for Seen {
    fn event(
        seen: &mut Self,
        _notification: &ExtIdleNotificationV1,
        event: ext_idle_notification_v1::Event,
        _data: &(),
        _conn: &Connection,
        _handle: &QueueHandle<Self>,
    ) {
        match event {
            ext_idle_notification_v1::Event::Idled => seen.hear_idle(true),
            ext_idle_notification_v1::Event::Resumed => seen.hear_idle(false),
            _ => {}
        }
    }
}

impl Dispatch<OrgKdeKwinIdleTimeout, ()> for Seen {
    fn event(
        seen: &mut Self,
        _timeout: &OrgKdeKwinIdleTimeout,
        event: org_kde_kwin_idle_timeout::Event,
        _data: &(),
        _conn: &Connection,
        _handle: &QueueHandle<Self>,
    ) {
        match event {
            org_kde_kwin_idle_timeout::Event::Idle => seen.hear_idle(true),
            org_kde_kwin_idle_timeout::Event::Resumed => seen.hear_idle(false),
            _ => {}
        }
    }
}

impl Dispatch<wl_registry::WlRegistry, GlobalListContents> for Seen {
    fn event(
        _seen: &mut Self,
        _registry: &wl_registry::WlRegistry,
        _event: wl_registry::Event,
        _data: &GlobalListContents,
        _conn: &Connection,
        _handle: &QueueHandle<Self>,
    ) {
    }
}

delegate_noop!(Seen: ignore wl_seat::WlSeat);
delegate_noop!(Seen: ExtIdleNotifierV1);
delegate_noop!(Seen: OrgKdeKwinIdle);

/// The states are numbers of four bytes, one after another.
fn is_activated(states: &[u8]) -> bool {
    let activated = u32::from(zwlr_foreign_toplevel_handle_v1::State::Activated);
    let (states, _) = states.as_chunks::<4>();
    states
        .iter()
        .any(|state| u32::from_ne_bytes(*state) == activated)
}
