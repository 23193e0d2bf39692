//! What sources say of this moment, and what may be kept of what they send: between the server, which hears them, and the
//! recorder, which decides. What the desktop itself tells wins; a source tells what the desktop does not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use tracker_wire::AgentSettings;

use super::store::Event;
use crate::desktop::Window;
use crate::privacy::{self, Browser, REDACTED, Rules, Site};

/// `aw-client` holds a beat back for so long, to send fewer of them.
const HELD_BACK: TimeDelta = TimeDelta::seconds(15);

pub const TABS: &str = "web.tab.current";
pub const WINDOWS: &str = "currentwindow";
pub const AFK: &str = "afkstatus";
pub const EDITORS: &str = "app.editor.activity";

/// How the buckets of ActivityWatch's own sources begin, such as `aw-watcher-vscode_pc`.
pub const WATCHER: &str = "aw-watcher-";

/// The page that a browser's extension says is in front. It is kept in memory only.
#[derive(Debug, Clone, PartialEq)]
pub struct Tab {
    pub site: Site,
    pub title: String,
}

/// What is worked on in an editor. Its plugin beats while somebody works in it, and not when it is merely in front.
#[derive(Clone)]
struct Editor {
    app: String,
    /// The last part of its path.
    file: String,
    project: String,
    worked_at: DateTime<Utc>,
}

impl Editor {
    fn of(bucket: &str, beat: &Event) -> Option<Self> {
        let text = |key: &str| beat.data.get(key).and_then(Value::as_str);
        let last = |path: &str| {
            let mut parts = path.rsplit(['/', '\\']);
            parts.find(|part| !part.is_empty()).map(str::to_owned)
        };
        let name = bucket.strip_prefix(WATCHER).unwrap_or(bucket);
        let app = name.split('_').next().unwrap_or(name).to_owned();
        Some(Self {
            app,
            file: text("file").and_then(last)?,
            project: text("project").and_then(last).unwrap_or_default(),
            worked_at: beat.end(),
        })
    }

    /// The title of a window that is named like the file.
    fn with_project(&self, title: &str) -> String {
        match self.project.is_empty() || title.contains(&self.project) {
            true => title.to_owned(),
            false => format!("{title} — {}", self.project),
        }
    }
}

#[derive(Clone, Default)]
pub struct Sources(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    /// Since when recording goes on; nothing while it does not.
    open: Option<DateTime<Utc>>,
    settings: Option<(AgentSettings, Rules)>,
    tabs: HashMap<Browser, Fresh<Tab>>,
    window: Option<Fresh<Window>>,
    editor: Option<Fresh<Editor>>,
    /// Since when the person is away, or `None` while at the desk.
    away: Option<Fresh<Option<DateTime<Utc>>>>,
}

struct Fresh<T> {
    value: T,
    until: DateTime<Utc>,
}

impl<T: Clone> Fresh<T> {
    fn at(&self, now: DateTime<Utc>) -> Option<T> {
        (now <= self.until).then(|| self.value.clone())
    }
}

impl Sources {
    /// What holds from now on. What was heard before a pause says nothing after it.
    pub fn allow(&self, since: Option<DateTime<Utc>>) {
        let mut heard = self.heard();
        if heard.open.is_some() == since.is_some() {
            return;
        }
        let settings = heard.settings.take();
        *heard = Heard {
            open: since,
            settings,
            ..Heard::default()
        };
    }

    pub fn follow(&self, settings: &AgentSettings) {
        self.heard().settings = Some((settings.clone(), Rules::new(settings)));
    }

    /// What may be kept of an event, and by its rules. Of a beat only what lies after recording began; what a script
    /// or a file brings has times of its own.
    pub fn kept(&self, kind: &str, event: Event, is_beat: bool) -> Option<Event> {
        let heard = self.heard();
        let (since, (settings, rules)) = (heard.open?, heard.settings.as_ref()?);
        if event.data.get("incognito") == Some(&Value::Bool(true)) {
            return None;
        }
        let mut event = event;
        if is_beat {
            let end = event.end();
            if end < since {
                return None;
            }
            if event.timestamp < since {
                event.duration = (end - since).as_seconds_f64();
                event.timestamp = since;
            }
        }
        let named = match kind {
            TABS => "websites",
            WINDOWS | EDITORS => "applications",
            AFK => "activity",
            _ => "",
        };
        let policy = settings.policy.as_ref();
        if policy.is_some_and(|policy| policy.withholds(named, event.timestamp)) {
            return None;
        }
        redact(rules, &mut event.data);
        Some(event)
    }

    /// Takes note of what a beat says of now. It comes as it was sent, and stays in memory.
    pub fn hear(&self, bucket: &str, kind: &str, beat: &Event, pulsetime: f64) {
        let text = |key: &str| beat.data.get(key).and_then(Value::as_str);
        let pulse = Duration::try_from_secs_f64(pulsetime.clamp(0.0, 3600.0)).unwrap_or_default();
        let until = beat.end() + TimeDelta::from_std(pulse).unwrap_or_default() + HELD_BACK;
        let mut heard = self.heard();
        if heard.open.is_none() {
            return;
        }
        match kind {
            TABS => {
                let browser = Browser::of_source(bucket);
                let site = text("url").and_then(privacy::site_of);
                let is_private = beat.data.get("incognito") == Some(&Value::Bool(true));
                match site.filter(|_| !is_private) {
                    Some(site) => {
                        let title = text("title").unwrap_or_default().to_owned();
                        let value = Tab { site, title };
                        heard.tabs.insert(browser, Fresh { value, until });
                    }
                    None => drop(heard.tabs.remove(&browser)),
                }
            }
            WINDOWS => {
                let value = Window {
                    app: text("app").unwrap_or_default().to_owned(),
                    title: text("title").unwrap_or_default().to_owned(),
                };
                heard.window = Some(Fresh { value, until });
            }
            AFK => {
                let is_away = text("status") == Some("afk");
                let value = is_away.then_some(beat.timestamp);
                heard.away = Some(Fresh { value, until });
            }
            EDITORS => {
                if let Some(value) = Editor::of(bucket, beat) {
                    heard.editor = Some(Fresh { value, until });
                }
            }
            _ => {}
        }
    }

    /// The page in front of this browser.
    pub fn tab(&self, app: &str, now: DateTime<Utc>) -> Option<Tab> {
        let browser = Browser::of_app(app)?;
        self.heard().tabs.get(&browser)?.at(now)
    }

    /// The window in front, for a desktop that does not tell: by a watcher of windows, else the editor that is worked in.
    pub fn window(&self, now: DateTime<Utc>) -> Option<Window> {
        let heard = self.heard();
        let watched = heard.window.as_ref().and_then(|window| window.at(now));
        watched.or_else(|| {
            let editor = heard.editor.as_ref()?.at(now)?;
            Some(Window {
                title: editor.with_project(&editor.file),
                app: editor.app,
            })
        })
    }

    /// A window that the desktop told, with the project of the file that it is named like. A page of the web may be named so
    /// as well.
    pub fn complete(&self, window: Window, now: DateTime<Utc>) -> Window {
        let editor = self.heard().editor.as_ref().and_then(|one| one.at(now));
        let is_its = |editor: &Editor| {
            Browser::of_app(&window.app).is_none() && window.title.contains(&editor.file)
        };
        match editor.filter(is_its) {
            Some(editor) => Window {
                title: editor.with_project(&window.title),
                ..window
            },
            None => window,
        }
    }

    /// How long ago the last input was, for a desktop that does not tell: by a watcher of presence, else in an editor.
    pub fn idle(&self, now: DateTime<Utc>) -> Option<Duration> {
        let heard = self.heard();
        let since = match heard.away.as_ref().and_then(|away| away.at(now)) {
            Some(away) => away,
            None => Some(heard.editor.as_ref()?.at(now)?.worked_at),
        };
        Some(since.map_or(Duration::ZERO, |since| {
            (now - since).to_std().unwrap_or_default()
        }))
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every text of it under the company's rules, whatever its name: scripts name theirs as they like.
fn redact(rules: &Rules, data: &mut Map<String, Value>) {
    let is_hidden = rules.hides(data.values().filter_map(Value::as_str));
    for (key, value) in data {
        match value {
            // Which application it was is recorded in any case.
            Value::String(text) if is_hidden && key != "app" => REDACTED.clone_into(text),
            Value::String(text) => *text = rules.text(key, text),
            Value::Object(inner) => redact(rules, inner),
            Value::Array(values) => {
                for value in values {
                    if let Value::String(text) = value {
                        *text = rules.text(key, text);
                    } else if let Value::Object(inner) = value {
                        redact(rules, inner);
                    }
                }
            }
            _ => {}
        }
    }
}
