//! Keyset pages: `?cursor=…&limit=50`. No offsets; a cursor is signed and bound to its list and filters.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::Error;
use super::json::given;
use crate::{Result, secrets::Secrets};

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Ask with it for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

/// How much of a list, and from where.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The `next_cursor` of the page before.
    #[param(max_length = 1000)]
    pub cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<i64>,
}

impl PageQuery {
    pub fn limit(&self) -> Result<i64> {
        limit_of(self.limit, 50)
    }

    pub fn position<P: DeserializeOwned>(
        &self,
        secrets: &Secrets,
        list: &str,
    ) -> Result<Option<P>> {
        position_of(self.cursor.as_deref(), secrets, list)
    }
}

/// Where the page before ended, if this is not the first: the values that the list is sorted by, of its last row.
pub fn position_of<P: DeserializeOwned>(
    cursor: Option<&str>,
    secrets: &Secrets,
    list: &str,
) -> Result<Option<P>> {
    let read = |cursor| {
        let position = secrets.read_cursor(list, cursor)?;
        serde_json::from_str(&position).ok()
    };
    let position = |cursor| read(cursor).ok_or(Error::Cursor);
    cursor.map(position).transpose()
}

/// How many items are asked for.
pub fn limit_of(limit: Option<i64>, default: i64) -> Result<i64> {
    match limit.unwrap_or(default) {
        limit @ 1..=200 => Ok(limit),
        _ => Err(Error::invalid(
            "limit",
            "limit_invalid",
            "A limit is 1 to 200",
        )),
    }
}

impl<T> Page<T> {
    /// From one row more than fits: its presence says that there is a next page.
    pub fn cut<P: Serialize>(
        mut rows: Vec<T>,
        limit: i64,
        secrets: &Secrets,
        list: &str,
        position: impl Fn(&T) -> P,
    ) -> Result<Self> {
        let fits = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > fits;
        rows.truncate(fits);
        let cursor = |last: &T| {
            let position = serde_json::to_string(&position(last)).map_err(anyhow::Error::from)?;
            Ok::<_, Error>(secrets.sign_cursor(list, &position))
        };
        let next_cursor = rows.last().filter(|_| more).map(cursor).transpose()?;
        Ok(Self {
            items: rows,
            next_cursor,
        })
    }

    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(change).collect(),
            next_cursor: self.next_cursor,
        }
    }
}
