//! The small language in which clients ask: assignments of calls, and `RETURN` at the end. One run for each period.
//!
//! Source: aw-core's `query2` and aw-query, by what their documentation says of each function.

use std::collections::HashMap;
use std::iter::Peekable;
use std::str::Chars;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::store::{Event, Span, Store};
use super::transform;

/// Longest program, in bytes, and how deep it nests.
const MAX_PROGRAM: usize = 64 << 10;
const MAX_DEPTH: usize = 32;

/// What the program returns for one period, `start/end`.
pub fn run(store: &Store, program: &str, period: &str) -> Result<Value> {
    if program.len() > MAX_PROGRAM {
        bail!("a query has at most {MAX_PROGRAM} bytes");
    }
    let (start, end) = period.split_once('/').context("a period is `start/end`")?;
    let time = |text: &str| {
        text.parse::<DateTime<Utc>>()
            .with_context(|| format!("{text} is no time"))
    };
    let mut run = Run {
        store,
        start: time(start)?,
        end: time(end)?,
        known: HashMap::new(),
    };
    run.known.insert("TIMEINTERVAL".to_owned(), json!(period));
    for (name, value) in [
        ("true", true),
        ("false", false),
        ("True", true),
        ("False", false),
    ] {
        run.known.insert(name.to_owned(), json!(value));
    }
    for statement in parse(program)? {
        let value = run.value(&statement.value)?;
        run.known.insert(statement.name, value);
    }
    run.known
        .remove("RETURN")
        .context("the query assigns nothing to RETURN")
}

struct Statement {
    name: String,
    value: Expression,
}

enum Expression {
    Value(Value),
    Variable(String),
    List(Vec<Expression>),
    Dict(Vec<(String, Expression)>),
    Call(String, Vec<Expression>),
}

struct Run<'a> {
    store: &'a Store,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    known: HashMap<String, Value>,
}

impl Run<'_> {
    fn value(&self, expression: &Expression) -> Result<Value> {
        Ok(match expression {
            Expression::Value(value) => value.clone(),
            Expression::Variable(name) => {
                let known = self.known.get(name);
                known
                    .with_context(|| format!("there is no variable {name}"))?
                    .clone()
            }
            Expression::List(items) => Value::Array(self.values(items)?),
            Expression::Dict(items) => {
                let values = items
                    .iter()
                    .map(|(key, item)| Ok((key.clone(), self.value(item)?)));
                Value::Object(values.collect::<Result<Map<_, _>>>()?)
            }
            Expression::Call(name, given) => self.call(name, self.values(given)?)?,
        })
    }

    fn values(&self, all: &[Expression]) -> Result<Vec<Value>> {
        all.iter().map(|one| self.value(one)).collect()
    }

    fn call(&self, name: &str, given: Vec<Value>) -> Result<Value> {
        let mut given = Given {
            of: name,
            values: given.into_iter(),
        };
        let answer = match name {
            "query_bucket" => {
                let span = Span {
                    start: Some(self.start),
                    end: Some(self.end),
                    limit: None,
                };
                let bucket = given.text()?;
                if self.store.bucket(&bucket)?.is_none() {
                    bail!("there is no bucket {bucket}");
                }
                serde_json::to_value(self.store.events(&bucket, span)?)?
            }
            "query_bucket_names" => {
                let buckets = self.store.buckets()?.into_iter();
                buckets.map(|bucket| Value::String(bucket.id)).collect()
            }
            "find_bucket" => {
                let (prefix, host) = (given.text()?, given.text_if_any()?);
                let mut found = self.store.buckets()?.into_iter().filter(|bucket| {
                    let is_of_host = host.as_ref().is_none_or(|host| bucket.hostname == *host);
                    bucket.id.starts_with(&prefix) && is_of_host
                });
                let found = found.next();
                let missing = || format!("there is no bucket whose name begins with {prefix}");
                Value::String(found.with_context(missing)?.id)
            }
            "flood" => shown(transform::flood(given.events()?, given.number_or(5.0)?))?,
            "filter_keyvals" | "exclude_keyvals" => {
                let (mut events, key, values) = (given.events()?, given.text()?, given.list()?);
                let keeps = name == "filter_keyvals";
                let is_one =
                    |event: &Event| event.data.get(&key).is_some_and(|one| values.contains(one));
                events.retain(|event| is_one(event) == keeps);
                shown(events)?
            }
            "filter_keyvals_regex" => {
                let (mut events, key) = (given.events()?, given.text()?);
                let regex = transform::regex(&given.text()?, false)?;
                let fits = |event: &Event| {
                    let text = event.data.get(&key).and_then(Value::as_str);
                    text.is_some_and(|text| regex.is_match(text))
                };
                events.retain(fits);
                shown(events)?
            }
            "filter_period_intersect" => {
                shown(transform::intersect(given.events()?, &given.events()?))?
            }
            "period_union" => {
                let (mut events, more) = (given.events()?, given.events()?);
                events.extend(more);
                shown(transform::union(&events))?
            }
            "union_no_overlap" => {
                let (first, second) = (given.events()?, given.events()?);
                shown(transform::union_no_overlap(first, second))?
            }
            "merge_events_by_keys" => {
                let (events, keys) = (given.events()?, given.texts()?);
                shown(transform::merge_by_keys(events, &keys))?
            }
            "chunk_events_by_key" => {
                let (events, key) = (given.events()?, given.text()?);
                shown(transform::chunk_by_key(
                    events,
                    &key,
                    given.number_or(5.0)?,
                )?)?
            }
            "split_url_events" => shown(transform::split_urls(given.events()?))?,
            "categorize" => shown(transform::categorize(given.events()?, &given.list()?)?)?,
            "tag" => shown(transform::tag(given.events()?, &given.list()?)?)?,
            "concat" => {
                let mut all = Vec::new();
                for list in given.values.by_ref() {
                    match list {
                        Value::Array(items) => all.extend(items),
                        _ => bail!("concat takes lists"),
                    }
                }
                Value::Array(all)
            }
            "contains" => {
                let (whole, part) = (given.next()?, given.next()?);
                Value::Bool(match (&whole, &part) {
                    (Value::Array(items), part) => items.contains(part),
                    (Value::Object(map), Value::String(key)) => map.contains_key(key),
                    (Value::String(text), Value::String(part)) => text.contains(part),
                    _ => bail!("contains takes a list, a dictionary or a text, and what is in it"),
                })
            }
            "limit_events" => {
                let (mut events, most) = (given.list()?, given.next()?);
                let most = most
                    .as_u64()
                    .context("limit_events takes a number of events")?;
                events.truncate(usize::try_from(most).unwrap_or(usize::MAX));
                Value::Array(events)
            }
            "sort_by_duration" => {
                let mut events = given.events()?;
                events.sort_by(|a, b| b.duration.total_cmp(&a.duration));
                shown(events)?
            }
            "sort_by_timestamp" => {
                let mut events = given.events()?;
                events.sort_by_key(|event| event.timestamp);
                shown(events)?
            }
            "sum_durations" => {
                json!(
                    given
                        .events()?
                        .iter()
                        .map(|event| event.duration)
                        .sum::<f64>()
                )
            }
            // Nobody reads what an agent prints, and events may be private.
            "print" => return Ok(Value::Null),
            _ => bail!("there is no function {name}"),
        };
        match given.values.next() {
            None => Ok(answer),
            Some(_) => bail!("{name} is given too much"),
        }
    }
}

/// What a function is given, one after the other.
struct Given<'a> {
    of: &'a str,
    values: std::vec::IntoIter<Value>,
}

impl Given<'_> {
    fn next(&mut self) -> Result<Value> {
        let of = self.of;
        self.values
            .next()
            .with_context(|| format!("{of} is given too little"))
    }

    fn text(&mut self) -> Result<String> {
        match self.next()? {
            Value::String(text) => Ok(text),
            _ => bail!("{} takes a text there", self.of),
        }
    }

    fn text_if_any(&mut self) -> Result<Option<String>> {
        match self.values.len() {
            0 => Ok(None),
            _ => self.text().map(Some),
        }
    }

    fn number_or(&mut self, usual: f64) -> Result<f64> {
        match self.values.next() {
            None => Ok(usual),
            Some(value) => value
                .as_f64()
                .with_context(|| format!("{} takes a number there", self.of)),
        }
    }

    fn list(&mut self) -> Result<Vec<Value>> {
        match self.next()? {
            Value::Array(items) => Ok(items),
            _ => bail!("{} takes a list there", self.of),
        }
    }

    fn texts(&mut self) -> Result<Vec<String>> {
        let texts = Value::Array(self.list()?);
        serde_json::from_value(texts).with_context(|| format!("{} takes texts there", self.of))
    }

    fn events(&mut self) -> Result<Vec<Event>> {
        let events = Value::Array(self.list()?);
        serde_json::from_value(events).with_context(|| format!("{} takes events there", self.of))
    }
}

fn shown(events: Vec<Event>) -> Result<Value> {
    Ok(serde_json::to_value(events)?)
}

fn parse(program: &str) -> Result<Vec<Statement>> {
    let mut reader = Reader {
        rest: program.chars().peekable(),
    };
    let mut statements = Vec::new();
    loop {
        while reader.takes(';') {}
        if reader.next_char().is_none() {
            return Ok(statements);
        }
        let name = reader.name()?;
        reader.expect('=')?;
        let value = reader.expression(0)?;
        statements.push(Statement { name, value });
        if reader.next_char().is_some() {
            reader.expect(';')?;
        }
    }
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
}

impl Reader<'_> {
    /// The next one that is not blank, without taking it.
    fn next_char(&mut self) -> Option<char> {
        while self.rest.next_if(|c| c.is_whitespace()).is_some() {}
        self.rest.peek().copied()
    }

    fn takes(&mut self, wanted: char) -> bool {
        self.next_char() == Some(wanted) && self.rest.next().is_some()
    }

    fn expect(&mut self, wanted: char) -> Result<()> {
        match self.takes(wanted) {
            true => Ok(()),
            false => bail!("expected {wanted:?}, found {:?}", self.next_char()),
        }
    }

    fn name(&mut self) -> Result<String> {
        let mut name = String::new();
        self.next_char();
        while let Some(c) = self.rest.next_if(|c| c.is_alphanumeric() || *c == '_') {
            name.push(c);
        }
        match name.is_empty() {
            true => bail!("expected a name, found {:?}", self.next_char()),
            false => Ok(name),
        }
    }

    fn expression(&mut self, depth: usize) -> Result<Expression> {
        if depth > MAX_DEPTH {
            bail!("a query nests at most {MAX_DEPTH} deep");
        }
        Ok(
            match self.next_char().context("the query ends too early")? {
                '"' | '\'' => Expression::Value(Value::String(self.text()?)),
                '[' => {
                    self.expect('[')?;
                    Expression::List(self.listed(']', depth)?)
                }
                '{' => {
                    self.expect('{')?;
                    let mut items = Vec::new();
                    while !self.takes('}') {
                        self.next_char();
                        let key = self.text()?;
                        self.expect(':')?;
                        items.push((key, self.expression(depth + 1)?));
                        if !self.takes(',') && self.next_char() != Some('}') {
                            bail!("expected ',' or '}}', found {:?}", self.next_char());
                        }
                    }
                    Expression::Dict(items)
                }
                '-' | '0'..='9' => {
                    let mut number = String::new();
                    while let Some(c) = self
                        .rest
                        .next_if(|c| c.is_ascii_digit() || "-+.eE".contains(*c))
                    {
                        number.push(c);
                    }
                    let number: Value = serde_json::from_str(&number)
                        .with_context(|| format!("{number} is no number"))?;
                    Expression::Value(number)
                }
                _ => {
                    let name = self.name()?;
                    match self.takes('(') {
                        true => Expression::Call(name, self.listed(')', depth)?),
                        false => Expression::Variable(name),
                    }
                }
            },
        )
    }

    fn listed(&mut self, end: char, depth: usize) -> Result<Vec<Expression>> {
        let mut items = Vec::new();
        while !self.takes(end) {
            items.push(self.expression(depth + 1)?);
            if !self.takes(',') && self.next_char() != Some(end) {
                bail!("expected ',' or {end:?}, found {:?}", self.next_char());
            }
        }
        Ok(items)
    }

    /// Between quotes of one kind; a backslash takes the next character as it is.
    fn text(&mut self) -> Result<String> {
        let quote = self
            .rest
            .next_if(|c| ['"', '\''].contains(c))
            .context("expected a text")?;
        let mut text = String::new();
        loop {
            match self.rest.next().context("a text that does not end")? {
                c if c == quote => return Ok(text),
                '\\' => match self.rest.next().context("a text that does not end")? {
                    // Other escapes are a regular expression's, and stay.
                    c if c == quote || c == '\\' => text.push(c),
                    c => text.extend(['\\', c]),
                },
                c => text.push(c),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_said() {
        for (program, says) in [
            ("", "RETURN"),
            ("RETURN", "expected '='"),
            ("RETURN = ;", "expected a name"),
            ("RETURN = \"open", "does not end"),
            ("RETURN = [1, 2", "expected ','"),
            ("RETURN = [1,", "ends too early"),
            ("RETURN = nothing;", "no variable nothing"),
            ("RETURN = explode(1);", "no function explode"),
            ("RETURN = sum_durations();", "too little"),
            ("RETURN = sum_durations([], 1);", "too much"),
            ("RETURN = sum_durations(1);", "takes a list"),
            ("RETURN = 1 RETURN = 2;", "expected ';'"),
        ] {
            let failed = tested(program).unwrap_err();
            assert!(
                format!("{failed:#}").contains(says),
                "{program}: {failed:#}"
            );
        }
        let deep = format!("RETURN = {}{};", "[".repeat(99), "]".repeat(99));
        assert!(tested(&deep).is_err());
    }

    #[test]
    fn values_are_read_as_they_are_written() {
        let program = r#"a = {"x": [1, -2.5, 'it\'s'], "re": "\d+"}; b = a; RETURN = concat([b], [True, "\\"]);"#;
        let read = tested(program).unwrap();
        assert_eq!(
            read,
            json!([{ "x": [1, -2.5, "it's"], "re": r"\d+" }, true, "\\"])
        );
        assert_eq!(
            tested("RETURN=contains(\"abc\",\"b\")").unwrap(),
            json!(true)
        );
    }

    fn tested(program: &str) -> Result<Value> {
        let dir = tempfile::tempdir()?;
        let store = Store::open(&crate::home::Home::at(dir.path())?, String::new())?;
        run(&store, program, "2026-11-20T00:00:00Z/2026-11-21T00:00:00Z")
    }
}
