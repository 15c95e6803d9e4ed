//! The life of an application: drafted, changed, submitted, judged.

use super::api::{AdmissibilityInput, ApplicationInput, ApplicationStatus};
use super::funding::funding;
use super::rules::violations;
use super::store::{self, Row, Step};
use super::view;
use crate::auth::Binding;
use crate::calls::{self, CallStatus};
use crate::db::DbConnection;
use crate::error::{Code, Error, Fault, FaultCode, Result, all_right};
use crate::events::{self, Event};
use crate::http::{Actor, ETag, IfMatch, Patch};
use crate::organisations;
use crate::types::{ApplicationId, Instant, OrganisationId};

fn own(actor: &Actor, organisation: OrganisationId) -> Result<()> {
    if actor.principal.binding == Binding::Organisation(organisation) {
        Ok(())
    } else {
        Err(Error::new(Code::NotYourInstitution))
    }
}

/// Makes a draft in a published call, for the client's own organisation.
pub fn create(tx: &mut DbConnection, actor: &Actor, input: &ApplicationInput) -> Result<Row> {
    own(actor, input.organisation_id)?;
    let mut faults = Vec::new();
    let call = found(calls::find(tx, Some(&actor.principal), input.call_id))?;
    if call.is_none_or(|call| call.status != CallStatus::Published) {
        faults.push(Fault::unknown("/callId", "published call", input.call_id));
    }
    if found(organisations::load(tx, &actor.principal, input.organisation_id))?.is_none() {
        faults.push(Fault::unknown("/organisationId", "organisation", input.organisation_id));
    }
    all_right(faults)?;
    let id = store::insert(tx, input, funding(input, &[]), actor.now)?;
    events::record(tx, actor, Event::ApplicationCreated, id, input)?;
    store::find(tx, &actor.principal, id)
}

/// Changes a draft. A draft always saves (rule S1).
pub fn change(
    tx: &mut DbConnection,
    actor: &Actor,
    id: ApplicationId,
    if_match: &IfMatch,
    patch: &Patch<ApplicationInput>,
) -> Result<Row> {
    let current = store::find(tx, &actor.principal, id)?;
    own(actor, current.organisation_id)?;
    if_match.check(&etag(tx, actor, &current)?)?;
    if current.status != ApplicationStatus::Draft {
        return Err(not_from(current.status, "changed", "modifié"));
    }
    let input = patch.apply(&current.content)?;
    let fixed = [
        ("/callId", input.call_id == current.call_id),
        ("/organisationId", input.organisation_id == current.organisation_id),
    ];
    if input == *current.content {
        return Ok(current);
    }
    let moved = fixed.iter().filter(|(_, same)| !same).map(|(pointer, _)| {
        Fault::new(*pointer, FaultCode::NotAllowedValue, "cannot be changed", "ne peut être modifié")
    });
    all_right(moved.collect())?;
    store::replace(tx, &current, &input, funding(&input, &[]), actor.now)?;
    events::record(tx, actor, Event::ApplicationUpdated, id, &input)?;
    store::find(tx, &actor.principal, id)
}

/// Submits a draft; one that was submitted already is answered as it is.
pub fn submit(tx: &mut DbConnection, actor: &Actor, id: ApplicationId, if_match: &IfMatch) -> Result<Row> {
    let row = store::find(tx, &actor.principal, id)?;
    own(actor, row.organisation_id)?;
    if row.status != ApplicationStatus::Draft {
        return Ok(row);
    }
    if_match.check_if_sent(&etag(tx, actor, &row)?)?;
    let call = calls::find(tx, Some(&actor.principal), row.call_id)?;
    if !call.is_open(actor.now) {
        let day = |at: Option<Instant>| at.map_or_else(|| "…".to_owned(), |at| at.to_string());
        let (now, opens, closes) = (actor.now, day(call.terms.opens_at), day(call.terms.closes_at));
        return Err(Error::new(Code::CallNotOpen).detail(
            format!("it is {now}; the call is open from {opens} to {closes}"),
            format!("il est {now} ; l’appel court de {opens} à {closes}"),
        ));
    }
    all_right(violations(&row.content, &call.terms))?;
    let number = calls::next_number(tx, row.call_id)?;
    let submitted = Step {
        status: ApplicationStatus::Submitted,
        reason: None,
        number: Some(&number),
        submitted_at: Some(actor.now),
    };
    store::step(tx, &row, &submitted, actor.now)?;
    events::record(tx, actor, Event::ApplicationSubmitted, id, &serde_json::json!({"number": number}))?;
    store::find(tx, &actor.principal, id)
}

/// Judges a submitted application; the same judgement again changes nothing.
pub fn judge(
    tx: &mut DbConnection,
    actor: &Actor,
    id: ApplicationId,
    if_match: &IfMatch,
    input: &AdmissibilityInput,
) -> Result<Row> {
    let row = store::find(tx, &actor.principal, id)?;
    if actor.principal.binding != Binding::Staff {
        let (en, fr) =
            ("admissibility is for an instructor to judge", "la recevabilité est jugée par un instructeur");
        return Err(Error::new(Code::NotYourInstitution).detail(en, fr));
    }
    let (status, event) = match input.admissible {
        true => (ApplicationStatus::Admissible, Event::ApplicationAdmissible),
        false => (ApplicationStatus::Inadmissible, Event::ApplicationInadmissible),
    };
    // A vote made an admissible application underway: it was judged admissible all the same.
    let judged =
        if row.status == ApplicationStatus::Underway { ApplicationStatus::Admissible } else { row.status };
    if judged == status && row.status_reason == input.reason {
        return Ok(row);
    }
    if_match.check_if_sent(&etag(tx, actor, &row)?)?;
    if row.status != ApplicationStatus::Submitted {
        return Err(not_from(row.status, "judged", "jugé"));
    }
    let call = calls::find(tx, Some(&actor.principal), row.call_id)?;
    call.check_not_archived()?;
    // Nobody archives the call meanwhile.
    calls::hold(tx, &call)?;
    let judged = Step {
        status,
        reason: input.reason.as_deref(),
        number: row.number.as_deref(),
        submitted_at: row.submitted_at,
    };
    store::step(tx, &row, &judged, actor.now)?;
    events::record(tx, actor, event, id, input)?;
    store::find(tx, &actor.principal, id)
}

/// Nothing where there is nothing to see; any other failure stays one.
fn found<T>(looked: Result<T>) -> Result<Option<T>> {
    match looked {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.code() == Code::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The tag of the application as this client reads it.
fn etag(tx: &mut DbConnection, actor: &Actor, row: &Row) -> Result<ETag> {
    ETag::of(&view::one(tx, &actor.principal, row.clone())?)
}

fn not_from(status: ApplicationStatus, en: &str, fr: &str) -> Error {
    Error::new(Code::InvalidTransition).detail(
        format!("an application that is {status} cannot be {en}"),
        format!("un dossier {} ne peut être {fr}", status.french()),
    )
}
