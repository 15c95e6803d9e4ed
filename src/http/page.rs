//! Pages by keyset: a cursor names the last row seen, so a walk neither loses nor repeats what was there.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::Query;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::{ETag, Reply};
use crate::error::{Code, Error, Result};
use crate::types::{AnyId, Id};
use crate::words;

const DEFAULT_LIMIT: i64 = 50;
/// How long an id is, and a digest of 16 bytes in quotes.
const ID: usize = 36;
const DIGEST: usize = 24;

/// The orders that a list can be walked in. The id breaks ties.
pub trait Order: Copy + Default + DeserializeOwned + 'static {
    fn is_descending(self) -> bool;
}

/// In which order a list is walked: that of creation, which the ids tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    OldestFirst,
    NewestFirst,
}

words!(Sort { OldestFirst = "createdAt", NewestFirst = "-createdAt" });

impl Order for Sort {
    fn is_descending(self) -> bool {
        self == Self::NewestFirst
    }
}

/// Paging parameters, the same on every list but for the orders it has.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery<S: PartialSchema = Sort> {
    /// How many items at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// Where to go on: taken from `next`, unchanged, with the same filters.
    #[param(max_length = 1000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
    /// The order; `-` reverses it.
    #[param(inline)]
    sort: Option<S>,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    #[schema(max_items = 10_000)]
    items: Vec<T>,
    /// The address of the next page; null on the last.
    #[schema(required, max_length = 4000, format = "uri-reference")]
    next: Option<String>,
}

impl<T> Page<T> {
    /// A list that is never so long that it needs pages.
    pub const fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

/// The place of a row in a list: what orders it, and the id that breaks ties. Lists in the order of creation need the id
/// alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub key: String,
    pub id: AnyId,
}

/// A walk through a list: how many rows, after which one, in which order.
#[derive(Debug, Clone)]
pub struct Walk<S = Sort> {
    limit: i64,
    after: Option<Place>,
    pub sort: S,
    path: String,
    /// The query without its cursor: what a cursor is good for.
    query: Vec<(String, String)>,
}

impl<S: Order> Walk<S> {
    /// Rows to ask the database for: one more than the page holds, to know whether there is a next one.
    pub const fn rows(&self) -> i64 {
        self.limit + 1
    }

    /// The same walk with shorter pages: what it lists is large.
    #[must_use]
    pub fn at_most(mut self, limit: i64) -> Self {
        self.limit = self.limit.min(limit);
        self
    }

    pub fn is_descending(&self) -> bool {
        self.sort.is_descending()
    }

    /// The place after which to go on; none when the walk begins.
    pub const fn place(&self) -> Option<&Place> {
        self.after.as_ref()
    }

    /// The id after which to go on; an id before or after all others when the walk begins.
    pub fn after(&self) -> AnyId {
        let begin = if self.is_descending() { AnyId::LAST } else { AnyId::FIRST };
        self.after.as_ref().map_or(begin, |place| place.id)
    }

    /// Leaves the rows of one page; answers the place of the last, when others follow.
    pub fn cut<T>(&self, rows: &mut Vec<T>, place: impl Fn(&T) -> Place) -> Option<Place> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        rows.last().filter(|_| more).map(place)
    }

    /// The page of `rows`, as a reply. `id` names a row.
    pub fn reply<T: Serialize, K: 'static>(
        &self,
        mut rows: Vec<T>,
        id: impl Fn(&T) -> Id<K>,
    ) -> Result<Reply> {
        let last = self.cut(&mut rows, |row| Place { key: String::new(), id: id(row).any() });
        self.page(rows, last.as_ref())
    }

    /// The page of `items`, as a reply; `last` is the place of the last one, when others follow.
    pub fn page<T: Serialize>(&self, items: Vec<T>, last: Option<&Place>) -> Result<Reply> {
        let next = last.map(|place| self.next(place));
        let reply = Reply::ok(&Page { items, next: next.clone() })?;
        Ok(reply.next(next.as_deref()))
    }

    fn next(&self, place: &Place) -> String {
        let mut pairs = self.query.clone();
        pairs.push(("cursor".to_owned(), self.seal(place)));
        let query: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
        format!("{}?{}", self.path, query.join("&"))
    }

    /// A cursor is a place and a digest over the list it belongs to, so that it cannot be bent or used elsewhere.
    fn seal(&self, place: &Place) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(format!("{}{}{}", place.id, self.digest(place), place.key))
    }

    /// Only a cursor as it was sealed, letter by letter.
    fn unseal(&self, cursor: &str) -> Option<Place> {
        let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (id, rest) = text.split_at_checked(ID)?;
        let (_, key) = rest.split_at_checked(DIGEST)?;
        let place = Place { key: key.to_owned(), id: id.parse().ok()? };
        (self.seal(&place) == cursor).then_some(place)
    }

    fn digest(&self, place: &Place) -> String {
        let filters = self.query.iter().filter(|(name, _)| name != "limit");
        let filters: String = filters.map(|(name, value)| format!("{name}={value}\n")).collect();
        let Place { key, id } = place;
        ETag::of_bytes(format!("{id}\n{}\n{filters}{key}", self.path).as_bytes()).quoted()
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

fn walk<S: Order + PartialSchema>(request: &HttpRequest) -> Result<Walk<S>> {
    let wrong = |cause| Error::new(Code::InvalidParameter).cause(cause);
    let page = Query::<PageQuery<S>>::from_query(request.query_string()).map_err(wrong)?.into_inner();
    let pairs = Query::<Vec<(String, String)>>::from_query(request.query_string()).map_err(wrong)?;
    let mut walk = Walk {
        limit: page.limit.unwrap_or(DEFAULT_LIMIT),
        after: None,
        sort: page.sort.unwrap_or_default(),
        path: request.path().to_owned(),
        query: pairs.into_inner().into_iter().filter(|(name, _)| name != "cursor").collect(),
    };
    if let Some(cursor) = page.cursor {
        walk.after = Some(walk.unseal(&cursor).ok_or_else(|| Error::new(Code::InvalidCursor))?);
    }
    Ok(walk)
}

impl<S: Order + PartialSchema> FromRequest for Walk<S> {
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
        let place = Place { key: "un jardin".to_owned(), id: AnyId::generate() };
        let cursor = walk(&[("status", "draft")]).seal(&place);
        assert_eq!(walk(&[("status", "draft")]).unseal(&cursor), Some(place.clone()));
        assert_eq!(walk(&[("status", "draft"), ("limit", "5")]).unseal(&cursor), Some(place.clone()));
        assert_eq!(walk(&[("status", "published")]).unseal(&cursor), None);
        assert_eq!(walk(&[("status", "draft")]).unseal(&format!("A{cursor}")), None);
        assert_eq!(walk(&[]).unseal("x"), None);
        let sealed = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(&cursor).unwrap()).unwrap();
        let id = place.id.to_string();
        for (part, bent) in [("un jardin", "un verger"), (&id, &id.to_uppercase())] {
            let bent = BASE64_URL_SAFE_NO_PAD.encode(sealed.replace(part, bent));
            assert_eq!(walk(&[("status", "draft")]).unseal(&bent), None, "{part} is sealed, too");
        }
    }
}
