//! A company's admins: their people, their seats, their key.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{RunQueryDsl, sql_query};
use serde_json::json;

use crate::app::{App, PASSWORD};

#[actix_web::test]
async fn an_invited_person_is_listed_then_joins() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let invitation = json!({ "email": "grace@acme.test", "name": "Grace", "role": "EMPLOYEE" });
    let (status, invited) = acme.admin.post("/api/employees", invitation.clone()).await;
    assert_eq!(status, 201);
    let statuses = async |query: &str| -> Vec<(String, String)> {
        let (status, page) = acme.admin.get(&format!("/api/employees{query}")).await;
        assert_eq!(status, 200, "{page}");
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| (text(&e["name"]), text(&e["status"])))
            .collect()
    };
    let pair = |name: &str, status: &str| (name.to_owned(), status.to_owned());
    assert_eq!(
        statuses("").await,
        [pair("Ada Admin", "active"), pair("Grace", "invited")]
    );
    assert_eq!(
        statuses("?status=invited").await,
        [pair("Grace", "invited")]
    );
    assert_eq!(
        statuses("?status=invited&status=active").await,
        statuses("").await,
        "a list is its name repeated"
    );
    assert_eq!(
        statuses("?status=deactivated&status=invited").await.len(),
        1
    );
    for refused in ["?status=gone", "?status=active&q=a&q=b", "?limit=1&limit=2"] {
        let (status, problem) = acme.admin.get(&format!("/api/employees{refused}")).await;
        assert_eq!(
            (status, &problem["code"]),
            (422, &json!("invalid")),
            "{refused}"
        );
    }
    assert_eq!(statuses("?q=GRACE%40").await, [pair("Grace", "invited")]);
    let (status, again) = acme.admin.post("/api/employees", invitation.clone()).await;
    assert_eq!(
        (status, &again["code"]),
        (409, &json!("invitations_email_taken"))
    );
    let token = invited["invitation_url"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap();
    let accept = json!({ "name": "Grace Hopper", "password": PASSWORD });
    assert_eq!(
        app.anonymous()
            .post(&format!("/api/invitations/{token}/accept"), accept)
            .await
            .0,
        201
    );
    assert_eq!(
        statuses("").await,
        [pair("Ada Admin", "active"), pair("Grace Hopper", "active")]
    );
    let (status, taken) = acme.admin.post("/api/employees", invitation).await;
    assert_eq!((status, &taken["code"]), (409, &json!("users_email_taken")));
}

#[actix_web::test]
async fn people_are_paged_by_name() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    for name in ["Cyd", "Bea"] {
        let invitation =
            json!({ "email": format!("{name}@acme.test"), "name": name, "role": "EMPLOYEE" });
        assert_eq!(acme.admin.post("/api/employees", invitation).await.0, 201);
    }
    let mut seen = Vec::new();
    let mut path = "/api/employees?limit=1".to_owned();
    loop {
        let (_, page) = acme.admin.get(&path).await;
        seen.push(page["items"][0]["name"].as_str().unwrap().to_owned());
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/api/employees?limit=1&cursor={cursor}");
    }
    assert_eq!(seen, ["Ada Admin", "Bea", "Cyd"]);
}

#[actix_web::test]
async fn of_a_hundred_at_once_one_gets_the_last_seat() {
    let app = App::spawn().await;
    let acme = app.company_on("FREE", "Acme").await; // five seats, one taken by the admin
    let invitation =
        |name: &str| json!({ "email": format!("{name}@acme.test"), "role": "EMPLOYEE" });
    let twin = app.twin().await;
    let elsewhere = acme.admin.at(&twin);
    for name in ["ada", "bob"] {
        let (status, _) = acme.admin.post("/api/employees", invitation(name)).await;
        assert_eq!(status, 201);
    }
    // Some who ask are to come back.
    let gone = app.employee(&acme, "Cyd").await.user;
    let out = format!("/api/employees/{gone}/deactivate");
    assert_eq!(acme.admin.post(&out, json!({})).await.0, 200);
    let (status, _) = acme.admin.post("/api/employees", invitation("dan")).await;
    assert_eq!(status, 201, "one seat is free now");
    let tries: Vec<_> = (0..100)
        .map(|n| {
            let (path, body) = match n % 10 {
                9 => (format!("/api/employees/{gone}/reactivate"), json!({})),
                _ => ("/api/employees".to_owned(), invitation(&format!("p{n}"))),
            };
            let admin = if n % 3 == 0 { &acme.admin } else { &elsewhere };
            let admin = admin.clone();
            actix_web::rt::spawn(async move { admin.post(&path, body).await })
        })
        .collect();
    let mut answers = Vec::new();
    for answer in tries {
        answers.push(answer.await.unwrap());
    }
    let won = answers.iter().filter(|(status, _)| *status < 300).count();
    assert_eq!(won, 1, "{answers:?}");
    for (_, problem) in answers.iter().filter(|(status, _)| *status >= 300) {
        assert_eq!(problem["status"], json!(409), "{problem}");
        let code = problem["code"].as_str().unwrap();
        // Who comes back twice is there already.
        assert!(
            ["plan_employee_limit", "employee_unchanged"].contains(&code),
            "{problem}"
        );
    }
    let seats = crate::feed::rows(
        &mut app.copy.admin(),
        "SELECT seats_used, (SELECT count(*) FROM tenant.users WHERE deactivated_at IS NULL) + \
         (SELECT count(*) FROM tenant.invitations WHERE accepted_at IS NULL AND revoked_at IS NULL) AS taken FROM tenant.company_usage",
    );
    assert_eq!(seats, [json!({ "seats_used": 5, "taken": 5 })]);
}

#[actix_web::test]
async fn a_deactivated_person_is_out_at_once_and_frees_the_seat() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    assert_eq!(ada.get("/api/me").await.0, 200);
    let at = |action: &str| format!("/api/employees/{}/{action}", ada.user);
    let (status, employee) = acme.admin.post(&at("deactivate"), json!({})).await;
    assert_eq!((status, &employee["status"]), (200, &json!("deactivated")));
    for _ in 0..2000 {
        if ada.get("/api/me").await.0 == 401 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(
        ada.get("/api/me").await.0,
        401,
        "the access token is worth nothing any more"
    );
    let sign_in = json!({ "email": ada.email, "password": PASSWORD });
    assert_eq!(
        app.anonymous()
            .post("/api/auth/sign-in", sign_in.clone())
            .await
            .0,
        401
    );
    assert_eq!(acme.admin.post(&at("deactivate"), json!({})).await.0, 409);
    assert_eq!(acme.admin.post(&at("reactivate"), json!({})).await.0, 200);
    assert_eq!(
        app.anonymous().post("/api/auth/sign-in", sign_in).await.0,
        200
    );
    let own = format!("/api/employees/{}/deactivate", acme.admin.user);
    assert_eq!(
        acme.admin.post(&own, json!({})).await.1["code"],
        json!("own_account")
    );
}

#[actix_web::test]
async fn people_of_another_company_are_not_there() {
    let app = App::spawn().await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let ada = app.employee(&acme, "Ada").await;
    for path in [format!("/api/employees/{}", ada.user)] {
        let (status, mut foreign) = bolt.admin.get(&path).await;
        let (_, mut unknown) = bolt
            .admin
            .get(&format!("/api/employees/{}", uuid::Uuid::now_v7()))
            .await;
        for answer in [&mut foreign, &mut unknown] {
            answer.as_object_mut().unwrap().remove("request_id");
        }
        assert_eq!(
            (status, &foreign),
            (404, &unknown),
            "a foreign id reads like an unknown one"
        );
    }
    for action in ["deactivate", "reactivate"] {
        assert_eq!(
            bolt.admin
                .post(&format!("/api/employees/{}/{action}", ada.user), json!({}))
                .await
                .0,
            404
        );
    }
    assert_eq!(ada.get("/api/me").await.0, 200);
}

#[actix_web::test]
async fn an_admin_sees_the_own_key_after_the_password_and_it_is_audited() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let (status, shown) = acme
        .admin
        .post("/api/company-key/reveal", json!({ "password": PASSWORD }))
        .await;
    assert_eq!((status, &shown["company_key"]), (200, &json!(acme.key)));
    assert_eq!(
        acme.admin
            .post("/api/company-key/reveal", json!({ "password": "x" }))
            .await
            .0,
        403
    );
    use diesel::{QueryDsl, RunQueryDsl};
    use tracker::db::schema::tenant::audit_entries::dsl::{action, audit_entries};
    let actions: Vec<String> = audit_entries
        .select(action)
        .order(action)
        .load(&mut app.copy.admin())
        .unwrap();
    assert_eq!(actions, ["company_key.revealed", "employee.joined"]);
}

#[actix_web::test]
async fn an_inactive_company_is_read_by_its_admin_and_closed_to_its_people() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let suspend = format!("/api/owner/companies/{}/suspend", acme.id);
    assert_eq!(
        acme.owner
            .post(&suspend, json!({ "reason": "unpaid" }))
            .await
            .0,
        200
    );
    assert_eq!(acme.admin.get("/api/employees").await.0, 200);
    let invitation = json!({ "email": "x@acme.test", "role": "EMPLOYEE" });
    let (status, refused) = acme.admin.post("/api/employees", invitation).await;
    assert_eq!(
        (status, &refused["code"]),
        (403, &json!("company_suspended"))
    );
    let (status, told) = app
        .anonymous()
        .post(
            "/api/auth/sign-in",
            json!({ "email": ada.email, "password": PASSWORD }),
        )
        .await;
    assert_eq!((status, &told["code"]), (403, &json!("company_suspended")));
    assert_eq!(
        app.sign_in(&acme.admin_email).await.get("/api/me").await.1["company"]["status"],
        json!("SUSPENDED")
    );
}

#[actix_web::test]
async fn an_invitation_under_way_and_a_deactivation_do_not_stand_in_each_others_way() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    // An invitation takes its seat first, then refers to the admin who invites.
    let mut invitation = app.copy.admin();
    invitation
        .batch_execute("BEGIN; UPDATE tenant.company_usage SET seats_used = seats_used")
        .unwrap();
    let deactivate = format!("/api/employees/{}/deactivate", ada.user);
    let admin = acme.admin.clone();
    let deactivated = actix_web::rt::spawn(async move { admin.post(&deactivate, json!({})).await });
    let waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let mut look = app.copy.admin();
    while sql_query(waiting).execute(&mut look).unwrap() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let inviting = format!(
        "SELECT 1 FROM tenant.users WHERE id = '{}' FOR KEY SHARE NOWAIT",
        acme.admin.user
    );
    assert_eq!(sql_query(inviting).execute(&mut invitation).unwrap(), 1);
    invitation.batch_execute("COMMIT").unwrap();
    assert_eq!(deactivated.await.unwrap().0, 200);
}
