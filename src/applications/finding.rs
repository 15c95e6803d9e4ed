//! Finding applications. A page is found among the entries, which are narrow and indexed in every order; only then are
//! its applications read.

use std::collections::HashMap;

use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use super::entries::{Dated, Readers};
use super::funding::FundingStatus;
use super::order::{ApplicationOrder, Key};
use super::status::ApplicationStatus;
use super::store::{Head, Row, complete};
use super::view::sees_all_lines;
use crate::auth::{Binding, Principal};
use crate::db::schema::{
    application_entries, application_entries::dsl, applications, calls, entry_challenges, entry_co_funders,
    entry_neighbourhoods, envelopes,
};
use crate::db::{Backend, DbConnection};
use crate::error::{Code, Error, Result};
use crate::http::{Place, Walk};
use crate::organisations;
use crate::search::{self, Holder, Names, Query, Wanted};
use crate::types::{AnyId, ApplicationId, CallId, CoFunderId, Identifier, Instant, Moment, OrganisationId};

/// What a list can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub call: Option<CallId>,
    pub status: Option<ApplicationStatus>,
    pub funding_status: Option<FundingStatus>,
    pub strand: Option<String>,
    pub challenge: Option<i32>,
    pub neighbourhood: Option<String>,
    /// One that is asked.
    pub co_funder: Option<CoFunderId>,
    pub organisation: Option<OrganisationId>,
    /// Words of its title, its objectives or its organisation.
    pub q: Option<Query>,
}

/// A page of applications, and the place of the last, when others follow.
pub struct Found {
    pub rows: Vec<Row>,
    pub last: Option<Place>,
}

type Entries<'a> = application_entries::BoxedQuery<'a, Backend>;

/// The entries a client finds applications by: one of each application, as it may see it.
fn readable<'a>(principal: &Principal) -> Entries<'a> {
    let readers = dsl::readers.ne(Readers::not_of(principal));
    let all = dsl::application_entries.into_boxed::<Backend>().filter(readers);
    match principal.binding {
        Binding::Organisation(own) => all.filter(dsl::organisation_id.eq(own)),
        Binding::Staff | Binding::Instruction(_) | Binding::CoFunder(_) | Binding::Council(_) => all,
    }
}

/// The calls whose applications a client may see, where it does not see those of all.
fn calls_of(connection: &mut DbConnection, principal: &Principal) -> Result<Option<Vec<CallId>>> {
    Ok(match principal.binding {
        Binding::Staff | Binding::Organisation(_) => None,
        Binding::CoFunder(own) => {
            let its = envelopes::table.filter(envelopes::co_funder_id.eq(own));
            Some(its.select(envelopes::call_id).load(connection)?)
        }
        Binding::Council(contract) | Binding::Instruction(contract) => {
            let its = calls::table.filter(calls::contract_id.eq(contract));
            Some(its.select(calls::id).load(connection)?)
        }
    })
}

/// A walk through the lists of so many calls, side by side; through more, all calls are walked and theirs are kept.
const SIDE_BY_SIDE: usize = 40;

/// So many entries are looked at one by one, rather than on a walk through all that may meet none of them.
const FEW: i64 = 1_000;

/// The entries that have the rarest word of what is looked for, when they are few.
fn few(connection: &mut DbConnection, q: &Query) -> Result<Option<Vec<i32>>> {
    let is_few = |count: usize| i64::try_from(count).is_ok_and(|count| count <= FEW);
    for word in q.words() {
        let own: Vec<(i32, ApplicationId)> =
            search::with_word(connection, Holder::Application, word, FEW + 1)?;
        let organisations = match is_few(own.len()) {
            true => organisations::with_word(connection, word, FEW + 1)?,
            false => continue,
        };
        let of_them = dsl::application_entries.filter(dsl::organisation_id.eq_any(&organisations));
        let mut entries: Vec<i32> = of_them.select(dsl::entry).limit(FEW + 1).load(connection)?;
        entries.extend(own.iter().map(|(row, _)| row));
        if is_few(organisations.len()) && is_few(entries.len()) {
            return Ok(Some(entries));
        }
    }
    Ok(None)
}

/// The queries whose rows together are those of these calls. The list of one call is indexed in every order; that of
/// several is not, so their first rows are read and merged. Only searches are made once for all.
fn queries<'a>(
    connection: &DbConnection,
    principal: &Principal,
    filter: &Filter,
    calls: Option<Vec<CallId>>,
    few: Option<&[i32]>,
) -> Vec<Entries<'a>> {
    let query = || {
        let query = narrowed(readable(principal), principal, filter);
        let query = with_words(connection, query, filter.q.as_ref());
        match few {
            Some(few) => query.filter(dsl::entry.eq_any(few.to_vec())),
            None => query,
        }
    };
    match (calls, filter.call) {
        (None, None) => vec![query()],
        (None, Some(call)) => vec![query().filter(dsl::call_id.eq(call))],
        (Some(its), Some(call)) if its.contains(&call) => vec![query().filter(dsl::call_id.eq(call))],
        (Some(_), Some(_)) => Vec::new(),
        (Some(its), None) if filter.q.is_none() && its.len() <= SIDE_BY_SIDE => {
            its.into_iter().map(|call| query().filter(dsl::call_id.eq(call))).collect()
        }
        // Said twice negated, lest SQLite read all rows of each call and order them.
        (Some(its), None) => vec![query().filter(not(dsl::call_id.ne_all(its)))],
    }
}

fn narrowed<'a>(mut query: Entries<'a>, principal: &Principal, filter: &Filter) -> Entries<'a> {
    if let Some(status) = filter.status {
        query = query.filter(dsl::status.eq(status));
    }
    // By what this reader may know (rule D9).
    match filter.funding_status {
        Some(status) if sees_all_lines(principal) => query = query.filter(dsl::funding_status.eq(status)),
        Some(status) => query = query.filter(dsl::public_funding_status.eq(status)),
        None => {}
    }
    if let Some(strand) = filter.strand.clone() {
        query = query.filter(dsl::strand.eq(strand));
    }
    if let Some(organisation) = filter.organisation {
        query = query.filter(dsl::organisation_id.eq(organisation));
    }
    linked(query, filter)
}

/// Looked up entry by entry: to list all that have what many have, and then to order them, would take longer.
fn linked<'a>(mut query: Entries<'a>, filter: &Filter) -> Entries<'a> {
    if let Some(number) = filter.challenge {
        use entry_challenges::dsl as link;
        let with = link::entry_challenges.filter(link::challenge.eq(number));
        query = query.filter(exists(with.filter(link::entry.eq(dsl::entry))));
    }
    if let Some(code) = filter.neighbourhood.clone() {
        use entry_neighbourhoods::dsl as link;
        let with = link::entry_neighbourhoods.filter(link::neighbourhood.eq(code));
        query = query.filter(exists(with.filter(link::entry.eq(dsl::entry))));
    }
    if let Some(asked) = filter.co_funder {
        use entry_co_funders::dsl as link;
        let with = link::entry_co_funders.filter(link::co_funder_id.eq(asked));
        query = query.filter(exists(with.filter(link::entry.eq(dsl::entry))));
    }
    query
}

fn with_words<'a>(connection: &DbConnection, mut query: Entries<'a>, q: Option<&Query>) -> Entries<'a> {
    for word in q.map(Query::words).unwrap_or_default() {
        query = query.filter(has_word(connection, word));
    }
    query
}

/// An application has a word when its own text has it, or its organisation's.
fn has_word(connection: &DbConnection, word: &Wanted) -> search::Condition<application_entries::table> {
    let own = search::holds(connection, Holder::Application, Names::Row("application_entries.entry"), word);
    let organisation = organisations::has_word(connection, "application_entries.organisation_id", word);
    Box::new(own.or(organisation))
}

pub fn find_all(
    connection: &mut DbConnection,
    principal: &Principal,
    filter: &Filter,
    walk: &Walk<ApplicationOrder>,
) -> Result<Found> {
    if filter.q.as_ref().is_some_and(Query::is_empty) {
        return Ok(Found { rows: Vec::new(), last: None });
    }
    let calls = calls_of(connection, principal)?;
    let few = filter.q.as_ref().map(|q| few(connection, q)).transpose()?.flatten();
    let queries = queries(connection, principal, filter, calls, few.as_deref());
    let mut places = walked(connection, queries, walk, Dated::for_reader(principal))?;
    let last = walk.cut(&mut places, Place::clone);
    Ok(Found { rows: read(connection, &places)?, last })
}

/// The rows that each query begins with, merged.
fn merged<K: Ord>(
    mut rows: Vec<(K, ApplicationId)>,
    walk: &Walk<ApplicationOrder>,
) -> Vec<(K, ApplicationId)> {
    rows.sort_unstable();
    if walk.is_descending() {
        rows.reverse();
    }
    rows.truncate(usize::try_from(walk.rows()).unwrap_or(usize::MAX));
    rows
}

/// Goes on after a place in the order of `$column`, whose values are `$kind` in SQL and `$value` here.
macro_rules! in_order {
    ($connection:expr, $queries:expr, $walk:expr, $column:ident: $kind:ty as $value:ty, $read:expr) => {{
        let mut rows: Vec<($value, ApplicationId)> = Vec::new();
        let names = concat!("(application_entries.", stringify!($column), ", application_entries.application_id) ");
        let sign = if $walk.is_descending() { "< (" } else { "> (" };
        for mut query in $queries {
            if let Some(place) = $walk.place() {
                let key: $value = $read(&place.key).ok_or_else(|| Error::new(Code::InvalidCursor))?;
                // Compared as a pair, both databases seek to it in the index, however many rows share the key.
                let after = sql::<Bool>(&format!("{names}{sign}"))
                    .bind::<$kind, _>(key)
                    .sql(", ")
                    .bind::<Identifier, _>(place.id)
                    .sql(")");
                query = query.filter(after);
            }
            query = match $walk.is_descending() {
                true => query.order((dsl::$column.desc(), dsl::application_id.desc())),
                false => query.order((dsl::$column.asc(), dsl::application_id.asc())),
            };
            let columns = (dsl::$column, dsl::application_id);
            rows.extend(query.select(columns).limit($walk.rows()).load::<($value, ApplicationId)>($connection)?);
        }
        let places = merged(rows, $walk).into_iter();
        places.map(|(key, id)| Place { key: key.to_string(), id: id.any() }).collect()
    }};
}

/// The places of a page, and of one row more.
fn walked(
    connection: &mut DbConnection,
    queries: Vec<Entries<'_>>,
    walk: &Walk<ApplicationOrder>,
    dated: Dated,
) -> Result<Vec<Place>> {
    let cents = |key: &str| key.parse().ok();
    let text = |key: &str| Some(key.to_owned());
    Ok(match walk.sort.key() {
        Key::Creation => {
            let mut rows = Vec::new();
            for query in queries {
                let query = crate::walked!(query, dsl::application_id, walk).select(dsl::application_id);
                rows.extend(query.load(connection)?.into_iter().map(|id| ((), id)));
            }
            let places = merged(rows, walk).into_iter();
            places.map(|((), id)| Place { key: String::new(), id: id.any() }).collect()
        }
        Key::Update => match dated {
            Dated::Applicant => {
                in_order!(connection, queries, walk, updated_at: Moment as Instant, Instant::parse)
            }
            Dated::Council => {
                in_order!(connection, queries, walk, council_updated_at: Moment as Instant, Instant::parse)
            }
            Dated::Partner => {
                in_order!(connection, queries, walk, partner_updated_at: Moment as Instant, Instant::parse)
            }
        },
        Key::Title => in_order!(connection, queries, walk, title: Text as String, text),
        Key::Requested => in_order!(connection, queries, walk, requested: BigInt as i64, cents),
        Key::Submission => {
            in_order!(connection, queries, walk, submitted_at: Moment as Instant, Instant::parse)
        }
    })
}

/// The applications at these places, in their order.
fn read(connection: &mut DbConnection, places: &[Place]) -> Result<Vec<Row>> {
    let ids: Vec<AnyId> = places.iter().map(|place| place.id).collect();
    let heads: Vec<Head> = applications::table
        .filter(applications::id.eq_any(ids))
        .select(Head::as_select())
        .load(connection)?;
    let mut heads: HashMap<AnyId, Head> = heads.into_iter().map(|head| (head.id.any(), head)).collect();
    complete(connection, places.iter().filter_map(|place| heads.remove(&place.id)).collect())
}
