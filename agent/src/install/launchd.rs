//! macOS: an agent of launchd, for sessions with a screen.

#[cfg(target_os = "macos")]
pub(super) use platform::{found, install, remove};

const LABEL: &str = "tracker-agent";

#[cfg(target_os = "macos")]
mod platform {
    use std::path::PathBuf;

    use anyhow::{Context, Result};

    use super::{LABEL, text};
    use crate::home::set;
    use crate::install::{remove_file, write_file};

    pub fn install(program: &str) -> Result<String> {
        let file = file()?;
        write_file(&file, &text(program))?;
        Ok(file.display().to_string())
    }

    pub fn remove() -> Result<()> {
        remove_file(&file()?)
    }

    pub fn found() -> Vec<String> {
        let file = file().ok().filter(|file| file.exists());
        file.map(|file| file.display().to_string())
            .into_iter()
            .collect()
    }

    fn file() -> Result<PathBuf> {
        let home = set("HOME").context("HOME is not set")?;
        Ok(home.join(format!("Library/LaunchAgents/{LABEL}.plist")))
    }
}

/// A run that fails is started again after half a minute; one that ended well is not.
fn text(program: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>{LABEL}</string>
  <key>ProgramArguments</key><array><string>{program}</string><string>run</string></array>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
  <key>ThrottleInterval</key><integer>30</integer>
  <key>LimitLoadToSessionType</key><string>Aqua</string>
  <key>ProcessType</key><string>Background</string>
</dict>
</plist>
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_of_launchd_runs_the_program() {
        let text = text("/Applications/tracker agent/tracker-agent");
        let program = "<array><string>/Applications/tracker agent/tracker-agent</string><string>run</string></array>";
        assert!(text.contains(program) && text.contains("<key>Label</key><string>tracker-agent<"));
    }
}
