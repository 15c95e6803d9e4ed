//! Applications in the database. Every query starts from what the reader may see.

use diesel::prelude::*;

use super::content::ApplicationInput;
use super::funding::{Funding, Line};
use super::receipt::Receipt;
use super::status::ApplicationStatus;
use crate::auth::{Binding, Principal};
use crate::db::schema::{
    application_challenges, application_co_funders, application_neighbourhoods, applications,
    applications::dsl, calls, decisions, envelopes,
};
use crate::db::{DbConnection, Json, changed_once};
use crate::error::{Error, Result};
use crate::http::Walk;
use crate::types::{ApplicationId, CallId, CoFunderId, Firmness, Instant, Money, OrganisationId};
use crate::walked;

type Backend = <DbConnection as Connection>::Backend;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = applications)]
pub struct Row {
    pub id: ApplicationId,
    pub version: i64,
    pub call_id: CallId,
    pub organisation_id: OrganisationId,
    pub number: Option<String>,
    pub status: ApplicationStatus,
    pub content: Json<ApplicationInput>,
    pub funding: Json<Funding>,
    pub status_reason: Option<String>,
    pub receipt: Option<Json<Receipt>>,
    /// What was received, while its applicant corrects it.
    pub received: Option<Json<ApplicationInput>>,
    pub submitted_at: Option<Instant>,
    pub created_at: Instant,
    pub updated_at: Instant,
}

/// What a list can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub call: Option<CallId>,
    pub status: Option<ApplicationStatus>,
    pub strand: Option<String>,
    pub challenge: Option<i32>,
    pub neighbourhood: Option<String>,
    /// One that is asked.
    pub co_funder: Option<CoFunderId>,
    pub organisation: Option<OrganisationId>,
}

/// The applications a client may see: the applicant its own, a co-funder and the council those submitted to their
/// calls, the staff all of their contracts.
fn visible<'a>(principal: &Principal) -> applications::BoxedQuery<'a, Backend> {
    let all = dsl::applications.into_boxed::<Backend>();
    match principal.binding {
        Binding::Staff => all,
        Binding::Instruction(contract) => {
            let its_calls = calls::table.filter(calls::contract_id.eq(contract)).select(calls::id);
            all.filter(dsl::call_id.eq_any(its_calls))
        }
        Binding::Organisation(own) => all.filter(dsl::organisation_id.eq(own)),
        Binding::CoFunder(own) => {
            let its_calls =
                envelopes::table.filter(envelopes::co_funder_id.eq(own)).select(envelopes::call_id);
            all.filter(dsl::status.ne(ApplicationStatus::Draft)).filter(dsl::call_id.eq_any(its_calls))
        }
        Binding::Council(contract) => {
            let its_calls = calls::table.filter(calls::contract_id.eq(contract)).select(calls::id);
            all.filter(dsl::status.ne(ApplicationStatus::Draft)).filter(dsl::call_id.eq_any(its_calls))
        }
    }
}

/// The application, if this client may see it.
pub fn find(connection: &mut DbConnection, principal: &Principal, id: ApplicationId) -> Result<Row> {
    let found =
        visible(principal).filter(dsl::id.eq(id)).select(Row::as_select()).first(connection).optional()?;
    found.ok_or_else(Error::not_found)
}

/// Refuses with 404 an application this client may not see; cheaper than reading it.
pub fn check_visible(connection: &mut DbConnection, principal: &Principal, id: ApplicationId) -> Result<()> {
    let found: Option<ApplicationId> =
        visible(principal).filter(dsl::id.eq(id)).select(dsl::id).first(connection).optional()?;
    found.map(|_| ()).ok_or_else(Error::not_found)
}

pub fn list(
    connection: &mut DbConnection,
    principal: &Principal,
    filter: &Filter,
    walk: &Walk,
) -> Result<Vec<Row>> {
    let mut query = visible(principal);
    if let Some(call) = filter.call {
        query = query.filter(dsl::call_id.eq(call));
    }
    if let Some(status) = filter.status {
        query = query.filter(dsl::status.eq(status));
    }
    if let Some(strand) = filter.strand.clone() {
        query = query.filter(dsl::strand.eq(strand));
    }
    if let Some(organisation) = filter.organisation {
        query = query.filter(dsl::organisation_id.eq(organisation));
    }
    if let Some(number) = filter.challenge {
        use application_challenges::dsl as link;
        let with = link::application_challenges.filter(link::challenge.eq(number));
        query = query.filter(dsl::id.eq_any(with.select(link::application_id)));
    }
    if let Some(code) = filter.neighbourhood.clone() {
        use application_neighbourhoods::dsl as link;
        let with = link::application_neighbourhoods.filter(link::neighbourhood.eq(code));
        query = query.filter(dsl::id.eq_any(with.select(link::application_id)));
    }
    if let Some(asked) = filter.co_funder {
        use application_co_funders::dsl as link;
        let with = link::application_co_funders.filter(link::co_funder_id.eq(asked));
        query = query.filter(dsl::id.eq_any(with.select(link::application_id)));
    }
    Ok(walked!(query, dsl::id, walk).select(Row::as_select()).load(connection)?)
}

/// Bumps the application's version, which holds its row until the transaction ends; then reads it.
pub fn lock(tx: &mut DbConnection, principal: &Principal, id: ApplicationId) -> Result<Row> {
    diesel::update(dsl::applications.find(id)).set(dsl::version.eq(dsl::version + 1)).execute(tx)?;
    find(tx, principal, id)
}

pub fn insert(
    tx: &mut DbConnection,
    input: &ApplicationInput,
    funding: Funding,
    now: Instant,
) -> Result<ApplicationId> {
    let id = ApplicationId::generate();
    diesel::insert_into(dsl::applications)
        .values((
            dsl::id.eq(id),
            dsl::version.eq(1_i64),
            dsl::call_id.eq(input.call_id),
            dsl::organisation_id.eq(input.organisation_id),
            dsl::status.eq(ApplicationStatus::Draft),
            dsl::content.eq(Json::new(input.clone())?),
            dsl::strand.eq(&input.strand),
            dsl::funding.eq(Json::new(funding)?),
            dsl::created_at.eq(now),
            dsl::updated_at.eq(now),
        ))
        .execute(tx)?;
    link(tx, id, input)?;
    Ok(id)
}

/// Replaces the content of that version of an application.
pub fn replace(
    tx: &mut DbConnection,
    row: &Row,
    input: &ApplicationInput,
    funding: Funding,
    now: Instant,
) -> Result<()> {
    changed_once(
        diesel::update(dsl::applications.find(row.id).filter(dsl::version.eq(row.version)))
            .set((
                dsl::version.eq(row.version + 1),
                dsl::content.eq(Json::new(input.clone())?),
                dsl::strand.eq(&input.strand),
                dsl::funding.eq(Json::new(funding)?),
                dsl::updated_at.eq(now),
            ))
            .execute(tx)?,
    )?;
    link(tx, row.id, input)
}

/// Keeps the lists that others search by.
fn link(tx: &mut DbConnection, id: ApplicationId, input: &ApplicationInput) -> Result<()> {
    use application_challenges::dsl as challenge;
    use application_co_funders::dsl as asked;
    use application_neighbourhoods::dsl as neighbourhood;
    diesel::delete(challenge::application_challenges.filter(challenge::application_id.eq(id))).execute(tx)?;
    diesel::delete(neighbourhood::application_neighbourhoods.filter(neighbourhood::application_id.eq(id)))
        .execute(tx)?;
    diesel::delete(asked::application_co_funders.filter(asked::application_id.eq(id))).execute(tx)?;
    for number in &input.challenges {
        diesel::insert_into(challenge::application_challenges)
            .values((challenge::application_id.eq(id), challenge::challenge.eq(number)))
            .execute(tx)?;
    }
    for code in &input.neighbourhoods {
        diesel::insert_into(neighbourhood::application_neighbourhoods)
            .values((neighbourhood::application_id.eq(id), neighbourhood::neighbourhood.eq(code)))
            .execute(tx)?;
    }
    for request in &input.requests {
        diesel::insert_into(asked::application_co_funders)
            .values((asked::application_id.eq(id), asked::co_funder_id.eq(request.co_funder_id)))
            .execute(tx)?;
    }
    Ok(())
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
    )
}

/// Returns that version of an application; what was received is kept while it is corrected.
pub fn send_back(tx: &mut DbConnection, row: &Row, now: Instant) -> Result<()> {
    let received = row.received.as_ref().unwrap_or(&row.content);
    changed_once(
        diesel::update(dsl::applications.find(row.id).filter(dsl::version.eq(row.version)))
            .set((
                dsl::version.eq(row.version + 1),
                dsl::status.eq(ApplicationStatus::Returned),
                dsl::received.eq(received),
                dsl::updated_at.eq(now),
            ))
            .execute(tx)?,
    )
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
                dsl::receipt.eq(Json::new(receipt.clone())?),
                dsl::received.eq(None::<Json<ApplicationInput>>),
                dsl::submitted_at.eq(row.submitted_at.unwrap_or(now)),
                dsl::updated_at.eq(now),
            ))
            .execute(tx)?,
    )
}

/// What co-funders said of a withdrawn application reserves nothing any more.
pub fn free_lines(tx: &mut DbConnection, id: ApplicationId) -> Result<()> {
    use decisions::dsl as decision;
    let lines = decision::decisions.filter(decision::application_id.eq(id));
    diesel::update(lines).set(decision::standing.eq(false)).execute(tx)?;
    Ok(())
}

/// Keeps what the decisions make of an application whose row is locked.
pub fn keep_funding(
    tx: &mut DbConnection,
    id: ApplicationId,
    status: ApplicationStatus,
    funding: Funding,
    now: Instant,
) -> Result<()> {
    diesel::update(dsl::applications.find(id))
        .set((dsl::status.eq(status), dsl::funding.eq(Json::new(funding)?), dsl::updated_at.eq(now)))
        .execute(tx)?;
    Ok(())
}

/// Whether some line grants it something at firmness `voted` or firmer.
pub fn is_funded(connection: &mut DbConnection, id: ApplicationId) -> Result<bool> {
    let lines = public_lines(connection, &[id])?;
    Ok(lines.iter().any(|(_, line)| line.granted.is_some_and(|granted| granted > Money::ZERO)))
}

/// The lines of applications that anyone sees: voted or firmer (rule D9).
pub fn public_lines(
    connection: &mut DbConnection,
    ids: &[ApplicationId],
) -> Result<Vec<(ApplicationId, Line)>> {
    use decisions::dsl as decision;
    type Columns = (ApplicationId, CoFunderId, Firmness, Option<Money>, Option<Money>);
    let rows: Vec<Columns> = decision::decisions
        .filter(decision::application_id.eq_any(ids))
        .filter(decision::firmness.eq_any(Firmness::PUBLIC))
        .select((
            decision::application_id,
            decision::co_funder_id,
            decision::firmness,
            decision::proposed,
            decision::granted,
        ))
        .load(connection)?;
    let line = |(id, co_funder_id, firmness, proposed, granted)| {
        (id, Line { co_funder_id, firmness, proposed, granted })
    };
    Ok(rows.into_iter().map(line).collect())
}
