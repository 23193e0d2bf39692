//! The icon in the tray, on a session bus of its own with a panel of the test's: what it says, and that its menu does it.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use support::bus::Bus;
use support::programs::{Running, eventually, has, signal};
use support::{Server, signed_in};
use tracker_agent::home::Home;
use tracker_agent::queue::{Queue, note};
use zbus::blocking::connection::Builder;
use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::{OwnedValue, Structure, Value};

/// What a panel offers to icons.
#[derive(Clone, Default)]
struct Watcher {
    items: Arc<Mutex<Vec<String>>>,
}

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: String) {
        self.items.lock().unwrap().push(service);
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.items.lock().unwrap().clone()
    }
}

struct Panel {
    conn: Connection,
    watcher: Watcher,
}

type Layout = (u32, (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>));

impl Panel {
    fn start(bus: &Bus) -> Self {
        let watcher = Watcher::default();
        let conn = Builder::address(bus.address.as_str())
            .unwrap()
            .serve_at("/StatusNotifierWatcher", watcher.clone())
            .unwrap()
            .name("org.kde.StatusNotifierWatcher")
            .unwrap()
            .build()
            .unwrap();
        Self { conn, watcher }
    }

    fn icon(&self) -> Option<String> {
        self.watcher.items.lock().unwrap().last().cloned()
    }

    fn title(&self) -> String {
        let (name, path) = (self.icon().unwrap(), "/StatusNotifierItem");
        let item = Proxy::new(&self.conn, name, path, "org.kde.StatusNotifierItem").unwrap();
        // A property that may change at any time is asked for each time.
        let all: HashMap<String, OwnedValue> = Proxy::new(
            &self.conn,
            item.destination(),
            path,
            "org.freedesktop.DBus.Properties",
        )
        .unwrap()
        .call("GetAll", &("org.kde.StatusNotifierItem",))
        .unwrap();
        String::try_from(all["Title"].try_clone().unwrap()).unwrap()
    }

    fn menu(&self) -> Proxy<'_> {
        let name = self.icon().unwrap();
        Proxy::new(&self.conn, name, "/MenuBar", "com.canonical.dbusmenu").unwrap()
    }

    /// As it is when somebody opens it: each entry by its label, and whether it can be clicked.
    fn entries(&self) -> Vec<(i32, String, bool)> {
        let menu = self.menu();
        let _: bool = menu.call("AboutToShow", &(0_i32,)).unwrap();
        let names: [&str; 0] = [];
        let (_, (_, _, children)): Layout = menu
            .call("GetLayout", &(0_i32, -1_i32, &names[..]))
            .unwrap();
        let entry = |child: OwnedValue| {
            let fields = Structure::try_from(child).unwrap().into_fields();
            let id = i32::try_from(&fields[0]).unwrap();
            let Value::Dict(says) = &fields[1] else {
                panic!("an entry without properties: {fields:?}");
            };
            let label = says.get::<_, String>(&"label").unwrap().unwrap_or_default();
            let enabled = says.get::<_, bool>(&"enabled").unwrap().unwrap_or(true);
            (id, label, enabled)
        };
        children.into_iter().map(entry).collect()
    }

    fn labels(&self) -> Vec<String> {
        let entries = self.entries().into_iter();
        entries.map(|(_, label, _)| label).collect()
    }

    fn click(&self, wanted: &str) {
        let entries = self.entries();
        let found = (entries.iter()).find(|(_, label, enabled)| label == wanted && *enabled);
        let (id, ..) = found.unwrap_or_else(|| panic!("no {wanted} in {entries:?}"));
        let nothing = Value::from(0_i32);
        let _: () = (self.menu())
            .call("Event", &(*id, "clicked", nothing, 0_u32))
            .unwrap();
    }
}

fn run(home: &Home, bus: &str, programs: &Path) -> Running {
    let path = std::env::var("PATH").unwrap_or_default();
    let child = Command::new(env!("CARGO_BIN_EXE_tracker-agent"))
        .args(["run", "--sync-interval", "1", "--no-activitywatch"])
        .env_remove("DISPLAY")
        .env("WAYLAND_DISPLAY", "wayland-of-a-test")
        .env("DBUS_SESSION_BUS_ADDRESS", bus)
        .env("TRACKER_AGENT_HOME", home.dir())
        .env("PATH", format!("{}:{path}", programs.display()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    Running(child.unwrap())
}

#[test]
fn the_icon_says_what_happens_and_its_menu_begins_and_ends_private_time() {
    if !has("dbus-daemon") {
        return;
    }
    let server = Server::friendly();
    let (dir, home) = signed_in(&server.url);
    let opened = dir.path().join("opened");
    let programs = dir.path().join("programs");
    fs::create_dir(&programs).unwrap();
    let opener = programs.join("xdg-open");
    fs::write(
        &opener,
        format!("#!/bin/sh\necho \"$1\" > {}\n", opened.display()),
    )
    .unwrap();
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).unwrap();
    let bus = Bus::start();
    let running = run(&home, &bus.address, &programs);
    let queue = Queue::open(&home).unwrap();
    eventually("it records before there is a panel", || {
        queue.note(note::RECORDER).unwrap().is_some()
    });
    let panel = Panel::start(&bus);
    eventually("the panel hears of the icon", || panel.icon().is_some());
    eventually("it says that it records", || {
        panel.title().ends_with(": Recording")
    });
    let said = panel.labels();
    assert!(
        said[1].starts_with("For ") && said[1].ends_with(&server.url),
        "{said:?}"
    );
    assert!(
        panel.entries()[..2].iter().all(|(_, _, enabled)| !enabled),
        "what is only said cannot be clicked"
    );
    panel.click("Begin private time");
    eventually("private time has begun", || {
        panel.title().ends_with("Private time: nothing is recorded")
    });
    assert!(queue.note(note::PAUSED_AT).unwrap().is_some());
    panel.click("End private time");
    eventually("it records again", || {
        panel.title().ends_with(": Recording")
    });
    assert_eq!(queue.note(note::PAUSED_AT).unwrap(), None);
    panel.click("What is recorded about me");
    eventually("the portal is opened", || {
        opened.exists() && fs::metadata(&opened).unwrap().len() > 0
    });
    let address = fs::read_to_string(&opened).unwrap();
    assert_eq!(
        address.trim(),
        format!("{}/dashboard/user#recorded", server.url)
    );
    let name = panel.icon().unwrap();
    signal(&running, "-TERM");
    eventually("the icon goes with the run", || {
        let bus = zbus::blocking::fdo::DBusProxy::new(&panel.conn).unwrap();
        !bus.name_has_owner(name.as_str().try_into().unwrap())
            .unwrap()
    });
}

#[test]
fn a_bus_that_never_answers_keeps_nothing_from_being_recorded() {
    let server = Server::friendly();
    let (dir, home) = signed_in(&server.url);
    let deaf = dir.path().join("deaf");
    let _listener = std::os::unix::net::UnixListener::bind(&deaf).unwrap();
    let _running = run(&home, &format!("unix:path={}", deaf.display()), dir.path());
    let queue = Queue::open(&home).unwrap();
    eventually("it records", || {
        queue.note(note::RECORDER).unwrap().is_some()
    });
}
