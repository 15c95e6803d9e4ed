//! Applications in the database. Every query starts from what the reader may see.

use std::collections::HashMap;

use diesel::dsl::exists;
use diesel::prelude::*;

use super::content::ApplicationInput;
use super::entries;
use super::funding::{Asked, Condition, FundingStatus, Line, funding};
use super::receipt::Receipt;
use super::stake::Terms;
use super::status::ApplicationStatus;
use crate::auth::{Binding, Principal};
use crate::db::schema::{
    application_contents, application_contents::dsl as contents, applications, applications::dsl, calls,
    decisions, envelopes,
};
use crate::db::{Backend, DbConnection, Json, changed_once, fields};
use crate::error::{Error, Result};
use crate::types::{ApplicationId, CallId, CoFunderId, Credits, Firmness, Instant, Money, OrganisationId};
use crate::update_those;

/// An application without what it says.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = applications)]
pub struct Head {
    pub id: ApplicationId,
    pub version: i64,
    pub call_id: CallId,
    pub organisation_id: OrganisationId,
    pub number: Option<String>,
    pub status: ApplicationStatus,
    pub status_reason: Option<String>,
    pub submitted_at: Option<Instant>,
    pub created_at: Instant,
    pub updated_at: Instant,
}

/// What an application says.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = application_contents)]
struct Contents {
    application_id: ApplicationId,
    content: Json<ApplicationInput>,
    receipt: Option<Json<Receipt>>,
    received: Option<Json<ApplicationInput>>,
}

/// An application.
#[derive(Debug, Clone)]
pub struct Row {
    pub id: ApplicationId,
    pub version: i64,
    pub call_id: CallId,
    pub organisation_id: OrganisationId,
    pub number: Option<String>,
    pub status: ApplicationStatus,
    pub content: Json<ApplicationInput>,
    pub status_reason: Option<String>,
    pub receipt: Option<Json<Receipt>>,
    /// What was received, while its applicant corrects it.
    pub received: Option<Json<ApplicationInput>>,
    pub submitted_at: Option<Instant>,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl Row {
    fn new(head: Head, contents: Contents) -> Self {
        Self {
            id: head.id,
            version: head.version,
            call_id: head.call_id,
            organisation_id: head.organisation_id,
            number: head.number,
            status: head.status,
            content: contents.content,
            status_reason: head.status_reason,
            receipt: contents.receipt,
            received: contents.received,
            submitted_at: head.submitted_at,
            created_at: head.created_at,
            updated_at: head.updated_at,
        }
    }
}

/// The applications of these heads, in their order.
pub fn complete(connection: &mut DbConnection, heads: Vec<Head>) -> Result<Vec<Row>> {
    use application_contents::dsl as contents;
    let ids: Vec<ApplicationId> = heads.iter().map(|head| head.id).collect();
    let found: Vec<Contents> = contents::application_contents
        .filter(contents::application_id.eq_any(ids))
        .select(Contents::as_select())
        .load(connection)?;
    let mut found: HashMap<ApplicationId, Contents> =
        found.into_iter().map(|one| (one.application_id, one)).collect();
    let row = |head: Head| {
        let contents = found.remove(&head.id);
        contents
            .map(|contents| Row::new(head, contents))
            .ok_or_else(|| Error::internal("an empty application"))
    };
    heads.into_iter().map(row).collect()
}

/// The application, whoever asks.
pub fn load(connection: &mut DbConnection, id: ApplicationId) -> Result<Row> {
    let head: Option<Head> =
        dsl::applications.find(id).select(Head::as_select()).first(connection).optional()?;
    complete(connection, head.into_iter().collect())?.pop().ok_or_else(Error::not_found)
}

/// The applications a client may see: the applicant its own, a co-funder and the council those submitted to their
/// calls, the staff all of their contracts. To be narrowed to some of them: whose call it is, is asked of each.
pub fn visible<'a>(principal: &Principal) -> applications::BoxedQuery<'a, Backend> {
    let all = dsl::applications.into_boxed::<Backend>();
    let of_contract =
        |one| exists(calls::table.filter(calls::id.eq(dsl::call_id)).filter(calls::contract_id.eq(one)));
    match principal.binding {
        Binding::Staff => all,
        Binding::Instruction(contract) => all.filter(of_contract(contract)),
        Binding::Organisation(own) => all.filter(dsl::organisation_id.eq(own)),
        Binding::CoFunder(own) => {
            let its_envelope = envelopes::table
                .filter(envelopes::call_id.eq(dsl::call_id))
                .filter(envelopes::co_funder_id.eq(own));
            all.filter(dsl::status.ne(ApplicationStatus::Draft)).filter(exists(its_envelope))
        }
        Binding::Council(contract) => {
            all.filter(dsl::status.ne(ApplicationStatus::Draft)).filter(of_contract(contract))
        }
    }
}

/// The application, if this client may see it.
pub fn find(connection: &mut DbConnection, principal: &Principal, id: ApplicationId) -> Result<Row> {
    let head: Option<Head> =
        visible(principal).filter(dsl::id.eq(id)).select(Head::as_select()).first(connection).optional()?;
    complete(connection, head.into_iter().collect())?.pop().ok_or_else(Error::not_found)
}

/// Refuses with 404 an application this client may not see; cheaper than reading it.
pub fn check_visible(connection: &mut DbConnection, principal: &Principal, id: ApplicationId) -> Result<()> {
    let found: Option<ApplicationId> =
        visible(principal).filter(dsl::id.eq(id)).select(dsl::id).first(connection).optional()?;
    found.map(|_| ()).ok_or_else(Error::not_found)
}

/// Bumps the application's version, which holds its row until the transaction ends; then reads it.
pub fn lock(tx: &mut DbConnection, principal: &Principal, id: ApplicationId) -> Result<Row> {
    diesel::update(dsl::applications.find(id)).set(dsl::version.eq(dsl::version + 1)).execute(tx)?;
    find(tx, principal, id)
}

pub fn insert(tx: &mut DbConnection, input: &ApplicationInput, now: Instant) -> Result<ApplicationId> {
    let id = ApplicationId::generate();
    diesel::insert_into(dsl::applications)
        .values((
            dsl::id.eq(id),
            dsl::version.eq(1_i64),
            dsl::call_id.eq(input.call_id),
            dsl::organisation_id.eq(input.organisation_id),
            dsl::status.eq(ApplicationStatus::Draft),
            dsl::stake.eq(Json::new(Terms::from(input))?),
            dsl::strand.eq(&input.strand),
            dsl::created_at.eq(now),
            dsl::updated_at.eq(now),
        ))
        .execute(tx)?;
    let content = (contents::application_id.eq(id), contents::content.eq(Json::new(input.clone())?));
    diesel::insert_into(contents::application_contents).values(content).execute(tx)?;
    entries::keep(tx, id)?;
    Ok(id)
}

/// Replaces the content of that version of an application.
pub fn replace(tx: &mut DbConnection, row: &Row, input: &ApplicationInput, now: Instant) -> Result<()> {
    changed_once(
        diesel::update(dsl::applications.find(row.id).filter(dsl::version.eq(row.version)))
            .set((
                dsl::version.eq(row.version + 1),
                dsl::stake.eq(Json::new(Terms::from(input))?),
                dsl::strand.eq(&input.strand),
                dsl::updated_at.eq(now),
            ))
            .execute(tx)?,
    )?;
    let own = contents::application_contents.find(row.id);
    diesel::update(own).set(contents::content.eq(Json::new(input.clone())?)).execute(tx)?;
    entries::keep(tx, row.id)
}

/// Moves that version of an application on in its life.
pub fn step(
    tx: &mut DbConnection,
    row: &Row,
    status: ApplicationStatus,
    reason: Option<&str>,
    now: Instant,
) -> Result<()> {
    changed_once(
        diesel::update(dsl::applications.find(row.id).filter(dsl::version.eq(row.version)))
            .set((
                dsl::version.eq(row.version + 1),
                dsl::status.eq(status),
                dsl::status_reason.eq(reason),
                dsl::updated_at.eq(now),
            ))
            .execute(tx)?,
    )?;
    entries::keep_status(tx, row.id, status, now)
}

/// Returns that version of an application; what was received is kept while it is corrected.
pub fn send_back(tx: &mut DbConnection, row: &Row, now: Instant) -> Result<()> {
    let received = row.received.as_ref().unwrap_or(&row.content);
    changed_once(
        diesel::update(dsl::applications.find(row.id).filter(dsl::version.eq(row.version)))
            .set((
                dsl::version.eq(row.version + 1),
                dsl::status.eq(ApplicationStatus::Returned),
                dsl::updated_at.eq(now),
            ))
            .execute(tx)?,
    )?;
    let own = contents::application_contents.find(row.id);
    diesel::update(own).set(contents::received.eq(received)).execute(tx)?;
    entries::keep(tx, row.id)
}

/// Receives that version of an application.
pub fn receive(tx: &mut DbConnection, row: &Row, receipt: &Receipt) -> Result<()> {
    let now = receipt.received_at;
    changed_once(
        diesel::update(dsl::applications.find(row.id).filter(dsl::version.eq(row.version)))
            .set((
                dsl::version.eq(row.version + 1),
                dsl::status.eq(ApplicationStatus::Submitted),
                dsl::number.eq(&receipt.number),
                dsl::submitted_at.eq(row.submitted_at.unwrap_or(now)),
                dsl::updated_at.eq(now),
            ))
            .execute(tx)?,
    )?;
    let received = (
        contents::receipt.eq(Json::new(receipt.clone())?),
        contents::received.eq(None::<Json<ApplicationInput>>),
    );
    diesel::update(contents::application_contents.find(row.id)).set(received).execute(tx)?;
    entries::keep(tx, row.id)
}

/// What co-funders said of a withdrawn application reserves nothing any more.
pub fn free_lines(tx: &mut DbConnection, id: ApplicationId) -> Result<()> {
    use decisions::dsl as decision;
    let lines = decision::decisions.filter(decision::application_id.eq(id));
    diesel::update(lines).set(decision::standing.eq(false)).execute(tx)?;
    Ok(())
}

/// What the decisions make of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    pub status: ApplicationStatus,
    /// How far it is funded by all lines, and by those that anyone sees (rule D9).
    pub funding: FundingStatus,
    pub public: FundingStatus,
    /// When it changed, as the partners see. Those who see lines from `voted` on may see nothing of it.
    pub now: Instant,
    /// Whether anyone sees that it did.
    pub seen: bool,
    /// Whether the council does, which also reads what it is answered.
    pub seen_by_council: bool,
}

/// Keeps what the decisions make of applications whose rows are held: of those that they make the same of, at once.
pub fn keep_funding(
    tx: &mut DbConnection,
    settled: impl Iterator<Item = (ApplicationId, Settled)>,
) -> Result<()> {
    let mut alike: Vec<(Settled, Vec<ApplicationId>)> = Vec::new();
    for (id, settled) in settled {
        match alike.iter_mut().find(|(same, _)| *same == settled) {
            Some((_, ids)) => ids.push(id),
            None => alike.push((settled, vec![id])),
        }
    }
    for (settled, ids) in alike {
        if settled.seen {
            let moved = fields(dsl::applications)
                .set(dsl::version, dsl::version + 1)
                .set(dsl::status, settled.status)
                .set(dsl::updated_at, settled.now);
            update_those!(tx, moved, dsl::id, ids.as_slice())?;
        }
        entries::settle(tx, settled, &ids)?;
    }
    Ok(())
}

/// Whether some line grants it something at firmness `voted` or firmer, its conditions met.
pub fn is_funded(connection: &mut DbConnection, id: ApplicationId) -> Result<bool> {
    let mut lines = lines(connection, &[id], Sight::Public)?;
    let nothing = Asked { requests: &[], floor: None };
    Ok(funding(nothing, &lines.remove(&id).unwrap_or_default()).amounts.voted > Money::ZERO)
}

/// Which lines a reader sees (rule D9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    All,
    /// From `voted` on.
    Public,
}

/// A line, as far as funding goes.
#[derive(Queryable, Selectable)]
#[diesel(table_name = decisions)]
struct LineRow {
    application_id: ApplicationId,
    co_funder_id: CoFunderId,
    firmness: Firmness,
    proposed: Option<Money>,
    granted: Option<Money>,
    credits: Credits,
    paid: Money,
    conditions: Json<Vec<Condition>>,
}

/// The lines of these applications that stand: all of them in the order they were first pushed, those of one moment by
/// co-funder; the public ones by co-funder, as the order of the first pushes tells who was first to intend.
pub fn lines(
    connection: &mut DbConnection,
    ids: &[ApplicationId],
    sight: Sight,
) -> Result<HashMap<ApplicationId, Vec<Line>>> {
    use decisions::dsl as decision;
    let mut query = decision::decisions
        .filter(decision::application_id.eq_any(ids).and(decision::standing.eq(true)))
        .into_boxed();
    query = match sight {
        Sight::All => query.order((decision::created_at, decision::co_funder_id)),
        Sight::Public => {
            query.filter(decision::firmness.eq_any(Firmness::PUBLIC)).order(decision::co_funder_id)
        }
    };
    let rows: Vec<LineRow> = query.select(LineRow::as_select()).load(connection)?;
    let mut lines: HashMap<ApplicationId, Vec<Line>> = HashMap::new();
    for row in rows {
        lines.entry(row.application_id).or_default().push(Line {
            co_funder_id: row.co_funder_id,
            firmness: row.firmness,
            proposed: row.proposed,
            granted: row.granted,
            credits: row.credits,
            paid: row.paid,
            conditions: row.conditions.into_inner(),
        });
    }
    Ok(lines)
}
