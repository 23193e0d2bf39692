//! The built single-page app: read once at start, its page with a fresh nonce per answer, its assets for ever.

use std::{collections::HashMap, io::Write, path::Path, sync::Arc};

use actix_web::http::header::{self, ACCEPT, ACCEPT_ENCODING};
use actix_web::{HttpRequest, HttpResponse, ResponseError, http::Method};
use flate2::{Compression, write::GzEncoder};

use super::error::Error;
use crate::secrets::{hex, random};

const NONCE: &str = "__CSP_NONCE__";

/// The files of the build, by URL path.
pub struct Spa {
    index: String,
    assets: HashMap<String, Asset>,
    /// An extra origin that the page may talk to, when the API is served elsewhere.
    connect: String,
}

struct Asset {
    media_type: String,
    plain: Vec<u8>,
    gzip: Option<Vec<u8>>,
    hashed: bool,
}

impl Spa {
    /// None when nothing was built: the API works without.
    pub fn read(folder: &Path, connect: &str) -> anyhow::Result<Option<Arc<Self>>> {
        let Ok(index) = std::fs::read_to_string(folder.join("index.html")) else {
            return Ok(None);
        };
        let mut assets = HashMap::new();
        collect(folder, folder, &mut assets)?;
        assets.remove("/index.html");
        Ok(Some(Arc::new(Self {
            index,
            assets,
            connect: connect.to_owned(),
        })))
    }

    fn page(&self) -> Result<HttpResponse, Error> {
        let nonce = hex(&random::<16>()?);
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' blob: data:; \
             font-src 'self'; connect-src 'self' {}; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
             form-action 'self'",
            self.connect
        );
        Ok(HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CONTENT_SECURITY_POLICY, policy.replace(" ;", ";")))
            .body(self.index.replace(NONCE, &nonce)))
    }
}

impl Asset {
    fn answer(&self, req: &HttpRequest) -> HttpResponse {
        let accepts = req
            .headers()
            .get(ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let mut response = HttpResponse::Ok();
        response
            .content_type(self.media_type.as_str())
            .insert_header((header::VARY, "Accept-Encoding"));
        let keep = if self.hashed {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        response.insert_header((header::CACHE_CONTROL, keep));
        match &self.gzip {
            Some(gzip) if accepts.contains("gzip") => response
                .insert_header((header::CONTENT_ENCODING, "gzip"))
                .body(gzip.clone()),
            _ => response
                .insert_header((header::CONTENT_ENCODING, "identity"))
                .body(self.plain.clone()),
        }
    }
}

/// Everything outside `/api` and `/health`: an asset, the page for whoever wants HTML, else a problem.
pub fn answer(spa: Option<&Arc<Spa>>, req: &HttpRequest) -> HttpResponse {
    let reads = [Method::GET, Method::HEAD].contains(req.method());
    let path = req.path();
    if let Some(asset) = spa.filter(|_| reads).and_then(|spa| spa.assets.get(path)) {
        return asset.answer(req);
    }
    let wants_page = req
        .headers()
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|a| a.contains("text/html"));
    let ours = ["/api", "/health", "/assets"]
        .iter()
        .any(|base| path == *base || path.starts_with(&format!("{base}/")));
    match spa.filter(|_| reads && wants_page && !ours) {
        Some(spa) => spa.page().unwrap_or_else(|error| error.error_response()),
        None => Error::NotFound.error_response(),
    }
}

fn collect(root: &Path, folder: &Path, assets: &mut HashMap<String, Asset>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, assets)?;
            continue;
        }
        let Ok(relative) = path.strip_prefix(root) else {
            continue;
        };
        // The build's own manifest is for tools, not for browsers.
        if relative
            .components()
            .any(|part| part.as_os_str().to_string_lossy().starts_with('.'))
        {
            continue;
        }
        let plain = std::fs::read(&path)?;
        let media_type = media_type(&path);
        let text = media_type.starts_with("text/")
            || media_type.contains("javascript")
            || media_type.contains("svg");
        let gzip = if text { Some(gzip(&plain)?) } else { None };
        let url = format!("/{}", relative.to_string_lossy());
        assets.insert(
            url.clone(),
            Asset {
                media_type,
                plain,
                gzip,
                hashed: url.starts_with("/assets/"),
            },
        );
    }
    Ok(())
}

fn gzip(plain: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain)?;
    encoder.finish()
}

fn media_type(path: &Path) -> String {
    match path
        .extension()
        .and_then(|ext| ext.to_str())
        .unwrap_or_default()
    {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "json" | "webmanifest" => "application/json",
        _ => "application/octet-stream",
    }
    .to_owned()
}
