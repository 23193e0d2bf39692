//! The lint finds nothing on a clean schema, and something as soon as any one net is cut.

use diesel::connection::SimpleConnection;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use tracker::db::{lint, placement::PLACEMENT};

use crate::app::Copy;

fn findings(copy: &Copy) -> Vec<String> {
    lint::lint(&copy.url("tracker_jobs")).unwrap().findings
}

#[test]
fn a_clean_database_has_no_findings() {
    let copy = Copy::make();
    let report = lint::lint(&copy.url("tracker_jobs")).unwrap();
    assert_eq!(report.findings, Vec::<String>::new());
    assert_eq!(report.tables, PLACEMENT.len() as i64);
}

#[test]
fn cutting_any_one_net_is_found() {
    let copy = Copy::make();
    let mut admin = copy.admin();
    for (cut, mend) in [
        (
            "DROP POLICY admin_all ON tenant.users",
            "CREATE POLICY admin_all ON tenant.users TO tracker_admin USING (company_id = tenant.current_company() AND removed_at IS NULL) \
         WITH CHECK (company_id = tenant.current_company() AND removed_at IS NULL)",
        ),
        (
            "ALTER POLICY admin_all ON tenant.tasks USING (true)",
            "ALTER POLICY admin_all ON tenant.tasks USING (company_id = tenant.current_company())",
        ),
        (
            "ALTER TABLE tenant.screenshots NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE tenant.screenshots FORCE ROW LEVEL SECURITY",
        ),
        (
            "ALTER TABLE tenant.devices DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE tenant.devices ENABLE ROW LEVEL SECURITY",
        ),
        (
            "ALTER TABLE tenant.ingest_batches ALTER user_id DROP NOT NULL",
            "ALTER TABLE tenant.ingest_batches ALTER user_id SET NOT NULL",
        ),
        (
            "REVOKE SELECT ON tenant.users FROM tracker_employee",
            "GRANT SELECT ON tenant.users TO tracker_employee",
        ),
        (
            "REVOKE SELECT (id) ON tenant.activity_log FROM tracker_agent",
            "GRANT SELECT (id) ON tenant.activity_log TO tracker_agent",
        ),
        (
            "GRANT SELECT ON tenant.users TO tracker_platform",
            "REVOKE SELECT ON tenant.users FROM tracker_platform",
        ),
        (
            "GRANT USAGE ON SCHEMA tenant TO tracker_platform",
            "REVOKE USAGE ON SCHEMA tenant FROM tracker_platform",
        ),
        (
            "GRANT SELECT ON auth.credentials TO tracker_auth",
            "REVOKE SELECT ON auth.credentials FROM tracker_auth",
        ),
        (
            "GRANT SELECT (title) ON tenant.application_usage TO tracker_jobs",
            "REVOKE SELECT (title) ON tenant.application_usage FROM tracker_jobs",
        ),
        (
            "GRANT TRUNCATE ON tenant.teams TO tracker_admin",
            "REVOKE TRUNCATE ON tenant.teams FROM tracker_admin",
        ),
        (
            "GRANT SELECT ON tenant.activity_log_default TO tracker_admin",
            "REVOKE SELECT ON tenant.activity_log_default FROM tracker_admin",
        ),
        (
            "CREATE POLICY open ON tenant.teams FOR SELECT TO PUBLIC USING (true)",
            "DROP POLICY open ON tenant.teams",
        ),
        (
            "CREATE TABLE tenant.forgotten (id uuid PRIMARY KEY)",
            "DROP TABLE tenant.forgotten",
        ),
        (
            "CREATE VIEW tenant.everybody AS SELECT * FROM tenant.users",
            "DROP VIEW tenant.everybody",
        ),
        (
            "CREATE INDEX by_name ON tenant.users (name)",
            "DROP INDEX tenant.by_name",
        ),
        (
            "GRANT EXECUTE ON FUNCTION auth.find_credentials(text) TO PUBLIC",
            "REVOKE EXECUTE ON FUNCTION auth.find_credentials(text) FROM PUBLIC",
        ),
        (
            "ALTER FUNCTION auth.find_credentials(text) RESET search_path",
            "ALTER FUNCTION auth.find_credentials(text) SET search_path = ''",
        ),
        (
            "ALTER TABLE tenant.devices DROP CONSTRAINT devices_user_unknown",
            "ALTER TABLE tenant.devices ADD CONSTRAINT devices_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id)",
        ),
        (
            "ALTER TABLE tenant.users OWNER TO tracker_admin",
            "ALTER TABLE tenant.users OWNER TO tracker_ddl; GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.users TO tracker_admin",
        ),
    ] {
        admin.batch_execute(cut).unwrap();
        assert_ne!(findings(&copy), Vec::<String>::new(), "not found: {cut}");
        admin.batch_execute(mend).unwrap();
        assert_eq!(findings(&copy), Vec::<String>::new(), "not mended: {mend}");
    }
}

#[test]
fn a_row_in_a_default_partition_is_found() {
    let copy = Copy::make();
    copy.admin()
        .batch_execute(
            "SET session_replication_role = replica; INSERT INTO tenant.activity_log (company_id, user_id, started_at, id, session_id, \
             keystrokes, mouse_events, active_seconds, idle_seconds) SELECT u, u, '1999-01-01', u, u, 0, 0, 0, 0 FROM (SELECT gen_random_uuid() AS u) x",
        )
        .unwrap();
    assert_eq!(findings(&copy).len(), 1);
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[test]
fn the_owners_role_is_refused_by_every_table_of_a_tenant() {
    let copy = Copy::make();
    let tables = "SELECT 'tenant.' || relname AS name FROM pg_class WHERE relnamespace = 'tenant'::regnamespace AND relkind IN ('r', 'p')";
    let tables: Vec<Name> = sql_query(tables).load(&mut copy.admin()).unwrap();
    assert!(tables.len() > 20);
    let mut owner = copy.as_role("tracker_platform");
    let mut web = copy.as_role("tracker_web");
    for Name { name } in tables {
        for statement in [
            format!("SELECT 1 FROM {name} LIMIT 1"),
            format!("DELETE FROM {name}"),
            format!("INSERT INTO {name} DEFAULT VALUES"),
            format!("TRUNCATE {name}"),
        ] {
            for (role, conn) in [("tracker_platform", &mut owner), ("tracker_web", &mut web)] {
                let error = sql_query(&statement).execute(conn).unwrap_err().to_string();
                assert!(
                    error.contains("permission denied"),
                    "{role}: {statement}: {error}"
                );
            }
        }
    }
}

#[test]
fn migrations_go_down_and_up_again() {
    let copy = Copy::make();
    tracker::db::migrate::revert_all(&copy.admin_url()).unwrap();
    let ran =
        tracker::db::migrate::migrate(&copy.admin_url(), &tracker::config::defaults().unwrap())
            .unwrap();
    assert!(ran.len() >= 8);
    assert_eq!(findings(&copy), Vec::<String>::new());
}

/// Rules of their own, besides the list of all grants and policies: a list is written anew with a change, a rule is not.
#[test]
fn widening_what_a_lead_or_an_admin_of_teams_may_is_found() {
    let copy = Copy::make();
    let mut admin = copy.admin();
    let mut wider = |policy: &str, asks: &str, count: usize, complaint: &'static str| {
        let people: Vec<Name> = sql_query(format!(
            "SELECT polrelid::regclass::text AS name FROM pg_policy WHERE polname = '{policy}' \
             AND pg_get_expr(polqual, polrelid) LIKE '%{asks}%' ORDER BY 1"
        ))
        .load(&mut admin)
        .unwrap();
        assert_eq!(people.len(), count, "{policy}");
        let cut = |table: Name| {
            let name = table.name;
            format!("ALTER POLICY {policy} ON {name} USING (company_id = tenant.current_company())")
        };
        let cuts: Vec<_> = people
            .into_iter()
            .map(|table| (cut(table), complaint))
            .collect();
        cuts
    };
    let mut cuts = wider(
        "lead_read",
        "led_people",
        12,
        "lets a lead see more than those they lead",
    );
    cuts.extend(wider(
        "team_admin_read",
        "administered_",
        26,
        "lets a team admin see more than those they administer",
    ));
    let writes = [
        "GRANT UPDATE (name) ON tenant.users TO tracker_lead",
        "GRANT DELETE ON tenant.access_entries TO tracker_lead",
        "GRANT INSERT ON tenant.team_leads TO tracker_lead",
    ];
    let complaint = "lets a lead write more than that they looked";
    cuts.extend(writes.map(|cut| (cut.to_owned(), complaint)));
    let writes = [
        "GRANT UPDATE (role) ON tenant.users TO tracker_team_admin",
        "GRANT DELETE ON tenant.screenshots TO tracker_team_admin",
        "GRANT INSERT ON tenant.team_admins TO tracker_team_admin",
    ];
    let complaint =
        "lets a team admin write more than decisions, sums, and what they looked at and took";
    cuts.extend(writes.map(|cut| (cut.to_owned(), complaint)));
    let of_all = "company_id = tenant.current_company() AND user_id = ANY ((SELECT tenant.administered_people())::uuid[])";
    cuts.push((
        format!("ALTER POLICY team_admin_update ON tenant.manual_times USING ({of_all}) WITH CHECK ({of_all})"),
        "lets a team admin change what is their own, or what nobody decides or sums",
    ));
    cuts.push((
        "DROP POLICY definer_read ON tenant.users; CREATE POLICY definer_read ON tenant.users TO tracker_ddl \
         USING (company_id = tenant.current_company())"
            .to_owned(),
        "lets its owner do more than read by a policy",
    ));
    cuts.push((
        "ALTER POLICY definer_read ON tenant.users USING (removed_at IS NULL)".to_owned(),
        "has a policy that does not compare the company",
    ));
    for (cut, complaint) in cuts {
        admin.batch_execute("BEGIN").unwrap();
        admin.batch_execute(&cut).unwrap();
        admin
            .batch_execute("SET LOCAL SESSION AUTHORIZATION tracker_jobs")
            .unwrap();
        let found = lint::check(&mut admin).unwrap().findings;
        assert!(
            found.iter().any(|finding| finding.ends_with(complaint)),
            "{cut}: {found:?}"
        );
        admin.batch_execute("ROLLBACK").unwrap();
    }
}
