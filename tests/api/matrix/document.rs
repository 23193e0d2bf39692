//! The operations as the document describes them: where each takes an id, and what kind of body it wants.

use reqwest::Method;
use serde_json::Value;
use tracker::http::openapi::openapi;

use super::fixtures::{self, Operation};

/// Where an id stands in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Path(String),
    Query(String),
    /// By the field's pointer without indices: `/items/session_id`.
    Body(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    None,
    Json,
    /// Each member of the body is a part of its own, beside the file.
    Form,
}

/// A place for an id, and whose rows it names.
#[derive(Debug, Clone)]
pub struct Slot {
    pub place: Place,
    pub rows: &'static str,
    /// The caller makes this id: another company's is as good as any.
    pub is_new: bool,
}

/// An operation of the document together with its line in the fixtures.
pub struct Call {
    pub operation: Operation,
    pub method: Method,
    pub path: String,
    pub media: Media,
    pub slots: Vec<Slot>,
    /// Fields of the body that are something where they are there at all.
    pub never_null: Vec<String>,
}

/// All of them, in the order of the fixtures; says plainly what those lack.
pub fn calls() -> Vec<Call> {
    let document = serde_json::to_value(openapi()).unwrap();
    let mut fixtures = fixtures::operations();
    let order: Vec<_> = fixtures.iter().map(|operation| operation.id).collect();
    let mut calls = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, described) in item.as_object().unwrap() {
            let Ok(method) = method.to_uppercase().parse::<Method>() else {
                continue;
            };
            let Some(id) = described["operationId"].as_str() else {
                continue;
            };
            let Some(at) = fixtures.iter().position(|operation| operation.id == id) else {
                panic!(
                    "{id} has no line in tests/api/matrix/fixtures.rs: say there who may call it, and with what body"
                );
            };
            let operation = fixtures.swap_remove(at);
            calls.push(call(&document, path, method, described, operation));
        }
    }
    let left: Vec<_> = fixtures.iter().map(|operation| operation.id).collect();
    assert!(
        left.is_empty(),
        "tests/api/matrix/fixtures.rs names operations that are not there: {left:?}"
    );
    calls.sort_by_key(|call| order.iter().position(|id| *id == call.operation.id));
    calls
}

fn call(
    document: &Value,
    path: &str,
    method: Method,
    described: &Value,
    operation: Operation,
) -> Call {
    let mut places = Vec::new();
    for parameter in described["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default().to_owned();
        match parameter["in"].as_str() {
            Some("path") => places.push(Place::Path(name)),
            Some("query")
                if is_id(&parameter["schema"]) || is_id(&parameter["schema"]["items"]) =>
            {
                places.push(Place::Query(name));
            }
            _ => {}
        }
    }
    let content = &described["requestBody"]["content"];
    let kinds = [
        ("application/json", Media::Json),
        ("multipart/form-data", Media::Form),
    ];
    let found = kinds
        .into_iter()
        .find(|(kind, _)| content.get(kind).is_some());
    let media = found.map_or(Media::None, |(_, media)| media);
    if let Some((kind, _)) = found {
        assert!(
            operation.body.is_some(),
            "{} takes a body: give its line in tests/api/matrix/fixtures.rs one",
            operation.id
        );
        ids_in(document, &content[kind]["schema"], "", &mut places);
    }
    let slots = places
        .into_iter()
        .map(|place| slot(&operation, place))
        .collect();
    let never_null = match media {
        Media::Json => never_null(document, &content["application/json"]["schema"]),
        _ => Vec::new(),
    };
    Call {
        operation,
        method,
        path: path.to_owned(),
        media,
        slots,
        never_null,
    }
}

fn slot(operation: &Operation, place: Place) -> Slot {
    let (Place::Path(name) | Place::Query(name) | Place::Body(name)) = &place;
    let is_link = [
        fixtures::Proof::Invitation,
        fixtures::Proof::ResetLink,
        fixtures::Proof::RegistrationLink,
    ]
    .contains(&operation.proof);
    if is_link && name == "token" {
        return Slot {
            place,
            rows: "token",
            is_new: false,
        };
    }
    let rows = operation.rows_at(name.trim_start_matches('/')).unwrap_or_else(|| {
        panic!("{} takes an id at {place:?} that is new to the matrix: say in IDS of tests/api/matrix/fixtures.rs whose it is", operation.id)
    });
    let new = rows.strip_prefix("new ");
    Slot {
        rows: new.unwrap_or(rows),
        is_new: new.is_some(),
        place,
    }
}

fn is_id(schema: &Value) -> bool {
    schema["format"] == "uuid"
}

fn referred<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(name) => document.pointer(name.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

fn never_null(document: &Value, schema: &Value) -> Vec<String> {
    let may_be_null = |property: &&Value| {
        let property = referred(document, property);
        let kinds = ["oneOf", "anyOf"].map(|kind| property[kind].as_array());
        let mut kinds = kinds.into_iter().flatten().flatten().chain([property]);
        kinds.any(|kind| {
            let types = kind["type"].as_array();
            kind["type"] == "null" || types.is_some_and(|types| types.contains(&"null".into()))
        })
    };
    let properties = referred(document, schema)["properties"].as_object();
    properties
        .into_iter()
        .flatten()
        .filter(|(_, property)| !may_be_null(property))
        .map(|(name, _)| name.clone())
        .collect()
}

/// Every field of format uuid, however deep.
fn ids_in(document: &Value, schema: &Value, pointer: &str, places: &mut Vec<Place>) {
    let schema = referred(document, schema);
    if is_id(schema) {
        places.push(Place::Body(pointer.to_owned()));
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        ids_in(document, property, &format!("{pointer}/{name}"), places);
    }
    if schema["items"].is_object() {
        ids_in(document, &schema["items"], pointer, places);
    }
    for kind in ["allOf", "oneOf", "anyOf"] {
        for part in schema[kind].as_array().into_iter().flatten() {
            ids_in(document, part, pointer, places);
        }
    }
}
