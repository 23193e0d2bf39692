//! The admin's pages of a company of two thousand people, with a quarter of sums and the raw rows of the last days.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::sql_types::{Date, Text, Uuid as SqlUuid};
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde_json::{Map, Value};
use tracker::config;
use tracker::demo::workforce;
use tracker::http::token::{Audience, Claims, Role};
use tracker::server::Database;
use uuid::Uuid;

use crate::place::{Place, Server};
use crate::reads::one;
use crate::seed::bearer;

const PEOPLE: u32 = 2_000;

/// Makes the company, and says how long that took.
pub fn make(place: &Place) -> anyhow::Result<String> {
    let mut config = config::defaults()?;
    config.database_url = Some(place.url().to_owned());
    config.data_dir = place.folder().to_owned();
    config.tracker_secret_file = Some(place.secret_file());
    let database = Database::open(&config)?;
    let made = actix_web::rt::System::new().block_on(workforce::add(&config, &database, PEOPLE))?;
    tasks(&mut PgConnection::establish(place.url())?)?;
    place.analyze()?;
    Ok(made)
}

/// Three tasks of each person, worked on for a week.
fn tasks(conn: &mut PgConnection) -> anyhow::Result<()> {
    conn.batch_execute(&format!(
        "INSERT INTO tenant.tasks (company_id, id, title, description, assignee_id, team_id, status, priority, due_on, created_by) \
           SELECT u.company_id, gen_random_uuid(), (ARRAY['Write the report', 'Answer requests', 'Repair the scanner'])[n] || ' ' || u.name, \
             repeat('What is to be known. ', 20), u.id, u.team_id, (ARRAY['open', 'in_progress', 'done'])[n], 'normal', current_date + n * 5 - 7, a.id \
           FROM tenant.users a JOIN tenant.users u ON u.company_id = a.company_id, generate_series(1, 3) n WHERE a.email = 'admin@{}.test'; \
         INSERT INTO tenant.user_task_usage_daily (company_id, user_id, day, task_id, tracked_seconds) \
           SELECT t.company_id, t.assignee_id, current_date - d, t.id, 3600 FROM tenant.tasks t, generate_series(1, 5) d \
           WHERE t.description LIKE 'What is to be known.%'",
        workforce::SLUG
    ))?;
    Ok(())
}

#[derive(QueryableByName)]
struct Someone {
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    team_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    admin: Uuid,
    /// The last working day with raw rows.
    #[diesel(sql_type = Date)]
    day: chrono::NaiveDate,
}

/// Names and people of whom there is much.
#[derive(QueryableByName)]
struct Busy {
    #[diesel(sql_type = Text)]
    app: String,
    #[diesel(sql_type = SqlUuid)]
    task: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pictured: Uuid,
    #[diesel(sql_type = Date)]
    pictured_on: chrono::NaiveDate,
}

pub fn measure(place: &Place, server: &Server, round: Duration) -> anyhow::Result<Value> {
    let conn = &mut PgConnection::establish(place.url())?;
    let Someone { company_id, id, team_id, admin, day } = sql_query(
        "SELECT u.company_id, u.id, u.team_id, a.id AS admin, max(d.day) AS day FROM tenant.users a \
         JOIN tenant.users u ON u.company_id = a.company_id AND u.team_id IS NOT NULL \
         JOIN tenant.user_usage_daily d ON d.company_id = u.company_id AND d.user_id = u.id AND d.tracked_seconds > 20000 \
         WHERE a.email = $1 GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 2 LIMIT 1",
    )
    .bind::<Text, _>(format!("admin@{}.test", workforce::SLUG))
    .get_result(conn)?;
    let Busy {
        app,
        task,
        pictured,
        pictured_on,
    } = sql_query(
        "SELECT (SELECT app FROM tenant.user_app_usage_daily WHERE company_id = $1 GROUP BY app ORDER BY sum(seconds) DESC LIMIT 1) AS app, \
           (SELECT task_id FROM tenant.user_task_usage_daily WHERE company_id = $1 GROUP BY task_id ORDER BY count(*) DESC, 1 LIMIT 1) AS task, \
           s.user_id AS pictured, s.day AS pictured_on FROM tenant.user_usage_daily s WHERE s.company_id = $1 \
         ORDER BY s.screenshots DESC, s.day DESC LIMIT 1",
    )
    .bind::<SqlUuid, _>(company_id)
    .get_result(conn)?;
    let claims = Claims::new(
        Audience::Web,
        admin,
        Some(company_id),
        Role::Admin,
        Uuid::now_v7(),
    );
    let headers = bearer(&claims, &place.secrets)?;
    let quarter = format!("from={}&to={day}", day - chrono::Days::new(80));
    let month = format!("from={}&to={day}", day - chrono::Days::new(29));
    let reads = [
        ("employees", "/api/employees".to_owned()),
        ("employees_searched", "/api/employees?q=ber".to_owned()),
        (
            "employees_by_last_seen",
            "/api/employees?sort=-last_seen_at".to_owned(),
        ),
        ("teams", "/api/teams".to_owned()),
        ("usage_daily_quarter", format!("/api/usage/daily?{quarter}")),
        ("usage_apps_month", format!("/api/usage?by=app&{month}")),
        ("usage_apps_quarter", format!("/api/usage?by=app&{quarter}")),
        (
            "usage_hosts_quarter",
            format!("/api/usage?by=host&{quarter}"),
        ),
        (
            "usage_people_quarter",
            format!("/api/usage?by=person&{quarter}"),
        ),
        (
            "usage_teams_quarter",
            format!("/api/usage?by=team&{quarter}"),
        ),
        (
            "usage_of_a_team",
            format!("/api/usage?by=app&team_id={team_id}&{quarter}"),
        ),
        (
            "usage_of_a_person",
            format!("/api/usage?by=app&user_id={id}&{quarter}"),
        ),
        ("work_sessions", "/api/work-sessions".to_owned()),
        (
            "work_sessions_of_a_team",
            format!("/api/work-sessions?team_id={team_id}"),
        ),
        ("timeline", format!("/api/timeline?user_id={id}&day={day}")),
        ("settings", "/api/settings".to_owned()),
        ("live", "/api/live".to_owned()),
        ("live_of_a_team", format!("/api/live?team_id={team_id}")),
        ("usage_today", "/api/usage/today".to_owned()),
        (
            "top_apps_quarter",
            format!("/api/usage/apps?limit=8&{quarter}"),
        ),
        (
            "usage_people_of_an_app",
            format!("/api/usage?by=person&app={}&{quarter}", app),
        ),
        (
            "usage_without_team",
            format!("/api/usage?by=host&without_team=true&{quarter}"),
        ),
        ("overview_days", "/api/overview/days".to_owned()),
        (
            "overview_days_quarter",
            format!("/api/overview/days?{quarter}"),
        ),
        ("overview_devices", "/api/overview/devices".to_owned()),
        ("first_steps", "/api/overview/first-steps".to_owned()),
        (
            "gallery_of_a_team",
            format!("/api/screenshots?team_id={team_id}&day={day}"),
        ),
        (
            "gallery_low_activity",
            format!("/api/screenshots?team_id={team_id}&day={day}&low_activity=true"),
        ),
        (
            "gallery_blurred",
            format!("/api/screenshots?team_id={team_id}&day={day}&blurred=false"),
        ),
        (
            "gallery_of_a_person",
            format!("/api/screenshots?user_id={}&day={}", pictured, pictured_on),
        ),
        (
            "gallery_days",
            format!("/api/screenshots/days?team_id={team_id}"),
        ),
        (
            "gallery_slots",
            format!(
                "/api/screenshots/slots?user_id={}&day={}",
                pictured, pictured_on
            ),
        ),
        (
            "gallery_slots_of_a_team",
            format!("/api/screenshots/slots?team_id={team_id}&day={day}"),
        ),
        ("tasks", "/api/tasks".to_owned()),
        (
            "tasks_by_due_day",
            "/api/tasks?sort=due_on&status=open".to_owned(),
        ),
        ("tasks_board", "/api/tasks?limit=200&status=open".to_owned()),
        ("tasks_searched", "/api/tasks?q=rep".to_owned()),
        ("tasks_of_a_team", format!("/api/tasks?team_id={team_id}")),
        ("task_time", format!("/api/tasks/{}/time", task)),
    ];
    let mut report = Map::new();
    for (name, path) in reads {
        report.insert(
            name.into(),
            one(server, &headers, ("GET", &path, b""), round)?,
        );
    }
    Ok(Value::Object(report))
}
