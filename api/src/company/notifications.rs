//! What somebody is told: in the bell of the portal, and once a day by mail. A row says what happened; which words that has is
//! the reader's business. Everybody reads and marks the own ones alone.

mod preferences;

use actix_web::{get, post, web::Data};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::db::statement::statement;
use crate::http::error::Error;
use crate::http::json::{Json, Query, given};
use crate::http::page::{Page, PageQuery};
use crate::http::session::{Employee, Tenant};

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_notifications)
        .service(count_unread_notifications)
        .service(read_notifications);
    preferences::routes(api);
}

/// What somebody can be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NotificationKind {
    /// ADMIN: the company's rules found something.
    Alerts,
    /// They found something about oneself.
    OwnAlert,
    /// A task is one's own now.
    TaskAssigned,
    /// An admin said something about one's own task.
    TaskCommented,
    /// An admin opened the original of one's own picture.
    OriginalOpened,
    /// The company published a version of its monitoring policy.
    PolicyPublished,
    /// ADMIN, and who administers the person's team: somebody contests what was recorded of them.
    DisputeOpened,
    /// What oneself contested was answered.
    DisputeAnswered,
}

impl NotificationKind {
    fn name(self) -> &'static str {
        match self {
            Self::Alerts => "alerts",
            Self::OwnAlert => "own_alert",
            Self::TaskAssigned => "task_assigned",
            Self::TaskCommented => "task_commented",
            Self::OriginalOpened => "original_opened",
            Self::PolicyPublished => "policy_published",
            Self::DisputeOpened => "dispute_opened",
            Self::DisputeAnswered => "dispute_answered",
        }
    }
}

/// Something that somebody is to be told.
#[derive(Debug)]
pub(crate) struct Notice {
    pub user: Uuid,
    pub kind: NotificationKind,
    /// Of alerts: what found them.
    pub rule_kind: Option<&'static str>,
    /// How many of the same.
    pub amount: usize,
    pub task: Option<Uuid>,
}

impl Notice {
    pub fn new(user: Uuid, kind: NotificationKind) -> Self {
        Self {
            user,
            kind,
            rule_kind: None,
            amount: 1,
            task: None,
        }
    }
}

/// Something that happened, of which the person wanted to be told.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct Notification {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    /// `alerts`, `own_alert`, `task_assigned`, `task_commented`, `original_opened`, `policy_published`, `dispute_opened` or
    /// `dispute_answered`.
    #[diesel(sql_type = Text)]
    kind: String,
    /// Of alerts: the kind of the rule that found them.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_kind: Option<String>,
    /// How many of the same it tells of.
    #[diesel(sql_type = Integer)]
    amount: i32,
    /// Of a task.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<Uuid>,
    /// Absent where the task is somebody else's by now.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    task_title: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    /// Absent while it is unread.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    read_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct UnreadNotifications {
    /// At most 100: more are as many.
    #[diesel(sql_type = BigInt)]
    unread: i64,
    /// The newest of them.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    newest_id: Option<Uuid>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReadNotifications {
    /// These; one's own alone are marked.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_items = 1, max_items = 200)]
    notification_ids: Option<Vec<Uuid>>,
    /// All that are not newer than this one, which was the newest that was seen. Not together with a list.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    up_to_id: Option<Uuid>,
}

/// List what I was told, newest first.
#[utoipa::path(params(PageQuery), responses((status = 200, body = Page<Notification>)))]
#[get("/notifications")]
async fn list_notifications(
    session: Tenant<Employee>,
    state: Data<State>,
    query: Query<PageQuery>,
) -> Result<Json<Page<Notification>>> {
    let list = format!("notifications {} {}", session.company.id, session.user);
    let limit = query.0.limit()?;
    let after = query.0.position(&state.secrets, &list)?;
    let read = move |mut tx: Tx| own(&mut tx, after, limit + 1);
    let rows = state.db.tenant(&session, read).await?;
    let position = |row: &Notification| row.id;
    Page::cut(rows, limit, &state.secrets, &list, position).map(Json)
}

/// Count what I was told and have not read.
///
/// Ask again every quarter of a minute with the `ETag` of the answer as `If-None-Match`: what has not changed is not sent
/// again.
#[utoipa::path(responses((status = 200, body = UnreadNotifications)))]
#[get("/notifications/unread")]
async fn count_unread_notifications(
    session: Tenant<Employee>,
    state: Data<State>,
) -> Result<Json<UnreadNotifications>> {
    let count = |mut tx: Tx| unread(&mut tx);
    state.db.tenant(&session, count).await.map(Json)
}

/// Mark notifications as read: some, or all up to one.
#[utoipa::path(request_body = ReadNotifications, responses((status = 200, body = UnreadNotifications)))]
#[post("/notifications/read")]
async fn read_notifications(
    session: Tenant<Employee>,
    state: Data<State>,
    body: Json<ReadNotifications>,
) -> Result<Json<UnreadNotifications>> {
    let ReadNotifications {
        notification_ids,
        up_to_id,
    } = body.0;
    if notification_ids.is_some() == up_to_id.is_some() {
        return Err(Error::invalid(
            "/up_to_id",
            "notifications_unclear",
            "Either a list or the last one is said",
        ));
    }
    let ids = notification_ids.unwrap_or_default();
    if up_to_id.is_none() && !(1..=200).contains(&ids.len()) {
        return Err(Error::invalid(
            "/notification_ids",
            "notification_ids_count",
            "1 to 200 notifications are marked at a time",
        ));
    }
    let mark = move |mut tx: Tx| {
        statement(
            "UPDATE tenant.notifications SET read_at = $5 WHERE company_id = $1 AND user_id = $2 AND in_app AND read_at IS NULL \
               AND (id = ANY ($3) OR id <= $4)",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(tx.user)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Nullable<SqlUuid>, _>(up_to_id)
        .bind::<Timestamptz, _>(Utc::now())
        .execute(tx.conn)?;
        unread(&mut tx)
    };
    state.db.tenant(&session, mark).await.map(Json)
}

/// Writes down what people are to be told, as far as they want to be, in the transaction of what it follows from. Nobody is
/// told of what they did themselves.
pub(crate) fn tell(tx: &mut Tx, notices: &[Notice]) -> Result<()> {
    let wanted: Vec<&Notice> = notices.iter().filter(|one| one.user != tx.user).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = wanted.iter().map(|_| Uuid::now_v7()).collect();
    let users: Vec<Uuid> = wanted.iter().map(|one| one.user).collect();
    let kinds: Vec<&str> = wanted.iter().map(|one| one.kind.name()).collect();
    let rules: Vec<Option<&str>> = wanted.iter().map(|one| one.rule_kind).collect();
    let amounts: Vec<i32> = wanted
        .iter()
        .map(|one| i32::try_from(one.amount).unwrap_or(i32::MAX))
        .collect();
    let tasks: Vec<Option<Uuid>> = wanted.iter().map(|one| one.task).collect();
    statement(
        "INSERT INTO tenant.notifications (company_id, id, user_id, kind, rule_kind, amount, task_id, in_app, by_mail) \
         SELECT $1, n.*, w.in_app, w.by_mail \
         FROM unnest($2, $3, $4, $5, $6, $7) AS n (id, user_id, kind, rule_kind, amount, task_id) \
         JOIN tenant.users u ON u.company_id = $1 AND u.id = n.user_id AND u.deactivated_at IS NULL \
         LEFT JOIN tenant.notification_preferences p ON p.company_id = $1 AND p.user_id = n.user_id \
         CROSS JOIN LATERAL (SELECT NOT coalesce(n.kind = ANY (p.not_in_app), false) AS in_app, \
           NOT coalesce(n.kind = ANY (p.not_by_mail), false) AS by_mail) w WHERE w.in_app OR w.by_mail",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<SqlUuid>, _>(users)
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<Nullable<Text>>, _>(rules)
    .bind::<Array<Integer>, _>(amounts)
    .bind::<Array<Nullable<SqlUuid>>, _>(tasks)
    .execute(tx.conn)?;
    Ok(())
}

fn own(tx: &mut Tx, after: Option<Uuid>, limit: i64) -> Result<Vec<Notification>> {
    Ok(statement(
        "SELECT n.id, n.kind, n.rule_kind, n.amount, n.task_id, t.title AS task_title, n.created_at, n.read_at \
         FROM tenant.notifications n LEFT JOIN tenant.tasks t ON t.company_id = $1 AND t.id = n.task_id AND t.assignee_id = $2 \
         WHERE n.company_id = $1 AND n.user_id = $2 AND n.in_app AND ($3 IS NULL OR n.id < $3) ORDER BY n.id DESC LIMIT $4",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Nullable<SqlUuid>, _>(after)
    .bind::<BigInt, _>(limit)
    .load(tx.conn)?)
}

fn unread(tx: &mut Tx) -> Result<UnreadNotifications> {
    Ok(statement(
        "SELECT count(*) AS unread, max(n.id::text)::uuid AS newest_id FROM (SELECT id FROM tenant.notifications \
           WHERE company_id = $1 AND user_id = $2 AND in_app AND read_at IS NULL ORDER BY id DESC LIMIT 100) n",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .get_result(tx.conn)?)
}
