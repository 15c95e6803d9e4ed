//! Decision lines in the database. What was pushed before is in the events of the application.

use diesel::prelude::*;
use serde::Deserialize;

use super::api::{Decision, DecisionInput, Revision};
use crate::applications::{Resolution, sees_all_lines};
use crate::auth::{Binding, Principal};
use crate::db::schema::decisions::dsl;
use crate::db::{DbConnection, Json, changed_once};
use crate::error::{Error, Result};
use crate::events::{self, Event};
use crate::on_each;
use crate::types::{ApplicationId, CoFunderId, CommitteeSessionId, Firmness, Instant, Money};

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

/// All lines of these applications, each application's in the order they were first pushed.
pub fn of_applications(
    connection: &mut DbConnection,
    applications: &[ApplicationId],
) -> Result<Vec<Decision>> {
    let lines = dsl::decisions.filter(dsl::application_id.eq_any(applications)).order(dsl::id);
    Ok(on_each!(connection, own => lines.select(Decision::as_select()).load(own))?)
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

/// Adds a new line. `effective` says whether its grant may be published.
pub fn insert(tx: &mut DbConnection, line: &Decision, effective: bool) -> Result<()> {
    let new = diesel::insert_into(dsl::decisions).values((
        dsl::id.eq(line.id),
        dsl::application_id.eq(line.application_id),
        dsl::call_id.eq(line.call_id),
        dsl::co_funder_id.eq(line.co_funder_id),
        dsl::requested.eq(line.requested),
        dsl::strand.eq(&line.strand),
        dsl::standing.eq(line.standing),
        dsl::created_at.eq(line.created_at),
        moving(line, effective),
    ));
    on_each!(tx, own => new.execute(own))?;
    Ok(())
}

/// Replaces a line, whose application is held, by what it now is.
pub fn replace(tx: &mut DbConnection, line: &Decision, effective: bool) -> Result<()> {
    let same = diesel::update(dsl::decisions.find(line.id)).set(moving(line, effective));
    changed_once(on_each!(tx, own => same.execute(own))?)
}

type Moving<'a> = (
    diesel::dsl::Eq<dsl::version, i64>,
    diesel::dsl::Eq<dsl::revision, i64>,
    diesel::dsl::Eq<dsl::firmness, Firmness>,
    diesel::dsl::Eq<dsl::proposed, Option<Money>>,
    diesel::dsl::Eq<dsl::granted, Option<Money>>,
    diesel::dsl::Eq<dsl::credits, crate::types::Credits>,
    diesel::dsl::Eq<dsl::conditions, &'a Json<Vec<crate::applications::Condition>>>,
    diesel::dsl::Eq<dsl::resolution, &'a Option<Json<Resolution>>>,
    diesel::dsl::Eq<dsl::public_resolution, &'a Option<Json<Resolution>>>,
    diesel::dsl::Eq<dsl::effective, bool>,
    diesel::dsl::Eq<dsl::applicant_conditions, &'a Option<String>>,
    diesel::dsl::Eq<dsl::act_reference, &'a Option<String>>,
    diesel::dsl::Eq<dsl::act_date, Option<chrono::NaiveDate>>,
    diesel::dsl::Eq<dsl::partner_reference, &'a Option<String>>,
    diesel::dsl::Eq<dsl::reason, &'a Option<String>>,
    diesel::dsl::Eq<dsl::reply_to_council, &'a Option<String>>,
    diesel::dsl::Eq<dsl::paid, Money>,
    diesel::dsl::Eq<dsl::recorded_by, &'a str>,
    diesel::dsl::Eq<dsl::session_id, Option<CommitteeSessionId>>,
    diesel::dsl::Eq<dsl::updated_at, Instant>,
);

/// The columns that pushes and payments move.
fn moving(line: &Decision, effective: bool) -> Moving<'_> {
    (
        dsl::version.eq(line.version),
        dsl::revision.eq(line.revision.unwrap_or_default()),
        dsl::firmness.eq(line.firmness),
        dsl::proposed.eq(line.proposed),
        dsl::granted.eq(line.granted),
        dsl::credits.eq(line.credits),
        dsl::conditions.eq(&line.conditions),
        dsl::resolution.eq(&line.resolution),
        dsl::public_resolution.eq(&line.public_resolution),
        dsl::effective.eq(effective),
        dsl::applicant_conditions.eq(&line.applicant_conditions),
        dsl::act_reference.eq(&line.act_reference),
        dsl::act_date.eq(line.act_date),
        dsl::partner_reference.eq(&line.partner_reference),
        dsl::reason.eq(&line.reason),
        dsl::reply_to_council.eq(&line.reply_to_council),
        dsl::paid.eq(line.paid),
        dsl::recorded_by.eq(line.recorded_by.as_ref().map(|id| id.as_str()).unwrap_or_default()),
        dsl::session_id.eq(line.session_id),
        dsl::updated_at.eq(line.updated_at),
    )
}
