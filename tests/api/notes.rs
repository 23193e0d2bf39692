//! Owners' notes on a company.

use reqwest::Method;
use serde_json::json;

use crate::app::App;
use crate::feed::rows;

#[actix_web::test]
async fn a_note_is_added_listed_and_deleted_by_its_author_alone() {
    let app = App::spawn().await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let path = format!("/api/owner/companies/{}/notes", acme.id);
    let add = async |text: &str| acme.owner.post(&path, json!({ "text": text })).await;
    let (status, first) = add(" Calls on Mondays.\r\nAsk for Grace. ").await;
    assert_eq!(status, 201, "{first}");
    assert_eq!(first["text"], json!("Calls on Mondays.\nAsk for Grace."));
    assert!(first["author"].as_str().unwrap().ends_with("@vendor.test"));
    for n in 0..3 {
        assert_eq!(add(&format!("note {n}")).await.0, 201);
    }
    let texts = async |query: &str| {
        let (status, page) = acme.owner.get(&format!("{path}?{query}")).await;
        assert_eq!(status, 200, "{page}");
        let items = page["items"].as_array().unwrap();
        let texts: Vec<_> = items
            .iter()
            .map(|note| note["text"].as_str().unwrap().to_owned())
            .collect();
        (texts, page["next_cursor"].as_str().map(str::to_owned))
    };
    let (newest, cursor) = texts("limit=3").await;
    assert_eq!(newest, ["note 2", "note 1", "note 0"]);
    let (rest, end) = texts(&format!("limit=3&cursor={}", cursor.unwrap())).await;
    assert_eq!((rest.len(), end), (1, None));

    for (text, length) in [
        ("", 0),
        (" \n ", 3),
        ("a\u{0}b", 3),
        (&"x".repeat(2001), 2001),
    ] {
        assert_eq!(add(text).await.0, 422, "{length} characters");
    }
    assert_eq!(add(&"ü\n".repeat(999)).await.0, 201);

    // Somebody else reads it, and cannot delete it; nor does another company have it.
    let one = format!("{path}/{}", first["id"].as_str().unwrap());
    let (_, seen) = bolt.owner.get(&path).await;
    assert_eq!(seen["items"][4]["is_own"], json!(false));
    let (status, problem) = bolt.owner.send(Method::DELETE, &one, None).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("note_of_another_owner"))
    );
    let elsewhere = one.replace(&acme.id.to_string(), &bolt.id.to_string());
    assert_eq!(
        acme.owner.send(Method::DELETE, &elsewhere, None).await.0,
        404
    );
    assert_eq!(acme.owner.send(Method::DELETE, &one, None).await.0, 204);
    assert_eq!(acme.owner.send(Method::DELETE, &one, None).await.0, 404);
    assert_eq!(texts("").await.0.len(), 4);

    let audit = rows(
        &mut app.copy.admin(),
        "SELECT action, detail::text AS detail FROM platform.audit_entries WHERE action LIKE 'company_note.%' ORDER BY at",
    );
    let actions: Vec<_> = audit
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions[..2], ["company_note.added", "company_note.added"]);
    assert_eq!(actions[actions.len() - 1], "company_note.deleted");
    assert!(
        audit
            .iter()
            .all(|entry| !entry["detail"].as_str().unwrap().contains("Grace"))
    );
}
