//! What the matrix cannot read from the document: who may call an operation, what a good body looks like, and which
//! rows its ids name. A new operation adds its line to `operations`; an id of a new name a line to `IDS`; a new kind of
//! row a line to `ROWS`; a new way to prove who one is a line to `principals`. Everything else is generated.

use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Value, json};
use uuid::Uuid;

use super::world::{Credential, Forged, Principal, World};
use crate::app::PASSWORD;

/// What a principal proves to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Owner,
    Admin,
    Employee,
    /// An employee who leads teams, in a company that shows leads people.
    Lead,
    /// An admin who is limited to teams.
    TeamAdmin,
    /// A desktop agent's token and its company's key.
    Agent,
    /// A company's key, with or without a token.
    Key,
    /// Another program's token with every scope, and one that may only read.
    Token,
    ReadToken,
    /// Anybody of a company that does not take part. Its admins, besides, may read what they could.
    Idle,
    /// The admins of such a company: what is theirs they take along.
    IdleAdmin,
    /// Somebody who must have two-factor on and has not.
    Unready,
    /// Nothing is asked: everybody has it.
    Anybody,
}
use Role::{
    Admin, Agent, Anybody, Employee, Idle, IdleAdmin, Key, Lead, Owner, ReadToken, TeamAdmin,
    Token, Unready,
};

/// Everybody who attacks. `own` is the company a principal belongs to; one that belongs to none is at home in D.
pub fn principals(world: &World) -> Vec<Principal> {
    let everything = [Admin, Employee];
    let person = |name, letter, number, roles: &[Role]| {
        let token = world.token(letter, number);
        Principal::new(name, letter, number, roles, vec![Credential::Bearer(token)])
    };
    let agent = |name, letter, number, key_of, roles: &[Role]| {
        let credentials = vec![
            Credential::Bearer(world.agent_token(letter, number)),
            Credential::Key(world.company(key_of).key.clone()),
        ];
        Principal::new(name, key_of, number, roles, credentials)
    };
    let forged = |name, token| Principal::new(name, 'd', 1, &[], vec![Credential::Bearer(token)]);
    let token = |name, letter, number, token: &str, roles: &[Role]| {
        let credentials = vec![Credential::Bearer(token.to_owned())];
        Principal::new(name, letter, number, roles, credentials)
    };
    let key = |name, letter| {
        let credential = Credential::Key(world.company(letter).key.clone());
        Principal::new(name, letter, 1, &[Key], vec![credential])
    };
    let mut principals = vec![
        Principal::new("anonymous", 'd', 1, &[], vec![]),
        Principal::new(
            "owner",
            'd',
            0,
            &[Owner],
            vec![Credential::Bearer(world.owner.clone())],
        ),
        person("admin A", 'a', 1, &everything),
        person("second admin A", 'a', 2, &everything),
        person("admin B", 'b', 1, &everything),
        person("employee A1", 'a', 3, &[Employee]),
        person("employee A2", 'a', 4, &[Employee]),
        person("employee B", 'b', 3, &[Employee]),
        // Leads the team that everybody is in.
        person("lead A", 'a', 5, &[Employee, Lead]),
        // Limited to all teams, the first of which everybody is in.
        person("team admin A", 'a', 67, &[Employee, TeamAdmin]),
        key("key A", 'a'),
        key("key B", 'b'),
        agent("agent A", 'a', 5, 'a', &[Agent, Key]),
        agent("agent B", 'b', 5, 'b', &[Agent, Key]),
        agent("agent A with key B", 'a', 5, 'b', &[Key]),
        Principal::new(
            "key A with a person's token",
            'a',
            3,
            &[Key, Employee],
            vec![
                Credential::Bearer(world.token('a', 3)),
                Credential::Key(world.company('a').key.clone()),
            ],
        ),
        Principal::new(
            "expired admin A",
            'd',
            1,
            &[],
            vec![Credential::Bearer(world.expired('a', 1))],
        ),
        Principal::new(
            "revoked admin A",
            'd',
            1,
            &[],
            vec![Credential::Bearer(world.revoked.clone())],
        ),
        forged("token of another type", world.forge(Forged::Type)),
        forged("token of another algorithm", world.forge(Forged::Algorithm)),
        forged("token of another issuer", world.forge(Forged::Issuer)),
        forged("token by another key's name", world.forge(Forged::KeyName)),
        forged("token by another secret", world.forge(Forged::Secret)),
        // Good in the portal, which is no reason to upload.
        Principal::new(
            "portal's token with a device and key A",
            'a',
            5,
            &[Key, Employee, Lead],
            vec![
                Credential::Bearer(world.forge(Forged::Audience)),
                Credential::Key(world.company('a').key.clone()),
            ],
        ),
        token("API token A", 'a', 2, &world.api_tokens.all, &[Token]),
        token(
            "API token A that reads",
            'a',
            2,
            &world.api_tokens.read,
            &[ReadToken],
        ),
        token("API token B", 'b', 1, &world.api_tokens.b, &[Token]),
        token(
            "revoked API token A",
            'd',
            1,
            &world.api_tokens.revoked,
            &[],
        ),
        person("admin of D without two-factor", 'd', 1, &[Unready]),
        person("owner without two-factor", 'd', 9, &[Unready]),
        person("admin of suspended C", 'c', 1, &everything).idle(),
        person("employee of suspended C", 'c', 3, &[Employee]).idle(),
        agent("agent of suspended C", 'c', 5, 'c', &[Agent, Key]).idle(),
        token(
            "API token of suspended C",
            'c',
            1,
            &world.api_tokens.c,
            &[Token],
        )
        .idle(),
    ];
    for at in 0..principals.len() {
        let home = principals[at].home;
        principals[at].place = principals[..at]
            .iter()
            .filter(|one| one.home == home)
            .count();
    }
    principals
}

/// Which rows an id of this name means, in any place. The longest ending of the place that is listed decides; in a body
/// the place is the field's path without indices.
pub const IDS: &[(&str, &str)] = &[
    ("company_id", "company"),
    ("employee_id", "user"),
    ("user_id", "user"),
    ("screenshot_id", "screenshot"),
    ("sign_in_id", "sign-in"),
    ("token_id", "API token"),
    ("device_id", "device"),
    ("team_id", "team"),
    ("team_ids", "team"),
    ("task_id", "task"),
    ("alert_rule_id", "alert rule"),
    ("alert_ids", "alert"),
    ("notification_ids", "notification"),
    ("up_to_id", "notification"),
    ("assignee_id", "user"),
    ("employee_ids", "spare"),
    ("plan_id", "plan"),
    ("note_id", "note"),
    ("job_id", "failed job"),
    ("export_id", "export"),
    ("own_export_id", "own export"),
    ("saved_report_id", "saved report"),
    ("recipients", "user"),
    ("report_file_id", "report file"),
    ("owner_id", "owner"),
    ("exchange_rate_id", "exchange rate"),
    // Ids that agents make: another company's row of the same id is nothing to them.
    ("session_id", "new session"),
    ("work_session_id", "session to exclude"),
    ("manual_time_id", "manual time to withdraw"),
    ("manual_time_ids", "manual time to approve"),
    ("dispute_id", "dispute to withdraw"),
    ("batch_id", "new batch"),
    ("device/id", "new device"),
    ("meta/id", "new screenshot"),
    ("items/id", "new record"),
    ("applications/id", "new record"),
    ("websites/id", "new record"),
    ("activity/id", "new record"),
    ("sessions/id", "new session"),
    ("id", "new session"),
];

/// Rows that the service's owner may name, whichever company they are of.
pub const THE_OWNERS: [&str; 7] = [
    "company",
    "erased company",
    "plan",
    "owner",
    "invited owner",
    "exchange rate",
    "failed job",
];

/// Where the rows are: company, person (null: nobody's), id.
pub const ROWS: &[(&str, &str)] = &[
    (
        "company",
        "SELECT id AS company, NULL::uuid AS person, id FROM platform.companies",
    ),
    (
        "user",
        "SELECT company_id AS company, id AS person, id FROM tenant.users WHERE name ~ 'cnry[.].[.]users[.]name[.]([1-5]|67)[.]'",
    ),
    // People whom nobody needs: to be deactivated, to come back, to become something else.
    (
        "leaver",
        "SELECT company_id AS company, NULL::uuid AS person, id FROM tenant.users WHERE email LIKE '%@leaver.test'",
    ),
    (
        "returner",
        "SELECT company_id AS company, NULL::uuid AS person, id FROM tenant.users WHERE email LIKE '%@returner.test'",
    ),
    (
        "spare",
        "SELECT company_id AS company, NULL::uuid AS person, id FROM tenant.users WHERE email LIKE '%@spare.test'",
    ),
    (
        "goer",
        "SELECT company_id AS company, NULL::uuid AS person, id FROM tenant.users WHERE email LIKE '%@goer.test'",
    ),
    (
        "invitation",
        "SELECT company_id AS company, NULL::uuid AS person, id FROM tenant.invitations WHERE email LIKE 'cnry.%'",
    ),
    (
        "team",
        "SELECT company_id AS company, NULL::uuid AS person, id FROM tenant.teams WHERE name NOT LIKE '% ended'",
    ),
    (
        "team that ends",
        "SELECT company_id AS company, NULL::uuid AS person, id FROM tenant.teams WHERE name LIKE '% ended'",
    ),
    (
        "task",
        "SELECT company_id AS company, assignee_id AS person, id FROM tenant.tasks",
    ),
    (
        "alert",
        "SELECT company_id AS company, user_id AS person, id FROM tenant.alerts",
    ),
    (
        "notification",
        "SELECT company_id AS company, user_id AS person, id FROM tenant.notifications",
    ),
    (
        "alert rule",
        "SELECT company_id AS company, NULL::uuid AS person, id FROM tenant.alert_rules",
    ),
    // Those that nobody is signed in by.
    (
        "sign-in",
        "SELECT company_id AS company, user_id AS person, id FROM auth.sign_ins WHERE user_agent LIKE 'cnry.%' UNION ALL SELECT c.id, o.user_id, o.id FROM auth.sign_ins o, (SELECT id FROM platform.companies ORDER BY created_at DESC LIMIT 1) c WHERE o.user_agent = 'the owner''s other'",
    ),
    (
        "API token",
        "SELECT company_id AS company, NULL::uuid AS person, id FROM auth.api_tokens WHERE name LIKE 'cnry.%'",
    ),
    // The owner's, of no company: everybody's are the same.
    (
        "plan",
        "SELECT c.id AS company, NULL::uuid AS person, p.id FROM platform.plans p, platform.companies c WHERE p.name LIKE 'MATRIX%'",
    ),
    (
        "owner",
        "SELECT c.id AS company, NULL::uuid AS person, o.id FROM platform.owners o, platform.companies c WHERE o.email LIKE '%@colleague.test'",
    ),
    // One that is none of theirs any more.
    (
        "erased company",
        "SELECT c.id AS company, NULL::uuid AS person, e.company_id AS id FROM platform.erasures e, platform.companies c",
    ),
    (
        "invited owner",
        "SELECT c.id AS company, NULL::uuid AS person, o.id FROM platform.owners o, platform.companies c WHERE o.email LIKE '%@invited.test'",
    ),
    // Of the owner who asks: only an author deletes.
    (
        "note",
        "SELECT n.company_id AS company, NULL::uuid AS person, n.id FROM platform.company_notes n WHERE n.author_id = (SELECT e.actor_id FROM platform.audit_entries e JOIN platform.companies c ON c.id = e.company_id WHERE e.action = 'company.created' ORDER BY c.created_at DESC LIMIT 1)",
    ),
    // The owner's as well: who may see one may see all.
    (
        "failed job",
        "SELECT c.id AS company, NULL::uuid AS person, j.id FROM platform.jobs j, platform.companies c WHERE j.state = 'failed'",
    ),
    (
        "exchange rate",
        "SELECT c.id AS company, NULL::uuid AS person, r.id FROM platform.exchange_rates r, platform.companies c WHERE r.changed_by LIKE 'cnry.%'",
    ),
    // Of whom it is: nobody else fetches it.
    (
        "export",
        "SELECT company_id AS company, requested_by AS person, id FROM tenant.exports",
    ),
    (
        "own export",
        "SELECT company_id AS company, user_id AS person, id FROM tenant.own_exports",
    ),
    (
        "report file",
        "SELECT company_id AS company, requested_by AS person, id FROM tenant.report_files",
    ),
    // Of whom it is, where it is not shared.
    (
        "saved report",
        "SELECT company_id AS company, created_by AS person, id FROM tenant.saved_reports WHERE NOT shared",
    ),
    (
        "device",
        "SELECT company_id AS company, user_id AS person, id FROM tenant.devices",
    ),
    // Agents begin sessions under ids of others, which are their own from then on: those to delete are left out.
    (
        "session",
        "SELECT company_id AS company, user_id AS person, id FROM tenant.work_sessions WHERE excluded_at IS NULL OR left(id::text, 1) < '8'",
    ),
    // Those that nothing was recorded in.
    (
        "session to exclude",
        "SELECT w.company_id AS company, w.user_id AS person, w.id FROM tenant.work_sessions w WHERE w.excluded_at IS NULL AND w.ended_at = w.started_at AND NOT EXISTS (SELECT FROM tenant.activity_log a WHERE a.session_id = w.id)",
    ),
    (
        "session to cut",
        "SELECT company_id AS company, user_id AS person, id FROM tenant.work_sessions WHERE ended_at > started_at AND counted_from IS NULL",
    ),
    (
        "cut session",
        "SELECT company_id AS company, user_id AS person, id FROM tenant.work_sessions WHERE counted_from IS NOT NULL",
    ),
    (
        "session to delete",
        "SELECT w.company_id AS company, w.user_id AS person, w.id FROM tenant.work_sessions w WHERE w.excluded_at IS NOT NULL AND left(w.id::text, 1) >= '8'",
    ),
    (
        "excluded session",
        "SELECT company_id AS company, user_id AS person, id FROM tenant.work_sessions WHERE excluded_at IS NOT NULL AND left(id::text, 1) < '8'",
    ),
    (
        "manual time to withdraw",
        "SELECT company_id AS company, user_id AS person, id FROM tenant.manual_times WHERE kind = 'meeting' AND state = 'pending'",
    ),
    (
        "manual time to approve",
        "SELECT company_id AS company, user_id AS person, id FROM tenant.manual_times WHERE kind = 'call' AND state = 'pending'",
    ),
    (
        "manual time to reject",
        "SELECT company_id AS company, user_id AS person, id FROM tenant.manual_times WHERE kind = 'travel' AND state = 'pending'",
    ),
    (
        "dispute to withdraw",
        "SELECT company_id AS company, user_id AS person, id FROM tenant.disputes WHERE kind = 'slot' AND state = 'open'",
    ),
    (
        "dispute to answer",
        "SELECT company_id AS company, user_id AS person, id FROM tenant.disputes WHERE kind = 'label' AND state = 'open'",
    ),
    (
        "screenshot",
        "SELECT company_id AS company, user_id AS person, id FROM tenant.screenshots WHERE blurred",
    ),
    // Whose original is opened, and which then goes.
    (
        "sharp screenshot",
        "SELECT company_id AS company, user_id AS person, id FROM tenant.screenshots WHERE NOT blurred AND state = 'ready'",
    ),
    (
        "record",
        "SELECT company_id AS company, user_id AS person, id FROM tenant.application_usage",
    ),
    (
        "batch",
        "SELECT company_id AS company, user_id AS person, batch_id AS id FROM tenant.ingest_batches",
    ),
];

/// One line an operation: who may call it, and a good body where it takes one. They are tried in this order.
pub fn operations() -> Vec<Operation> {
    vec![
        // Nobody needs to have signed in.
        op("sign_in", &[Anybody]).json(|own| json!({ "email": own.email, "password": PASSWORD, "company_id": own.id("company") })),
        op("refresh_sign_in", &[Anybody]).refresh_cookie(),
        op("sign_out", &[Anybody]).refresh_cookie(),
        op("show_invitation", &[Anybody]).invitation(),
        op("accept_invitation", &[Anybody]).invitation().json(|_| json!({ "name": "New Name", "password": PASSWORD })),
        op("request_reset", &[Anybody]).json(|own| json!({ "email": own.email })),
        op("show_registration_state", &[Anybody]),
        op("request_registration", &[Anybody]).json(|own| json!({ "company_name": "New Company", "name": "New Name",
            "email": own.new_email(), "time_zone": "UTC" })),
        op("show_registration", &[Anybody]).registration_link(),
        op("complete_registration", &[Anybody]).registration_link().json(|_| json!({ "password": PASSWORD })),
        op("show_reset", &[Anybody]).reset_link(),
        op("reset_password", &[Anybody]).reset_link().json(|_| json!({ "password": PASSWORD })),
        op("list_my_sign_ins", &[Owner, Admin, Employee, Idle]),
        op("end_my_sign_in", &[Owner, Admin, Employee, Idle]),
        op("list_my_devices", &[Admin, Employee]),
        op("list_my_exports", &[Admin, Employee]),
        op("create_my_export", &[Admin, Employee, IdleAdmin]).json(|_| json!({ "password": PASSWORD })),
        op("show_my_export", &[Admin, Employee]),
        op("download_my_export", &[Admin, Employee]),
        op("show_my_timer", &[Admin, Employee]),
        op("end_my_other_sign_ins", &[Owner, Admin, Employee, Idle]),
        op("change_my_password", &[Owner, Admin, Employee, Idle])
            .json(|own| own.step_up(json!({ "new_password": PASSWORD }))),
        op("show_two_factor", &[Owner, Admin, Employee, Idle, Unready]),
        op("set_up_two_factor", &[Owner, Admin, Employee, Idle, Unready]).json(|own| own.step_up(json!({}))),
        op("confirm_two_factor", &[Owner, Admin, Employee, Idle, Unready]).json(|own| json!({ "code": own.world.code(own, false) })),
        op("replace_recovery_codes", &[Owner, Admin, Employee, Idle])
            .json(|own| json!({ "password": PASSWORD, "code": own.world.code(own, true) })),
        // The last of them, so that nothing below asks for a code but of the owner, who must have it on.
        op("end_two_factor", &[Admin, Employee, Idle])
            .json(|own| json!({ "password": PASSWORD, "code": own.world.code(own, true) })),
        // A company's people.
        op("show_me", &[Owner, Admin, Employee, Idle, Unready]),
        op("list_my_access_entries", &[Admin, Employee]).shows("users.name"),
        op("list_employees", &[Admin, TeamAdmin, Token, ReadToken]),
        op("invite_employee", &[Admin, Token]).json(|own| json!({ "email": own.new_email(), "name": "New Name", "role": "EMPLOYEE",
            "team_id": own.id("team") })),
        op("invite_employees", &[Admin, Token]).json(|own| json!({ "people": [{ "email": own.new_email() }] })),
        op("resend_invitation", &[Admin, Token]).of("employee_id", "invitation"),
        op("revoke_invitation", &[Admin, Token]).of("employee_id", "invitation"),
        op("show_employee", &[Admin, TeamAdmin, Token, ReadToken]),
        op("deactivate_employee", &[Admin, Token]).of("employee_id", "leaver"),
        op("reactivate_employee", &[Admin, Token]).of("employee_id", "returner"),
        op("change_employee_role", &[Admin])
            .of("employee_id", "spare")
            .json(|own| json!({ "role": "TEAM_ADMIN", "team_ids": [own.id("team")], "password": PASSWORD })),
        op("end_employee_sign_ins", &[Admin]).of("employee_id", "spare"),
        op("end_employee_two_factor", &[Admin])
            .of("employee_id", "spare")
            .json(|own| own.on(json!({ "password": PASSWORD }))),
        op("list_employee_devices", &[Admin, TeamAdmin]),
        op("count_employee_sign_ins", &[Admin]),
        op("show_employee_settings", &[Admin, TeamAdmin]),
        op("change_employee_settings", &[Admin]).json(|_| json!({ "idle_threshold_seconds": 240 })),
        op("show_team_settings", &[Admin, TeamAdmin]),
        op("change_team_settings", &[Admin]).json(|_| json!({ "idle_threshold_seconds": 240 })),
        op("list_setting_overrides", &[Admin]).shows("users.name"),
        op("show_my_settings", &[Admin, Employee]),
        op("list_employee_access_entries", &[Admin, TeamAdmin]).shows("users.name"),
        op("list_company_audit_entries", &[Admin]).shows("users.name"),
        op("export_company_audit_entries", &[Admin]).shows("users.name"),
        op("verify_company_audit_entries", &[Admin]),
        op("export_employees", &[Admin, TeamAdmin]),
        op("list_teams", &[Admin, TeamAdmin, Token, ReadToken]),
        op("list_removals", &[Admin]),
        op("create_removal", &[Admin]).of("employee_id", "goer").json(|own| {
            let goer = own.id("goer");
            json!({ "employee_id": goer, "email": format!("{}@goer.test", goer.simple()), "password": PASSWORD })
        }),
        op("create_team", &[Admin, Token]).json(|_| json!({ "name": format!("Team {}", Uuid::now_v7().simple()) })),
        op("show_team", &[Admin, TeamAdmin, Token, ReadToken]),
        op("rename_team", &[Admin, Token]).json(|_| json!({ "name": format!("Team {}", Uuid::now_v7().simple()) })),
        op("delete_team", &[Admin, Token]).of("team_id", "team that ends"),
        op("list_team_leads", &[Admin]),
        op("change_team_leads", &[Admin]).json(|own| json!({ "employee_ids": [own.id("spare")] })),
        op("add_team_members", &[Admin, Token]).json(|own| json!({ "employee_ids": [own.id("spare")] })),
        op("remove_team_member", &[Admin, Token]).of("employee_id", "spare").after("add_team_members"),
        op("list_api_tokens", &[Admin]),
        op("create_api_token", &[Admin]).json(|_| json!({ "name": "Payroll", "scopes": ["employees:read"],
            "expires_in_days": 30, "password": PASSWORD })),
        op("revoke_api_token", &[Admin]),
        op("list_tasks", &[Admin, Employee]),
        op("export_tasks", &[Admin]),
        op("create_task", &[Admin])
            .json(|own| json!({ "title": "New", "assignee_id": own.id("user"), "team_id": own.id("team") })),
        op("show_task", &[Admin, Employee]),
        op("change_task", &[Admin]).json(|own| json!({ "priority": "high", "assignee_id": own.id("user"), "team_id": own.id("team") })),
        op("change_task_status", &[Admin, Employee]).json(|_| json!({ "status": "in_progress" })),
        op("list_task_changes", &[Admin, Employee]).shows("users.name"),
        op("list_task_comments", &[Admin, Employee]).shows("users.name"),
        op("add_task_comment", &[Admin, Employee]).json(|_| json!({ "text": "Begun" })),
        op("show_task_time", &[Admin, Employee]),
        op("list_led_teams", &[Lead]),
        op("list_led_people", &[Lead]),
        op("list_led_days", &[Lead]),
        op("list_alerts", &[Admin, Employee]),
        op("export_alerts", &[Admin]),
        op("acknowledge_alerts", &[Admin]).json(|own| json!({ "alert_ids": [own.id("alert")], "note": "Known" })),
        op("list_my_alert_rules", &[Admin, Employee]),
        op("list_alert_rules", &[Admin]),
        op("create_alert_rule", &[Admin]).json(|own| json!({ "kind": "silent", "threshold": 2, "team_id": own.id("team") })),
        op("show_alert_rule", &[Admin]),
        op("change_alert_rule", &[Admin]).json(|_| json!({ "threshold": 3 })),
        op("delete_alert_rule", &[Admin]),
        op("list_notifications", &[Admin, Employee]),
        op("count_unread_notifications", &[Admin, Employee]),
        op("read_notifications", &[Admin, Employee]).json(|own| json!({ "notification_ids": [own.id("notification")] })),
        op("show_notification_preferences", &[Admin, Employee]),
        op("change_notification_preferences", &[Admin, Employee]).json(|_| json!({ "not_by_mail": ["alerts"], "digest_hour": 7 })),
        op("list_monitoring_policies", &[Admin]),
        op("list_policy_acknowledgements", &[Admin]).shows("users.name"),
        op("export_policy_acknowledgements", &[Admin]),
        op("show_my_monitoring_policy", &[Admin, Employee]),
        op("acknowledge_my_monitoring_policy", &[Admin, Employee])
            .json(|own| json!({ "version": own.world.policy_version(own.principal) })),
        op("publish_monitoring_policy", &[Admin]).json(|_| json!({ "title": "Recording", "text": "What is recorded", "kinds": [] })),
        op("show_settings", &[Admin]),
        op("preview_retention", &[Admin]),
        op("change_settings", &[Admin]).json(|_| json!({ "idle_threshold_seconds": 240 })),
        op("show_branding", &[Admin, Employee]),
        op("change_branding", &[Admin]).json(|_| json!({ "name": "Acme", "accent": "#0b7285" })),
        op("show_branding_logo", &[Admin, Employee]),
        // What goes is put back by the next one.
        op("remove_branding_logo", &[Admin]),
        op("change_branding_logo", &[Admin]).json(|_| json!({})),
        op("show_sign_in_policy", &[Admin]),
        op("change_sign_in_policy", &[Admin]).json(|_| json!({ "two_factor_required": false, "password": PASSWORD })),
        // Only who is out of it anyway leaves: the others are still needed.
        op("create_cancellation", &[Admin, IdleAdmin]).json(|own| json!({ "name": own.name_to_leave(), "password": PASSWORD })),
        op("list_exports", &[Admin]),
        op("create_export", &[Admin, IdleAdmin]).json(|_| json!({ "password": PASSWORD })),
        op("show_export", &[Admin]),
        op("download_export", &[Admin]),
        op("reveal_own_company_key", &[Admin]).json(|_| json!({ "password": PASSWORD })),
        // What was recorded.
        op("show_timeline", &[Admin, Employee, Token, ReadToken]),
        op("list_work_sessions", &[Admin, Employee]).shows("users.name"),
        op("export_work_sessions", &[Admin, TeamAdmin]).shows("users.name"),
        op("exclude_work_session", &[Admin, TeamAdmin]).json(|_| json!({ "reason": "Recorded by mistake" })),
        op("include_work_session", &[Admin, TeamAdmin])
            .of("work_session_id", "excluded session")
            .json(|_| json!({ "reason": "Was none" })),
        op("cut_work_session", &[Admin, TeamAdmin])
            .of("work_session_id", "session to cut")
            .json(|own| json!({ "to": format!("{}T10:05:00Z", &own.time(-24 * 60)[..10]), "reason": "Went home" })),
        op("restore_work_session", &[Admin, TeamAdmin])
            .of("work_session_id", "cut session")
            .json(|_| json!({ "reason": "Was there" })),
        op("delete_work_session", &[Admin])
            .of("work_session_id", "session to delete")
            .json(|_| json!({ "reason": "Somebody else's" })),
        op("list_manual_times", &[Admin, Employee]).shows("users.name"),
        op("export_manual_times", &[Admin, TeamAdmin]).shows("users.name"),
        op("show_manual_time_rules", &[Admin, Employee]),
        op("add_manual_time", &[Admin, Employee]).json(|own| json!({ "user_id": own.id("user"), "started_at": own.minute(0),
            "ended_at": own.minute(1), "kind": "meeting", "reason": "Weekly meeting", "task_id": own.id("task") })),
        op("approve_manual_times", &[Admin, TeamAdmin])
            .json(|own| json!({ "manual_time_ids": [own.id("manual time to approve")] })),
        op("reject_manual_times", &[Admin, TeamAdmin])
            .of("manual_time_ids", "manual time to reject")
            .json(|own| json!({ "manual_time_ids": [own.id("manual time to reject")], "reason": "Was none" })),
        op("withdraw_manual_time", &[Admin, Employee]),
        op("list_disputes", &[Admin, Employee]).shows("users.name"),
        op("export_disputes", &[Admin, TeamAdmin]).shows("users.name"),
        op("open_dispute", &[Admin, Employee]).json(|_| json!({ "kind": "label", "app": "Editor", "label": "unproductive",
            "reason": "We build with it" })),
        op("answer_dispute", &[Admin, TeamAdmin])
            .of("dispute_id", "dispute to answer")
            .json(|_| json!({ "accepted": true, "answer": "It is work" })),
        op("withdraw_dispute", &[Admin, Employee]),
        op("list_rules", &[Admin]),
        op("change_rules", &[Admin]).json(|own| json!({ "items": [
            { "field": "title", "kind": "regex", "pattern": "invoice [0-9]+", "category": "productive", "team_id": own.id("team") },
            { "field": "app", "kind": "glob", "pattern": "*", "category": "neutral" }] })),
        op("test_rules", &[Admin]).json(|own| json!({ "app": "Code", "team_id": own.id("team"), "user_id": own.id("user") })),
        op("show_reclassification", &[Admin]),
        op("list_rule_candidates", &[Admin]),
        op("show_live", &[Admin, TeamAdmin]).shows("users.name"),
        op("show_overview_days", &[Admin]),
        op("show_overview_hours", &[Admin]),
        op("list_overview_devices", &[Admin]).shows("users.name"),
        op("show_first_steps", &[Admin]),
        op("dismiss_first_steps", &[Admin]),
        op("restore_first_steps", &[Admin]),
        op("list_daily_usage", &[Admin, Employee, Token, ReadToken]),
        op("list_app_usage", &[Admin, Employee, Token, ReadToken]),
        op("list_host_usage", &[Admin, Employee, Token, ReadToken]),
        op("list_category_usage", &[Admin, Employee, Token, ReadToken]),
        op("list_usage", &[Admin, Employee, Token, ReadToken]),
        op("export_usage", &[Admin, Employee, Token, ReadToken]),
        op("show_company_report", &[Admin, Employee]),
        op("export_company_report", &[Admin, Employee]),
        op("list_saved_reports", &[Admin]).shows("users.name"),
        op("save_report", &[Admin]).json(|own| json!({ "name": format!("Report {}", Uuid::now_v7().simple()),
            "report": { "kind": "hours", "period": "last_month", "user_id": own.id("user"), "team_id": own.id("team") } })),
        op("show_saved_report", &[Admin]).shows("users.name"),
        op("change_saved_report", &[Admin]).json(|own| json!({ "report": { "kind": "apps", "user_id": own.id("user"),
            "team_id": own.id("team") } })),
        op("schedule_saved_report", &[Admin]).json(|own| json!({ "repeats": "weekly", "on": 1, "hour": 8, "format": "pdf",
            "recipients": [own.id("user")] })),
        op("end_saved_report_schedule", &[Admin]),
        op("delete_saved_report", &[Admin]),
        op("list_report_files", &[Admin]),
        op("make_report_file", &[Admin]).json(|own| json!({ "name": "Hours", "format": "csv",
            "report": { "kind": "hours", "period": "last_month", "user_id": own.id("user"), "team_id": own.id("team") } })),
        op("show_report_file", &[Admin]),
        op("download_report_file", &[Admin]),
        op("show_usage_today", &[Admin, Employee, Token, ReadToken]),
        op("list_screenshots", &[Admin, Employee, Token, ReadToken]).shows("users.name"),
        op("list_screenshot_days", &[Admin, Employee, Token, ReadToken]),
        op("list_screenshot_slots", &[Admin, Employee, Token, ReadToken]),
        op("show_screenshot_image", &[Admin, Employee, Token, ReadToken]),
        op("show_screenshot_thumbnail", &[Admin, Employee, Token, ReadToken]),
        op("open_screenshot_original", &[Admin, TeamAdmin])
            .of("screenshot_id", "sharp screenshot")
            .json(|_| json!({ "reason": "other", "note": "Looked for" })),
        op("delete_screenshot", &[Admin, Employee])
            .of("screenshot_id", "sharp screenshot")
            .json(|_| json!({ "reason": "Taken by mistake" })),
        op("revoke_my_device", &[Admin, Employee]),
        op("start_my_timer", &[Admin, Employee]).json(|own| json!({ "task_id": own.id("task") })),
        op("stop_my_timer", &[Admin, Employee]),
        op("revoke_employee_device", &[Admin]),
        // The owner's.
        op("list_companies", &[Owner]),
        op("export_companies", &[Owner]),
        op("show_summary", &[Owner]),
        op("show_system", &[Owner]),
        op("retry_job", &[Owner]),
        op("create_company", &[Owner]).json(|own| json!({ "name": "Acme", "admin_email": own.new_email(), "plan": "FREE", "time_zone": "UTC" })),
        op("show_company", &[Owner]),
        op("extend_company_trial", &[Owner]).json(|own| json!({ "until": own.time(60 * 24 * 30) })),
        op("suspend_company", &[Owner]).json(|_| json!({ "reason": "Not paid" })),
        op("cancel_company", &[Owner]).json(|_| json!({ "reason": "Closes down" })),
        op("reactivate_company", &[Owner])
            .after("suspend_company")
            .json(|_| json!({ "reason": "Paid" })),
        op("activate_company", &[Owner]).json(|_| json!({ "reason": "Signed" })),
        op("renew_company", &[Owner]).json(|_| json!({ "reason": "Paid" })),
        op("change_company_plan", &[Owner]).json(|_| json!({ "plan": "PRO", "when": "period_end", "reason": "More people" })),
        op("withdraw_planned_change", &[Owner])
            .after("change_company_plan")
            .json(|_| json!({ "reason": "Stays" })),
        op("reveal_company_key", &[Owner]).json(|own| own.step_up(json!({}))),
        op("end_old_company_key", &[Owner])
            .after("rotate_company_key")
            .json(|own| own.step_up(json!({ "reason": "Leaked" }))),
        op("rotate_company_key", &[Owner]).json(|own| own.step_up(json!({ "grace_days": 7, "reason": "Leaked" }))),
        op("list_subscriptions", &[Owner]),
        op("list_company_usage", &[Owner]),
        op("list_company_notes", &[Owner]),
        op("add_company_note", &[Owner]).json(|_| json!({ "text": "Calls on Mondays.\nAsk for Grace." })),
        op("delete_company_note", &[Owner]),
        op("show_company_overrides", &[Owner]),
        op("change_company_overrides", &[Owner]).json(|_| json!({ "max_employees": 300, "reason": "Agreed" })),
        op("propose_company_slug", &[Owner]).asks("of", "Acme"),
        op("show_registration_terms", &[Owner]),
        op("change_registration_terms", &[Owner]).json(|_| json!({ "trial_days": 30 })),
        op("list_erasures", &[Owner]),
        op("show_erasure", &[Owner]).of("company_id", "erased company"),
        op("list_owners", &[Owner]),
        op("invite_owner", &[Owner]).json(|own| own.step_up(json!({ "email": own.new_email(), "name": "New Owner" }))),
        op("repeat_owner_invitation", &[Owner]).of("owner_id", "invited owner").json(|own| own.step_up(json!({}))),
        op("deactivate_owner", &[Owner]).of("owner_id", "owner").json(|own| own.step_up(json!({ "reason": "Left" }))),
        op("reactivate_owner", &[Owner])
            .of("owner_id", "owner")
            .after("deactivate_owner")
            .json(|own| own.step_up(json!({ "reason": "Back" }))),
        op("list_audit_entries", &[Owner]),
        op("export_audit_entries", &[Owner]),
        op("show_overview_report", &[Owner]),
        op("show_usage_report", &[Owner]),
        op("show_plans_report", &[Owner]),
        op("show_revenue_report", &[Owner]),
        op("show_growth_report", &[Owner]),
        op("export_report", &[Owner]).asks("report", "overview"),
        op("list_exchange_rates", &[Owner]),
        op("create_exchange_rate", &[Owner]).json(|own| json!({ "from_currency": "USD", "to_currency": new_currency(), "rate": "0.92",
            "valid_from": own.time(0)[..10] })),
        op("show_exchange_rate", &[Owner]),
        op("change_exchange_rate", &[Owner]).json(|_| json!({ "rate": "0.93" })),
        op("delete_exchange_rate", &[Owner]),
        op("list_plans", &[Owner]),
        op("create_plan", &[Owner]).json(|_| json!({ "name": new_plan_name(), "max_employees": 20, "max_storage_gb": 50,
            "retention_days": 180, "history_days": 180,
            "features": { "screenshots": true, "api_access": true, "webhooks": false, "exports": true },
            "prices": [{ "currency": "EUR", "period": "month", "price_minor": 4900 }] })),
        op("show_plan", &[Owner]),
        op("simulate_plan_change", &[Owner]).json(|_| json!({ "max_employees": 30 })),
        op("change_plan", &[Owner]).json(|_| json!({ "max_employees": 30 })),
        // The agents'.
        op("log_in_agent", &[Key]).json(|own| json!({ "email": own.email, "password": PASSWORD, "device": {
            "id": own.id("device"), "name": "desk", "os": "Debian 12", "agent_version": "0.1.0" } })),
        op("refresh_agent", &[Key]).agents_refresh_token(),
        op("show_agent_settings", &[Agent]),
        op("list_agent_tasks", &[Agent]),
        op("tell_agent_timer", &[Agent]).json(|own| json!({ "task_id": own.id("task"), "seconds_ago": 0 })),
        op("show_agent_policy", &[Agent]),
        op("acknowledge_agent_policy", &[Agent])
            .json(|own| json!({ "version": own.world.policy_version(own.principal) })),
        op("start_work_session", &[Agent])
            .json(|own| json!({ "id": own.id("session"), "started_at": own.time(-5), "task_id": own.id("task") })),
        op("keep_work_session", &[Agent]).json(|own| json!({ "id": own.id("session"), "at": own.time(0) })),
        op("stop_work_session", &[Agent]).json(|own| json!({ "id": own.id("session"), "ended_at": own.time(0) })),
        op("upload_applications", &[Agent]).json(|own| json!({ "items": [application(own), application(own)] })),
        op("upload_websites", &[Agent]).json(|own| json!({ "items": [website(own), website(own)] })),
        op("upload_activity", &[Agent]).json(|own| json!({ "items": [minute(own), minute(own)] })),
        op("upload_batch", &[Agent]).json(|own| json!({
            "batch_id": Uuid::now_v7(), "sessions": [{ "id": own.id("session"), "started_at": own.time(-5), "task_id": own.id("task") }],
            "applications": [application(own), application(own)], "websites": [website(own)], "activity": [minute(own)] })),
        op("upload_screenshot", &[Agent]).json(|own| json!({ "meta": {
            "id": Uuid::now_v7(), "session_id": own.id("session"), "taken_at": own.time(-1), "display": 0, "blurred": false } })),
    ]
}

/// One that nobody has taken.
fn new_plan_name() -> String {
    format!(
        "P{}",
        &Uuid::now_v7().simple().to_string().to_uppercase()[8..]
    )
}

/// One that no rate is about.
fn new_currency() -> String {
    let digits = Uuid::now_v7().as_u128();
    let letter = |at: u32| char::from(b'A' + u8::try_from((digits >> (at * 8)) % 26).unwrap());
    (0..3).map(letter).collect()
}

fn application(own: &Own) -> Value {
    json!({ "id": Uuid::now_v7(), "session_id": own.id("session"), "app": "xterm", "title": "make", "started_at": own.time(-2), "seconds": 5 })
}

fn website(own: &Own) -> Value {
    json!({ "id": Uuid::now_v7(), "session_id": own.id("session"), "host": "docs.rs", "started_at": own.time(-2), "seconds": 5 })
}

fn minute(own: &Own) -> Value {
    json!({ "id": Uuid::now_v7(), "session_id": own.id("session"), "minute": own.time(-2), "keystrokes": 1, "mouse_events": 1,
        "active_seconds": 20, "idle_seconds": 10 })
}

/// What the bodies above are made from: the caller's own things.
pub struct Own<'a> {
    pub world: &'a World,
    pub principal: &'a Principal,
    pub email: String,
}

impl Own<'_> {
    pub fn id(&self, rows: &str) -> Uuid {
        self.world.own(self.principal, rows)
    }

    /// After whom an admin may switch two-factor off has it on.
    pub fn on(&self, body: Value) -> Value {
        if self.principal.is(Admin) {
            self.world.switch_on(self.id("spare"));
        }
        body
    }

    /// With the caller's password, and the owner's code.
    pub fn step_up(&self, mut body: Value) -> Value {
        body["password"] = json!(PASSWORD);
        if self.principal.is(Owner) {
            body["code"] = json!(self.world.code(self, true));
        }
        body
    }

    /// The own company's name, where nobody works any more.
    fn name_to_leave(&self) -> &str {
        match self.principal.is_idle {
            true => &self.world.company(self.principal.home).name,
            false => "No Company",
        }
    }

    pub fn new_email(&self) -> String {
        format!("new-{}@same.test", Uuid::now_v7().simple())
    }

    /// A whole minute of a week ago, another one each time that the first of a stretch is asked for.
    pub fn minute(&self, nth: i64) -> String {
        static STRETCHES: AtomicI64 = AtomicI64::new(0);
        let stretch = match nth {
            0 => STRETCHES.fetch_add(1, Ordering::Relaxed) + 1,
            _ => STRETCHES.load(Ordering::Relaxed),
        };
        let minute = chrono::Utc::now().timestamp() / 60 - 7 * 24 * 60 - 2 * stretch + nth;
        chrono::DateTime::from_timestamp(minute * 60, 0)
            .unwrap()
            .to_rfc3339()
    }

    /// So many minutes from now.
    pub fn time(&self, minutes: i64) -> String {
        (chrono::Utc::now() + chrono::Duration::minutes(minutes)).to_rfc3339()
    }
}

/// What an operation needs besides its body to succeed once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    None,
    /// The cookie of a fresh sign-in.
    RefreshCookie,
    /// A link's token, in the path.
    Invitation,
    /// The same, of a link to a new password.
    ResetLink,
    RegistrationLink,
    /// In the body.
    AgentsRefreshToken,
}

pub struct Operation {
    pub id: &'static str,
    pub may: &'static [Role],
    pub body: Option<fn(&Own) -> Value>,
    /// Rows that an id of this operation means, unlike elsewhere.
    pub rows: Vec<(&'static str, &'static str)>,
    pub proof: Proof,
    /// What the query must say.
    pub asks: Option<(&'static str, &'static str)>,
    /// A column that shows its reader more people than oneself: who looked at one's days, for example.
    pub shows: Option<&'static str>,
    /// The operation that makes a success possible.
    pub after: Option<&'static str>,
}

fn op(id: &'static str, may: &'static [Role]) -> Operation {
    Operation {
        id,
        may,
        body: None,
        rows: Vec::new(),
        asks: None,
        proof: Proof::None,
        shows: None,
        after: None,
    }
}

impl Operation {
    fn json(mut self, body: fn(&Own) -> Value) -> Self {
        self.body = Some(body);
        self
    }

    fn of(mut self, id: &'static str, rows: &'static str) -> Self {
        self.rows.push((id, rows));
        self
    }

    fn after(mut self, id: &'static str) -> Self {
        self.after = Some(id);
        self
    }

    fn shows(mut self, column: &'static str) -> Self {
        self.shows = Some(column);
        self
    }

    fn refresh_cookie(mut self) -> Self {
        self.proof = Proof::RefreshCookie;
        self
    }

    fn invitation(mut self) -> Self {
        self.proof = Proof::Invitation;
        self
    }

    fn asks(mut self, name: &'static str, text: &'static str) -> Self {
        self.asks = Some((name, text));
        self
    }

    fn registration_link(mut self) -> Self {
        self.proof = Proof::RegistrationLink;
        self
    }

    fn reset_link(mut self) -> Self {
        self.proof = Proof::ResetLink;
        self
    }

    fn agents_refresh_token(mut self) -> Self {
        self.proof = Proof::AgentsRefreshToken;
        self.json(|_| json!({ "refresh_token": "" }))
    }

    pub fn allows(&self, principal: &Principal, reads: bool) -> bool {
        let may = |role| self.may.contains(&role) && principal.is(role);
        if self.may.contains(&Anybody) {
            return true;
        }
        if principal.is_idle {
            let told = self.may.contains(&Idle) && (principal.is(Admin) || principal.is(Employee));
            let leaves = self.may.contains(&IdleAdmin) && principal.is(Admin);
            return told || leaves || (reads && (may(Admin) || may(Token)));
        }
        self.may.iter().any(|role| principal.is(*role))
    }

    /// The rows an id at this place means; ids that the caller makes begin with "new".
    pub fn rows_at(&self, place: &str) -> Option<&'static str> {
        let own = self.rows.iter().find(|(name, _)| place == *name);
        let ending = |name: &str| place == name || place.ends_with(&format!("/{name}"));
        let listed = IDS
            .iter()
            .filter(|(name, _)| ending(name))
            .max_by_key(|(name, _)| name.len());
        own.or(listed).map(|(_, rows)| *rows)
    }
}
