//! Batches: each item is answered, none is stored twice, and nobody stores for somebody else.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{ago, application, count, minute, results, website, wire};
use crate::app::{App, Client};

async fn desk() -> (App, Client) {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let agent = app.agent(&acme, &acme.admin).await;
    (app, agent)
}

async fn upload(agent: &Client, batch: &Value) -> Value {
    let (status, answer) = agent.post("/api/upload/batch", batch.clone()).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

#[actix_web::test]
async fn a_batch_is_stored_and_answered_item_by_item_in_order() {
    let (app, agent) = desk().await;
    let session = Uuid::now_v7();
    let batch = json!({
        "batch_id": Uuid::now_v7(),
        "sessions": [{ "id": session, "started_at": wire(ago(600)) }],
        "applications": [application(session, ago(600)), application(session, ago(595))],
        "websites": [website(session, ago(590))],
        "activity": [minute(session, ago(600))],
    });
    let answer = upload(&agent, &batch).await;
    assert_eq!(results(&answer), ["stored"; 5]);
    assert_eq!(answer["settings_version"], json!(1));
    assert_eq!(answer["items"][0]["id"], json!(session));
    assert_eq!(answer["items"][3]["id"], batch["websites"][0]["id"]);
    assert_eq!(count(&app, "tenant.application_usage"), 2);
    assert_eq!(count(&app, "tenant.website_usage"), 1);
    assert_eq!(count(&app, "tenant.activity_log WHERE date_trunc('minute', started_at) = started_at"), 1);
    assert_eq!(count(&app, "tenant.ingest_batches WHERE items = 5 AND rolled_up_at IS NULL"), 1);
}
