//! Decision lines in the database. What was pushed before is in the events of the application.

use diesel::prelude::*;
use serde::Deserialize;

use super::api::{Decision, DecisionInput, Revision};
use crate::applications::sees_all_lines;
use crate::auth::{Binding, Principal};
use crate::db::schema::decisions::dsl;
use crate::db::{DbConnection, Fields, OnEach, changed_once, fields, insert_all};
use crate::error::{Error, Result};
use crate::events::{self, Event};
use crate::on_each;
use crate::types::{ApplicationId, CoFunderId, CommitteeSessionId, Firmness};

/// The lines of an application that a client may see (rule D9): for the partners in the order they were first pushed, those
/// of one moment by co-funder; for others by co-funder, as the order of the first pushes tells who was first to intend.
pub fn list(
    connection: &mut DbConnection,
    principal: &Principal,
    application: ApplicationId,
) -> Result<Vec<Decision>> {
    let mut query = dsl::decisions.filter(dsl::application_id.eq(application)).into_boxed();
    query = match sees_all_lines(principal) {
        true => query.order((dsl::created_at, dsl::co_funder_id)),
        false => query.filter(dsl::firmness.eq_any(Firmness::PUBLIC)).order(dsl::co_funder_id),
    };
    let lines: Vec<Decision> = query.select(Decision::as_select()).load(connection)?;
    Ok(lines.into_iter().map(|line| seen_by(principal, line)).collect())
}

/// All lines of these applications, each application's in the same order.
pub fn of_applications(
    connection: &mut DbConnection,
    applications: &[ApplicationId],
) -> Result<Vec<Decision>> {
    let all = dsl::decisions.filter(dsl::application_id.eq_any(applications));
    let mut lines: Vec<Decision> = on_each!(connection, own => all.select(Decision::as_select()).load(own))?;
    // The database would sort a thousand whole rows.
    lines.sort_by_key(|line| (line.created_at, line.co_funder_id));
    Ok(lines)
}

/// The current line, if this client may see it.
pub fn find(
    connection: &mut DbConnection,
    principal: &Principal,
    application: ApplicationId,
    co_funder: CoFunderId,
) -> Result<Decision> {
    let line =
        dsl::decisions.filter(dsl::application_id.eq(application).and(dsl::co_funder_id.eq(co_funder)));
    let line: Option<Decision> = line.select(Decision::as_select()).first(connection).optional()?;
    let visible = line.filter(|line| sees_all_lines(principal) || line.firmness.is_public());
    visible.map(|line| seen_by(principal, line)).ok_or_else(Error::not_found)
}

fn seen_by(principal: &Principal, line: Decision) -> Decision {
    if sees_all_lines(principal) {
        return line;
    }
    let mut line = line.without_its_past();
    if matches!(principal.binding, Binding::Organisation(_)) {
        // Opinions are between the council and the funders; so is the reply to one.
        line.reply_to_council = None;
    }
    line
}

/// What an event tells of a line.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    co_funder_id: CoFunderId,
    revision: i64,
    session_id: Option<CommitteeSessionId>,
}

/// Every push of a line, the oldest first (rule D6).
pub fn history(
    connection: &mut DbConnection,
    application: ApplicationId,
    co_funder: CoFunderId,
) -> Result<Vec<Revision>> {
    let kinds = [Event::DecisionRecorded, Event::DecisionSuperseded];
    let mut pushes = Vec::new();
    for event in events::all_of_subject(connection, application, &kinds)? {
        let line = DecisionInput::of_event(&event.data)?;
        let told: Told = serde_json::from_value(event.data).map_err(Error::internal)?;
        if told.co_funder_id == co_funder {
            pushes.push(Revision {
                revision: told.revision,
                line,
                recorded_by: event.client,
                session_id: told.session_id,
                recorded_at: event.at,
            });
        }
    }
    pushes.sort_by_key(|push| push.revision);
    Ok(pushes)
}

/// Adds new lines, each with whether its grant may be published.
pub fn insert<'a>(tx: &mut DbConnection, lines: impl Iterator<Item = (&'a Decision, bool)>) -> Result<()> {
    let row = |(line, effective): (&'a Decision, bool)| {
        Ok(moving(line, effective)?
            .set(dsl::application_id, line.application_id)
            .set(dsl::co_funder_id, line.co_funder_id)
            .set(dsl::call_id, line.call_id)
            .set(dsl::strand, &line.strand)
            .set(dsl::requested, line.requested)
            .set(dsl::standing, line.standing)
            .set(dsl::created_at, line.created_at))
    };
    Ok(insert_all(tx, lines.map(row).collect::<Result<_>>()?)?)
}

/// Replaces a line, whose application is held, by what it now is.
pub fn replace(tx: &mut DbConnection, line: &Decision, effective: bool) -> Result<()> {
    let same = dsl::application_id.eq(line.application_id).and(dsl::co_funder_id.eq(line.co_funder_id));
    let row = moving(line, effective)?;
    changed_once(on_each!(tx, own => row.update(same).execute(own))?)
}

/// The columns that pushes and payments move.
fn moving(line: &Decision, effective: bool) -> Result<Fields<dsl::decisions, impl OnEach>> {
    let recorded_by = line.recorded_by.ok_or_else(|| Error::internal("a line without its author"))?;
    Ok(fields(dsl::decisions)
        .set(dsl::version, line.version)
        .set(dsl::revision, line.revision.unwrap_or_default())
        .set(dsl::firmness, line.firmness)
        .set(dsl::proposed, line.proposed)
        .set(dsl::granted, line.granted)
        .set(dsl::credits, line.credits)
        .set(dsl::conditions, &line.conditions)
        .set(dsl::resolution, &line.resolution)
        .set(dsl::public_resolution, &line.public_resolution)
        .set(dsl::effective, effective)
        .set(dsl::applicant_conditions, &line.applicant_conditions)
        .set(dsl::act_reference, &line.act_reference)
        .set(dsl::act_date, line.act_date)
        .set(dsl::partner_reference, &line.partner_reference)
        .set(dsl::reason, &line.reason)
        .set(dsl::reply_to_council, &line.reply_to_council)
        .set(dsl::paid, line.paid)
        .set(dsl::recorded_by, recorded_by)
        .set(dsl::session_id, line.session_id)
        .set(dsl::updated_at, line.updated_at))
}
