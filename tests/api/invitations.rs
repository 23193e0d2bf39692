//! Inviting many at once, again, and taking it back.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{App, Client, PASSWORD};
use crate::feed::rows;

fn people(rows: &[(&str, &str, &str)]) -> Value {
    let person = |(email, role, team): &(&str, &str, &str)| json!({ "email": email, "role": role, "team": team });
    json!({ "people": rows.iter().map(person).collect::<Vec<_>>() })
}

async fn open(admin: &Client) -> Vec<Value> {
    let (_, page) = admin.get("/api/employees?status=invited").await;
    page["items"].as_array().unwrap().clone()
}

fn used(app: &App) -> Value {
    rows(
        &mut app.copy.admin(),
        "SELECT seats_used AS n FROM tenant.company_usage",
    )[0]["n"]
        .clone()
}

fn accept_path(url: &Value) -> String {
    let token = url.as_str().unwrap().rsplit('/').next().unwrap();
    format!("/api/invitations/{token}/accept")
}

#[actix_web::test]
async fn a_list_goes_through_whole_or_says_what_is_wrong_with_each_row() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    acme.admin
        .post("/api/teams", json!({ "name": "Sales" }))
        .await;
    let waiting = json!({ "email": "waits@acme.test", "role": "EMPLOYEE" });
    assert_eq!(acme.admin.post("/api/employees", waiting).await.0, 201);
    let mixed = people(&[
        ("Good@Acme.test ", "", "sales"),
        ("no address", "", ""),
        (&acme.admin.email, "", ""),
        ("waits@acme.test", "", ""),
        ("good@acme.test", "", ""),
        ("boss@acme.test", "king", ""),
        ("lost@acme.test", "", "Nowhere"),
    ]);
    let (status, problem) = acme.admin.post("/api/employees/invite-many", mixed).await;
    assert_eq!(
        (status, &problem["code"]),
        (422, &json!("invalid")),
        "{problem}"
    );
    let told: Vec<_> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            (
                error["pointer"].as_str().unwrap(),
                error["code"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("/people/1/email", "email_invalid"),
            ("/people/2/email", "users_email_taken"),
            ("/people/3/email", "invitations_email_taken"),
            ("/people/4/email", "email_repeated"),
            ("/people/5/role", "role_unknown"),
            ("/people/6/team", "team_unknown"),
        ]
    );
    assert_eq!(open(&acme.admin).await.len(), 1, "nobody of it is invited");
    assert_eq!(used(&app), 2);

    let right = people(&[
        ("Good@Acme.test ", "", "sales"),
        ("boss@acme.test", "admin", ""),
    ]);
    let (status, done) = acme.admin.post("/api/employees/invite-many", right).await;
    assert_eq!((status, &done["invited"]), (201, &json!(2)), "{done}");
    assert_eq!(used(&app), 4);
    let seen: Vec<_> = open(&acme.admin)
        .await
        .iter()
        .map(|one| {
            (
                one["email"].clone(),
                one["role"].clone(),
                one["team"].clone(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (json!("boss@acme.test"), json!("ADMIN"), Value::Null),
            (json!("good@acme.test"), json!("EMPLOYEE"), json!("Sales")),
            (json!("waits@acme.test"), json!("EMPLOYEE"), Value::Null),
        ]
    );
    let mails = app
        .mails("good@acme.test", "You are invited to Tracker", 1)
        .await;
    assert!(mails[0].contains("as an employee"), "{}", mails[0]);
    let empty = acme
        .admin
        .post("/api/employees/invite-many", json!({ "people": [] }))
        .await;
    assert_eq!(empty.0, 422);
}

#[actix_web::test]
async fn a_list_that_the_plan_has_no_seats_for_invites_nobody() {
    let app = App::spawn().await;
    let acme = app.company_on("FREE", "Acme").await; // five seats, one taken by the admin
    let of = |count: usize, name: &str| {
        let rows: Vec<_> = (0..count)
            .map(|n| json!({ "email": format!("{name}{n}@acme.test") }))
            .collect();
        json!({ "people": rows })
    };
    let (status, problem) = acme
        .admin
        .post("/api/employees/invite-many", of(5, "a"))
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("plan_employee_limit"))
    );
    assert_eq!(
        problem["title"],
        "The plan has 5 seats: 4 are left, and 5 are wanted."
    );
    assert_eq!(open(&acme.admin).await.len(), 0);
    // Of lists at the same time one gets the seats.
    let (first, second) = tokio::join!(
        acme.admin.post("/api/employees/invite-many", of(3, "b")),
        acme.admin.post("/api/employees/invite-many", of(3, "c")),
    );
    let mut statuses = [first.0, second.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(used(&app), 4);
}

#[actix_web::test]
async fn an_invitation_is_repeated_and_taken_back() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let grace = json!({ "email": "grace@acme.test", "name": "Grace", "role": "EMPLOYEE" });
    let (_, first) = acme.admin.post("/api/employees", grace.clone()).await;
    let path = format!("/api/employees/{}", first["id"].as_str().unwrap());
    let (status, second) = acme
        .admin
        .post(&format!("{path}/resend-invitation"), json!({}))
        .await;
    assert_eq!(status, 200, "{second}");
    assert!(second["expires_at"].as_str() > first["expires_at"].as_str());
    app.mails("grace@acme.test", "You are invited to Tracker", 2)
        .await;
    let answer = json!({ "name": "Grace", "password": PASSWORD });
    let old = app
        .anonymous()
        .post(&accept_path(&first["invitation_url"]), answer.clone())
        .await;
    assert_eq!(
        (old.0, &old.1["code"]),
        (404, &json!("link_invalid")),
        "the old link ended"
    );

    let (status, _) = acme
        .admin
        .post(&format!("{path}/revoke-invitation"), json!({}))
        .await;
    assert_eq!(status, 204);
    assert_eq!(used(&app), 1, "its seat is free");
    let new = app
        .anonymous()
        .post(&accept_path(&second["invitation_url"]), answer.clone())
        .await;
    assert_eq!(new.0, 404);
    for action in ["resend-invitation", "revoke-invitation"] {
        let (status, _) = acme
            .admin
            .post(&format!("{path}/{action}"), json!({}))
            .await;
        assert_eq!(status, 404, "{action}");
    }
    assert_eq!(used(&app), 1);
    // The address is free again; what was accepted is no invitation any more.
    let (status, third) = acme.admin.post("/api/employees", grace).await;
    assert_eq!(status, 201);
    let accepted = app
        .anonymous()
        .post(&accept_path(&third["invitation_url"]), answer)
        .await;
    assert_eq!(accepted.0, 201);
    let path = format!("/api/employees/{}", third["id"].as_str().unwrap());
    let (status, _) = acme
        .admin
        .post(&format!("{path}/revoke-invitation"), json!({}))
        .await;
    assert_eq!(status, 404);
    assert_eq!(used(&app), 2);
    let written = rows(
        &mut app.copy.admin(),
        "SELECT action FROM tenant.audit_entries WHERE action LIKE 'employee.invit%' ORDER BY id",
    );
    let written: Vec<_> = written
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        written,
        [
            "employee.invited",
            "employee.invited_again",
            "employee.invitation_revoked",
            "employee.invited"
        ]
    );
}

/// Of taking back and accepting at the same time, one happens; the seats agree with what is there.
#[actix_web::test]
async fn an_invitation_is_accepted_while_it_is_taken_back() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    for round in 0..8 {
        let new = json!({ "email": format!("r{round}@acme.test"), "role": "EMPLOYEE" });
        let (_, invited) = acme.admin.post("/api/employees", new).await;
        let revoke = format!(
            "/api/employees/{}/revoke-invitation",
            invited["id"].as_str().unwrap()
        );
        let accept = accept_path(&invited["invitation_url"]);
        let anybody = app.anonymous();
        let answer = json!({ "name": "Newcomer", "password": PASSWORD });
        let (revoked, accepted) = tokio::join!(
            acme.admin.post(&revoke, json!({})),
            anybody.post(&accept, answer)
        );
        assert!(
            matches!((revoked.0, accepted.0), (204, 404) | (404, 201)),
            "{revoked:?} {accepted:?}"
        );
    }
    let people = "SELECT count(*)::int AS n FROM tenant.users WHERE deactivated_at IS NULL";
    assert_eq!(used(&app), rows(&mut app.copy.admin(), people)[0]["n"]);
}

#[actix_web::test]
async fn nobodys_mailbox_is_filled() {
    let app = App::spawn().await;
    let acme = app.company_on("FREE", "Acme").await;
    let (_, first) = acme
        .admin
        .post(
            "/api/employees",
            json!({ "email": "v@victim.test", "role": "EMPLOYEE" }),
        )
        .await;
    let path = format!("/api/employees/{}", first["id"].as_str().unwrap());
    let resend = format!("{path}/resend-invitation");
    for _ in 0..4 {
        assert_eq!(acme.admin.post(&resend, json!({})).await.0, 200);
    }
    let (status, problem) = acme.admin.post(&resend, json!({})).await;
    assert_eq!((status, &problem["code"]), (429, &json!("rate_limited")));
    // Nor by taking it back and inviting anew.
    assert_eq!(
        acme.admin
            .post(&format!("{path}/revoke-invitation"), json!({}))
            .await
            .0,
        204
    );
    let again = json!({ "email": "v@victim.test", "role": "EMPLOYEE" });
    assert_eq!(acme.admin.post("/api/employees", again).await.0, 429);
    let listed = json!({ "people": [{ "email": "v@victim.test" }] });
    assert_eq!(
        acme.admin
            .post("/api/employees/invite-many", listed)
            .await
            .0,
        429
    );
    assert_eq!(used(&app), 1, "no seat is taken by what was refused");
    // Five seats: thirty mails a day, to whomever.
    let mut sent = 5;
    loop {
        let new = json!({ "email": format!("n{sent}@victim.test"), "role": "EMPLOYEE" });
        let (status, invited) = acme.admin.post("/api/employees", new).await;
        if status == 429 {
            break;
        }
        assert_eq!(status, 201, "{invited}");
        sent += 1;
        let revoke = format!(
            "/api/employees/{}/revoke-invitation",
            invited["id"].as_str().unwrap()
        );
        assert_eq!(
            acme.admin
                .send(Method::POST, &revoke, Some(json!({})))
                .await
                .0,
            204
        );
    }
    assert_eq!(sent, 30);
}
