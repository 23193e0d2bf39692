//! What systemd's logind knows of this session: whether its screen is locked, and whether it is the one that is shown. Asked
//! by its own program `loginctl`, seldom and not for long; where there is none, nothing is known.

use std::ffi::OsString;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two questions while somebody may have left.
const EVERY: Duration = Duration::from_secs(15);
/// While it is locked: somebody may come back.
const EVERY_LOCKED: Duration = Duration::from_secs(2);
/// After a question that had no answer.
const EVERY_UNKNOWN: Duration = Duration::from_secs(300);
/// Longest answer that is read.
const MOST: u64 = 4096;

pub struct Logind {
    program: OsString,
    session: Option<String>,
    /// What the last question brought, and when it was asked.
    last: Option<(Instant, Option<bool>)>,
}

impl Logind {
    /// Of the session that the environment names; else of the one in which this person sees a desktop.
    pub fn new() -> Self {
        Self::by("loginctl".into(), std::env::var("XDG_SESSION_ID").ok())
    }

    fn by(program: OsString, session: Option<String>) -> Self {
        Self {
            program,
            session: session.filter(|id| is_id(id)),
            last: None,
        }
    }

    /// Whether the screen is locked or shows another session, as far as that is known. Where nothing tells that somebody
    /// left, as there is input, it is not asked.
    pub fn is_locked(&mut self, is_quiet: bool, now: Instant) -> bool {
        let is_due = match self.last {
            None => true,
            Some((asked, known)) => {
                let every = match known {
                    None => EVERY_UNKNOWN,
                    Some(true) => EVERY_LOCKED,
                    Some(false) => EVERY,
                };
                (is_quiet || known != Some(false)) && now.duration_since(asked) >= every
            }
        };
        match is_due {
            true => self.ask(now),
            false => self.last.is_some_and(|(_, known)| known == Some(true)),
        }
    }

    /// The same, asked now unless it was a second ago: before a picture is taken.
    pub fn is_locked_now(&mut self, now: Instant) -> bool {
        let is_fresh = |(asked, known): (Instant, Option<bool>)| match known {
            Some(_) => now.duration_since(asked) < Duration::from_secs(1),
            None => now.duration_since(asked) < EVERY_UNKNOWN,
        };
        match self.last.filter(|last| is_fresh(*last)) {
            Some((_, known)) => known == Some(true),
            None => self.ask(now),
        }
    }

    fn ask(&mut self, now: Instant) -> bool {
        let known = self.answer();
        self.last = Some((now, known));
        known == Some(true)
    }

    fn answer(&mut self) -> Option<bool> {
        if self.session.is_none() {
            let user = nix::unistd::getuid().to_string();
            let told = self.run(&["show-user", &user, "--property=Display"])?;
            self.session = value(&told, "Display")
                .filter(|id| is_id(id))
                .map(str::to_owned);
        }
        let session = self.session.clone()?;
        let told = self.run(&[
            "show-session",
            &session,
            "--property=LockedHint",
            "--property=Active",
            "--property=Display",
        ]);
        match told {
            Some(told) => is_away(&told, std::env::var("DISPLAY").ok().as_deref()),
            // It may have ended meanwhile, and another one begun.
            None => {
                self.session = None;
                None
            }
        }
    }

    /// What the program says, if it does so in time.
    fn run(&self, arguments: &[&str]) -> Option<String> {
        let mut child = Command::new(&self.program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let is_over = ends(&mut child);
        if !is_over {
            child.kill().ok();
        }
        let is_well = child.wait().is_ok_and(|status| status.success());
        let mut text = String::new();
        let mut said = child.stdout.take()?.take(MOST);
        (is_over && is_well && said.read_to_string(&mut text).is_ok()).then_some(text)
    }
}

fn ends(child: &mut Child) -> bool {
    let since = Instant::now();
    while since.elapsed() < PATIENCE {
        match child.try_wait() {
            Ok(None) => std::thread::sleep(Duration::from_millis(5)),
            Ok(Some(_)) => return true,
            Err(_) => return false,
        }
    }
    false
}

/// Nothing when the session is another display's than this one, or says nothing that is known.
fn is_away(told: &str, display: Option<&str>) -> Option<bool> {
    let theirs = value(told, "Display").filter(|theirs| !theirs.is_empty());
    let number = |display: &str| display.split('.').next().map(str::to_owned);
    if let (Some(theirs), Some(ours)) = (theirs, display.filter(|ours| !ours.is_empty()))
        && number(theirs) != number(ours)
    {
        return None;
    }
    match (value(told, "LockedHint"), value(told, "Active")) {
        (Some("yes"), _) | (_, Some("no")) => Some(true),
        (Some("no"), _) | (_, Some("yes")) => Some(false),
        _ => None,
    }
}

/// Of lines such as `LockedHint=no`.
fn value<'a>(told: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = told.lines().filter_map(|line| line.split_once('='));
    lines
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.trim())
}

/// It becomes an argument of a program.
fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::*;

    #[test]
    fn locked_or_not_shown_is_away() {
        for (told, away) in [
            ("LockedHint=no\nActive=yes\nDisplay=:0\n", Some(false)),
            ("LockedHint=yes\nActive=yes\n", Some(true)),
            ("LockedHint=no\nActive=no\n", Some(true)),
            ("Active=yes\n", Some(false)),
            ("LockedHint=no", Some(false)),
            ("LockedHint=no\nActive=yes\nDisplay=\n", Some(false)),
            ("LockedHint=yes\nActive=yes\nDisplay=:7\n", None),
            ("LockedHint=perhaps\n", None),
            ("no such thing", None),
            ("", None),
        ] {
            assert_eq!(is_away(told, Some(":0.0")), away, "{told}");
        }
    }

    /// Says what lies in the file `told`, notes that it was asked, and knows session `c2` only.
    fn fake(dir: &Path, told: &str) -> Logind {
        let program = dir.join("loginctl");
        let here = dir.display();
        let script = format!(
            "#!/bin/sh\necho \"$*\" >> {here}/asked\ncase \"$1 $2\" in show-user*) echo Display=c2;; \
             \"show-session c2\") cat {here}/told;; *) exit 1;; esac\n"
        );
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(dir.join("told"), told).unwrap();
        Logind::by(program.into(), None)
    }

    fn asked(dir: &Path) -> usize {
        let asked = fs::read_to_string(dir.join("asked")).unwrap_or_default();
        asked
            .lines()
            .filter(|line| line.starts_with("show-session"))
            .count()
    }

    #[test]
    fn it_is_asked_seldom_and_sooner_while_somebody_may_come_back() {
        let dir = tempfile::tempdir().unwrap();
        let mut logind = fake(dir.path(), "LockedHint=no\nActive=yes\n");
        let begin = Instant::now();
        let at = |seconds: u64| begin + Duration::from_secs(seconds);
        for second in 0..40 {
            assert!(!logind.is_locked(true, at(second)));
        }
        assert_eq!(asked(dir.path()), 3);
        for second in 40..100 {
            assert!(!logind.is_locked(false, at(second)));
        }
        assert_eq!(asked(dir.path()), 3, "somebody types");
        fs::write(dir.path().join("told"), "LockedHint=yes\n").unwrap();
        assert!(logind.is_locked_now(at(100)));
        for second in 101..105 {
            assert!(logind.is_locked(false, at(second)));
        }
        assert_eq!(asked(dir.path()), 6);
        fs::write(dir.path().join("told"), "LockedHint=no\n").unwrap();
        assert!(!logind.is_locked(false, at(106)));
    }

    #[test]
    fn without_an_answer_nothing_is_locked_and_it_is_hardly_asked() {
        let dir = tempfile::tempdir().unwrap();
        let mut logind = fake(dir.path(), "");
        let begin = Instant::now();
        for second in 0..200 {
            let now = begin + Duration::from_secs(second);
            assert!(!logind.is_locked(true, now) && !logind.is_locked_now(now));
        }
        assert_eq!(asked(dir.path()), 1);
        let mut missing = Logind::by(dir.path().join("nothing").into(), Some("1".into()));
        assert!(!missing.is_locked(true, begin));
    }

    #[test]
    fn one_that_hangs_is_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let mut logind = fake(dir.path(), "");
        let program = dir.path().join("loginctl");
        fs::write(&program, "#!/bin/sh\nexec sleep 600\n").unwrap();
        assert!(!logind.is_locked_now(Instant::now()));
    }
}
