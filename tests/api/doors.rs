//! What a door leaves behind on its connection, which the next request gets: nothing.

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use tracker::db::Scope;
use tracker::http::session::AgentSession;
use uuid::Uuid;

use crate::app::App;

#[derive(QueryableByName)]
struct Left {
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Text)]
    company: String,
}

/// Role or company that outlive their transaction, if any do.
pub async fn what_is_left(app: &App) -> Option<String> {
    let acme = app.company("Acme").await;
    let session = AgentSession {
        user: acme.admin.user,
        device: Uuid::nil(),
        key: Uuid::nil(),
        company: app.state.directory.company(acme.id).unwrap(),
    };
    let look = |tx: tracker::db::Tx<'_>| {
        // What the next transaction of the connection finds before it says who it is for.
        tx.conn.batch_execute("COMMIT AND CHAIN")?;
        let left: Left = sql_query(
            "SELECT current_user::text AS role, coalesce(current_setting('app.company_id', true), '') AS company",
        )
        .get_result(tx.conn)?;
        Ok(left)
    };
    let Left { role, company } = app
        .state
        .db
        .tenant(Scope::from(&session), look)
        .await
        .unwrap();
    (role != "tracker_web" || !company.is_empty()).then(|| format!("{role} {company}"))
}

#[actix_web::test]
async fn a_transaction_leaves_neither_role_nor_company_behind() {
    let app = App::spawn().await;
    assert_eq!(what_is_left(&app).await, None);
}
