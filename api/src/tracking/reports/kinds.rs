//! What there is to report on. A kind says which sums of days it reads, what it can be grouped by besides people and time, and
//! which figures it has.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    #[default]
    Hours,
    Attendance,
    Apps,
    Sites,
    Activity,
    /// Tracked time as the productivity rules sort it.
    Categories,
    Tasks,
}

/// What a row stands for. A week begins on Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Dim {
    Person,
    Team,
    Day,
    Week,
    Month,
    App,
    Host,
    Task,
}

/// What a figure is: seconds, a number, seconds since 1970, seconds since midnight on the company's clock, or hundredths of a
/// per cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Unit {
    Seconds,
    Count,
    Time,
    Clock,
    Share,
}

/// A figure: its name, what it is, and how the database adds it up over the days `x` of a group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figure {
    pub key: &'static str,
    pub unit: Unit,
    pub sum: &'static str,
}

const fn figure(key: &'static str, unit: Unit, sum: &'static str) -> Figure {
    Figure { key, unit, sum }
}

const TRACKED: Figure = figure(
    "tracked_seconds",
    Unit::Seconds,
    "sum(x.tracked_seconds)::bigint",
);
const ACTIVE: Figure = figure(
    "active_seconds",
    Unit::Seconds,
    "sum(x.active_seconds)::bigint",
);
const IDLE: Figure = figure("idle_seconds", Unit::Seconds, "sum(x.idle_seconds)::bigint");
/// Days of people, whichever day.
const DAYS: Figure = figure("days", Unit::Count, "count(*)");
const PEOPLE: Figure = figure("people", Unit::Count, "count(DISTINCT x.user_id)");
const SECONDS: Figure = figure("seconds", Unit::Seconds, "sum(x.seconds)::bigint");
const LATE_SECONDS: Figure = figure(
    "late_seconds",
    Unit::Seconds,
    "coalesce(sum(extract(epoch FROM x.first_at - x.due_at)) FILTER (WHERE x.first_at > x.due_at), 0)::bigint",
);

/// What a kind reads: `s` of its table.
pub(super) struct Source {
    pub table: &'static str,
    /// Its columns besides person and day.
    pub columns: &'static str,
    /// Days without any of it are no rows.
    pub seconds: &'static str,
    /// What else it can be grouped by, and the column that has it.
    pub item: Option<(Dim, &'static str)>,
    /// Whether each day comes with when people were due.
    pub has_schedule: bool,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::Attendance => "attendance",
            Self::Apps => "apps",
            Self::Sites => "sites",
            Self::Activity => "activity",
            Self::Categories => "categories",
            Self::Tasks => "tasks",
        }
    }

    pub fn source(self) -> Source {
        let of_days = |columns, has_schedule| Source {
            table: "user_usage_daily",
            columns,
            seconds: "tracked_seconds",
            item: None,
            has_schedule,
        };
        let of_names = |table, column, dim| Source {
            table,
            columns: "s.seconds",
            seconds: "seconds",
            item: Some((dim, column)),
            has_schedule: false,
        };
        match self {
            Self::Hours => of_days("s.tracked_seconds, s.active_seconds, s.idle_seconds", false),
            Self::Activity => of_days(
                "s.tracked_seconds, s.active_seconds, s.idle_seconds, s.keystrokes, s.mouse_events",
                false,
            ),
            Self::Attendance => of_days(
                "s.tracked_seconds, s.first_at, s.last_at, d.due_at, d.base_at",
                true,
            ),
            Self::Categories => Source {
                table: "user_category_usage_daily",
                columns: "s.seconds, s.category",
                seconds: "seconds",
                item: None,
                has_schedule: false,
            },
            Self::Apps => of_names("user_app_usage_daily", "app", Dim::App),
            Self::Sites => of_names("user_host_usage_daily", "host", Dim::Host),
            Self::Tasks => Source {
                table: "user_task_usage_daily",
                columns: "s.tracked_seconds",
                seconds: "tracked_seconds",
                item: Some((Dim::Task, "task_id")),
                has_schedule: false,
            },
        }
    }

    /// What its rows stand for unless something else is asked for.
    pub fn usual(self) -> Dim {
        self.source().item.map_or(Dim::Person, |(dim, _)| dim)
    }

    /// Under which kind a look at somebody's figures is noted.
    pub fn look(self) -> &'static str {
        match self {
            Self::Tasks => "tasks",
            _ => "usage",
        }
    }

    /// Its figures when rows stand for these. The first one is what is sorted by and drawn.
    pub fn figures(self, dims: &[Dim]) -> Vec<Figure> {
        let has = |dim| dims.contains(&dim);
        let one_day_of_one = has(Dim::Person) && has(Dim::Day);
        let mut figures = match self {
            Self::Hours => vec![TRACKED, ACTIVE, IDLE],
            Self::Activity => vec![
                ACTIVE,
                TRACKED,
                figure(
                    "active_share",
                    Unit::Share,
                    "(sum(x.active_seconds)::bigint * 10000) / nullif(sum(x.tracked_seconds)::bigint, 0)",
                ),
                figure("keystrokes", Unit::Count, "sum(x.keystrokes)::bigint"),
                figure("mouse_events", Unit::Count, "sum(x.mouse_events)::bigint"),
            ],
            Self::Attendance if one_day_of_one => vec![
                TRACKED,
                figure(
                    "first_at",
                    Unit::Time,
                    "extract(epoch FROM min(x.first_at))::bigint",
                ),
                figure(
                    "last_at",
                    Unit::Time,
                    "extract(epoch FROM max(x.last_at))::bigint",
                ),
                LATE_SECONDS,
            ],
            Self::Attendance => vec![
                TRACKED,
                figure(
                    "first_clock",
                    Unit::Clock,
                    "avg(extract(epoch FROM x.first_at - x.base_at))::bigint",
                ),
                figure(
                    "last_clock",
                    Unit::Clock,
                    "avg(extract(epoch FROM x.last_at - x.base_at))::bigint",
                ),
                figure(
                    "late_days",
                    Unit::Count,
                    "count(*) FILTER (WHERE x.first_at > x.due_at)",
                ),
                LATE_SECONDS,
            ],
            // All of them together are the tracked time.
            Self::Categories => vec![
                figure("tracked_seconds", Unit::Seconds, SECONDS.sum),
                figure(
                    "productive_seconds",
                    Unit::Seconds,
                    "coalesce(sum(x.seconds) FILTER (WHERE x.category = 'productive'), 0)::bigint",
                ),
                figure(
                    "neutral_seconds",
                    Unit::Seconds,
                    "coalesce(sum(x.seconds) FILTER (WHERE x.category = 'neutral'), 0)::bigint",
                ),
                figure(
                    "unproductive_seconds",
                    Unit::Seconds,
                    "coalesce(sum(x.seconds) FILTER (WHERE x.category = 'unproductive'), 0)::bigint",
                ),
                figure(
                    "unclassified_seconds",
                    Unit::Seconds,
                    "coalesce(sum(x.seconds) FILTER (WHERE x.category = 'unclassified'), 0)::bigint",
                ),
            ],
            Self::Apps | Self::Sites => vec![SECONDS],
            // All that a task ever took, up to the last day, beside what it was thought to take.
            Self::Tasks if has(Dim::Task) => vec![
                TRACKED,
                figure(
                    "total_seconds",
                    Unit::Seconds,
                    "(SELECT coalesce(sum(a.tracked_seconds), 0)::bigint FROM tenant.user_task_usage_daily a WHERE a.company_id = $1 \
                       AND a.task_id = ANY (array_agg(DISTINCT x.item)) AND a.day <= $3 AND ($4 IS NULL OR a.user_id = $4))",
                ),
                figure(
                    "estimate_seconds",
                    Unit::Seconds,
                    "(SELECT sum(t.estimate_seconds)::bigint FROM tenant.tasks t \
                       WHERE t.company_id = $1 AND t.id = ANY (array_agg(DISTINCT x.item)))",
                ),
            ],
            Self::Tasks => vec![
                TRACKED,
                figure("tasks", Unit::Count, "count(DISTINCT x.item)"),
            ],
        };
        let counts_days = matches!(self, Self::Hours | Self::Attendance | Self::Activity);
        if counts_days && !one_day_of_one {
            figures.push(DAYS);
        }
        if !has(Dim::Person) {
            figures.push(PEOPLE);
        }
        figures
    }
}

impl Dim {
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Team => "team",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::App => "app",
            Self::Host => "host",
            Self::Task => "task",
        }
    }

    pub fn is_time(self) -> bool {
        matches!(self, Self::Day | Self::Week | Self::Month)
    }

    /// Whether a row is told by an id, which its name is not.
    pub fn has_id(self) -> bool {
        matches!(self, Self::Person | Self::Team | Self::Task)
    }
}
