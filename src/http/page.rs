//! Pages by keyset: a cursor names the last row seen, so a walk neither loses nor repeats what was there.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::Query;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{ETag, Reply};
use crate::error::{Code, Error, Result};
use crate::types::Id;
use crate::words;

const DEFAULT_LIMIT: i64 = 50;

/// In which order a list is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    OldestFirst,
    NewestFirst,
}

words!(Sort { OldestFirst = "createdAt", NewestFirst = "-createdAt" });

/// Paging parameters, the same on every list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many items at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// Where to go on: taken from `next`, unchanged, with the same filters.
    #[param(max_length = 200, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
    /// The order: of creation, or the reverse.
    #[param(inline)]
    sort: Option<Sort>,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    #[schema(max_items = 10_000)]
    items: Vec<T>,
    /// The address of the next page; null on the last.
    #[schema(required, max_length = 4000)]
    next: Option<String>,
}

impl<T> Page<T> {
    /// A list that is never so long that it needs pages.
    pub const fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

/// A walk through a list: how many rows, after which one, in which order.
#[derive(Debug, Clone)]
pub struct Walk {
    limit: i64,
    after: Option<String>,
    pub sort: Sort,
    path: String,
    /// The query without its cursor: what a cursor is good for.
    query: Vec<(String, String)>,
}

impl Walk {
    /// Rows to ask the database for: one more than the page holds, to know whether there is a next one.
    pub const fn rows(&self) -> i64 {
        self.limit + 1
    }

    pub const fn is_descending(&self) -> bool {
        matches!(self.sort, Sort::NewestFirst)
    }

    /// The id after which to go on; an id before or after all others when the walk begins.
    pub fn after(&self) -> String {
        let (first, last) = ("", "g");
        self.after.clone().unwrap_or_else(|| if self.is_descending() { last } else { first }.to_owned())
    }

    /// The page of `rows`, as a reply. `id` names a row.
    pub fn reply<T: Serialize, K: 'static>(
        &self,
        mut rows: Vec<T>,
        id: impl Fn(&T) -> Id<K>,
    ) -> Result<Reply> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|last| self.next(id(last).as_str()));
        let reply = Reply::ok(&Page { items: rows, next: next.clone() })?;
        Ok(reply.next(next.as_deref()))
    }

    fn next(&self, id: &str) -> String {
        let mut pairs = self.query.clone();
        pairs.push(("cursor".to_owned(), self.seal(id)));
        let query: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
        format!("{}?{}", self.path, query.join("&"))
    }

    /// A cursor is the id and a digest over the list it belongs to, so that it cannot be bent or used elsewhere.
    fn seal(&self, id: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(format!("{id}{}", self.digest(id)))
    }

    fn unseal(&self, cursor: &str) -> Option<String> {
        let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (id, digest) = text.split_at_checked(36)?;
        let named: Option<Id<()>> = id.parse().ok();
        (named.is_some() && self.digest(id) == digest).then(|| id.to_owned())
    }

    fn digest(&self, id: &str) -> String {
        let filters = self.query.iter().filter(|(name, _)| name != "limit");
        let filters: String = filters.map(|(name, value)| format!("{name}={value}\n")).collect();
        ETag::of_bytes(format!("{id}\n{}\n{filters}", self.path).as_bytes()).quoted()
    }
}

/// Restricts a boxed query to what follows the cursor, in the walk's order; `$id` is the column that orders.
#[macro_export]
macro_rules! walked {
    ($query:expr, $id:expr, $walk:expr) => {
        if $walk.is_descending() {
            $query.filter($id.lt($walk.after())).order($id.desc()).limit($walk.rows())
        } else {
            $query.filter($id.gt($walk.after())).order($id.asc()).limit($walk.rows())
        }
    };
}

/// Percent-encodes a query value (RFC 3986 §2.3).
fn escape(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    value
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn walk(request: &HttpRequest) -> Result<Walk> {
    let wrong = |cause| Error::new(Code::InvalidParameter).cause(cause);
    let page = Query::<PageQuery>::from_query(request.query_string()).map_err(wrong)?.into_inner();
    let pairs = Query::<Vec<(String, String)>>::from_query(request.query_string()).map_err(wrong)?;
    let mut walk = Walk {
        limit: page.limit.unwrap_or(DEFAULT_LIMIT),
        after: None,
        sort: page.sort.unwrap_or(Sort::OldestFirst),
        path: request.path().to_owned(),
        query: pairs.into_inner().into_iter().filter(|(name, _)| name != "cursor").collect(),
    };
    if let Some(cursor) = page.cursor {
        walk.after = Some(walk.unseal(&cursor).ok_or_else(|| Error::new(Code::InvalidCursor))?);
    }
    Ok(walk)
}

impl FromRequest for Walk {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(walk(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(query: &[(&str, &str)]) -> Walk {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Walk { limit: 2, after: None, sort: Sort::OldestFirst, path: "/v1/calls".to_owned(), query }
    }

    #[test]
    fn a_cursor_fits_its_own_list_only() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        let cursor = walk(&[("status", "draft")]).seal(id);
        assert_eq!(walk(&[("status", "draft")]).unseal(&cursor).as_deref(), Some(id));
        assert_eq!(walk(&[("status", "draft"), ("limit", "5")]).unseal(&cursor).as_deref(), Some(id));
        assert_eq!(walk(&[("status", "published")]).unseal(&cursor), None);
        assert_eq!(walk(&[("status", "draft")]).unseal(&format!("A{cursor}")), None);
        assert_eq!(walk(&[]).unseal("x"), None);
    }
}
