//! The one list of rooms, what they share, and `serve`.

use std::net::TcpListener;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use actix_cors::Cors;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ResourceDef, Server, ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, ResponseError, web, web::Data};
use utoipa_actix_web::{AppExt, scope, service_config::ServiceConfig};
use utoipa_swagger_ui::SwaggerUi;

use crate::config::Config;
use crate::http::{
    api_token, around, company_key, error::Error, limits, limits::Limits, openapi, spa, spa::Spa,
};
use crate::mail::Mailer;
use crate::metrics::Metrics;
use crate::objects::Objects;
use crate::tracking::last_seen::LastSeen;
use crate::{account, company, owner, tracking};
use crate::{db::Db, directory::Directory, health, secrets::Secrets};

/// What every handler may ask for.
pub struct State {
    pub db: Db,
    pub directory: Arc<Directory>,
    pub secrets: Arc<Secrets>,
    pub objects: Objects,
    pub mailer: Mailer,
    pub last_seen: Arc<LastSeen>,
    pub tokens_seen: Arc<LastSeen>,
    pub limits: Limits,
    pub metrics: Metrics,
    pub config: Config,
    pub ready: health::Readiness,
    pub shared: owner::shared::Shared,
}

/// Everything of the desktop agents: inside the scope that asks for the company's key.
pub(crate) fn agent_rooms(api: &mut ServiceConfig) {
    tracking::login::routes(api);
    tracking::work_session::routes(api);
    tracking::upload::routes(api);
    tracking::screenshot::routes(api);
    company::monitoring_policies::agent::routes(api);
    company::tasks::agent::routes(api);
    company::tasks::timer::agent_routes(api);
}

/// Everything of the portals.
pub(crate) fn rooms(api: &mut ServiceConfig) {
    account::sign_in::routes(api);
    account::invitations::routes(api);
    account::me::routes(api);
    account::api_tokens::routes(api);
    account::sign_ins::routes(api);
    account::own_exports::routes(api);
    account::password::routes(api);
    account::registrations::routes(api);
    account::reset::routes(api);
    account::two_factor::routes(api);
    owner::audit::routes(api);
    owner::companies::routes(api);
    owner::company_keys::routes(api);
    owner::erasures::routes(api);
    owner::exchange_rates::routes(api);
    owner::overrides::routes(api);
    owner::owners::routes(api);
    owner::plans::routes(api);
    owner::registration::routes(api);
    owner::reports::routes(api);
    owner::subscriptions::routes(api);
    owner::plan_changes::routes(api);
    owner::summary::routes(api);
    owner::notes::routes(api);
    owner::system::routes(api);
    owner::usage::routes(api);
    company::alerts::routes(api);
    company::audit::routes(api);
    company::branding::routes(api);
    company::cancellations::routes(api);
    company::employees::routes(api);
    company::exports::routes(api);
    company::key::routes(api);
    company::monitoring_policies::routes(api);
    company::notifications::routes(api);
    company::removals::routes(api);
    company::settings::routes(api);
    company::sign_in_policy::routes(api);
    company::tasks::routes(api);
    company::rules::routes(api);
    company::teams::routes(api);
    tracking::access_entries::routes(api);
    tracking::devices::routes(api);
    tracking::disputes::routes(api);
    tracking::led_teams::routes(api);
    tracking::live::routes(api);
    tracking::manual_times::routes(api);
    tracking::overview::routes(api);
    tracking::reports::routes(api);
    tracking::timeline::routes(api);
    tracking::usage::routes(api);
    tracking::screenshots::routes(api);
    tracking::work_sessions::routes(api);
}

/// Serves on the listener until told to stop; open requests get `drain` to end.
pub fn serve(
    listener: TcpListener,
    workers: usize,
    state: Data<State>,
    drain: Duration,
) -> anyhow::Result<Server> {
    let public = state.config.public_url();
    let spa = Spa::read(&state.config.frontend_dir, "")?;
    let server = HttpServer::new(move || {
        let spa = spa.clone();
        App::new()
            .app_data(state.clone())
            .wrap(Compress::default())
            .wrap(cors(&state.config.cors_origins))
            .wrap(from_fn(around::request))
            .into_utoipa_app()
            .map(|app| app.configure(health::routes).configure(docs))
            .service(
                scope("/api")
                    .wrap(from_fn(api_token::recognise))
                    .wrap(from_fn(limits::by_address))
                    .service(
                        scope("")
                            .guard(actix_web::guard::fn_guard(company_key::agent_paths))
                            .wrap(from_fn(company_key::require))
                            .configure(agent_rooms)
                            .default_service(web::to(no_such)),
                    )
                    .configure(rooms)
                    .default_service(web::to(no_such)),
            )
            .into_app()
            .default_service(web::to(move |req: HttpRequest| {
                let answer = spa::answer(spa.as_ref(), &req);
                async move { answer }
            }))
    });
    tracing::debug!(public, "serving");
    Ok(server
        .workers(workers)
        .worker_max_blocking_threads(64)
        .shutdown_timeout(drain.as_secs())
        .disable_signals()
        .listen(listener)?
        .run())
}

/// Exactly the configured origins; none means that browsers of other origins are refused.
fn cors(origins: &[String]) -> Cors {
    let mut cors = Cors::default()
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
        ])
        .allowed_header("X-Requested-With")
        .allowed_header("Idempotency-Key")
        .expose_headers([
            "X-Request-Id",
            "ETag",
            "Retry-After",
            "Location",
            "Idempotency-Replayed",
            "RateLimit",
            "RateLimit-Policy",
        ])
        .supports_credentials()
        .max_age(600);
    for origin in origins.iter().filter(|origin| !origin.is_empty()) {
        cors = cors.allowed_origin(origin);
    }
    cors
}

/// The document and its reader, which brings its own scripts and therefore a policy of its own.
fn docs(app: &mut web::ServiceConfig) {
    app.route("/api/openapi.json", web::get().to(|| async { answer("application/json", &DOCUMENT.json) }))
        .route("/api/openapi.yaml", web::get().to(|| async { answer("application/yaml", &DOCUMENT.yaml) }))
        .route("/api/docs", web::get().to(|| async { redirect("/api/docs/") }))
        .service(
            web::scope("/api/docs")
                .wrap(actix_web::middleware::DefaultHeaders::new().add((
                    header::CONTENT_SECURITY_POLICY,
                    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
                )))
                .wrap(from_fn(like_everywhere))
                .service(SwaggerUi::new("/{_:.*}").config(utoipa_swagger_ui::Config::from("/api/openapi.json"))),
        );
}

/// What the reader does not have is answered like everything that is not there, instead of with nothing at all.
async fn like_everywhere<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, actix_web::Error> {
    let response = next.call(req).await?;
    Ok(match response.status() {
        StatusCode::NOT_FOUND => {
            let (req, _) = response.into_parts();
            ServiceResponse::new(req, Error::NotFound.error_response()).map_into_right_body()
        }
        _ => response.map_into_left_body(),
    })
}

/// As it is served, written when somebody first asks.
struct Document {
    json: String,
    yaml: String,
}

static DOCUMENT: LazyLock<Document> = LazyLock::new(|| Document {
    json: openapi::openapi().to_json().unwrap_or_default(),
    yaml: openapi::openapi().to_yaml().unwrap_or_default(),
});

fn answer(media_type: &'static str, body: &'static str) -> HttpResponse {
    HttpResponse::Ok().content_type(media_type).body(body)
}

fn redirect(to: &str) -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((header::LOCATION, to))
        .finish()
}

/// The document's paths as a router, so that a wrong method is 405 with `Allow` and an unknown path 404.
struct Methods(Vec<(ResourceDef, String)>);

static METHODS: LazyLock<Methods> = LazyLock::new(|| {
    let known = openapi::methods().into_iter();
    Methods(
        known
            .map(|(path, methods)| (ResourceDef::new(path), methods.join(", ")))
            .collect(),
    )
});

impl Methods {
    fn allowed(&self, path: &str) -> Option<&str> {
        let path = path.trim_end_matches('/');
        let found = self
            .0
            .iter()
            .filter(|(resource, _)| resource.is_match(path));
        // A fixed path beats one with a parameter in the same place.
        found
            .min_by_key(|(resource, _)| resource.pattern().map_or(0, |p| p.matches('{').count()))
            .map(|(_, allow)| allow.as_str())
    }
}

async fn no_such(req: HttpRequest) -> HttpResponse {
    match METHODS.allowed(req.path()) {
        Some(allow)
            if !allow
                .split(", ")
                .any(|method| method == req.method().as_str()) =>
        {
            Error::MethodNotAllowed(allow.to_owned()).error_response()
        }
        _ => Error::NotFound.error_response(),
    }
}
