//! The main push. The application's row is held first, then the envelope's: two pushes that would together break a
//! rule wait for each other, and always in the same order.

use super::api::{Decision, DecisionInput};
use super::rules::{Limits, check_limits, check_step};
use super::store::{self, Place};
use crate::applications::{
    self, ApplicationRow, ApplicationStatus, Line, budgeted_charges, funding, other_public_money,
};
use crate::calls;
use crate::db::DbConnection;
use crate::error::{Code, Error, Fault, FaultCode, Result};
use crate::events::{self, Event};
use crate::http::{Actor, Conditions, Put};
use crate::types::{ApplicationId, CoFunderId};

/// What a push made of a line.
pub struct Pushed {
    pub line: Decision,
    pub is_new: bool,
}

/// Records what a co-funder now says of an application (rules D1 to D7).
pub fn push(
    tx: &mut DbConnection,
    actor: &Actor,
    (application, co_funder): (ApplicationId, CoFunderId),
    conditions: &Conditions,
    input: &DecisionInput,
) -> Result<Pushed> {
    applications::check_visible(tx, &actor.principal, application)?;
    if actor.principal.co_funder() != Some(co_funder) {
        return Err(Error::new(Code::NotYourLine));
    }
    if let Some(line) = store::current(tx, application, co_funder)?
        && line.says(input)
        && !conditions.must_be_new
    {
        return Ok(Pushed { line, is_new: false });
    }
    let row = applications::lock(tx, &actor.principal, application)?;
    check_admissible(&row)?;
    check_day(actor, input)?;
    let former = store::current(tx, application, co_funder)?;
    let former = match conditions.judge(former, |line| line.says(input), |line| Ok(line.etag()))? {
        Put::Keep(line) => return Ok(Pushed { line, is_new: false }),
        Put::Make => None,
        Put::Replace(line) => Some(line),
    };
    former.iter().try_for_each(|line| check_step(line, input))?;
    // Nobody else's line moves while the application's row is held: they are read once.
    let lines = store::lines(tx, row.id)?;
    check_limits(input, &limits(tx, actor, &row, co_funder, input, &lines)?)?;
    write(tx, actor, &row, co_funder, former.as_ref(), input)?;
    settle(tx, actor, &row, &lines, co_funder, input)?;
    let line = store::current(tx, row.id, co_funder)?.ok_or_else(|| Error::internal("the line is gone"))?;
    let event = if former.is_some() { Event::DecisionSuperseded } else { Event::DecisionRecorded };
    events::record(tx, actor, event, row.id, &line)?;
    Ok(Pushed { line, is_new: former.is_none() })
}

/// Rule D2.
fn check_admissible(row: &ApplicationRow) -> Result<()> {
    match row.status {
        ApplicationStatus::Admissible | ApplicationStatus::Underway => Ok(()),
        status => Err(Error::new(Code::NotAdmissible)
            .detail(format!("the application is {status}"), format!("le dossier est {}", status.french()))),
    }
}

fn check_day(actor: &Actor, input: &DecisionInput) -> Result<()> {
    if input.act_date.is_some_and(|day| day > actor.now.latest_date()) {
        let fault = Fault::new("/actDate", FaultCode::InTheFuture, "is in the future", "est dans le futur");
        return Err(Error::invalid(vec![fault]));
    }
    Ok(())
}

fn limits(
    tx: &mut DbConnection,
    actor: &Actor,
    row: &ApplicationRow,
    co_funder: CoFunderId,
    input: &DecisionInput,
    lines: &[Line],
) -> Result<Limits> {
    let purpose = calls::Purpose {
        credits: input.credits,
        strand: row.content.strand.as_deref().unwrap_or_default(),
        application: row.id,
    };
    let room = calls::room(tx, row.call_id, co_funder, &purpose)?.ok_or_else(Error::not_found)?;
    let call = calls::find(tx, Some(&actor.principal), row.call_id)?;
    if !call.terms.launched_by.contains(&co_funder) {
        return Err(Error::not_found());
    }
    call.check_not_archived()?;
    let others = lines.iter().filter(|line| line.co_funder_id != co_funder && line.firmness.is_committing());
    let granted_by_others = others.filter_map(|line| line.granted).sum();
    Ok(Limits {
        envelope: room.amount,
        committed_elsewhere: room.committed_elsewhere,
        charges: budgeted_charges(&row.content),
        granted_by_others,
        other_public_money: other_public_money(&row.content),
        maximum_public_share_percent: call.terms.rules.maximum_public_share_percent,
    })
}

fn write(
    tx: &mut DbConnection,
    actor: &Actor,
    row: &ApplicationRow,
    co_funder: CoFunderId,
    former: Option<&Decision>,
    input: &DecisionInput,
) -> Result<()> {
    match former {
        Some(line) => store::supersede(tx, actor, line, input),
        None => {
            let request = row.content.requests.iter().find(|request| request.co_funder_id == co_funder);
            let place = Place {
                application: row.id,
                call: row.call_id,
                co_funder,
                requested: request.map(|request| request.amount).unwrap_or_default(),
                strand: row.content.strand.as_deref().unwrap_or_default(),
            };
            store::insert(tx, actor, &place, input)
        }
    }
}

/// What the push makes of the application: its funding, its status, the day it changed (rules D7, D9).
fn settle(
    tx: &mut DbConnection,
    actor: &Actor,
    row: &ApplicationRow,
    before: &[Line],
    co_funder: CoFunderId,
    input: &DecisionInput,
) -> Result<()> {
    let own = Line {
        co_funder_id: co_funder,
        firmness: input.firmness,
        proposed: input.proposed,
        granted: input.granted,
    };
    let mut lines = before.to_vec();
    match lines.iter_mut().find(|line| line.co_funder_id == co_funder) {
        Some(line) => *line = own,
        None => lines.push(own),
    }
    let public = |lines: &[Line]| -> Vec<Line> {
        lines.iter().filter(|line| line.firmness.is_public()).copied().collect()
    };
    let voted = lines.iter().any(|line| line.firmness.is_public());
    let status = if voted { ApplicationStatus::Underway } else { row.status };
    // What the applicant may not see does not move its document's date either (rule D9).
    let seen = status != row.status || public(before) != public(&lines);
    let updated_at = if seen { actor.now } else { row.updated_at };
    let known_to_all = funding(&row.content, &public(&lines)).status;
    applications::keep_funding(tx, row.id, status, funding(&row.content, &lines), known_to_all, updated_at)
}
