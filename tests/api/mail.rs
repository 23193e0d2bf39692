//! Mails: who gets one, what it holds, and what becomes of one that cannot be sent.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use serde_json::json;
use tracker::jobs::work;

use crate::app::{App, PASSWORD};
use crate::feed::rows;

/// The path behind the public address, of the only link in a mail.
pub fn link<'a>(app: &App, mail: &'a str) -> &'a str {
    let public = app.state.config.public_url();
    let links: Vec<&str> = mail
        .split_whitespace()
        .filter(|word| word.contains("://"))
        .collect();
    assert_eq!(links.len(), 1, "{mail}");
    links[0]
        .strip_prefix(&public)
        .expect("links lead to PUBLIC_URL")
}

#[actix_web::test]
async fn an_invitation_is_mailed_and_one_of_its_links_is_enough() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let invitation = json!({ "email": "grace@acme.test", "role": "EMPLOYEE" });
    let (_, invited) = acme.admin.post("/api/employees", invitation).await;
    let shown = invited["invitation_url"].as_str().unwrap();
    let mails = app.mails("grace@acme.test", "invited", 1).await;
    assert!(mails[0].contains("your account at Acme"), "{}", mails[0]);
    assert!(mails[0].contains("Auto-Submitted: auto-generated"));
    let token = link(&app, &mails[0]).strip_prefix("/invite/").unwrap();
    let shown = shown.rsplit('/').next().unwrap();
    assert_ne!(token, shown, "no queue held the one that was shown");
    let accept = async |token: &str| {
        let body = json!({ "name": "Grace", "password": PASSWORD });
        let path = format!("/api/invitations/{token}/accept");
        app.anonymous().post(&path, body).await.0
    };
    assert_eq!(accept(token).await, 201);
    assert_eq!(accept(shown).await, 404);
}

#[actix_web::test]
async fn a_companys_first_admin_is_invited_by_mail() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let new = json!({ "name": "Acme", "admin_email": "ada@acme.test", "plan": "PRO", "time_zone": "UTC" });
    let (_, made) = owner.post("/api/owner/companies", new).await;
    let mails = app.mails("ada@acme.test", "invited", 1).await;
    assert!(mails[0].contains("invited as an admin"));
    let token = link(&app, &mails[0]).strip_prefix("/invite/").unwrap();
    let (status, shown) = app
        .anonymous()
        .get(&format!("/api/invitations/{token}"))
        .await;
    assert_eq!((status, &shown["company_name"]), (200, &json!("Acme")));
    let accept = json!({ "name": "Ada", "password": PASSWORD });
    let path = format!("/api/invitations/{token}/accept");
    assert_eq!(app.anonymous().post(&path, accept).await.0, 201);
    let first = made["invitation_url"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap();
    assert_eq!(
        app.anonymous()
            .get(&format!("/api/invitations/{first}"))
            .await
            .0,
        404
    );
}

#[actix_web::test]
async fn a_changed_password_is_told_by_mail() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let change = json!({ "password": PASSWORD, "new_password": "four words nobody combines" });
    assert_eq!(ada.post("/api/me/password", change).await.0, 204);
    let told = app.mails(&ada.email, "Your password was changed", 1).await;
    assert_eq!(
        link(&app, &told[0]),
        "/reset",
        "a link to ask, none that opens anything"
    );
}

#[actix_web::test]
async fn a_mail_that_cannot_be_sent_is_tried_again_and_leaves_no_link() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let app = App::configured(|config| {
        config.job_workers = 0;
        config.smtp_url = Some(format!("smtp://{closed}"));
    })
    .await;
    let acme = app.company("Acme").await;
    while work::next(&app.state).unwrap() {}
    let ask = json!({ "email": acme.admin_email });
    assert_eq!(app.anonymous().post("/api/auth/reset", ask).await.0, 202);
    assert!(work::next(&app.state).unwrap());
    let admin = &mut app.copy.admin();
    let jobs = rows(
        admin,
        "SELECT state, attempts FROM platform.jobs WHERE payload ->> 'mail' = 'reset'",
    );
    assert_eq!(jobs, [json!({ "state": "queued", "attempts": 1 })]);
    let links = rows(
        admin,
        "SELECT id FROM auth.one_time_tokens WHERE kind = 'reset'",
    );
    assert!(links.is_empty());
}

/// Takes one mail the way a mail server does, and gives what it was told.
fn take_one(listener: TcpListener) -> String {
    listener.set_nonblocking(true).unwrap();
    let mut tries = 0..400;
    let (stream, _) = loop {
        match listener.accept() {
            Ok(accepted) => break accepted,
            Err(_) => tries.next().expect("nobody brings mail"),
        };
        std::thread::sleep(std::time::Duration::from_millis(25));
    };
    stream.set_nonblocking(false).unwrap();
    stream
        .set_read_timeout(Some(std::time::Duration::from_secs(10)))
        .unwrap();
    let lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let say = |text: &str| writeln!(&stream, "{text}\r").unwrap();
    let (mut told, mut in_text) = (String::new(), false);
    say("220 mail.test");
    for line in lines.map_while(Result::ok) {
        told += &format!("{line}\n");
        match line.split(' ').next().unwrap_or_default() {
            "." => {
                in_text = false;
                say("250 taken");
            }
            _ if in_text => {}
            "DATA" => {
                in_text = true;
                say("354 go on");
            }
            "QUIT" => {
                say("221 bye");
                break;
            }
            _ => say("250 good"),
        }
    }
    told
}

#[actix_web::test]
async fn mail_goes_out_by_smtp() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener.local_addr().unwrap();
    let app = App::configured(|config| {
        config.job_workers = 0;
        config.smtp_url = Some(format!("smtp://{server}"));
        config.mail_from = Some("Acme Tracker <tracker@vendor.test>".into());
    })
    .await;
    let taking = std::thread::spawn(move || take_one(listener));
    let owner = app.owner().await;
    let new = json!({ "name": "Acme", "admin_email": "ada@acme.test", "plan": "PRO", "time_zone": "UTC" });
    assert_eq!(owner.post("/api/owner/companies", new).await.0, 201);
    while work::next(&app.state).unwrap() {}
    let told = taking.join().unwrap();
    for part in [
        "MAIL FROM:<tracker@vendor.test>",
        "RCPT TO:<ada@acme.test>",
        "Subject: You are invited to Tracker",
        "/invite/",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}
