//! `doctor`: what is missing at this desk and what to do about it, one line for each finding.

mod desk;
mod server;

use std::net::TcpListener;

use anyhow::Result;
use serde::Serialize;

use crate::home::Home;
use crate::install;
use crate::notice::say;
use crate::platform::free_bytes;
use crate::policy;
use crate::status::Status;

const MIB: u64 = 1 << 20;
/// Below it the recorder takes no screenshots.
const SPARE_BYTES: u64 = 200 * MIB;
/// Below it there may be no room for the next row either.
const LEAST_BYTES: u64 = MIB;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Ok,
    /// Less is recorded, or it waits to be sent.
    Warning,
    /// Nothing is recorded, or it would be lost.
    Stops,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What was looked at; scripts may rely on it.
    pub check: &'static str,
    pub level: Level,
    pub text: String,
    pub advice: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, text: impl Into<String>) -> Self {
        Self::new(check, Level::Ok, text, None)
    }

    fn warning(check: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(check, Level::Warning, text, Some(advice.into()))
    }

    fn stops(check: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(check, Level::Stops, text, Some(advice.into()))
    }

    fn new(
        check: &'static str,
        level: Level,
        text: impl Into<String>,
        advice: Option<String>,
    ) -> Self {
        Self {
            check,
            level,
            text: text.into(),
            advice,
        }
    }

    fn in_words(&self) -> String {
        let level = match self.level {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Stops => "stops",
        };
        let advice = self.advice.as_ref();
        let advice = advice.map_or(String::new(), |advice| format!(": {advice}"));
        format!("{level:<8} {:<14} {}{advice}", self.check, self.text)
    }
}

/// Says whether recording goes on, as the exit status does.
pub fn print(home: Result<Home>, activitywatch_port: u16, json: bool) -> Result<bool> {
    let findings = match home {
        Ok(home) => examine(&home, activitywatch_port),
        Err(error) => {
            let advice = "make it a folder of your own, or set TRACKER_AGENT_HOME";
            vec![Finding::stops("folder", format!("{error:#}"), advice)]
        }
    };
    if json {
        say(serde_json::to_string_pretty(&findings)?);
    } else {
        findings.iter().map(Finding::in_words).for_each(say);
    }
    Ok(findings.iter().all(|found| found.level != Level::Stops))
}

pub fn examine(home: &Home, activitywatch_port: u16) -> Vec<Finding> {
    let mut findings = desk::folder(home);
    findings.push(disk(free_bytes(home.dir())));
    findings.extend(server::examine(home));
    findings.extend(desk::session());
    match Status::collect(home) {
        Ok(status) => {
            findings.push(state(&status));
            findings.extend(policy_of(&status));
            let warnings = status.warnings.iter();
            findings.extend(warnings.map(|warning| {
                Finding::warning("recorder", warning, "`tracker-agent status` says more")
            }));
            findings.push(activitywatch(&status, activitywatch_port));
        }
        Err(error) => findings.push(Finding::stops(
            "queue",
            format!("the queue cannot be read: {error:#}"),
            "free the disk, or move the folder away and sign in again",
        )),
    }
    findings.push(autostart(&install::found()));
    findings
}

fn disk(free: u64) -> Finding {
    let text = format!("{} MiB are free for the queue", free / MIB);
    if free < LEAST_BYTES {
        Finding::stops("disk", text, "free some space")
    } else if free < SPARE_BYTES {
        Finding::warning("disk", text, "below 200 MiB no screenshots are taken")
    } else {
        Finding::ok("disk", text)
    }
}

fn state(status: &Status) -> Finding {
    match (status.state, status.paused_since.as_ref()) {
        ("not_running", _) => Finding::stops(
            "running",
            "the agent is not running",
            "`tracker-agent run` in the desktop's session, or `tracker-agent install` and sign in there anew",
        ),
        ("paused", since) => Finding::warning(
            "running",
            format!("private time since {}", since.map_or("", String::as_str)),
            "`tracker-agent resume` ends it",
        ),
        ("outside_hours", _) => Finding::ok("running", "outside the company's tracking hours"),
        _ => Finding::ok("running", "the agent is recording"),
    }
}

fn policy_of(status: &Status) -> Option<Finding> {
    let policy = status.settings.as_ref()?.policy.as_ref()?;
    let (check, version) = ("policy", policy.version);
    let Some(missing) = policy::in_words(policy) else {
        return Some(Finding::ok(
            check,
            format!("version {version} of the monitoring policy is acknowledged"),
        ));
    };
    let advice = "read it by `tracker-agent policy`, then `tracker-agent policy accept`";
    Some(match policy.kinds.is_empty() {
        true => Finding::warning(check, missing, advice),
        false => Finding::stops(check, missing, advice),
    })
}

fn activitywatch(status: &Status, port: u16) -> Finding {
    let check = "activitywatch";
    let taken = "without it browser extensions and editors are not heard";
    if let Some(address) = &status.activitywatch {
        return Finding::ok(check, format!("extensions are heard at {address}"));
    }
    if status.running {
        let text = "the running agent hears no extensions";
        return Finding::warning(check, text, taken);
    }
    match TcpListener::bind(("127.0.0.1", port)) {
        Ok(_) => Finding::ok(check, format!("127.0.0.1:{port} is free")),
        Err(error) => Finding::warning(
            check,
            format!("127.0.0.1:{port} is not to be had ({error})"),
            format!("end what listens there, or use --activitywatch-port; {taken}"),
        ),
    }
}

fn autostart(found: &[String]) -> Finding {
    let check = "autostart";
    match found {
        [] => Finding::warning(
            check,
            "nothing starts the agent with the desktop",
            "`tracker-agent install`",
        ),
        [one] => Finding::ok(check, format!("started by {one}")),
        several => Finding::warning(
            check,
            format!("started twice, by {}", several.join(" and ")),
            "`tracker-agent install` leaves one of them",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_stops_the_recording_and_a_nearly_full_one_the_screenshots() {
        assert_eq!(disk(0).level, Level::Stops);
        assert_eq!(disk(LEAST_BYTES).level, Level::Warning);
        assert_eq!(disk(SPARE_BYTES - 1).level, Level::Warning);
        assert_eq!(disk(SPARE_BYTES).level, Level::Ok);
    }
}
