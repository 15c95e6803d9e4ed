//! Decision lines in the database: the current one, and every push there ever was.

use diesel::prelude::*;

use super::api::{Decision, DecisionInput, Revision};
use crate::applications::{Line, sees_all_lines};
use crate::auth::Principal;
use crate::db::schema::{decision_revisions, decisions::dsl};
use crate::db::{DbConnection, Json, changed_once};
use crate::error::{Error, Result};
use crate::http::Actor;
use crate::types::{ApplicationId, CallId, ClientId, CoFunderId, DecisionId, Firmness, Instant, Money};

/// The lines of an application that a client may see, in the order they were first pushed (rule D9).
pub fn list(
    connection: &mut DbConnection,
    principal: &Principal,
    application: ApplicationId,
) -> Result<Vec<Decision>> {
    let mut query = dsl::decisions.filter(dsl::application_id.eq(application)).order(dsl::id).into_boxed();
    if !sees_all_lines(principal) {
        query = query.filter(dsl::firmness.eq_any(Firmness::PUBLIC));
    }
    let lines: Vec<Decision> = query.select(Decision::as_select()).load(connection)?;
    Ok(lines.into_iter().map(|line| seen_by(principal, line)).collect())
}

/// The current line of a co-funder on an application.
pub fn current(
    connection: &mut DbConnection,
    application: ApplicationId,
    co_funder: CoFunderId,
) -> Result<Option<Decision>> {
    let line =
        dsl::decisions.filter(dsl::application_id.eq(application).and(dsl::co_funder_id.eq(co_funder)));
    Ok(line.select(Decision::as_select()).first(connection).optional()?)
}

/// The current line, if this client may see it.
pub fn find(
    connection: &mut DbConnection,
    principal: &Principal,
    application: ApplicationId,
    co_funder: CoFunderId,
) -> Result<Decision> {
    let line = current(connection, application, co_funder)?;
    let visible = line.filter(|line| sees_all_lines(principal) || line.firmness.is_public());
    visible.map(|line| seen_by(principal, line)).ok_or_else(Error::not_found)
}

fn seen_by(principal: &Principal, line: Decision) -> Decision {
    if sees_all_lines(principal) { line } else { line.without_its_past() }
}

/// Every line of an application as its funding sees them.
pub fn lines(connection: &mut DbConnection, application: ApplicationId) -> Result<Vec<Line>> {
    type Columns = (CoFunderId, Firmness, Option<Money>, Option<Money>);
    let rows: Vec<Columns> = dsl::decisions
        .filter(dsl::application_id.eq(application))
        .select((dsl::co_funder_id, dsl::firmness, dsl::proposed, dsl::granted))
        .load(connection)?;
    let line =
        |(co_funder_id, firmness, proposed, granted)| Line { co_funder_id, firmness, proposed, granted };
    Ok(rows.into_iter().map(line).collect())
}

pub fn history(connection: &mut DbConnection, decision: DecisionId) -> Result<Vec<Revision>> {
    use decision_revisions::dsl as revision;
    let rows: Vec<(i64, Json<DecisionInput>, ClientId, Instant)> = revision::decision_revisions
        .filter(revision::decision_id.eq(decision))
        .order(revision::revision)
        .select((revision::revision, revision::line, revision::recorded_by, revision::recorded_at))
        .load(connection)?;
    let revision =
        |(revision, line, recorded_by, recorded_at): (i64, Json<DecisionInput>, ClientId, Instant)| {
            Revision { revision, line: line.into_inner(), recorded_by, recorded_at }
        };
    Ok(rows.into_iter().map(revision).collect())
}

/// Where a new line belongs.
pub struct Place<'a> {
    pub application: ApplicationId,
    pub call: CallId,
    pub co_funder: CoFunderId,
    pub requested: Money,
    pub strand: &'a str,
}

pub fn insert(tx: &mut DbConnection, actor: &Actor, place: &Place<'_>, input: &DecisionInput) -> Result<()> {
    let id = DecisionId::generate();
    diesel::insert_into(dsl::decisions)
        .values((
            (
                dsl::id.eq(id),
                dsl::version.eq(1_i64),
                dsl::application_id.eq(place.application),
                dsl::call_id.eq(place.call),
                dsl::co_funder_id.eq(place.co_funder),
                dsl::requested.eq(place.requested),
                dsl::strand.eq(place.strand),
                dsl::standing.eq(true),
                dsl::created_at.eq(actor.now),
                dsl::updated_at.eq(actor.now),
            ),
            said(input),
        ))
        .execute(tx)?;
    keep(tx, actor, id, 1, input)
}

/// Supersedes that version of a line.
pub fn supersede(tx: &mut DbConnection, actor: &Actor, line: &Decision, input: &DecisionInput) -> Result<()> {
    let next = line.version + 1;
    changed_once(
        diesel::update(dsl::decisions.find(line.id).filter(dsl::version.eq(line.version)))
            .set((dsl::version.eq(next), dsl::updated_at.eq(actor.now), said(input)))
            .execute(tx)?,
    )?;
    keep(tx, actor, line.id, next, input)
}

type Said<'a> = (
    diesel::dsl::Eq<dsl::firmness, Firmness>,
    diesel::dsl::Eq<dsl::proposed, Option<Money>>,
    diesel::dsl::Eq<dsl::granted, Option<Money>>,
    diesel::dsl::Eq<dsl::credits, crate::types::Credits>,
    diesel::dsl::Eq<dsl::act_reference, &'a Option<String>>,
    diesel::dsl::Eq<dsl::act_date, Option<chrono::NaiveDate>>,
    diesel::dsl::Eq<dsl::partner_reference, &'a Option<String>>,
    diesel::dsl::Eq<dsl::reason, &'a Option<String>>,
);

/// The columns a push sets.
fn said(input: &DecisionInput) -> Said<'_> {
    (
        dsl::firmness.eq(input.firmness),
        dsl::proposed.eq(input.proposed),
        dsl::granted.eq(input.granted),
        dsl::credits.eq(input.credits),
        dsl::act_reference.eq(&input.act_reference),
        dsl::act_date.eq(input.act_date),
        dsl::partner_reference.eq(&input.partner_reference),
        dsl::reason.eq(&input.reason),
    )
}

fn keep(
    tx: &mut DbConnection,
    actor: &Actor,
    id: DecisionId,
    number: i64,
    input: &DecisionInput,
) -> Result<()> {
    use decision_revisions::dsl as revision;
    diesel::insert_into(revision::decision_revisions)
        .values((
            revision::decision_id.eq(id),
            revision::revision.eq(number),
            revision::line.eq(Json::new(input.clone())?),
            revision::recorded_by.eq(actor.principal.client),
            revision::recorded_at.eq(actor.now),
        ))
        .execute(tx)?;
    Ok(())
}
