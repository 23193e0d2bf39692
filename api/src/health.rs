//! For whoever runs the server: is it alive, may it get requests.

use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::{HttpResponse, get, http::header, web::Data, web::ServiceConfig};

use crate::app::State;

/// Off while the server starts, and again from the moment it is told to stop.
#[derive(Default)]
pub struct Readiness(AtomicBool);

impl Readiness {
    pub fn set(&self, yes: bool) {
        self.0.store(yes, Ordering::Relaxed);
    }
}

pub fn routes(app: &mut ServiceConfig) {
    app.service(live).service(ready);
}

#[get("/health/live")]
async fn live() -> HttpResponse {
    said(HttpResponse::Ok(), "live")
}

#[get("/health/ready")]
async fn ready(state: Data<State>) -> HttpResponse {
    let database = match state.ready.0.load(Ordering::Relaxed) {
        true => state.db.auth(|_| Ok(())).await.is_ok(),
        false => false,
    };
    match database {
        true => said(HttpResponse::Ok(), "ready"),
        false => said(HttpResponse::ServiceUnavailable(), "not ready"),
    }
}

fn said(mut response: actix_web::HttpResponseBuilder, word: &'static str) -> HttpResponse {
    response
        .content_type(header::ContentType::plaintext())
        .body(word)
}
