//! One request, and the ways in which an id in it is turned against the server.

use reqwest::{Client, Method};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::document::{Call, Media, Place, Slot};
use super::fixtures::Own;
use super::world::{Principal, World};

/// Whose id stands in the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Own,
    Colleagues,
    /// Another company's.
    Foreign,
    /// A third company's.
    Third,
    /// Nobody's.
    Random,
}

/// How it is written there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Plain,
    Upper,
    Simple,
    Braced,
    Urn,
    /// In a list of its own.
    Nested,
    /// After and before one of the caller's own.
    MixedAfter,
    MixedBefore,
}

pub const FORMS: [Form; 8] = [
    Form::Plain,
    Form::Upper,
    Form::Simple,
    Form::Braced,
    Form::Urn,
    Form::Nested,
    Form::MixedAfter,
    Form::MixedBefore,
];

/// What is no id at all; the last looks like one.
pub const MALFORMED: [&str; 4] = [
    "not-an-id",
    "%00",
    "1'%20OR%20'1'='1",
    "00000000-0000-0000-0000-00000000000g",
];

/// Places that no operation asks for and that a careless one might heed.
pub const UNASKED_FIELDS: [&str; 2] = ["company_id", "user_id"];
pub const UNASKED_HEADERS: [&str; 2] = ["x-company-id", "x-user-id"];

#[derive(Debug, Clone)]
pub struct Request {
    method: Method,
    /// As the document writes it, and what stands in its places.
    path: String,
    parts: Vec<(String, String)>,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Option<Value>,
    media: Media,
    pub id: String,
}

/// What a change must say, whatever state the thing is in.
fn if_match(method: &Method) -> Option<(String, String)> {
    [Method::PATCH, Method::PUT, Method::DELETE]
        .contains(method)
        .then(|| ("if-match".to_owned(), "*".to_owned()))
}

/// An answer as it came.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub statements: usize,
}

impl Request {
    /// A good request: every id is the caller's own.
    pub fn good(world: &World, principal: &Principal, call: &Call) -> Self {
        let own = Own {
            world,
            principal,
            email: world.email(principal),
        };
        let mut request = Self {
            method: call.method.clone(),
            path: call.path.clone(),
            parts: Vec::new(),
            query: call
                .operation
                .asks
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .into_iter()
                .collect(),
            headers: principal
                .headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .chain(if_match(&call.method))
                .collect(),
            body: call.operation.body.map(|body| body(&own)),
            media: call.media,
            id: format!("matrix-{}", Uuid::now_v7()),
        };
        for slot in &call.slots {
            if !matches!(slot.place, Place::Body(_)) {
                let id = text(world, principal, slot, Whose::Own);
                request.put(&slot.place, &id);
            }
        }
        request
    }

    /// The id in that place, whatever was there before. In a list it is the first entry's.
    pub fn put(&mut self, place: &Place, id: &str) {
        match place {
            Place::Path(name) => {
                self.parts.retain(|(known, _)| known != name);
                self.parts.push((name.clone(), id.to_owned()));
            }
            Place::Query(name) => {
                self.query.retain(|(known, _)| known != name);
                self.query.push((name.clone(), id.to_owned()));
            }
            Place::Body(pointer) => *self.field(pointer) = json!(id),
        }
    }

    fn field(&mut self, pointer: &str) -> &mut Value {
        let mut at = self.body.as_mut().expect("a body");
        for name in pointer.split('/').skip(1) {
            if at.is_array() {
                at = &mut at[0];
            }
            make_room(at, name);
            at = at.get_mut(name).unwrap_or_else(|| {
                panic!(
                    "the example body of {} in tests/api/matrix/fixtures.rs has no {pointer}",
                    self.path
                )
            });
        }
        // A list of ids.
        if at.is_array() {
            at = &mut at[0];
        }
        at
    }

    /// Nothing in a field of the body that is never nothing.
    pub fn put_null(&mut self, field: &str) {
        let body = self.body.as_mut().and_then(Value::as_object_mut);
        body.expect("a body with fields")
            .insert(field.to_owned(), Value::Null);
    }

    /// The id in another form, beside `own` where two stand together.
    pub fn put_form(&mut self, place: &Place, id: &str, own: &str, form: Form) {
        let written = match form {
            Form::Upper => id.to_uppercase(),
            Form::Simple => id.replace('-', ""),
            Form::Braced => format!("%7B{id}%7D"),
            Form::Urn => format!("urn:uuid:{id}"),
            _ => id.to_owned(),
        };
        let pair = match form {
            Form::MixedAfter => Some([own, id]),
            Form::MixedBefore => Some([id, own]),
            _ => None,
        };
        match (place, pair, form) {
            (Place::Body(pointer), Some(pair), _) => *self.field(pointer) = json!(pair),
            (Place::Body(pointer), None, Form::Nested) => *self.field(pointer) = json!([id]),
            (Place::Body(pointer), None, Form::Braced) => {
                *self.field(pointer) = json!(format!("{{{id}}}"))
            }
            (Place::Query(name), Some(pair), _) => {
                self.query.retain(|(known, _)| known != name);
                self.query
                    .extend(pair.map(|id| (name.clone(), id.to_owned())));
            }
            (Place::Query(name), None, Form::Nested) => {
                self.query.retain(|(known, _)| known != name);
                self.query.push((format!("{name}[]"), id.to_owned()));
            }
            (Place::Path(_), Some([first, second]), _) => {
                self.put(place, &format!("{first},{second}"))
            }
            (Place::Path(_), None, Form::Nested) => self.put(place, &format!("%5B{id}%5D")),
            _ => self.put(place, &written),
        }
    }

    /// An id where nobody asked for one. Says whether this request has such a place.
    pub fn put_unasked(&mut self, unasked: Unasked, id: &str) -> bool {
        match unasked {
            Unasked::Query(name) if self.query.iter().any(|(known, _)| known == name) => {
                return false;
            }
            Unasked::Query(name) => self.query.push((name.to_owned(), id.to_owned())),
            Unasked::Header(name) => self.headers.push((name.to_owned(), id.to_owned())),
            Unasked::Field(name) => match self.body.as_mut().and_then(Value::as_object_mut) {
                Some(body) if !body.contains_key(name) => {
                    drop(body.insert(name.to_owned(), json!(id)))
                }
                _ => return false,
            },
            Unasked::InEntry(name) => {
                let entries = self
                    .body
                    .as_mut()
                    .and_then(Value::as_object_mut)
                    .and_then(|body| first_entry(body));
                match entries {
                    Some(entry) => drop(entry.insert(name.to_owned(), json!(id))),
                    None => return false,
                }
            }
        }
        true
    }

    /// Whether it is counted by address or e-mail: it could be a guess, or makes a mail.
    pub fn is_counted(&self) -> bool {
        let body = self.body.as_ref().and_then(Value::as_object);
        let makes_mail = ["/api/auth/reset", "/api/registrations"];
        body.is_some_and(|body| body.contains_key("password"))
            || makes_mail.contains(&self.path.as_str())
    }

    pub fn cookie(&mut self, cookie: String) {
        self.headers.push(("cookie".into(), cookie));
    }

    /// For comparison with the answer to another request that differs in its ids only.
    pub fn own_ids(&self) -> Vec<String> {
        let mut ids = vec![self.id.clone()];
        let text = format!(
            "{} {:?} {}",
            self.url(),
            self.query,
            self.body.clone().unwrap_or_default()
        );
        ids.extend(super::world::ids(&text).map(|id| id.to_string()));
        ids
    }

    fn url(&self) -> String {
        let filled = |path: String, (name, value): &(String, String)| {
            path.replace(&format!("{{{name}}}"), value)
        };
        let path = self.parts.iter().fold(self.path.clone(), filled);
        let query: Vec<_> = self
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!(
            "{path}{}{}",
            if query.is_empty() { "" } else { "?" },
            query.join("&")
        )
    }

    pub async fn send(&self, http: &Client, world: &World, picture: &[u8]) -> Answer {
        let mut request = http
            .request(
                self.method.clone(),
                format!("{}{}", world.app.address, self.url()),
            )
            .header("x-request-id", &self.id)
            .header("x-requested-with", "tracker");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request = match (&self.body, self.media) {
            (Some(body), Media::Json) => request.json(body),
            (Some(body), Media::Form) => request.multipart(form(body, picture)),
            _ => request,
        };
        let response = request.send().await.unwrap();
        let headers = response.headers().iter().map(|(name, value)| {
            (
                name.to_string(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        });
        let (status, headers) = (response.status().as_u16(), headers.collect());
        let body = response.bytes().await.unwrap().to_vec();
        Answer {
            status,
            headers,
            body,
            statements: super::log::statements_of(&self.id),
        }
    }
}

/// Where nobody asked for an id.
#[derive(Debug, Clone, Copy)]
pub enum Unasked {
    Query(&'static str),
    Header(&'static str),
    Field(&'static str),
    /// In the first entry of the body's first list.
    InEntry(&'static str),
}

pub fn unasked() -> Vec<Unasked> {
    let fields = UNASKED_FIELDS.into_iter();
    let in_body = fields.clone().flat_map(|name| {
        [
            Unasked::Query(name),
            Unasked::Field(name),
            Unasked::InEntry(name),
        ]
    });
    in_body
        .chain(UNASKED_HEADERS.map(Unasked::Header))
        .collect()
}

fn first_entry(body: &mut Map<String, Value>) -> Option<&mut Map<String, Value>> {
    body.values_mut().find_map(|value| match value {
        Value::Array(entries) => entries.first_mut()?.as_object_mut(),
        Value::Object(_) => value.as_object_mut(),
        _ => None,
    })
}

/// The id to stand in a slot, as text.
pub fn text(world: &World, principal: &Principal, slot: &Slot, whose: Whose) -> String {
    let (other, third) = match principal.home {
        'a' => ('b', 'c'),
        'b' => ('a', 'c'),
        'c' => ('a', 'b'),
        _ => ('a', 'b'),
    };
    if slot.rows == "token" {
        let company = match whose {
            Whose::Own | Whose::Colleagues => world.company(principal.home).id,
            Whose::Foreign => world.company(other).id,
            Whose::Third => world.company(third).id,
            Whose::Random => Uuid::now_v7(),
        };
        // A link that was never made, said to be of that company.
        return format!(
            "{}-{}{}",
            company.simple(),
            Uuid::now_v7().simple(),
            Uuid::now_v7().simple()
        );
    }
    let id = match whose {
        Whose::Own => world.own(principal, slot.rows),
        Whose::Colleagues => world.colleagues(principal, slot.rows),
        Whose::Foreign => world.of_company(other, principal, slot),
        Whose::Third => world.of_company(third, principal, slot),
        Whose::Random => Uuid::now_v7(),
    };
    world.note_sent(principal.home, id);
    id.to_string()
}

fn form(body: &Value, picture: &[u8]) -> reqwest::multipart::Form {
    use reqwest::multipart::{Form, Part};
    let mut form = Form::new();
    for (name, value) in body.as_object().into_iter().flatten() {
        let part = Part::text(value.to_string())
            .mime_str("application/json")
            .unwrap();
        form = form.part(name.clone(), part);
    }
    form.part(
        "image",
        Part::bytes(picture.to_vec())
            .file_name("screenshot")
            .mime_str("image/png")
            .unwrap(),
    )
}

/// Fields that do not go together: the example has the second, and the first stands in its place.
const APART: [(&str, &str); 2] = [("user_id", "team_id"), ("up_to_id", "notification_ids")];

fn make_room(body: &mut Value, name: &str) {
    let Some(fields) = body.as_object_mut().filter(|body| !body.contains_key(name)) else {
        return;
    };
    let apart = APART.iter().find(|(first, _)| *first == name);
    if apart.is_some_and(|(_, second)| fields.remove(*second).is_some()) {
        fields.insert(name.to_owned(), Value::Null);
    }
}
