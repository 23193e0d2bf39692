//! The document of the API. What every operation has in common is said here once, not in each annotation.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::App;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    Content, InfoBuilder, LicenseBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, Ref, RefOr,
    Required, ResponseBuilder, ServerBuilder, Type,
    path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
    tag::TagBuilder,
};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::{AppExt, scope};

use super::api_token::TokenScope;
use super::error::{CompanyChoice, FieldError, Problem};
use super::idempotency;
use crate::app::{agent_rooms, rooms};

/// Operations that need no credentials; every other one refuses a stranger.
pub const PUBLIC: [&str; 12] = [
    "complete_registration",
    "request_registration",
    "show_registration",
    "show_registration_state",
    "sign_in",
    "refresh_sign_in",
    "sign_out",
    "show_invitation",
    "accept_invitation",
    "request_reset",
    "show_reset",
    "reset_password",
];

/// The whole document, from the code.
pub fn openapi() -> &'static OpenApi {
    static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(document);
    &DOCUMENT
}

fn document() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Employee Progress Tracker")
        .version("1")
        .description(Some("How companies see how work time is spent, and how people see what is recorded about them."))
        .license(Some(LicenseBuilder::new().name("AGPL-3.0-or-later").identifier(Some("AGPL-3.0-or-later")).build()));
    let base = OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([ServerBuilder::new()
            .url("/")
            .description(Some("This server"))
            .build()]))
        .build();
    let service = scope("/api").configure(agent_rooms).configure(rooms);
    let (_, mut api) = App::new()
        .into_utoipa_app()
        .openapi(base)
        .service(service)
        .split_for_parts();
    let components = api.components.get_or_insert_default();
    for (name, schema) in [
        (Problem::name(), Problem::schema()),
        (FieldError::name(), FieldError::schema()),
        (CompanyChoice::name(), CompanyChoice::schema()),
    ] {
        components.schemas.insert(name.into(), schema);
    }
    components
        .security_schemes
        .extend(security_schemes().map(|(name, scheme)| (name, RefOr::T(scheme))));
    let mut tags = std::collections::BTreeSet::new();
    for (path, item) in &mut api.paths.paths {
        let tag = tag(path);
        for (method, operation) in operations_mut(item) {
            common(method, operation, tag);
        }
        tags.insert(tag.to_owned());
    }
    api.tags = Some(
        tags.into_iter()
            .map(|name| TagBuilder::new().name(name).build())
            .collect(),
    );
    api
}

/// The methods of each path of the document, to tell 405 from 404.
pub fn methods() -> HashMap<String, Vec<&'static str>> {
    let mut known: HashMap<String, Vec<&'static str>> = HashMap::new();
    for (method, path, _) in operations() {
        known.entry(path).or_default().push(method);
    }
    known
}

/// Method, path and id of every operation.
pub fn operations() -> Vec<(&'static str, String, String)> {
    let known = |(path, item): (&'static String, &'static PathItem)| {
        let all = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        all.into_iter().filter_map(move |(method, operation)| {
            let id = operation.as_ref()?.operation_id.clone()?;
            Some((method, path.clone(), id))
        })
    };
    openapi().paths.paths.iter().flat_map(known).collect()
}

fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("GET", &mut item.get),
        ("POST", &mut item.post),
        ("PUT", &mut item.put),
        ("PATCH", &mut item.patch),
        ("DELETE", &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

fn common(method: &str, operation: &mut Operation, tag: &str) {
    let problem = ResponseBuilder::new()
        .description("The request failed; `code` says why")
        .content(
            "application/problem+json",
            Content::new(Some(Ref::from_schema_name(Problem::name()))),
        )
        .build();
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            response.description = "Done".into();
        }
    }
    operation
        .responses
        .responses
        .insert("default".into(), RefOr::T(problem));
    if method == "GET" && answers_json(operation) {
        let unchanged = ResponseBuilder::new()
            .description("What `If-None-Match` names is what would be answered");
        operation
            .responses
            .responses
            .insert("304".into(), RefOr::T(unchanged.build()));
        operation
            .parameters
            .get_or_insert_default()
            .push(RefOr::T(if_none_match()));
    }
    let id = operation.operation_id.as_deref().unwrap_or_default();
    if ["PATCH", "PUT"].contains(&method) || DELETED_AS_SEEN.contains(&id) {
        operation
            .parameters
            .get_or_insert_default()
            .push(RefOr::T(if_match()));
    }
    // What the handlers of everything that is created take, and of what an owner does to a company; a law compares.
    let id = operation.operation_id.as_deref().unwrap_or_default();
    let creates = operation.responses.responses.contains_key("201") || CHANGES.contains(&id);
    if creates && tag != "agent" && !PUBLIC.contains(&id) {
        operation
            .parameters
            .get_or_insert_default()
            .push(RefOr::T(idempotency_key()));
    }
    if TELLS.contains(&id) {
        operation
            .parameters
            .get_or_insert_default()
            .push(RefOr::T(agent_queue()));
    }
    operation.tags = Some(vec![tag.to_owned()]);
    let id = operation.operation_id.as_deref().unwrap_or_default();
    let none: [&str; 0] = [];
    operation.security = Some(match (PUBLIC.contains(&id), tag) {
        (true, _) => Vec::new(),
        (_, "agent") if id == "log_in_agent" || id == "refresh_agent" => {
            vec![SecurityRequirement::new("company_key", none)]
        }
        (_, "agent") => {
            vec![SecurityRequirement::new("company_key", none).add("agent_session", none)]
        }
        _ => std::iter::once(SecurityRequirement::new("web_session", none))
            .chain(
                TokenScope::of_operation(id)
                    .map(|scope| SecurityRequirement::new("api_token", [scope.name()])),
            )
            .collect(),
    });
}

fn answers_json(operation: &Operation) -> bool {
    matches!(operation.responses.responses.get("200"),
        Some(RefOr::T(response)) if response.content.contains_key("application/json"))
}

fn if_none_match() -> Parameter {
    ParameterBuilder::new()
        .name("If-None-Match")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The `ETag` of an answer that you have"))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

/// Most of what is deleted has no state that somebody else could have changed.
const DELETED_AS_SEEN: [&str; 3] = [
    "delete_alert_rule",
    "delete_exchange_rate",
    "remove_branding_logo",
];

fn if_match() -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(r#"^(\*|"[0-9a-f.]{1,60}")$"#))
        .examples(["\"1\""]);
    ParameterBuilder::new()
        .name("If-Match")
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(
            "The `ETag` of the state that you saw: 412 `precondition_failed` when somebody has changed it since, 428 \
             `precondition_required` without it. `*` changes whatever is there",
        ))
        .schema(Some(text))
        .build()
}

/// Of these a second one would do more than the first, or be refused for what the first one did.
const CHANGES: [&str; 10] = [
    "activate_company",
    "cancel_company",
    "change_company_plan",
    "end_old_company_key",
    "extend_company_trial",
    "reactivate_company",
    "renew_company",
    "rotate_company_key",
    "suspend_company",
    "withdraw_planned_change",
];

/// What an agent sends to be taken in.
const TELLS: [&str; 8] = [
    "keep_work_session",
    "start_work_session",
    "stop_work_session",
    "upload_activity",
    "upload_applications",
    "upload_batch",
    "upload_screenshot",
    "upload_websites",
];

fn agent_queue() -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(
            r"^items=[0-9]{1,9}, screenshots=[0-9]{1,9}, dead_letters=[0-9]{1,9}(, oldest=@[0-9]{1,11})?$",
        ))
        .examples(["items=12, screenshots=3, dead_letters=0, oldest=@1795168800"]);
    ParameterBuilder::new()
        .name("X-Agent-Queue")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "What waits on the device beyond what this request carries, what the server has refused for good, and since when \
             the oldest waits, in seconds since 1970. The person and the company's admins see it. 400 `agent_queue_invalid` \
             where it is no such thing",
        ))
        .schema(Some(text))
        .build()
}

fn idempotency_key() -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(255))
        .pattern(Some("^[!-~]+$"));
    ParameterBuilder::new()
        .name(idempotency::HEADER)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Chosen by you: a request that is sent again with it within 24 hours is answered as the first time, with \
             `Idempotency-Replayed: true`, and does nothing",
        ))
        .schema(Some(text))
        .build()
}

/// The first word of the path, the agents' plane under one name.
fn tag(path: &str) -> &str {
    let mut segments = path.trim_start_matches("/api/").split('/');
    match segments.next().unwrap_or_default() {
        "login" | "token" | "work-session" | "upload" | "screenshot" => "agent",
        "owner" => segments.next().unwrap_or("owner"),
        first => first,
    }
}

fn security_schemes() -> [(String, SecurityScheme); 4] {
    let bearer = |what: &str| {
        SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .bearer_format("JWT")
                .description(Some(what))
                .build(),
        )
    };
    let key = ApiKeyValue::with_description(
        "X-Company-Key",
        "The company's key: `company_` and 32 hex digits",
    );
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("ept_")
        .description(Some(
            "A program's token, from `/api/api-tokens`; where an operation takes one, the scope it needs is named",
        ));
    [
        ("api_token".into(), SecurityScheme::Http(token.build())),
        (
            "agent_session".into(),
            bearer("A desktop agent's token, from `/api/login`"),
        ),
        (
            "company_key".into(),
            SecurityScheme::ApiKey(ApiKey::Header(key)),
        ),
        (
            "web_session".into(),
            bearer("A person's token, from `/api/auth/sign-in`; its role decides"),
        ),
    ]
}
