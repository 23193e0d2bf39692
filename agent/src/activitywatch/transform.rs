//! What queries make of events. Spans are in seconds.

use std::collections::HashMap;

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value, json};

use super::store::Event;
use crate::privacy;

/// Bounds what one expression may cost in memory.
const SIZE: usize = 1 << 20;

pub fn regex(text: &str, ignores_case: bool) -> Result<Regex> {
    let built = RegexBuilder::new(text)
        .size_limit(SIZE)
        .case_insensitive(ignores_case)
        .build();
    built.with_context(|| format!("{text} is no regular expression"))
}

fn sorted(mut events: Vec<Event>) -> Vec<Event> {
    events.sort_by_key(|event| event.timestamp);
    events
}

fn between(from: DateTime<Utc>, until: DateTime<Utc>) -> f64 {
    (until - from).max(TimeDelta::zero()).as_seconds_f64()
}

fn lasting(event: Event, from: DateTime<Utc>, until: DateTime<Utc>) -> Event {
    Event {
        timestamp: from,
        duration: between(from, until),
        ..event
    }
}

/// Closes gaps up to `pulsetime`: events that say the same become one, others share the gap.
pub fn flood(events: Vec<Event>, pulsetime: f64) -> Vec<Event> {
    let mut flooded: Vec<Event> = Vec::new();
    for mut event in sorted(events) {
        if let Some(last) = flooded.last_mut() {
            let gap = (event.timestamp - last.end()).as_seconds_f64();
            if gap <= pulsetime && last.data == event.data {
                let until = last.end().max(event.end());
                last.duration = between(last.timestamp, until);
                continue;
            }
            if gap > 0.0 && gap <= pulsetime {
                let middle = last.end() + (event.timestamp - last.end()) / 2;
                last.duration = between(last.timestamp, middle);
                let until = event.end();
                event = lasting(event, middle, until);
            }
        }
        flooded.push(event);
    }
    flooded
}

/// The times that are in any of them, without data.
pub fn union(events: &[Event]) -> Vec<Event> {
    let mut periods: Vec<Event> = Vec::new();
    for event in sorted(events.to_vec()) {
        match periods.last_mut() {
            Some(last) if event.timestamp <= last.end() => {
                last.duration = between(last.timestamp, last.end().max(event.end()));
            }
            _ => periods.push(Event {
                id: None,
                data: Map::new(),
                ..event
            }),
        }
    }
    periods
}

/// Of each event the parts in which one of `periods` is.
pub fn intersect(events: Vec<Event>, periods: &[Event]) -> Vec<Event> {
    let periods = union(periods);
    let parts = |event: Event| {
        let after = periods.partition_point(|period| period.end() <= event.timestamp);
        let within = periods.iter().skip(after);
        let within = within.take_while(|period| period.timestamp < event.end());
        within
            .map(|period| {
                let from = event.timestamp.max(period.timestamp);
                lasting(event.clone(), from, event.end().min(period.end()))
            })
            .collect::<Vec<_>>()
    };
    sorted(events).into_iter().flat_map(parts).collect()
}

/// All of the first, and of the second what lies beside them.
pub fn union_no_overlap(first: Vec<Event>, second: Vec<Event>) -> Vec<Event> {
    let taken = union(&first);
    let mut all = first;
    for event in second {
        let mut from = event.timestamp;
        for period in taken.iter().filter(|period| period.end() > event.timestamp) {
            if period.timestamp >= event.end() {
                break;
            }
            if from < period.timestamp {
                all.push(lasting(event.clone(), from, period.timestamp));
            }
            from = from.max(period.end());
        }
        if from < event.end() || event.duration == 0.0 && from == event.timestamp {
            all.push(lasting(event.clone(), from, event.end()));
        }
    }
    sorted(all)
}

/// One of each combination of values, as long as all of its events together.
pub fn merge_by_keys(events: Vec<Event>, keys: &[String]) -> Vec<Event> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut merged: Vec<Event> = Vec::new();
    for event in events {
        let data: Map<String, Value> = keys
            .iter()
            .filter_map(|key| Some((key.clone(), event.data.get(key)?.clone())))
            .collect();
        let place = *places
            .entry(json!(data).to_string())
            .or_insert(merged.len());
        match merged.get_mut(place) {
            Some(known) => known.duration += event.duration,
            None => merged.push(Event {
                id: None,
                data,
                ..event
            }),
        }
    }
    merged
}

/// Neighbours with the same value, at most `pulsetime` apart, as one with all of them in it.
pub fn chunk_by_key(events: Vec<Event>, key: &str, pulsetime: f64) -> Result<Vec<Event>> {
    let mut chunks: Vec<(Event, Vec<Event>)> = Vec::new();
    for event in sorted(events) {
        let Some(value) = event.data.get(key).cloned() else {
            continue;
        };
        if let Some((chunk, inside)) = chunks.last_mut()
            && chunk.data.get(key) == Some(&value)
            && (event.timestamp - chunk.end()).as_seconds_f64() <= pulsetime
        {
            chunk.duration = between(chunk.timestamp, chunk.end().max(event.end()));
            inside.push(event);
            continue;
        }
        let chunk = Event {
            id: None,
            data: Map::from_iter([(key.to_owned(), value)]),
            ..event.clone()
        };
        chunks.push((chunk, vec![event]));
    }
    let whole = |(mut chunk, inside): (Event, Vec<Event>)| {
        chunk
            .data
            .insert("subevents".to_owned(), serde_json::to_value(inside)?);
        Ok(chunk)
    };
    chunks.into_iter().map(whole).collect()
}

/// Adds what their addresses consist of. Queries and fragments were never kept, so those are empty.
pub fn split_urls(events: Vec<Event>) -> Vec<Event> {
    let split = |mut event: Event| {
        let url = event
            .data
            .get("url")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        if let Some(site) = privacy::site_of(&url) {
            let protocol = url.split("://").next().unwrap_or_default();
            let domain = site.host.strip_prefix("www.").unwrap_or(&site.host);
            let path = site.path.unwrap_or_default();
            for (key, value) in [
                ("$protocol", protocol),
                ("$domain", domain),
                ("$path", &path),
                ("$params", ""),
                ("$options", ""),
                ("$identifier", ""),
            ] {
                event.data.insert(key.to_owned(), json!(value));
            }
        }
        event
    };
    events.into_iter().map(split).collect()
}

/// The name of a class and when an event is of it.
struct Class {
    name: Value,
    rule: Option<Regex>,
    keys: Option<Vec<String>>,
}

impl Class {
    /// `[name, {"type": "regex", "regex": …, "ignore_case": …, "select_keys": […]}]`
    fn read(given: &Value) -> Result<Self> {
        let wrong = "a class is its name and its rule";
        let [name, rule] = given.as_array().context(wrong)?.as_slice() else {
            anyhow::bail!(wrong);
        };
        let text = rule["regex"].as_str().filter(|text| !text.is_empty());
        let ignores_case = rule["ignore_case"].as_bool().unwrap_or(false);
        Ok(Self {
            name: name.clone(),
            rule: text.map(|text| regex(text, ignores_case)).transpose()?,
            keys: serde_json::from_value(rule["select_keys"].clone()).ok(),
        })
    }

    fn has(&self, event: &Event) -> bool {
        let Some(rule) = &self.rule else { return false };
        let looks = |key: &String| self.keys.as_ref().is_none_or(|keys| keys.contains(key));
        let mut texts = event.data.iter().filter(|(key, _)| looks(key));
        texts.any(|(_, value)| value.as_str().is_some_and(|text| rule.is_match(text)))
    }
}

fn classes(given: &[Value]) -> Result<Vec<Class>> {
    given.iter().map(Class::read).collect()
}

/// Of the classes that fit the deepest; of equally deep ones the first.
pub fn categorize(events: Vec<Event>, given: &[Value]) -> Result<Vec<Event>> {
    let classes = classes(given)?;
    let depth = |class: &Class| class.name.as_array().map_or(0, Vec::len);
    let sort = |mut event: Event| {
        let fitting = classes.iter().filter(|class| class.has(&event));
        let deepest = fitting.reduce(|best, one| if depth(one) > depth(best) { one } else { best });
        let name = deepest.map_or_else(|| json!(["Uncategorized"]), |class| class.name.clone());
        event.data.insert("$category".to_owned(), name);
        event
    };
    Ok(events.into_iter().map(sort).collect())
}

/// All of the classes that fit.
pub fn tag(events: Vec<Event>, given: &[Value]) -> Result<Vec<Event>> {
    let classes = classes(given)?;
    let sort = |mut event: Event| {
        let fitting = classes.iter().filter(|class| class.has(&event));
        let names = fitting.map(|class| class.name.clone()).collect();
        event.data.insert("$tags".to_owned(), Value::Array(names));
        event
    };
    Ok(events.into_iter().map(sort).collect())
}
