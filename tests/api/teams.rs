//! Teams: made, renamed, deleted, and who is in them.

use serde_json::{Value, json};

use crate::app::{App, Client, PASSWORD};
use crate::feed::rows;

async fn team(admin: &Client, name: &str) -> String {
    let (status, team) = admin.post("/api/teams", json!({ "name": name })).await;
    assert_eq!(status, 201, "{team}");
    team["id"].as_str().unwrap().to_owned()
}

async fn names(admin: &Client, query: &str) -> Vec<String> {
    let (status, page) = admin.get(query).await;
    assert_eq!(status, 200, "{page}");
    let items = page["items"].as_array().unwrap();
    let name = |item: &Value| item["name"].as_str().unwrap().to_owned();
    items.iter().map(name).collect()
}

#[actix_web::test]
async fn a_team_is_made_renamed_and_listed() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let sales = team(&acme.admin, "sales").await;
    team(&acme.admin, "Support").await;
    assert_eq!(names(&acme.admin, "/api/teams").await, ["sales", "Support"]);
    assert_eq!(names(&acme.admin, "/api/teams?q=UPP").await, ["Support"]);
    let (_, first) = acme.admin.get("/api/teams?limit=1").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = format!("/api/teams?limit=1&cursor={cursor}");
    assert_eq!(names(&acme.admin, &rest).await, ["Support"]);

    let path = format!("/api/teams/{sales}/rename");
    for (name, status, code) in [("SUPPORT", 409, "teams_name_taken"), (" ", 422, "invalid")] {
        let name = json!({ "name": name });
        let (made, problem) = acme.admin.post("/api/teams", name.clone()).await;
        assert_eq!((made, &problem["code"]), (status, &json!(code)));
        let (renamed, problem) = acme.admin.post(&path, name).await;
        assert_eq!((renamed, &problem["code"]), (status, &json!(code)));
    }
    let name = json!({ "name": "Sales" });
    let (status, renamed) = acme.admin.post(&path, name.clone()).await;
    assert_eq!((status, &renamed["name"]), (200, &json!("Sales")));
    // What changes nothing is not written down.
    let (status, _) = acme.admin.post(&path, name).await;
    assert_eq!(status, 200);
    let written = rows(
        &mut app.copy.admin(),
        "SELECT action, detail FROM tenant.audit_entries WHERE action LIKE 'team.%' ORDER BY id",
    );
    let actions: Vec<_> = written.iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["team.created", "team.created", "team.renamed"]);
    assert_eq!(
        written[2]["detail"],
        json!({ "team_id": sales, "before": "sales", "after": "Sales" })
    );
}

#[actix_web::test]
async fn people_join_move_and_leave_and_a_deleted_team_leaves_them_all() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let (ada, bob) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
    );
    let (sales, support) = (
        team(&acme.admin, "Sales").await,
        team(&acme.admin, "Support").await,
    );
    let members = |team: &str| format!("/api/teams/{team}/members");
    let both = json!({ "employee_ids": [ada.user, bob.user] });
    let (status, joined) = acme.admin.post(&members(&sales), both).await;
    assert_eq!((status, &joined["members"]), (200, &json!(2)));
    let one = json!({ "employee_ids": [bob.user] });
    let (status, joined) = acme.admin.post(&members(&support), one.clone()).await;
    assert_eq!((status, &joined["members"]), (200, &json!(1)), "moved");
    // Once more changes nothing.
    assert_eq!(acme.admin.post(&members(&support), one).await.0, 200);

    let list = |filter: &str| format!("/api/employees?{filter}");
    let of = format!("team_id={sales}");
    assert_eq!(names(&acme.admin, &list(&of)).await, ["Ada"]);
    let either = format!("team_id={sales}&team_id={support}");
    assert_eq!(names(&acme.admin, &list(&either)).await, ["Ada", "Bob"]);
    assert_eq!(
        names(&acme.admin, &list("without_team=true")).await,
        ["Ada Admin"]
    );
    let or_none = format!("team_id={support}&without_team=true");
    assert_eq!(
        names(&acme.admin, &list(&or_none)).await,
        ["Ada Admin", "Bob"]
    );
    assert_eq!(
        names(&acme.admin, &list("sort=-team")).await,
        ["Bob", "Ada", "Ada Admin"]
    );

    // An invitation brings the person into the team, which is counted beside its people.
    let invitation =
        json!({ "email": "cyd@acme.test", "name": "Cyd", "role": "EMPLOYEE", "team_id": sales });
    let (status, invited) = acme.admin.post("/api/employees", invitation).await;
    assert_eq!(status, 201, "{invited}");
    let (_, seen) = acme.admin.get(&format!("/api/teams/{sales}")).await;
    assert_eq!((&seen["members"], &seen["invited"]), (&json!(1), &json!(1)));
    let link = invited["invitation_url"].as_str().unwrap();
    let accept = format!(
        "/api/invitations/{}/accept",
        link.rsplit('/').next().unwrap()
    );
    let answer = json!({ "name": "Cyd", "password": PASSWORD });
    assert_eq!(app.anonymous().post(&accept, answer).await.0, 201);
    assert_eq!(names(&acme.admin, &list(&of)).await, ["Ada", "Cyd"]);
    let waiting = json!({ "email": "dan@acme.test", "role": "EMPLOYEE", "team_id": sales });
    assert_eq!(acme.admin.post("/api/employees", waiting).await.0, 201);

    let member = format!("{}/{}", members(&support), ada.user);
    let (status, _) = acme
        .admin
        .send(reqwest::Method::DELETE, &member, None)
        .await;
    assert_eq!(status, 404, "Ada is in another team");
    let member = format!("{}/{}", members(&support), bob.user);
    let (status, _) = acme
        .admin
        .send(reqwest::Method::DELETE, &member, None)
        .await;
    assert_eq!(status, 204);
    let (status, _) = acme
        .admin
        .send(
            reqwest::Method::DELETE,
            &format!("/api/teams/{sales}"),
            None,
        )
        .await;
    assert_eq!(status, 204);
    assert_eq!(names(&acme.admin, "/api/teams").await, ["Support"]);
    assert_eq!(
        names(&acme.admin, &list("without_team=true")).await.len(),
        5,
        "people and the invited"
    );
    let written = rows(
        &mut app.copy.admin(),
        "SELECT action, detail - 'team_id' AS detail FROM tenant.audit_entries WHERE action LIKE 'team.%' ORDER BY id",
    );
    let written: Vec<_> = written
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        written[2..],
        [
            "team.members_added",
            "team.members_added",
            "team.member_removed",
            "team.deleted"
        ]
    );
}

/// Whoever joins while the team is deleted ends in no team; whoever accepts into it comes in without one.
#[actix_web::test]
async fn a_team_is_deleted_while_people_come_into_it() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    for round in 0..8 {
        let team = team(&acme.admin, &format!("Team {round}")).await;
        let invitation =
            json!({ "email": format!("r{round}@acme.test"), "role": "EMPLOYEE", "team_id": team });
        let (_, invited) = acme.admin.post("/api/employees", invitation).await;
        let link = invited["invitation_url"].as_str().unwrap();
        let accept = format!(
            "/api/invitations/{}/accept",
            link.rsplit('/').next().unwrap()
        );
        let anybody = app.anonymous();
        let answer = json!({ "name": "Newcomer", "password": PASSWORD });
        let path = format!("/api/teams/{team}");
        let members = format!("{path}/members");
        let joining = json!({ "employee_ids": [ada.user] });
        let (gone, joined, accepted) = tokio::join!(
            acme.admin.send(reqwest::Method::DELETE, &path, None),
            acme.admin.post(&members, joining),
            anybody.post(&accept, answer),
        );
        assert_eq!(gone.0, 204, "{}", gone.1);
        assert!([200, 404].contains(&joined.0), "{}", joined.1);
        assert_eq!(accepted.0, 201, "{}", accepted.1);
    }
    let left = "SELECT count(*) AS n FROM tenant.users WHERE team_id IS NOT NULL";
    assert_eq!(rows(&mut app.copy.admin(), left)[0]["n"], 0);
}
