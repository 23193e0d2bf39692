//! What goes into a person's file: of every table their own rows, as the database shows them to an employee.

use crate::company::exports::archive::{ID, RAW, Table, Words, of_person};

const MINE: &str = "user_id = $person";
/// Tasks are seen by whom they are assigned to.
const OF_MY_TASKS: &str =
    "task_id IN (SELECT id FROM tenant.tasks WHERE company_id = $1 AND assignee_id = $person)";

pub const TABLES: [Table; 31] = [
    of_person(
        "access_entries",
        &[
            ("subject_id", "uuid"),
            ("at", "timestamptz"),
            ("viewer_id", "uuid"),
            ("kind", "text"),
            ("day", "date"),
        ],
        "subject_id = $person",
        "Who looked at your days and pictures: when, at what, and the reason for an original.",
    ),
    of_person(
        "activity_log",
        RAW,
        MINE,
        "Each minute with input: how many keys and mouse events, and active and idle seconds.",
    ),
    Table {
        columns: "id, kind, threshold, least_minutes, team_id, user_id, enabled, enabled_at",
        ..of_person(
            "alert_rules",
            ID,
            "enabled AND kind <> 'storage' AND coalesce(user_id = $person, true) AND (team_id IS NULL \
             OR team_id = (SELECT u.team_id FROM tenant.users u WHERE u.company_id = $1 AND u.id = $person))",
            "The rules that watch you.",
        )
    },
    of_person(
        "alerts",
        ID,
        MINE,
        "What those rules found about you, and what an admin noted.",
    ),
    of_person(
        "application_usage",
        RAW,
        MINE,
        "Applications in front, with their window titles where your company records titles.",
    ),
    Table {
        columns: "screenshots_enabled, screenshot_interval_seconds, blur_screenshots, idle_threshold_seconds, tracking_days, \
                  tracking_from, tracking_to, record_titles, record_paths, employees_may_delete_screenshots, \
                  screenshot_retention_days, usage_retention_days, week_start, manual_time_allowed, manual_time_approval, \
                  leads_see, updated_at",
        ..of_person(
            "company_settings",
            &[],
            "$person IS NOT NULL",
            "What your company records of everybody, and how long it is kept.",
        )
    },
    of_person(
        "company_time_zones",
        &[("valid_from", "date")],
        "$person IS NOT NULL",
        "Since when which time zone makes your company's days.",
    ),
    Table {
        hidden: "{company_id,key_id}",
        ..of_person(
            "devices",
            ID,
            MINE,
            "Computers that your agent was set up on, and what they last said of themselves.",
        )
    },
    of_person(
        "disputes",
        ID,
        MINE,
        "What of your records you contested, and what was answered.",
    ),
    of_person(
        "manual_times",
        ID,
        MINE,
        "Time that was added by hand, and who decided on it and why.",
    ),
    Table {
        columns: "version, title, text, kinds, published_at",
        ..of_person(
            "monitoring_policies",
            &[("version", "integer")],
            "version IN (SELECT a.version FROM tenant.policy_acknowledgements a WHERE a.company_id = $1 AND a.user_id = $person)",
            "The texts of the monitoring policy that you acknowledged.",
        )
    },
    of_person(
        "notification_preferences",
        &[("user_id", "uuid")],
        MINE,
        "What you are told of, and how.",
    ),
    of_person("notifications", ID, MINE, "What you were told of."),
    of_person(
        "policy_acknowledgements",
        &[("user_id", "uuid"), ("version", "integer")],
        MINE,
        "When and where you acknowledged the monitoring policy.",
    ),
    Table {
        hidden: "{company_id,object_key,thumbnail_key}",
        ..of_person(
            "screenshots",
            ID,
            MINE,
            "Each picture of your screen: when, of what size, and who deleted it and why. The files are in screenshots/.",
        )
    },
    of_person(
        "setting_overrides",
        ID,
        "coalesce(user_id = $person, team_id = (SELECT u.team_id FROM tenant.users u WHERE u.company_id = $1 AND u.id = $person))",
        "What is recorded of you or of your team otherwise than of everybody.",
    ),
    of_person(
        "task_changes",
        ID,
        OF_MY_TASKS,
        "What was changed in your tasks, and by whom.",
    ),
    of_person("task_comments", ID, OF_MY_TASKS, "Comments on your tasks."),
    of_person(
        "tasks",
        ID,
        "assignee_id = $person",
        "The tasks that are yours.",
    ),
    Table {
        columns: "team_id, user_id",
        ..of_person(
            "team_leads",
            &[("team_id", "uuid"), ("user_id", "uuid")],
            MINE,
            "The teams that you lead.",
        )
    },
    of_person(
        "teams",
        ID,
        "id IN (SELECT u.team_id FROM tenant.users u WHERE u.company_id = $1 AND u.id = $person \
         UNION ALL SELECT l.team_id FROM tenant.team_leads l WHERE l.company_id = $1 AND l.user_id = $person)",
        "The team that you are in, and those that you lead.",
    ),
    of_person(
        "timers",
        &[("user_id", "uuid")],
        MINE,
        "What you said last that you work on.",
    ),
    of_person(
        "user_app_usage_daily",
        &[("user_id", "uuid"), ("day", "date"), ("app", "text")],
        MINE,
        "Seconds in each application, by day.",
    ),
    of_person(
        "user_category_usage_daily",
        &[("user_id", "uuid"), ("day", "date"), ("category", "text")],
        MINE,
        "Seconds that counted as productive, unproductive or neither, by day.",
    ),
    of_person(
        "user_host_usage_daily",
        &[("user_id", "uuid"), ("day", "date"), ("host", "text")],
        MINE,
        "Seconds on each site, by day.",
    ),
    of_person(
        "user_task_usage_daily",
        &[("user_id", "uuid"), ("day", "date"), ("task_id", "uuid")],
        MINE,
        "Seconds on each task, by day.",
    ),
    of_person(
        "user_usage_daily",
        &[("user_id", "uuid"), ("day", "date")],
        MINE,
        "Your days: tracked, active and idle seconds, input, sessions and pictures.",
    ),
    Table {
        hidden: "{company_id,removed_at}",
        ..of_person(
            "users",
            ID,
            "id = $person",
            "You: name, address, role, team, and since when.",
        )
    },
    of_person(
        "website_usage",
        RAW,
        MINE,
        "Sites in front, with titles and paths where your company records them.",
    ),
    of_person(
        "work_session_changes",
        ID,
        MINE,
        "What was corrected in your sessions: by whom, why, and the numbers before and after.",
    ),
    of_person(
        "work_sessions",
        ID,
        MINE,
        "When the agent ran, and why each session ended.",
    ),
];

/// By table, and in words for the person.
pub const LEFT_OUT: &[(&str, &str)] = &[
    (
        "app_usage_daily, host_usage_daily, usage_daily",
        "Sums of the whole company. Your part in them is in the files that begin with user_.",
    ),
    (
        "audit_entries, audit_seals, audit_unsealed",
        "What people changed, and the seals that prove the list unaltered. It is about colleagues too and is read by admins \
         alone. What it says of looks at you is in access_entries.json, and of your sessions in work_session_changes.json.",
    ),
    (
        "company_branding, company_usage",
        "How your company shows itself, and its number of seats: nothing of it is about you.",
    ),
    (
        "exports, own_exports, report_files, saved_reports",
        "Lists of files such as this one, and reports that admins made for themselves. Files are kept for a day.",
    ),
    (
        "idempotency_keys",
        "Answers that are kept for a day for a request that is sent twice.",
    ),
    (
        "ingest_batches, reclassifications, user_numbers",
        "The service's own bookkeeping: which uploads arrived, and what is to be counted again.",
    ),
    (
        "invitations",
        "How you were invited holds the name, address, role and team that users.json has.",
    ),
    (
        "productivity_rules",
        "What counts as productive is your company's list and not yours. What it made of your days is in user_category_usage_daily.json.",
    ),
    ("removals", "It says only who was erased."),
    (
        "team_admins",
        "Which teams an admin is limited to is kept by the admins of the company.",
    ),
    (
        "user_app_usage_monthly, user_host_usage_monthly, user_usage_monthly",
        "Sums of the days that are in this file.",
    ),
    (
        "Comments and changes of tasks that are somebody else's by now",
        "They belong to whom the task is assigned to.",
    ),
    (
        "Passwords and codes",
        "They are kept as one-way sums or sealed, so that nobody reads them.",
    ),
];

pub(crate) static WORDS: Words = Words {
    tables: &TABLES,
    left_out: LEFT_OUT,
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::db::placement::{PLACEMENT, Place};

    #[test]
    fn of_every_table_there_is_the_file_has_rows_or_says_why_not() {
        let tenant = (PLACEMENT.iter()).filter(|(_, place)| *place == Place::Tenant);
        let all: BTreeSet<&str> = tenant
            .filter_map(|(name, _)| name.strip_prefix("tenant."))
            .collect();
        let left_out = (LEFT_OUT.iter())
            .flat_map(|(what, _)| what.split(", "))
            .filter(|what| !what.contains(' '));
        let here: BTreeSet<&str> = TABLES
            .iter()
            .map(|table| table.name)
            .chain(left_out)
            .collect();
        assert_eq!(all, here);
    }
}
