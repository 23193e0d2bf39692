//! The company's monitoring policy: shown and acknowledged here, and kept to: what it names is not recorded before.

use anyhow::{Context, Result, bail};
use chrono::{DateTime, TimeDelta, Utc};
use tracker_wire::{AgentPolicy, AgentPolicyText};

use crate::home::Home;
use crate::notice::say;
use crate::privacy::Front;
use crate::queue::{Item, Queue, note};
use crate::sync::Engine;

/// What is in front, as far as the policy lets it be recorded from this time on.
pub fn withhold(policy: &AgentPolicy, front: Front, from: DateTime<Utc>) -> Option<Front> {
    let mut left = front;
    if policy.withholds("websites", from) {
        left.site = None;
    }
    if policy.withholds("applications", from) {
        left.app = String::new();
        return left.site.is_some().then_some(left);
    }
    Some(left)
}

/// Whether a sealed item reaches into the time for which an acknowledgement is missing. The server would refuse it.
pub fn covers(policy: &AgentPolicy, item: &Item) -> bool {
    let (kind, from, seconds) = match item {
        Item::Session(_) => return false,
        Item::Application(item) => ("applications", item.started_at, item.seconds),
        Item::Website(item) => ("websites", item.started_at, item.seconds),
        Item::Activity(item) => ("activity", item.minute, 60),
    };
    let until = from + TimeDelta::seconds(seconds.into());
    policy.withholds(kind, from) && (until > policy.published_at || from >= policy.published_at)
}

/// What is missing, for the person at the desk.
pub fn in_words(policy: &AgentPolicy) -> Option<String> {
    if policy.acknowledged_at.is_some() {
        return None;
    }
    let asks = "acknowledge the company's monitoring policy: `tracker-agent policy`";
    Some(match policy.kinds.as_slice() {
        [] => format!("please read and {asks}"),
        kinds => format!("not recorded until you {asks}: {}", kinds.join(", ")),
    })
}

/// `policy`: shows the one in force.
pub fn show(home: &Home) -> Result<bool> {
    let mut engine = Engine::new(home)?;
    let Some(policy) = engine.policy()? else {
        say("Your company has published no monitoring policy.");
        return Ok(true);
    };
    lines(&policy).iter().for_each(say);
    // What is accepted is what was shown.
    engine
        .queue()
        .set_note(note::POLICY_SHOWN, &policy.version.to_string())?;
    Ok(true)
}

/// `policy accept`: acknowledges the version that was shown last.
pub fn accept(home: &Home) -> Result<bool> {
    let queue = Queue::open(home)?;
    let shown = queue.note(note::POLICY_SHOWN)?;
    let version: i32 = shown
        .and_then(|version| version.parse().ok())
        .context("read it first: use `tracker-agent policy`")?;
    let mut engine = Engine::new(home)?;
    let Some(policy) = engine.acknowledge_policy(version)? else {
        bail!("the company has published another version: read that one by `tracker-agent policy`");
    };
    say(format!(
        "Acknowledged: version {} of “{}”.",
        policy.version,
        clean(&policy.title)
    ));
    Ok(true)
}

fn lines(policy: &AgentPolicyText) -> Vec<String> {
    let mut lines = vec![
        format!(
            "{} (version {}, {})",
            clean(&policy.title),
            policy.version,
            policy.published_at.format("%F")
        ),
        String::new(),
    ];
    lines.extend(policy.text.lines().map(clean));
    lines.push(String::new());
    lines.push(match (policy.acknowledged_at, policy.kinds.as_slice()) {
        (Some(at), _) => format!("You acknowledged it at {}.", at.format("%FT%TZ")),
        (None, []) => "Acknowledge it: `tracker-agent policy accept`.".to_owned(),
        (None, kinds) => format!(
            "Until you acknowledge it these are not recorded: {}. `tracker-agent policy accept`",
            kinds.join(", ")
        ),
    });
    lines
}

/// Texts come from a server: what a terminal would obey is left out.
fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use tracker_wire::{ActivityItem, ApplicationItem};
    use uuid::Uuid;

    use super::*;
    use crate::privacy::Site;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn policy(kinds: &[&str], acknowledged_at: Option<i64>) -> AgentPolicy {
        AgentPolicy {
            version: 2,
            title: "Recording".into(),
            kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
            published_at: at(1200),
            acknowledged_at: acknowledged_at.map(at),
        }
    }

    fn front() -> Front {
        Front {
            app: "firefox".into(),
            title: "Docs".into(),
            site: Some(Site {
                host: "docs.rs".into(),
                path: None,
            }),
            is_redacted: false,
        }
    }

    #[test]
    fn only_what_it_names_is_withheld_and_only_until_then() {
        let both = policy(&["applications", "websites"], Some(1500));
        assert_eq!(withhold(&both, front(), at(1499)), None);
        assert_eq!(withhold(&both, front(), at(1500)), Some(front()));
        let sites = withhold(&policy(&["websites"], None), front(), at(1)).unwrap();
        assert_eq!((sites.app.as_str(), sites.site), ("firefox", None));
        let apps = withhold(&policy(&["applications"], None), front(), at(1)).unwrap();
        assert_eq!((apps.app.as_str(), apps.site), ("", front().site));
    }

    #[test]
    fn what_was_sealed_is_judged_as_the_server_does() {
        let minute = |start| {
            Item::Activity(ActivityItem {
                id: Uuid::nil(),
                session_id: Uuid::nil(),
                minute: at(start),
                keystrokes: 0,
                mouse_events: 0,
                active_seconds: 60,
                idle_seconds: 0,
            })
        };
        let asked = policy(&["activity"], Some(1500));
        for (start, covered) in [(1140, false), (1200, true), (1440, true), (1500, false)] {
            assert_eq!(covers(&asked, &minute(start)), covered, "{start}");
        }
        let window = Item::Application(ApplicationItem {
            id: Uuid::nil(),
            session_id: Uuid::nil(),
            app: "xterm".into(),
            title: String::new(),
            started_at: at(1300),
            seconds: 5,
        });
        assert!(!covers(&asked, &window));
    }

    #[test]
    fn a_text_cannot_command_the_terminal() {
        let text = AgentPolicyText {
            version: 3,
            title: "A\u{1b}[2Jb".into(),
            text: "one\ntwo\u{7}".into(),
            kinds: vec!["screenshots".into()],
            published_at: at(0),
            acknowledged_at: None,
        };
        let lines = lines(&text);
        assert_eq!(lines[0], "A[2Jb (version 3, 1970-01-01)");
        assert_eq!(lines[2..4], ["one", "two"]);
        assert!(lines[5].contains("not recorded: screenshots"), "{lines:?}");
    }
}
