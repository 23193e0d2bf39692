//! A plausible working day: two stretches around lunch, applications by profession, pages while browsing, idle spells.

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc, Weekday};
use tracker_wire::{ActivityItem, ApplicationItem, WebsiteItem};
use uuid::Uuid;

use super::cast::{BROWSER, Person, Tool};
use super::dice::Dice;
use super::pictures;
use crate::tracking::days::Calendar;

/// Everything that one device recorded.
#[derive(Default)]
pub(super) struct Recorded {
    pub sessions: Vec<Session>,
    pub applications: Vec<ApplicationItem>,
    pub websites: Vec<WebsiteItem>,
    pub activity: Vec<ActivityItem>,
    pub shots: Vec<Shot>,
}

pub(super) struct Session {
    pub id: Uuid,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// Nothing while it goes on.
    pub end_reason: Option<&'static str>,
}

/// A moment at which a picture was taken, and what was in front.
pub(super) struct Shot {
    pub id: Uuid,
    pub session: Uuid,
    pub at: DateTime<Utc>,
    /// Which of the pictures.
    pub picture: usize,
}

/// Minutes between two pictures.
const SHOTS: u32 = 25;

/// A stretch of work, in minutes of the day.
type Stretch = (u32, u32);

/// Adds a day of the person to what was recorded. Pictures are taken where `shots` says so.
pub(super) fn record(
    recorded: &mut Recorded,
    person: &Person,
    calendar: &Calendar,
    day: NaiveDate,
    now: DateTime<Utc>,
    shots: bool,
) {
    let mut dice = Dice::new(&format!("{} {day}", person.name));
    let from = calendar.start(day);
    let minutes = u32::try_from((now - from).num_minutes()).unwrap_or_default();
    let is_today = calendar.day_of(now) == day;
    let plan = plan(&mut dice, person, day, is_today.then_some(minutes));
    for (at, (begin, end)) in plan.iter().enumerate() {
        let end = if is_today { (*end).min(minutes) } else { *end };
        if *begin >= end {
            continue;
        }
        let session = Session {
            id: dice.id(minute(from, *begin)),
            from: minute(from, *begin),
            until: minute(from, end),
            end_reason: match at {
                _ if is_today && end == minutes => None,
                0 => Some("paused"),
                _ => Some("stopped"),
            },
        };
        work(recorded, &mut dice, person, from, (*begin, end), &session);
        if shots {
            shoot(recorded, &mut dice, from, (*begin, end), session.id);
        }
        recorded.sessions.push(session);
    }
}

fn minute(from: DateTime<Utc>, minute: u32) -> DateTime<Utc> {
    from + Duration::minutes(i64::from(minute))
}

/// When somebody works; `now` is today's minute. Who is there today in any case has worked the last hours.
fn plan(dice: &mut Dice, person: &Person, day: NaiveDate, now: Option<u32>) -> Vec<Stretch> {
    let begin = dice.between(7 * 60 + 50, 9 * 60 + 35);
    let lunch = dice.between(11 * 60 + 50, 12 * 60 + 45);
    let back = lunch + dice.between(30, 70);
    let end = dice.between(16 * 60, 17 * 60 + 20);
    let is_weekend = [Weekday::Sat, Weekday::Sun].contains(&day.weekday());
    let is_away = dice.percent(12);
    match now {
        Some(now)
            if person.is_here_today && (is_weekend || is_away || now < begin + 60 || now > end) =>
        {
            let since = now.saturating_sub(dice.between(150, 230));
            vec![(since, now)]
        }
        _ if is_weekend || is_away => Vec::new(),
        _ => vec![(begin, lunch), (back, end)],
    }
}

fn work(
    recorded: &mut Recorded,
    dice: &mut Dice,
    person: &Person,
    from: DateTime<Utc>,
    (begin, end): Stretch,
    session: &Session,
) {
    let mut at = begin;
    while at < end {
        let Some(tool) = choose(dice, person.work.tools) else {
            return;
        };
        let until = (at + 2 + dice.below(22).min(dice.below(22))).min(end);
        for (begin, end) in pieces(dice, at, until) {
            application(recorded, dice, person, tool, from, (begin, end), session.id);
        }
        minutes(recorded, dice, tool, from, (at, until), session.id);
        at = until;
    }
}

fn choose(dice: &mut Dice, tools: &'static [Tool]) -> Option<&'static Tool> {
    let mut left = dice.below(tools.iter().map(|tool| tool.weight).sum());
    tools.iter().find(|tool| {
        let found = left < tool.weight;
        left = left.saturating_sub(tool.weight);
        found
    })
}

/// One window for the whole time, or a change of it in between.
fn pieces(dice: &mut Dice, begin: u32, end: u32) -> Vec<Stretch> {
    match end - begin {
        length @ 4.. if dice.percent(60) => {
            let change = begin + dice.between(1, length - 1);
            vec![(begin, change), (change, end)]
        }
        _ => vec![(begin, end)],
    }
}

fn application(
    recorded: &mut Recorded,
    dice: &mut Dice,
    person: &Person,
    tool: &Tool,
    from: DateTime<Utc>,
    (begin, end): Stretch,
    session_id: Uuid,
) {
    let (started_at, seconds) = (
        minute(from, begin),
        i32::try_from((end - begin) * 60).unwrap_or_default(),
    );
    let mut title = dice.pick(tool.titles).copied().unwrap_or_default();
    if tool.app == BROWSER
        && let Some((host, path, page)) = dice.pick(person.work.pages)
    {
        title = page;
        recorded.websites.push(WebsiteItem {
            id: dice.id(started_at),
            session_id,
            host: (*host).to_owned(),
            path: Some((*path).to_owned()),
            title: Some((*page).to_owned()),
            started_at,
            seconds,
        });
    }
    recorded.applications.push(ApplicationItem {
        id: dice.id(started_at),
        session_id,
        app: tool.app.to_owned(),
        title: title.to_owned(),
        started_at,
        seconds,
    });
}

fn minutes(
    recorded: &mut Recorded,
    dice: &mut Dice,
    tool: &Tool,
    from: DateTime<Utc>,
    (begin, end): Stretch,
    session_id: Uuid,
) {
    // Somebody fetched a coffee: the window stays, the keys rest.
    let mut idle_until = begin;
    for at in begin..end {
        if dice.percent(2) {
            idle_until = at + dice.between(4, 10);
        }
        let idle = match at < idle_until {
            true => 60,
            false if dice.percent(20) => dice.below(35),
            false => 0,
        };
        let active = 60 - idle;
        recorded.activity.push(ActivityItem {
            id: dice.id(minute(from, at)),
            session_id,
            minute: minute(from, at),
            keystrokes: count(dice, tool.keys, active),
            mouse_events: count(dice, 140, active),
            active_seconds: i32::try_from(active).unwrap_or_default(),
            idle_seconds: i32::try_from(idle).unwrap_or_default(),
        });
    }
}

fn count(dice: &mut Dice, most: u32, active: u32) -> i32 {
    i32::try_from(dice.below(most + 1) * active / 60).unwrap_or_default()
}

fn shoot(
    recorded: &mut Recorded,
    dice: &mut Dice,
    from: DateTime<Utc>,
    (begin, end): Stretch,
    session: Uuid,
) {
    let mut at = begin + dice.between(1, SHOTS);
    while at < end {
        let moment = minute(from, at) + Duration::seconds(i64::from(dice.below(60)));
        let in_front = recorded
            .applications
            .iter()
            .rfind(|item| item.started_at <= moment);
        let tool = in_front.map_or("", |item| item.app.as_str());
        recorded.shots.push(Shot {
            id: dice.id(moment),
            session,
            at: moment,
            picture: pictures::showing(tool, dice),
        });
        at += dice.between(SHOTS - 8, SHOTS + 8);
    }
}
