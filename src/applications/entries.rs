//! The entries of the list of applications: what each is found and ordered by. They are derived from the application in
//! the transaction that changes it, and never read back into it.

use std::collections::HashMap;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::content::ApplicationInput;
use super::funding::FundingStatus;
use super::status::ApplicationStatus;
use super::store::{self, Row, Settled};
use crate::auth::{Binding, Principal};
use crate::db::schema::{
    application_entries::dsl, application_references, applications, entry_challenges, entry_co_funders,
    entry_neighbourhoods,
};
use crate::db::{DbConnection, fields};
use crate::error::{Error, Result};
use crate::search::{self, Subject};
use crate::types::{ApplicationId, Instant, Money, reference_key};
use crate::{update_those, words};

/// Who finds an application by an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Readers {
    All,
    Inside,
    Outside,
}

words!(Readers {
    All = "all",
    Inside = "inside": "its applicant and the staff, while others do not see it, or see what was received",
    Outside = "outside": "co-funders and the council",
});

impl Readers {
    /// The entries that are not for this client: of each application it reads the other one.
    pub const fn not_of(principal: &Principal) -> Self {
        match principal.binding {
            Binding::Staff | Binding::Instruction(_) | Binding::Organisation(_) => Self::Outside,
            Binding::CoFunder(_) | Binding::Council(_) => Self::Inside,
        }
    }
}

/// An application as some readers see it.
struct Face<'a> {
    readers: Readers,
    content: &'a ApplicationInput,
}

/// Keeps the entries of an application whose row is held. To be called whenever its content moves, or who sees it.
pub fn keep(tx: &mut DbConnection, id: ApplicationId) -> Result<()> {
    let row = store::load(tx, id)?;
    let current = Face {
        readers: match row.status {
            _ if row.received.is_some() => Readers::Inside,
            ApplicationStatus::Draft => Readers::Inside,
            _ => Readers::All,
        },
        content: &row.content,
    };
    keep_references(tx, id, row.received.as_ref().unwrap_or(&row.content))?;
    let own = search::keep(tx, Subject::Application(id), &texts(&row.content))?;
    write(tx, own, &row, &current)?;
    match &row.received {
        Some(content) => {
            let received = Face { readers: Readers::Outside, content };
            let other = search::keep(tx, Subject::Received(id), &texts(content))?;
            write(tx, other, &row, &received)
        }
        None => remove_others(tx, id, own),
    }
}

/// Under which numbers other systems know it.
fn keep_references(tx: &mut DbConnection, id: ApplicationId, content: &ApplicationInput) -> Result<()> {
    use application_references::dsl as known;
    diesel::delete(known::application_references.filter(known::application_id.eq(id))).execute(tx)?;
    for one in &content.external_references {
        let row = (
            known::system.eq(&one.system),
            known::reference_key.eq(reference_key(&one.reference)),
            known::application_id.eq(id),
        );
        diesel::insert_into(known::application_references).values(row).execute(tx)?;
    }
    Ok(())
}

/// What an application is found by, beside its organisation.
fn texts(content: &ApplicationInput) -> [&str; 2] {
    [&content.title, &content.objectives]
}

fn write(tx: &mut DbConnection, entry: i32, row: &Row, face: &Face<'_>) -> Result<()> {
    let requested: Money = face.content.requests.iter().map(|request| request.amount).sum();
    let submitted_at = row.submitted_at.map_or_else(end_of_time, Ok)?;
    let title = title_key(&face.content.title);
    let moving = || {
        (
            dsl::readers.eq(face.readers),
            dsl::status.eq(row.status),
            dsl::strand.eq(&face.content.strand),
            dsl::title.eq(&title),
            dsl::requested.eq(requested),
            dsl::submitted_at.eq(submitted_at),
        )
    };
    let dates = || all_dates(row.updated_at);
    let known = dsl::application_entries.find(entry);
    let is_known = match face.readers {
        // What others read has the dates at which it was sent back; corrections do not move them.
        Readers::Outside => diesel::update(known).set(moving()).execute(tx)? == 1,
        Readers::All | Readers::Inside => diesel::update(known).set((moving(), dates())).execute(tx)? == 1,
    };
    if !is_known {
        let lasting = (
            dsl::entry.eq(entry),
            dsl::application_id.eq(row.id),
            dsl::call_id.eq(row.call_id),
            dsl::organisation_id.eq(row.organisation_id),
            // Content moves only before anybody decides on it; from then on, the decisions say (`settle`).
            dsl::funding_status.eq(FundingStatus::None),
            dsl::public_funding_status.eq(FundingStatus::None),
        );
        diesel::insert_into(dsl::application_entries).values((lasting, moving(), dates())).execute(tx)?;
    }
    unlink(tx, entry)?;
    link(tx, entry, face.content)
}

/// Which of the three dates of an entry a reader is shown, and orders by: when what it sees of the application changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dated {
    /// The content, the status, and the lines from `voted` on with their payments.
    Applicant,
    /// The same, its own opinions, and what it is answered.
    Council,
    /// Everything: every line at any firmness, every opinion.
    Partner,
}

impl Dated {
    pub const fn for_reader(principal: &Principal) -> Self {
        match principal.binding {
            Binding::Staff | Binding::Instruction(_) | Binding::CoFunder(_) => Self::Partner,
            Binding::Organisation(_) => Self::Applicant,
            Binding::Council(_) => Self::Council,
        }
    }
}

/// When what this client sees of each of these applications last changed.
pub fn dates(
    connection: &mut DbConnection,
    principal: &Principal,
    ids: &[ApplicationId],
) -> Result<HashMap<ApplicationId, Instant>> {
    let all = dsl::application_entries
        .filter(dsl::application_id.eq_any(ids))
        .filter(dsl::readers.ne(Readers::not_of(principal)));
    let rows: Vec<(ApplicationId, Instant)> = match Dated::for_reader(principal) {
        Dated::Applicant => all.select((dsl::application_id, dsl::updated_at)).load(connection)?,
        Dated::Council => all.select((dsl::application_id, dsl::council_updated_at)).load(connection)?,
        Dated::Partner => all.select((dsl::application_id, dsl::partner_updated_at)).load(connection)?,
    };
    Ok(rows.into_iter().collect())
}

/// Moves the dates of those who read a new opinion: the partners, and the council when it is its own.
pub fn note_opinion(tx: &mut DbConnection, id: ApplicationId, by_council: bool, now: Instant) -> Result<()> {
    let own = dsl::application_entries.filter(dsl::application_id.eq(id));
    match by_council {
        true => {
            let both = (dsl::council_updated_at.eq(now), dsl::partner_updated_at.eq(now));
            diesel::update(own).set(both).execute(tx)?
        }
        false => diesel::update(own).set(dsl::partner_updated_at.eq(now)).execute(tx)?,
    };
    Ok(())
}

/// Moves the dates of all readers: all read an evaluation.
pub fn note_evaluation(tx: &mut DbConnection, id: ApplicationId, now: Instant) -> Result<()> {
    diesel::update(applications::table.find(id)).set(applications::updated_at.eq(now)).execute(tx)?;
    let own = dsl::application_entries.filter(dsl::application_id.eq(id));
    diesel::update(own).set(all_dates(now)).execute(tx)?;
    Ok(())
}

type Dates = (
    diesel::dsl::Eq<dsl::updated_at, Instant>,
    diesel::dsl::Eq<dsl::council_updated_at, Instant>,
    diesel::dsl::Eq<dsl::partner_updated_at, Instant>,
);

/// What all readers see changed.
fn all_dates(now: Instant) -> Dates {
    (dsl::updated_at.eq(now), dsl::council_updated_at.eq(now), dsl::partner_updated_at.eq(now))
}

/// Drafts were not received yet: they come after all that was.
pub fn end_of_time() -> Result<Instant> {
    Instant::parse("9999-12-31T23:59:59Z").ok_or_else(|| Error::internal("no end of time"))
}

/// Titles are ordered by their plain letters; as many as a cursor can carry.
fn title_key(title: &str) -> String {
    search::fold(title).trim().chars().take(400).collect()
}

fn link(tx: &mut DbConnection, entry: i32, content: &ApplicationInput) -> Result<()> {
    use entry_challenges::dsl as challenge;
    use entry_co_funders::dsl as asked;
    use entry_neighbourhoods::dsl as neighbourhood;
    for number in &content.challenges {
        diesel::insert_into(challenge::entry_challenges)
            .values((challenge::challenge.eq(number), challenge::entry.eq(entry)))
            .execute(tx)?;
    }
    for code in &content.neighbourhoods {
        diesel::insert_into(neighbourhood::entry_neighbourhoods)
            .values((neighbourhood::neighbourhood.eq(code), neighbourhood::entry.eq(entry)))
            .execute(tx)?;
    }
    for request in &content.requests {
        diesel::insert_into(asked::entry_co_funders)
            .values((asked::co_funder_id.eq(request.co_funder_id), asked::entry.eq(entry)))
            .execute(tx)?;
    }
    Ok(())
}

fn unlink(tx: &mut DbConnection, entry: i32) -> Result<()> {
    use {entry_challenges as challenges, entry_co_funders as asked, entry_neighbourhoods as neighbourhoods};
    diesel::delete(challenges::table.filter(challenges::entry.eq(entry))).execute(tx)?;
    diesel::delete(neighbourhoods::table.filter(neighbourhoods::entry.eq(entry))).execute(tx)?;
    diesel::delete(asked::table.filter(asked::entry.eq(entry))).execute(tx)?;
    Ok(())
}

/// What was corrected is received: all read the same again.
fn remove_others(tx: &mut DbConnection, id: ApplicationId, own: i32) -> Result<()> {
    let others = dsl::application_entries.filter(dsl::application_id.eq(id)).filter(dsl::entry.ne(own));
    let others: Vec<i32> = others.select(dsl::entry).load(tx)?;
    for entry in others {
        unlink(tx, entry)?;
        diesel::delete(dsl::application_entries.find(entry)).execute(tx)?;
        search::forget(tx, entry)?;
    }
    Ok(())
}

/// Keeps the status of an application whose row is held.
pub fn keep_status(
    tx: &mut DbConnection,
    id: ApplicationId,
    status: ApplicationStatus,
    now: Instant,
) -> Result<()> {
    diesel::update(dsl::application_entries.filter(dsl::application_id.eq(id)))
        .set((dsl::status.eq(status), all_dates(now)))
        .execute(tx)?;
    Ok(())
}

/// Nothing funds a withdrawn application any more.
pub fn free(tx: &mut DbConnection, id: ApplicationId) -> Result<()> {
    let nothing =
        (dsl::funding_status.eq(FundingStatus::None), dsl::public_funding_status.eq(FundingStatus::None));
    diesel::update(dsl::application_entries.filter(dsl::application_id.eq(id))).set(nothing).execute(tx)?;
    Ok(())
}

/// Keeps what the decisions make of applications whose rows are held: how far partners and all others know them to be
/// funded, and when what each of them sees changed (rule D9): the partners see every push. Each has one entry, that of all
/// readers: nobody corrects what is decided on.
pub fn settle(tx: &mut DbConnection, settled: Settled, ids: &[ApplicationId]) -> Result<()> {
    let all = dsl::readers.eq(Readers::All);
    let funded = fields(dsl::application_entries)
        .set(dsl::funding_status, settled.funding)
        .set(dsl::public_funding_status, settled.public)
        .set(dsl::partner_updated_at, settled.now);
    if !settled.seen_by_council {
        return update_those!(tx, funded, dsl::application_id, ids, all);
    }
    let answered = funded.set(dsl::council_updated_at, settled.now);
    if !settled.seen {
        return update_those!(tx, answered, dsl::application_id, ids, all);
    }
    let seen = answered.set(dsl::status, settled.status).set(dsl::updated_at, settled.now);
    update_those!(tx, seen, dsl::application_id, ids, all)
}
