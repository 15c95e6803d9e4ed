//! Words in the database: one table, and the index that each database makes of it.

use diesel::dsl::sql;
use diesel::expression::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::words::{Wanted, kept};
use crate::db::schema::texts::dsl;
use crate::db::{Backend, DbConnection};
use crate::error::Result;
use crate::types::{AnyId, ApplicationId, Id, OrganisationId};

/// A condition on rows of `Source`.
pub type Condition<Source> = Box<dyn BoxableExpression<Source, Backend, SqlType = Bool>>;

/// What has a text. Words are kept behind the holder's letter, so that the many applications that have a word do not slow
/// down the search for the few organisations that have it, and so that a word is never a number to PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    Organisation,
    Application,
}

impl Holder {
    const fn letter(self) -> char {
        match self {
            Self::Organisation => 'o',
            Self::Application => 'a',
        }
    }
}

/// What a text is found for.
#[derive(Debug, Clone, Copy)]
pub enum Subject {
    Organisation(OrganisationId),
    Application(ApplicationId),
    /// What was received of an application that is corrected.
    Received(ApplicationId),
}

impl Subject {
    const fn holder(self) -> Holder {
        match self {
            Self::Organisation(_) => Holder::Organisation,
            Self::Application(_) | Self::Received(_) => Holder::Application,
        }
    }

    const fn id(self) -> AnyId {
        match self {
            Self::Organisation(id) => id.any(),
            Self::Application(id) | Self::Received(id) => id.any(),
        }
    }
}

/// Keeps what `subject` is found by; answers the row of its text, which stays the same.
pub fn keep(tx: &mut DbConnection, subject: Subject, texts: &[&str]) -> Result<i32> {
    let letter = subject.holder().letter();
    let words: Vec<String> = kept(texts).iter().map(|word| format!("{letter}{word}")).collect();
    let words = words.join(" ");
    let received = matches!(subject, Subject::Received(_));
    let same = dsl::subject.eq(subject.id()).and(dsl::received.eq(received));
    let known = dsl::texts.filter(same).select((dsl::row, dsl::words));
    let known: Option<(i32, String)> = known.first(tx).optional()?;
    match known {
        Some((row, same)) if same == words => Ok(row),
        Some((row, _)) => {
            diesel::update(dsl::texts.find(row)).set(dsl::words.eq(words)).execute(tx)?;
            Ok(row)
        }
        None => {
            let new = (dsl::subject.eq(subject.id()), dsl::received.eq(received), dsl::words.eq(words));
            Ok(diesel::insert_into(dsl::texts).values(new).returning(dsl::row).get_result(tx)?)
        }
    }
}

pub fn forget(tx: &mut DbConnection, row: i32) -> Result<()> {
    diesel::delete(dsl::texts.find(row)).execute(tx)?;
    Ok(())
}

/// Where a text's row is named.
#[derive(Debug, Clone, Copy)]
pub enum Names {
    /// A column holds the row of the text.
    Row(&'static str),
    /// A column holds the subject of the text.
    Subject(&'static str),
}

/// That the text which `names` leads to has this word. What a client sends reaches the database as a bound value, made of
/// letters and digits.
pub fn holds<Source: 'static>(
    connection: &DbConnection,
    holder: Holder,
    names: Names,
    word: &Wanted,
) -> Condition<Source> {
    // SQLite would list all that have the word and then order them; with `+` it walks in order and looks each up.
    let (plain, rows, end, wanted) = match connection {
        DbConnection::Sqlite(_) => {
            ("+", "SELECT rowid FROM texts_index WHERE texts_index MATCH ", "", sqlite(holder, word))
        }
        DbConnection::Postgres(_) => (
            "",
            "SELECT texts.row FROM texts WHERE texts.indexed @@ to_tsquery('simple', ",
            ")",
            postgres(holder, word),
        ),
    };
    let (before, after) = match names {
        Names::Row(column) => (format!("{plain}{column} IN ({rows}"), format!("{end})")),
        Names::Subject(column) => (
            format!("{plain}{column} IN (SELECT texts.subject FROM texts WHERE texts.row IN ({rows}"),
            format!("{end}))"),
        ),
    };
    Box::new(sql::<Bool>(&before).bind::<Text, _>(wanted).sql(&after))
}

/// The rows and subjects of texts that have this word, `most` at the most.
pub fn with_word<K>(
    connection: &mut DbConnection,
    holder: Holder,
    word: &Wanted,
    most: i64,
) -> Result<Vec<(i32, Id<K>)>> {
    let (before, wanted, after) = match connection {
        DbConnection::Sqlite(_) => (
            "texts.row IN (SELECT rowid FROM texts_index WHERE texts_index MATCH ",
            sqlite(holder, word),
            format!(" LIMIT {most})"),
        ),
        DbConnection::Postgres(_) => {
            ("texts.indexed @@ to_tsquery('simple', ", postgres(holder, word), ")".to_owned())
        }
    };
    let has = sql::<Bool>(before).bind::<Text, _>(wanted).sql(&after);
    Ok(dsl::texts.filter(has).select((dsl::row, dsl::subject)).limit(most).load(connection)?)
}

/// FTS5: <https://www.sqlite.org/fts5.html#full_text_query_syntax>
fn sqlite(holder: Holder, word: &Wanted) -> String {
    terms(holder, word, "*").join(" OR ")
}

/// <https://www.postgresql.org/docs/current/datatype-textsearch.html#DATATYPE-TSQUERY>
fn postgres(holder: Holder, word: &Wanted) -> String {
    terms(holder, word, ":*").join(" | ")
}

fn terms(holder: Holder, word: &Wanted, and_more: &str) -> Vec<String> {
    let (letter, and_more) = (holder.letter(), if word.whole { "" } else { and_more });
    word.beginnings.iter().map(|word| format!("{letter}{word}{and_more}")).collect()
}
