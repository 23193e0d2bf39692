//! What may be recorded, and when: the company's rules, applied before anything reaches the disk.

use chrono::{DateTime, Datelike, Days, NaiveTime, Utc};
use chrono_tz::Tz;
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use tracker_wire::{AgentSettings, MAX_NAME, MAX_PATH, MAX_TITLE};

use crate::activitywatch::Tab;
use crate::desktop::Window;
use crate::policy;

/// Bounds what one rule may cost in memory, about a megabyte.
const RULE_SIZE: usize = 1 << 20;
/// Classes of browser windows, whose titles may hold an address.
const BROWSERS: [&str; 10] = [
    "brave-browser",
    "chromium",
    "chromium-browser",
    "epiphany",
    "firefox",
    "google-chrome",
    "librewolf",
    "microsoft-edge",
    "opera",
    "vivaldi-stable",
];

/// What stands for a text that a rule hides.
pub const REDACTED: &str = "[redacted]";

/// The window in front as the rules left it: all of it may be stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Front {
    pub app: String,
    pub title: String,
    #[serde(default)]
    pub site: Option<Site>,
    /// A rule matched. No picture is taken of what a rule hides.
    #[serde(skip)]
    pub is_redacted: bool,
}

/// The page in a browser, where its title tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Site {
    pub host: String,
    pub path: Option<String>,
}

/// Which family a browser is of: the extensions of one name themselves alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Browser {
    Chromium,
    Firefox,
}

impl Browser {
    /// By its window's class.
    pub fn of_app(app: &str) -> Option<Self> {
        let app = app.to_lowercase();
        BROWSERS
            .contains(&app.as_str())
            .then(|| Self::of_name(&app))
    }

    /// By the bucket's id, such as `aw-watcher-web-firefox`.
    pub fn of_source(bucket: &str) -> Self {
        Self::of_name(&bucket.to_lowercase())
    }

    fn of_name(name: &str) -> Self {
        match name.contains("firefox") || name.contains("librewolf") {
            true => Self::Firefox,
            false => Self::Chromium,
        }
    }
}

pub struct Rules {
    titles: bool,
    paths: bool,
    redactions: Vec<Regex>,
    unreadable: Vec<usize>,
}

impl Rules {
    pub fn new(settings: &AgentSettings) -> Self {
        let mut rules = Self {
            titles: settings.record_titles,
            paths: settings.record_paths,
            redactions: Vec::new(),
            unreadable: Vec::new(),
        };
        for (index, rule) in settings.redaction_rules.iter().enumerate() {
            match RegexBuilder::new(rule).size_limit(RULE_SIZE).build() {
                Ok(regex) => rules.redactions.push(regex),
                Err(_) => rules.unreadable.push(index + 1),
            }
        }
        rules
    }

    /// Said to the person: which rules cannot be read, counted from 1.
    pub fn warning(&self) -> Option<String> {
        let numbers: Vec<String> = self.unreadable.iter().map(usize::to_string).collect();
        (!numbers.is_empty()).then(|| {
            format!(
                "redaction rule {} cannot be read: no titles are recorded until it is repaired",
                numbers.join(", ")
            )
        })
    }

    /// `tab` is what the browser's extension says is in front. It counts where the window's title names it: a private window of the
    /// same browser, of which extensions tell nothing, has another.
    pub fn apply(&self, window: Window, tab: Option<Tab>) -> Front {
        let app = cut(&window.app, MAX_NAME);
        let app = if app.is_empty() {
            "unknown".to_owned()
        } else {
            app
        };
        let (address, title) = match Browser::of_app(&app) {
            Some(_) => split_address(&window.title),
            None => (None, window.title.clone()),
        };
        let named = tab
            .filter(|tab| !tab.title.trim().is_empty() && window.title.contains(tab.title.trim()));
        let address = named.map(|tab| tab.site).or(address);
        let is_redacted = self.matches(&window.title)
            || self.matches(&app)
            || (address.as_ref()).is_some_and(|site| self.matches(&site.host));
        let site = address.filter(|_| !is_redacted).map(|site| Site {
            path: site.path.filter(|_| self.paths),
            ..site
        });
        let title = if is_redacted { REDACTED } else { &title };
        let title = if self.keeps_titles() {
            cut(title, MAX_TITLE)
        } else {
            String::new()
        };
        Front {
            app,
            title,
            site,
            is_redacted,
        }
    }

    /// What an unreadable rule was to hide is unknown, so every title goes.
    fn keeps_titles(&self) -> bool {
        self.titles && self.unreadable.is_empty()
    }

    /// Whether what a source sends is hidden: of a text that a rule matches what stands beside it would tell.
    pub fn hides<'a>(&self, mut texts: impl Iterator<Item = &'a str>) -> bool {
        let host = |text| site_of(text).map(|site| site.host);
        texts.any(|text| self.matches(text) || host(text).is_some_and(|host| self.matches(&host)))
    }

    /// A text of this name in what a source sends, as far as it may be stored.
    pub fn text(&self, name: &str, text: &str) -> String {
        if self.matches(text) {
            return REDACTED.to_owned();
        }
        match name {
            "url" => site_of(text).map_or_else(String::new, |site| {
                let scheme = text.split("://").next().unwrap_or_default();
                let path = site.path.filter(|_| self.paths);
                format!("{scheme}://{}{}", site.host, path.as_deref().unwrap_or("/"))
            }),
            "title" | "file" | "project" if !self.keeps_titles() => String::new(),
            _ => cut(text, MAX_PATH),
        }
    }

    fn matches(&self, text: &str) -> bool {
        self.redactions.iter().any(|rule| rule.is_match(text))
    }
}

/// Whether the company wants this moment recorded.
pub fn is_wanted(settings: &AgentSettings, now: DateTime<Utc>) -> bool {
    let all_day = settings.tracking_from == NaiveTime::MIN && settings.tracking_to >= LAST_SECOND;
    if all_day && (1..=7).all(|day| settings.tracking_days.contains(&day)) {
        return true;
    }
    // Where the company's clock is unknown, its hours are; rather nothing than a private evening.
    let Ok(zone) = settings.time_zone.parse::<Tz>() else {
        return false;
    };
    let local = now.with_timezone(&zone).naive_local();
    let (time, from, to) = (local.time(), settings.tracking_from, settings.tracking_to);
    let wants = |day: chrono::NaiveDate| {
        i16::try_from(day.weekday().number_from_monday())
            .is_ok_and(|day| settings.tracking_days.contains(&day))
    };
    let ends = |time: NaiveTime| time < to || to >= LAST_SECOND;
    if from <= to {
        return wants(local.date()) && time >= from && ends(time);
    }
    // A night shift: what lies after midnight belongs to the day on which it began.
    let yesterday = local.date().checked_sub_days(Days::new(1));
    (time >= from && wants(local.date())) || (time < to && yesterday.is_some_and(wants))
}

/// The last minute's end as forms give it stands for midnight.
const LAST_SECOND: NaiveTime = match NaiveTime::from_hms_opt(23, 59, 59) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

/// What is recorded under these settings, for the person at the desk.
pub fn in_words(settings: &AgentSettings) -> Vec<String> {
    let mut words = vec![match settings.record_titles {
        true => "the application in front and its window title".to_owned(),
        false => "the application in front; window titles are not recorded".to_owned(),
    }];
    words.push(match settings.record_paths {
        true => {
            "web pages that the browser's extension or title tells: host and path, never the query"
                .to_owned()
        }
        false => "web pages that the browser's extension or title tells: the host only".to_owned(),
    });
    words.push("how many keys and mouse events there were in each minute, never which".to_owned());
    words.push(format!(
        "idle time: after {} without input, from the last input on",
        span(settings.idle_threshold_seconds)
    ));
    words.push(
        match (settings.screenshots_enabled, settings.blur_screenshots) {
            (false, _) => "no screenshots".to_owned(),
            (true, true) => format!(
                "a screenshot of each display in every {}, at a moment by chance, blurred on this device",
                span(settings.screenshot_interval_seconds)
            ),
            (true, false) => format!(
                "a screenshot of each display in every {}, at a moment by chance, sharp",
                span(settings.screenshot_interval_seconds)
            ),
        },
    );
    if !settings.redaction_rules.is_empty() {
        words.push(format!(
            "the titles of windows whose title, application or site matches one of {} rules are replaced by [redacted] before they are stored, and no screenshot is taken of them",
            settings.redaction_rules.len()
        ));
    }
    words.push(hours(settings));
    words.extend(settings.policy.as_ref().and_then(policy::in_words));
    words
}

fn hours(settings: &AgentSettings) -> String {
    const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let days: Vec<&str> = (1_i16..)
        .zip(NAMES)
        .filter(|(day, _)| settings.tracking_days.contains(day))
        .map(|(_, name)| name)
        .collect();
    let days = if days.len() == 7 {
        "every day".to_owned()
    } else {
        days.join(", ")
    };
    let (from, to) = (
        settings.tracking_from.format("%H:%M"),
        settings.tracking_to.format("%H:%M"),
    );
    match settings.tracking_from == NaiveTime::MIN && settings.tracking_to >= LAST_SECOND {
        true => format!("when: {days}, around the clock ({})", settings.time_zone),
        false => format!("when: {days}, {from} to {to} ({})", settings.time_zone),
    }
}

fn span(seconds: i32) -> String {
    match seconds {
        60 => "1 minute".to_owned(),
        seconds if seconds > 60 && seconds % 60 == 0 => format!("{} minutes", seconds / 60),
        seconds => format!("{seconds} seconds"),
    }
}

/// Some people let their browser show the address in the title. It then becomes a web page, and
/// never stays in the title, where it would show a path that the company does not want.
fn split_address(title: &str) -> (Option<Site>, String) {
    let Some(start) = title.find("https://").or_else(|| title.find("http://")) else {
        return (None, title.to_owned());
    };
    let end = title[start..]
        .find(char::is_whitespace)
        .map_or(title.len(), |length| start + length);
    let address = &title[start..end];
    let rest = format!(
        "{} {}",
        title[..start].trim_end(),
        title[end..].trim_start()
    );
    let rest = rest
        .trim_matches(|c: char| c.is_whitespace() || "-–—|()".contains(c))
        .to_owned();
    (site_of(address), rest)
}

/// Host and path of a web address; nothing of any other.
pub fn site_of(address: &str) -> Option<Site> {
    let (scheme, after) = address.split_once("://")?;
    if !["http", "https"].contains(&scheme.to_lowercase().as_str()) {
        return None;
    }
    let (authority, path) = after
        .split_once('/')
        .map_or((after, String::new()), |(host, path)| {
            (host, path.to_owned())
        });
    let host = authority.split(['?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host
        .split_once(':')
        .map_or(host, |(host, _)| host)
        .to_lowercase();
    if host.is_empty() {
        return None;
    }
    // A query or a fragment may hold what somebody searched for, or a token: never kept.
    let path = path.split(['?', '#']).next().unwrap_or_default();
    Some(Site {
        host: cut(&host, MAX_NAME),
        path: Some(cut(&format!("/{path}"), MAX_PATH)),
    })
}

/// Bounded, and without the control characters that databases and terminals stumble over.
fn cut(text: &str, most: usize) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(most)
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
pub(crate) mod tests;
