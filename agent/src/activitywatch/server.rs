//! HTTP on this machine alone. A page of the web may neither read nor write: the name that was asked for must be this
//! machine's, and a browser's origin must be an extension's.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use anyhow::{Context, Result};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    CONTENT_DISPOSITION, CONTENT_TYPE, HOST, HeaderValue, ORIGIN, VARY,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use percent_encoding::percent_decode_str;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::{Asked, Reply, Sources, Store, reply};

/// An import may hold months; everything else is small.
const MAX_BODY: usize = 64 << 20;

/// Serves until it is dropped.
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Port 0 takes one that is free. Fails where something else listens, such as ActivityWatch itself.
    pub fn start(store: Store, sources: Sources, port: u16) -> Result<Self> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", port))
            .with_context(|| format!("cannot listen on 127.0.0.1:{port}"))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let shared = Arc::new(Shared {
            store: Mutex::new(store),
            sources,
        });
        let thread = std::thread::Builder::new()
            .name("activitywatch".to_owned())
            .spawn(move || runtime.block_on(serve(listener, shared, stopped)))?;
        Ok(Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It has nothing to tell but that it is over.
            thread.join().ok();
        }
    }
}

struct Shared {
    store: Mutex<Store>,
    sources: Sources,
}

async fn serve(
    listener: std::net::TcpListener,
    shared: Arc<Shared>,
    mut stopped: oneshot::Receiver<()>,
) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    loop {
        let accepted = tokio::select! {
            _ = &mut stopped => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file handles: those that are open will close.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            continue;
        };
        let shared = shared.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(shared.clone(), request));
            // A client that went away is nobody's trouble.
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(std::time::Duration::from_secs(30))
                .serve_connection(TokioIo::new(stream), service)
                .await
                .ok();
        });
    }
}

type Answer = Response<Full<Bytes>>;

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Answer, Infallible> {
    let (parts, body) = request.into_parts();
    let text = |name| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let origin = text(ORIGIN).map(str::to_owned);
    if !text(HOST).is_some_and(is_this_machine) {
        return Ok(plain(
            StatusCode::BAD_REQUEST,
            "the Host header must name this machine",
        ));
    }
    if origin.as_deref().is_some_and(|origin| !is_trusted(origin)) {
        return Ok(plain(
            StatusCode::FORBIDDEN,
            "pages of the web may not ask here",
        ));
    }
    let answered = match parts.method {
        Method::OPTIONS => Response::new(Full::default()),
        _ => match Limited::new(body, MAX_BODY).collect().await {
            Ok(body) => asked(&shared, &parts, &body.to_bytes()),
            Err(_) => plain(StatusCode::PAYLOAD_TOO_LARGE, "at most 64 MiB"),
        },
    };
    Ok(with_origin(answered, origin))
}

fn asked(shared: &Shared, parts: &hyper::http::request::Parts, body: &[u8]) -> Answer {
    let Some(path) = parts.uri.path().strip_prefix("/api/0") else {
        return plain(StatusCode::NOT_FOUND, "the API is at /api/0");
    };
    let query = parts
        .uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            Some((decoded(key), decoded(value)))
        });
    let (path, query) = (decoded(path), query.collect::<Vec<_>>());
    let asked = Asked {
        method: parts.method.as_str(),
        path: &path,
        query: &query,
        body,
    };
    let mut store = shared.store.lock().unwrap_or_else(PoisonError::into_inner);
    sent(reply(&mut store, &shared.sources, asked))
}

fn sent(Reply { status, body, file }: Reply) -> Answer {
    // RFC 9110 §15.4.5: this one has no body.
    let bytes = if status == 304 {
        Bytes::new()
    } else {
        body.to_string().into()
    };
    let mut answer = Response::new(Full::new(bytes));
    *answer.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let disposition =
        file.map(|name| format!("attachment; filename=\"{}\"", name.replace('"', "_")));
    if let Some(disposition) = disposition.and_then(|text| HeaderValue::try_from(text).ok()) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    answer
}

fn plain(status: StatusCode, message: &str) -> Answer {
    sent(Reply {
        status: status.as_u16(),
        body: json!({ "message": message }),
        file: None,
    })
}

fn with_origin(mut answer: Answer, origin: Option<String>) -> Answer {
    let Some(origin) = origin.and_then(|origin| HeaderValue::try_from(origin).ok()) else {
        return answer;
    };
    let headers = answer.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(VARY, HeaderValue::from_static("origin"));
    headers.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, DELETE, OPTIONS"),
    );
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("content-type"),
    );
    answer
}

/// Against names that a stranger's name server points here (DNS rebinding).
fn is_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    ["localhost", "127.0.0.1", "::1"].contains(&name)
}

fn is_trusted(origin: &str) -> bool {
    [
        "chrome-extension://",
        "moz-extension://",
        "safari-web-extension://",
    ]
    .iter()
    .any(|scheme| origin.starts_with(scheme))
}

/// A plus stays a plus, as times have them.
fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
