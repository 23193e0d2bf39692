//! What the agent hears of a desktop, on an X server of its own where there is one.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::time::{Duration, Instant};

use support::programs::{Display, has, name_active, x_server};
use tracker_agent::desktop::linux_x11::X11;
use tracker_agent::desktop::{Desktop, Window};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ConnectionExt as _, CreateWindowAux, PropMode, ScreenSaver, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// Far longer than anything here takes: who waits so long has not heard.
const LONG: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(300);

/// A desktop with the two windows that a person would have, drawn by nobody.
struct Desk {
    conn: RustConnection,
    root: u32,
    display: String,
    desktop: X11,
    _server: Display,
}

impl Desk {
    fn open() -> Option<Self> {
        if !has("Xvfb") {
            return None;
        }
        let (display, server) = x_server();
        let (conn, number) = x11rb::connect(Some(&display)).unwrap();
        let root = conn.setup().roots[number].root;
        let desktop = X11::open(Some(&display)).unwrap();
        Some(Self {
            conn,
            root,
            display,
            desktop,
            _server: server,
        })
    }

    fn window(&self, class: &str, title: &str) -> u32 {
        let id = self.conn.generate_id().unwrap();
        let (kind, aux) = (WindowClass::INPUT_OUTPUT, CreateWindowAux::new());
        self.conn
            .create_window(0, id, self.root, 0, 0, 10, 10, 0, kind, 0, &aux)
            .unwrap()
            .check()
            .unwrap();
        let class = format!("{class}\0{class}\0");
        self.set(id, AtomEnum::WM_CLASS.into(), &class);
        self.title(id, title);
        id
    }

    fn title(&self, id: u32, title: &str) {
        self.set(id, AtomEnum::WM_NAME.into(), title);
    }

    /// It is known to the server when this returns.
    fn set(&self, id: u32, property: u32, value: &str) {
        self.conn
            .change_property8(
                PropMode::REPLACE,
                id,
                property,
                AtomEnum::STRING,
                value.as_bytes(),
            )
            .unwrap()
            .check()
            .unwrap();
    }

    fn hears(&mut self, patience: Duration) -> bool {
        let begin = Instant::now();
        let since = self.desktop.wait(begin + patience).unwrap();
        assert!(since.is_none_or(|since| since >= begin));
        since.is_some()
    }

    fn seen(&mut self) -> Option<(String, String)> {
        let window = self.desktop.active_window().unwrap();
        window.map(|Window { app, title }| (app, title))
    }
}

fn named(app: &str, title: &str) -> Option<(String, String)> {
    Some((app.to_owned(), title.to_owned()))
}

#[test]
fn a_change_in_front_is_heard_and_nothing_else_is() {
    let Some(mut desk) = Desk::open() else {
        return;
    };
    let front = desk.window("Editor", "one");
    let behind = desk.window("Browser", "behind");
    name_active(&desk.display, front);
    assert_eq!(desk.seen(), named("Editor", "one"));
    assert!(!desk.hears(SHORT));
    desk.title(behind, "still behind");
    desk.set(front, AtomEnum::WM_ICON_NAME.into(), "an icon's name");
    assert!(!desk.hears(SHORT), "neither is what is recorded");
    desk.title(front, "two");
    assert!(desk.hears(LONG));
    assert_eq!(desk.seen(), named("Editor", "two"));
    name_active(&desk.display, behind);
    assert!(desk.hears(LONG));
    assert_eq!(desk.seen(), named("Browser", "still behind"));
    desk.title(front, "not in front any more");
    assert!(!desk.hears(SHORT));
    desk.title(behind, "in front");
    assert!(desk.hears(LONG));
    assert_eq!(desk.seen(), named("Browser", "in front"));
}

#[test]
fn titles_that_never_rest_wake_the_agent_ten_times_a_second_at_most() {
    let Some(mut desk) = Desk::open() else {
        return;
    };
    let front = desk.window("Editor", "0");
    name_active(&desk.display, front);
    desk.seen();
    let begin = Instant::now();
    let mut heard = 0;
    std::thread::scope(|scope| {
        let (conn, root) = x11rb::connect(Some(&desk.display)).unwrap();
        scope.spawn(move || {
            for number in 1..=500 {
                let title = number.to_string();
                let (mode, name, kind) = (PropMode::REPLACE, AtomEnum::WM_NAME, AtomEnum::STRING);
                conn.change_property8(mode, front, name, kind, title.as_bytes())
                    .unwrap()
                    .check()
                    .unwrap();
            }
            drop((conn, root));
        });
        while desk.seen() != named("Editor", "500") {
            assert!(desk.hears(LONG));
            heard += 1;
        }
    });
    let tenths = begin.elapsed().as_millis() / 100;
    assert!(heard <= tenths + 1, "{heard} times in {tenths} tenths");
}

#[test]
fn a_window_that_is_gone_is_no_reason_to_end() {
    let Some(mut desk) = Desk::open() else {
        return;
    };
    let front = desk.window("Editor", "one");
    let next = desk.window("Browser", "two");
    name_active(&desk.display, front);
    desk.seen();
    desk.conn.destroy_window(front).unwrap().check().unwrap();
    name_active(&desk.display, next);
    assert!(desk.hears(LONG));
    assert_eq!(desk.seen(), named("Browser", "two"));
    name_active(&desk.display, front);
    assert!(desk.hears(LONG));
    assert_eq!(desk.seen(), None);
}

#[test]
fn a_desktop_that_is_gone_is_an_error() {
    let Some(mut desk) = Desk::open() else {
        return;
    };
    let Desk {
        conn,
        desktop,
        _server,
        ..
    } = &mut desk;
    desktop.active_window().unwrap();
    conn.flush().unwrap();
    _server.end();
    assert!(desktop.wait(Instant::now() + LONG).is_err());
}

#[test]
fn a_screen_saver_that_is_on_is_a_locked_screen() {
    let Some(mut desk) = Desk::open() else {
        return;
    };
    for (mode, is_locked) in [(ScreenSaver::ACTIVE, true), (ScreenSaver::RESET, false)] {
        desk.conn.force_screen_saver(mode).unwrap().check().unwrap();
        assert_eq!(desk.desktop.is_locked(false).unwrap(), is_locked);
    }
}
