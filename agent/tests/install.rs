//! Starting with the desktop, in a home of the test's own and with a `systemctl` that a test wrote.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Knows a graphical session and enables by a link, as systemd's own does; says what it was asked.
const SYSTEMCTL: &str = r#"#!/bin/sh
echo "$*" >>"$HOME/asked"
units=$HOME/.config/systemd/user
case "$2" in
  is-active|daemon-reload) exit 0 ;;
  enable) mkdir -p "$units/graphical-session.target.wants" &&
          ln -s "$units/$4" "$units/graphical-session.target.wants/$4" ;;
  disable) rm -f "$units/graphical-session.target.wants/$4" ;;
  *) exit 1 ;;
esac
"#;

struct Person {
    home: TempDir,
}

impl Person {
    fn new() -> Self {
        let person = Self {
            home: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(person.path("bin")).unwrap();
        person
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn entry(&self) -> Option<String> {
        fs::read_to_string(self.path(".config/autostart/tracker-agent.desktop")).ok()
    }

    fn unit(&self) -> Option<String> {
        fs::read_to_string(self.path(".config/systemd/user/tracker-agent.service")).ok()
    }

    fn with_systemctl(self, script: &str) -> Self {
        let file = self.path("bin/systemctl");
        fs::write(&file, script).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    fn with_a_package(self) -> Self {
        let folder = self.path("xdg/autostart");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("tracker-agent.desktop"), "[Desktop Entry]\n").unwrap();
        self
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tracker-agent"));
        command
            .env_clear()
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_DIRS", self.path("xdg"))
            // Shells have `echo` within them; `ln`, `rm` and `mkdir` are the system's.
            .env("PATH", format!("{}:/usr/bin:/bin", self.path("bin").display()));
        command.args(arguments).stdin(Stdio::null());
        command
    }

    fn install(&self, arguments: &[&str]) {
        let output = self
            .command(&[&["install"], arguments].concat())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    /// What `doctor` says of it: its level, and what starts the agent.
    fn started_by(&self) -> (String, String) {
        let output = self.command(&["doctor", "--json"]).output().unwrap();
        let findings: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        let found = findings
            .iter()
            .find(|found| found["check"] == "autostart")
            .unwrap();
        let text = |field: &str| found[field].as_str().unwrap().to_owned();
        (text("level"), text("text"))
    }
}

#[test]
fn where_systemd_knows_the_session_a_unit_alone_starts_it() {
    let person = Person::new().with_systemctl(SYSTEMCTL);
    person.install(&[]);
    let unit = person.unit().unwrap();
    let run = format!("ExecStart=\"{}\" run", env!("CARGO_BIN_EXE_tracker-agent"));
    assert!(
        unit.contains(&run) && unit.contains("WantedBy=graphical-session.target"),
        "{unit}"
    );
    assert_eq!(person.entry(), None);
    let asked = fs::read_to_string(person.path("asked")).unwrap();
    let asked: Vec<&str> = asked.lines().collect();
    assert_eq!(
        asked,
        [
            "--user is-active --quiet graphical-session.target",
            "--user daemon-reload",
            "--user enable --quiet tracker-agent.service",
        ]
    );
    let (level, text) = person.started_by();
    assert!(
        level == "ok" && text.contains("tracker-agent.service"),
        "{text}"
    );
    person.install(&["--remove"]);
    assert_eq!((person.unit(), person.entry()), (None, None));
    assert_eq!(person.started_by().0, "warning");
    // What is gone already is no reason to fail.
    person.install(&["--remove"]);
}

#[test]
fn where_systemd_knows_no_session_an_entry_alone_starts_it() {
    // No systemd, one that knows no units, one that knows no desktop.
    let no_session = SYSTEMCTL.replace("is-active|daemon-reload)", "daemon-reload)");
    let no_units = "#!/bin/sh\n[ \"$2\" = is-active ]\n";
    for script in ["#!/bin/sh\nexit 1\n", no_units, &no_session] {
        let person = Person::new().with_systemctl(script);
        person.install(&[]);
        let entry = person.entry().unwrap();
        let run = format!("Exec=\"{}\" run", env!("CARGO_BIN_EXE_tracker-agent"));
        assert!(entry.contains(&run), "{entry}");
        assert_eq!(person.unit(), None, "{script}");
        let (level, text) = person.started_by();
        assert!(
            level == "ok" && text.contains("tracker-agent.desktop"),
            "{text}"
        );
        person.install(&["--remove"]);
        assert_eq!(person.entry(), None);
    }
}

#[test]
fn installed_again_on_another_desktop_the_other_way_is_gone() {
    let person = Person::new().with_systemctl("#!/bin/sh\nexit 1\n");
    person.install(&[]);
    let person = person.with_systemctl(SYSTEMCTL);
    person.install(&[]);
    assert_eq!((person.unit().is_some(), person.entry()), (true, None));
    let person = person.with_systemctl("#!/bin/sh\nexit 1\n");
    person.install(&[]);
    assert_eq!((person.unit(), person.entry().is_some()), (None, true));
    assert_eq!(person.started_by().0, "ok");
}

#[test]
fn an_entry_for_everybody_is_hidden_where_a_unit_starts_it_or_nothing_should() {
    let person = Person::new().with_a_package().with_systemctl(SYSTEMCTL);
    let (level, text) = person.started_by();
    assert!(level == "ok" && text.contains("xdg/autostart"), "{text}");
    person.install(&[]);
    assert!(person.entry().unwrap().contains("Hidden=true"));
    let (level, text) = person.started_by();
    assert!(level == "ok" && text.contains(".service"), "{text}");
    person.install(&["--remove"]);
    assert!(person.entry().unwrap().contains("Hidden=true"));
    assert_eq!(person.started_by().0, "warning");
    let person = person.with_systemctl("#!/bin/sh\nexit 1\n");
    person.install(&[]);
    assert!(!person.entry().unwrap().contains("Hidden"));
    assert_eq!(person.started_by().0, "ok");
}
