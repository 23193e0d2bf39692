//! A company with two people in a team and one in none, whose jobs run when a test says so.

use serde_json::json;
use uuid::Uuid;

use crate::app::{App, Client, Company};

pub struct Scene {
    pub app: App,
    pub acme: Company,
    /// Ada and Bob are in the team, Cid is in none.
    pub ada: Client,
    pub bob: Client,
    pub cid: Client,
    pub team: Uuid,
}

pub async fn scene() -> Scene {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let (ada, bob, cid) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
        app.employee(&acme, "Cid").await,
    );
    let (_, team) = acme
        .admin
        .post("/api/teams", json!({ "name": "Support" }))
        .await;
    let team: Uuid = team["id"].as_str().unwrap().parse().unwrap();
    let both = json!({ "employee_ids": [ada.user, bob.user] });
    let members = format!("/api/teams/{team}/members");
    assert_eq!(acme.admin.post(&members, both).await.0, 200);
    Scene {
        app,
        acme,
        ada,
        bob,
        cid,
        team,
    }
}
