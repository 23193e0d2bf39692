//! P55 and P59: files that are not what they say, carry something, or want to be somewhere else.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flate2::{Compression, Crc, write::GzEncoder};
use image::{ImageFormat, Rgb, RgbImage};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use uuid::Uuid;

use super::raw;
use crate::app::{App, Client, read};
use crate::feed::rows;
use crate::headers;

const CANARY: &str = "canary-52.5163N-13.3777E";

fn picture(format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let paint = |x: u32, y: u32| Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 90]);
    RgbImage::from_fn(320, 200, paint)
        .write_to(&mut out, format)
        .unwrap();
    out.into_inner()
}

fn meta() -> Value {
    let taken_at = (chrono::Utc::now() - chrono::Duration::seconds(60)).to_rfc3339();
    json!({ "id": Uuid::now_v7(), "session_id": Uuid::now_v7(), "taken_at": taken_at, "display": 0, "blurred": false })
}

async fn send(agent: &Client, meta: &Value, image: Part) -> (u16, Value) {
    let form = Form::new()
        .part("meta", Part::text(meta.to_string()))
        .part("image", image);
    let request = agent.request(Method::POST, "/api/screenshot/upload");
    read(request.multipart(form).send().await.unwrap()).await
}

async fn upload(agent: &Client, image: Vec<u8>, kind: &str) -> (u16, Value) {
    let image = Part::bytes(image)
        .file_name("a.png")
        .mime_str(kind)
        .unwrap();
    send(agent, &meta(), image).await
}

async fn desk() -> (App, Client, Client) {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let agent = app.agent(&acme, &acme.admin).await;
    (app, agent, acme.admin)
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => found.extend(files_below(&path)),
            path => found.push(path),
        }
    }
    found
}

fn objects(app: &App) -> PathBuf {
    app.state.config.data_dir.join("objects")
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

/// A JPEG with EXIF and a comment.
fn jpeg_with_place() -> Vec<u8> {
    let jpeg = picture(ImageFormat::Jpeg);
    let segment = |marker: u8, payload: &str| {
        let length = u16::try_from(payload.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], &length[..], payload.as_bytes()].concat()
    };
    let exif = segment(0xe1, &format!("Exif\0\0MM\0*\0\0\0\u{8}{CANARY}"));
    [&jpeg[..2], &exif, &segment(0xfe, CANARY), &jpeg[2..]].concat()
}

/// A PNG with a text, and with a page and an archive behind its end.
fn png_with_page() -> Vec<u8> {
    let png = picture(ImageFormat::Png);
    let text = format!("tEXtComment\0{CANARY}");
    let mut crc = Crc::new();
    crc.update(text.as_bytes());
    let length = u32::try_from(text.len() - 4).unwrap().to_be_bytes();
    let chunk = [&length[..], text.as_bytes(), &crc.sum().to_be_bytes()].concat();
    let after_header = 8 + 25;
    let page = format!("<html><script>alert('{CANARY}')</script></html>PK\u{3}\u{4}{CANARY}");
    [
        &png[..after_header],
        &chunk,
        &png[after_header..],
        page.as_bytes(),
    ]
    .concat()
}

fn chunk(name: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
    let padding = &[0][..payload.len() % 2];
    [&name[..], &length, payload, padding].concat()
}

fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = [b"WEBP".to_vec(), chunks.concat()].concat();
    chunk(b"RIFF", &body)
}

fn extended(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let size = |side: u32| (side - 1).to_le_bytes()[..3].to_vec();
    chunk(
        b"VP8X",
        &[vec![flags, 0, 0, 0], size(width), size(height)].concat(),
    )
}

/// A WebP with EXIF and XMP.
fn webp_with_place() -> Vec<u8> {
    let image = picture(ImageFormat::WebP)[12..].to_vec();
    riff(&[
        extended(0x0c, 320, 200),
        image,
        chunk(b"EXIF", CANARY.as_bytes()),
        chunk(b"XMP ", CANARY.as_bytes()),
    ])
}

/// A WebP of very many frames.
fn webp_with_frames(frames: usize) -> Vec<u8> {
    let image = picture(ImageFormat::WebP)[12..].to_vec();
    let size = |side: u32| (side - 1).to_le_bytes()[..3].to_vec();
    let frame = [vec![0; 6], size(320), size(200), vec![10, 0, 0, 0], image].concat();
    let frame = chunk(b"ANMF", &frame);
    let mut chunks = vec![extended(0x02, 320, 200), chunk(b"ANIM", &[0; 6])];
    chunks.extend(std::iter::repeat_n(frame, frames));
    riff(&chunks)
}

/// Tries to pass something on inside a picture: a place, a comment, a page, an archive, more frames.
#[actix_web::test]
async fn p55_nothing_that_a_picture_carries_is_kept() {
    let (app, agent, admin) = desk().await;
    let carriers = [
        (jpeg_with_place(), "image/jpeg"),
        (png_with_page(), "image/png"),
        (webp_with_place(), "image/webp"),
        (webp_with_frames(500), "image/webp"),
    ];
    for (image, kind) in carriers {
        let meta = meta();
        let image = Part::bytes(image).mime_str(kind).unwrap();
        let (status, answer) = send(&agent, &meta, image).await;
        assert_eq!(status, 201, "{kind}: {answer}");
        for form in ["image", "thumbnail"] {
            let path = format!("/api/screenshots/{}/{form}", meta["id"].as_str().unwrap());
            let shown = admin.request(Method::GET, &path).send().await.unwrap();
            assert_eq!(shown.status(), 200);
            let bytes = shown.bytes().await.unwrap();
            assert_eq!(image::guess_format(&bytes).unwrap(), ImageFormat::WebP);
            assert!(image::load_from_memory(&bytes).is_ok());
        }
    }
    let files = files_below(&objects(&app));
    assert_eq!(files.len(), 8);
    for file in files {
        let bytes = std::fs::read(file).unwrap();
        for carried in [
            CANARY,
            "<script",
            "PK\u{3}\u{4}",
            "EXIF",
            "Exif",
            "XMP ",
            "ICCP",
            "ANMF",
        ] {
            assert!(!contains(&bytes, carried), "{carried}");
        }
    }
}

/// Tries to have something stored that is no picture, or another one than is said.
#[actix_web::test]
async fn p55_what_is_not_what_it_says_is_refused() {
    let (app, agent, _) = desk().await;
    let png = picture(ImageFormat::Png);
    let jpeg = picture(ImageFormat::Jpeg);
    for (image, kind) in [
        (
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(),
            "image/png",
        ),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
            "image/svg+xml",
        ),
        (
            b"<!doctype html><script>alert(1)</script>".to_vec(),
            "image/webp",
        ),
        (b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(), "image/gif"),
        (b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(), "image/png"),
        (b"BM<script>".to_vec(), "image/bmp"),
        (b"II*\0aaaa".to_vec(), "image/tiff"),
        (b"%PDF-1.7".to_vec(), "image/jpeg"),
        (b"\0\0\0\x20ftypavif".to_vec(), "image/avif"),
        (b"\x7fELF".to_vec(), "image/png"),
        (Vec::new(), "image/png"),
        (png.clone(), "image/jpeg"),
        (png.clone(), "text/html"),
        (png.clone(), "image/svg+xml"),
        (jpeg.clone(), "image/webp"),
        ([b"<script>".to_vec(), png].concat(), "image/png"),
    ] {
        let (status, problem) = upload(&agent, image, kind).await;
        let code = &problem["code"];
        assert_eq!(
            (status, code),
            (415, &json!("unsupported_media_type")),
            "{kind}"
        );
    }
    assert!(files_below(&objects(&app)).is_empty());
    assert_eq!(
        rows(&mut app.copy.admin(), "SELECT id FROM tenant.screenshots").len(),
        0
    );
}

/// Tries to fill the memory with pictures that are small as files.
#[actix_web::test]
async fn p55_a_flood_of_pixels_is_refused_by_its_header() {
    let mut png = picture(ImageFormat::Png);
    png[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    let mut jpeg = picture(ImageFormat::Jpeg);
    let frame = jpeg
        .windows(2)
        .position(|two| [[0xff, 0xc0], [0xff, 0xc2]].contains(&[two[0], two[1]]));
    let frame = frame.unwrap();
    jpeg[frame + 5..frame + 9].fill(0xff);
    let image = picture(ImageFormat::WebP)[12..].to_vec();
    let webp = riff(&[extended(0, 1 << 14, 1 << 14), image]);
    // Nothing is wrong with this one but its size: two million pixels too many, in a small file.
    let mut whole = Cursor::new(Vec::new());
    RgbImage::new(7000, 6000)
        .write_to(&mut whole, ImageFormat::Png)
        .unwrap();
    // Painting takes longer in a debug build than the server keeps an idle connection.
    let (app, agent, _) = desk().await;
    let begin = Instant::now();
    for (image, kind) in [
        (whole.into_inner(), "image/png"),
        (png, "image/png"),
        (jpeg, "image/jpeg"),
        (webp, "image/webp"),
    ] {
        let (status, problem) = upload(&agent, image, kind).await;
        assert_eq!(
            (status, &problem["code"]),
            (422, &json!("image_invalid")),
            "{kind}"
        );
    }
    assert!(
        begin.elapsed() < Duration::from_secs(5),
        "nothing of it was decoded"
    );
    assert!(files_below(&objects(&app)).is_empty());
}

/// Tries pictures that break off or are damaged at every kind of place.
#[actix_web::test]
async fn p55_a_damaged_picture_is_refused_or_made_whole() {
    let (app, agent, _) = desk().await;
    let mut stored = 0;
    for (format, kind) in [
        (ImageFormat::Png, "image/png"),
        (ImageFormat::Jpeg, "image/jpeg"),
        (ImageFormat::WebP, "image/webp"),
    ] {
        let whole = picture(format);
        let cuts = (1..8).map(|eighth| whole[..whole.len() * eighth / 8].to_vec());
        let flips = (1..8).map(|eighth| {
            let mut damaged = whole.clone();
            let at = whole.len() * eighth / 8;
            damaged[at..(at + 16).min(whole.len())].fill(0xff);
            damaged
        });
        for image in cuts.chain(flips) {
            let (status, answer) = upload(&agent, image, kind).await;
            match status {
                201 => stored += 1,
                _ => assert_eq!(
                    (status, &answer["code"]),
                    (422, &json!("image_invalid")),
                    "{kind}"
                ),
            }
        }
    }
    let files = files_below(&objects(&app));
    assert_eq!(files.len(), stored * 2);
    for file in files {
        assert!(image::load_from_memory(&std::fs::read(file).unwrap()).is_ok());
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Tries to fill the memory with bodies that grow when they are unpacked.
#[actix_web::test]
async fn p55_a_compressed_bomb_bursts_at_the_limit() {
    let (app, agent, admin) = desk().await;
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 1 << 20);
    let twice = gzip(&bomb);
    let begin = Instant::now();
    for (who, path, encoding, body, media, expected) in [
        (
            &agent,
            "/api/upload/batch",
            "gzip",
            &bomb,
            "application/json",
            413,
        ),
        (
            &agent,
            "/api/upload/applications",
            "gzip",
            &bomb,
            "application/json",
            413,
        ),
        (
            &agent,
            "/api/upload/batch",
            "gzip, gzip",
            &twice,
            "application/json",
            415,
        ),
        (
            &agent,
            "/api/upload/batch",
            "br",
            &bomb,
            "application/json",
            415,
        ),
        (
            &agent,
            "/api/upload/batch",
            "deflate",
            &bomb,
            "application/json",
            415,
        ),
        (
            &agent,
            "/api/work-session/start",
            "gzip",
            &bomb,
            "application/json",
            413,
        ),
        (
            &admin,
            "/api/employees",
            "gzip",
            &bomb,
            "application/json",
            413,
        ),
        (
            &agent,
            "/api/screenshot/upload",
            "gzip",
            &bomb,
            "multipart/form-data; boundary=x",
            400,
        ),
    ] {
        let request = who
            .request(Method::POST, path)
            .header("content-encoding", encoding)
            .header("content-type", media);
        let answer = request.body(body.clone()).send().await.unwrap();
        assert_eq!(answer.status(), expected, "{path} {encoding}");
    }
    // Small enough as it comes, and not unpacked where nothing says that it is.
    let small = gzip(&vec![b' '; 1 << 20]);
    let request = admin
        .request(Method::POST, "/api/employees")
        .header("content-encoding", "gzip")
        .header("content-type", "application/json");
    assert_eq!(request.body(small).send().await.unwrap().status(), 400);
    assert!(begin.elapsed() < Duration::from_secs(20));
    assert_eq!(app.anonymous().get("/health/ready").await.0, 200);
}

/// Tries to have a browser run, keep or guess what was uploaded.
#[actix_web::test]
async fn p55_a_picture_is_served_as_nothing_else() {
    let (_app, agent, admin) = desk().await;
    let meta = meta();
    let image = Part::bytes(picture(ImageFormat::Png)).file_name("<script>.html");
    assert_eq!(send(&agent, &meta, image).await.0, 201);
    for form in ["image", "thumbnail"] {
        let path = format!("/api/screenshots/{}/{form}", meta["id"].as_str().unwrap());
        let answer = admin.request(Method::GET, &path).send().await.unwrap();
        for (name, value) in [
            ("content-type", "image/webp"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "private, no-store"),
            (
                "content-disposition",
                "attachment; filename=\"screenshot.webp\"",
            ),
            (
                "content-security-policy",
                "default-src 'none'; frame-ancestors 'none'; sandbox",
            ),
            ("cross-origin-resource-policy", "same-site"),
        ] {
            assert_eq!(answer.headers()[name], value, "{form}: {name}");
        }
        let faults = headers::faults(200, &headers::pairs(&answer), false);
        assert_eq!(faults, Vec::<String>::new(), "{form}");
    }
}

/// Tries to say where a file is to be stored: by names of parts, files, devices and ids.
#[actix_web::test]
async fn p59_no_name_from_outside_decides_where_something_lies() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let agent = app.agent(&acme, &acme.admin).await;
    let data = app.state.config.data_dir.clone();
    let before = files_below(&data).len();
    let mut taken = 0;
    let names = [
        "../../../../tmp/owned.png",
        "..\\..\\..\\owned.png",
        "/etc/cron.d/owned",
        "c/00000000-0000-0000-0000-000000000000/owned",
        "%2e%2e%2fowned",
        "....//owned",
        "owned\u{202e}gnp.exe",
        "nul",
        ".",
        "..",
    ];
    for name in names {
        let image = Part::bytes(picture(ImageFormat::Png)).file_name(name);
        assert_eq!(send(&agent, &meta(), image).await.0, 201, "{name}");
        let form = Form::new()
            .part("meta", Part::text(meta().to_string()))
            .part("image", Part::bytes(picture(ImageFormat::Png)))
            .part(name, Part::text("owned").file_name(name));
        let request = agent.request(Method::POST, "/api/screenshot/upload");
        let status = request
            .multipart(form)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16();
        assert!([201, 400].contains(&status), "{name}");
        taken += 2 + 2 * usize::from(status == 201);
        for id in ["id", "session_id"] {
            let mut meta = meta();
            meta[id] = json!(name);
            let image = Part::bytes(picture(ImageFormat::Png));
            assert_eq!(send(&agent, &meta, image).await.0, 422, "{name}");
        }
    }
    let own = objects(&app).join(format!("c/{}", acme.id));
    let files = files_below(&data);
    assert_eq!(files.len() - before, taken);
    let stored = files_below(&own);
    assert_eq!(stored.len(), taken, "all of it is the company's");
    for file in stored {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        assert!(
            name.len() == 32 && name.bytes().all(|b| b.is_ascii_hexdigit()),
            "{name}"
        );
    }
}

/// Tries to read files beside those that are served.
#[actix_web::test]
async fn p59_no_path_leads_out_of_the_assets() {
    let folder = tempfile::tempdir().unwrap();
    let frontend = folder.path().join("dist");
    std::fs::create_dir_all(frontend.join("assets")).unwrap();
    std::fs::write(frontend.join("index.html"), "<p>page</p>").unwrap();
    std::fs::write(frontend.join("assets/a.js"), "let a = 1;").unwrap();
    std::fs::write(frontend.join(".secret"), CANARY).unwrap();
    std::fs::write(folder.path().join("secret"), CANARY).unwrap();
    let link = folder.path().join("secret");
    let served = frontend.clone();
    let app = App::configured(move |config| config.frontend_dir = served).await;
    let target = link.to_string_lossy().into_owned();
    // The server begins to work when the test first waits for it.
    app.anonymous().get("/health/live").await;
    for path in [
        "/assets/../../secret",
        "/assets/..%2f..%2fsecret",
        "/assets/%2e%2e/%2e%2e/secret",
        "/assets/%252e%252e%252fsecret",
        "/assets/..\\..\\secret",
        "/assets/..%5c..%5csecret",
        "/assets/....//....//secret",
        "/../secret",
        "//secret",
        "/.secret",
        "/assets/a.js/../../.secret",
        "/assets/a.js%00.html",
        "/assets/%c0%ae%c0%ae/secret",
        "/api/screenshots/..%2f..%2f..%2fsecret/image",
        "/api/docs/..%2f..%2fsecret",
        &target,
        &format!("/assets/{target}"),
        "file:///etc/passwd",
        "http://elsewhere.test/secret",
    ] {
        for headers in ["", "Accept: text/html\r\n"] {
            let answer = raw::get(&app, path, headers);
            assert!(
                !answer.contains(CANARY) && !answer.contains("root:"),
                "{path}: {answer}"
            );
            let statuses = raw::statuses(&answer);
            assert!(statuses.len() == 1 && statuses[0] < 500, "{path}: {answer}");
        }
    }
    let asset = raw::get(&app, "/assets/a.js", "");
    assert!(asset.contains("let a = 1;"), "{asset}");
}
