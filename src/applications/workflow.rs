//! The life of an application: drafted, changed, submitted, returned and submitted again, judged, withdrawn.

use super::api::{AdmissibilityInput, WithdrawalInput};
use super::attachments;
use super::content::ApplicationInput;
use super::entries;
use super::receipt::Receipt;
use super::renewal::renewed;
use super::returns::{self, Return, ReturnInput};
use super::rules::violations;
use super::status::ApplicationStatus;
use super::store::{self, Row};
use super::transitions::{is_judgeable, is_receivable};
use super::view;
use crate::auth::Binding;
use crate::calls::{self, CallRow, CallStatus};
use crate::db::DbConnection;
use crate::error::{Code, Error, Fault, FaultCode, Result, all_right};
use crate::events::{self, Event};
use crate::http::{Actor, ETag, IfMatch, Patch};
use crate::organisations;
use crate::types::{ApplicationId, Instant, OrganisationId};

/// Refuses who does not act for that organisation.
pub fn own(actor: &Actor, organisation: OrganisationId) -> Result<()> {
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
    if call.as_ref().is_none_or(|call| call.status != CallStatus::Published) {
        faults.push(Fault::unknown("/callId", ("published call", "appel publié"), input.call_id));
    }
    if found(organisations::load(tx, &actor.principal, input.organisation_id))?.is_none() {
        faults.push(Fault::unknown("/organisationId", ("organisation", "organisme"), input.organisation_id));
    }
    let former = former(tx, actor, input, call.as_ref())?;
    faults.extend(unknown_former(input, former.as_ref()));
    all_right(faults)?;
    let input = match former {
        Some((former, years)) => renewed(input, &former.content, years)?,
        None => input.clone(),
    };
    let id = store::insert(tx, &input, actor.now)?;
    events::record(tx, actor, Event::ApplicationCreated, id, &input)?;
    store::find(tx, &actor.principal, id)
}

/// The application that this one renews, and how many years ago that was: of the same organisation, in a call before.
fn former(
    tx: &mut DbConnection,
    actor: &Actor,
    input: &ApplicationInput,
    call: Option<&CallRow>,
) -> Result<Option<(Row, i32)>> {
    let (Some(id), Some(call)) = (input.renewal_of, call) else { return Ok(None) };
    let Some(former) = found(store::find(tx, &actor.principal, id))? else { return Ok(None) };
    let years = call.terms.year - calls::find(tx, Some(&actor.principal), former.call_id)?.terms.year;
    let earlier = former.organisation_id == input.organisation_id && years > 0;
    Ok(earlier.then_some((former, years)))
}

fn unknown_former(input: &ApplicationInput, former: Option<&(Row, i32)>) -> Option<Fault> {
    let id = input.renewal_of.filter(|_| former.is_none())?;
    Some(Fault::unknown("/renewalOf", ("application in an earlier call", "dossier d’un appel antérieur"), id))
}

/// Changes a draft, or what was returned for correction. It always saves (rule S1).
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
    if !current.status.is_editable() {
        return Err(not_from(current.status, "changed", "modifié"));
    }
    let call = calls::find(tx, Some(&actor.principal), current.call_id)?;
    call.check_not_archived()?;
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
    let former = former(tx, actor, &input, Some(&call))?;
    all_right(moved.chain(unknown_former(&input, former.as_ref())).collect())?;
    store::replace(tx, &current, &input, actor.now)?;
    events::record(tx, actor, Event::ApplicationUpdated, id, &input)?;
    store::find(tx, &actor.principal, id)
}

/// Submits a draft, or what was returned once it is corrected; one that was submitted already is answered as it is.
pub fn submit(tx: &mut DbConnection, actor: &Actor, id: ApplicationId, if_match: &IfMatch) -> Result<Row> {
    let row = store::find(tx, &actor.principal, id)?;
    own(actor, row.organisation_id)?;
    match row.status {
        ApplicationStatus::Withdrawn => return Err(not_from(row.status, "submitted", "déposé")),
        status if !status.is_editable() => return Ok(row),
        _ => {}
    }
    if_match.check_if_sent(&etag(tx, actor, &row)?)?;
    let call = calls::find(tx, Some(&actor.principal), row.call_id)?;
    let correctable_until = returns::latest(tx, id)?.map(|last| last.correct_by);
    if !is_receivable(&call, row.status, correctable_until, actor.now) {
        return Err(too_late(actor.now, &call, correctable_until));
    }
    all_right(violations(&row.content, &call.terms, &attachments::kinds(tx, id, false)?))?;
    // The call is not archived under the hand that submits.
    calls::hold(tx, &call)?;
    let number = row.number.clone().map_or_else(|| calls::next_number(tx, row.call_id), Ok)?;
    let attached = attachments::receive(tx, id)?;
    let receipt = Receipt::new(number, actor.now, &*row.content, attached)?;
    store::receive(tx, &row, &receipt)?;
    events::record(tx, actor, Event::ApplicationSubmitted, id, &receipt)?;
    store::find(tx, &actor.principal, id)
}

fn too_late(now: Instant, call: &CallRow, correctable_until: Option<Instant>) -> Error {
    let shown = |at: Option<Instant>| at.map_or_else(|| "…".to_owned(), |at| at.to_string());
    let (opens, closes) = (shown(call.terms.opens_at), shown(call.terms.closes_at));
    let (mut en, mut fr) = (
        format!("it is {now}; the call is open from {opens} to {closes}"),
        format!("il est {now} ; l’appel court de {opens} à {closes}"),
    );
    if let Some(until) = correctable_until {
        en.push_str(&format!(", and corrections were received until {until}"));
        fr.push_str(&format!(", et les corrections étaient reçues jusqu’à {until}"));
    }
    Error::new(Code::CallNotOpen).detail(en, fr)
}

/// Returns an application to its applicant, who corrects it and submits it again; once more to say more, or to give more
/// time.
pub fn send_back(
    tx: &mut DbConnection,
    actor: &Actor,
    id: ApplicationId,
    input: &ReturnInput,
) -> Result<Return> {
    let row = store::find(tx, &actor.principal, id)?;
    for_instructors(actor)?;
    if input.correct_by <= actor.now {
        let fault = Fault::new("/correctBy", FaultCode::InThePast, "is in the past", "est dans le passé");
        return Err(Error::invalid(vec![fault]));
    }
    if !row.status.is_returnable() {
        return Err(not_from(row.status, "returned", "renvoyé"));
    }
    hold_call(tx, actor, &row)?;
    store::send_back(tx, &row, actor.now)?;
    let made = returns::record(tx, id, input, actor.now)?;
    events::record(tx, actor, Event::ApplicationReturned, id, &made)?;
    Ok(made)
}

/// Withdraws an application, at any time before a vote; one that was withdrawn already is answered as it is.
pub fn withdraw(
    tx: &mut DbConnection,
    actor: &Actor,
    id: ApplicationId,
    if_match: &IfMatch,
    input: &WithdrawalInput,
) -> Result<Row> {
    let row = store::find(tx, &actor.principal, id)?;
    own(actor, row.organisation_id)?;
    if row.status == ApplicationStatus::Withdrawn {
        return Ok(row);
    }
    if_match.check_if_sent(&etag(tx, actor, &row)?)?;
    if !row.status.is_withdrawable() {
        return Err(not_from(row.status, "withdrawn", "retiré"));
    }
    hold_call(tx, actor, &row)?;
    store::step(tx, &row, ApplicationStatus::Withdrawn, input.reason.as_deref(), actor.now)?;
    store::free_lines(tx, id)?;
    entries::free(tx, id)?;
    events::record(tx, actor, Event::ApplicationWithdrawn, id, input)?;
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
    for_instructors(actor)?;
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
    let call = hold_call(tx, actor, &row)?;
    let correctable_until = returns::latest(tx, id)?.map(|last| last.correct_by);
    let receivable = is_receivable(&call, row.status, correctable_until, actor.now);
    let uncorrected = row.status == ApplicationStatus::Returned;
    if !is_judgeable(row.status, receivable) || uncorrected && input.admissible {
        return Err(not_from(row.status, "judged", "jugé"));
    }
    store::step(tx, &row, status, input.reason.as_deref(), actor.now)?;
    events::record(tx, actor, event, id, input)?;
    store::find(tx, &actor.principal, id)
}

/// Nobody archives the call of an application while it moves on; one that is archived already lets nothing move.
fn hold_call(tx: &mut DbConnection, actor: &Actor, row: &Row) -> Result<CallRow> {
    let call = calls::find(tx, Some(&actor.principal), row.call_id)?;
    call.check_not_archived()?;
    calls::hold(tx, &call)?;
    Ok(call)
}

fn for_instructors(actor: &Actor) -> Result<()> {
    if actor.principal.is_staff() {
        return Ok(());
    }
    let (en, fr) = ("this is for an instructor to do", "cet acte revient à un instructeur");
    Err(Error::new(Code::NotYourInstitution).detail(en, fr))
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
    ETag::of(&view::one(tx, actor, row.clone())?)
}

pub fn not_from(status: ApplicationStatus, en: &str, fr: &str) -> Error {
    Error::new(Code::InvalidTransition).detail(
        format!("an application that is {status} cannot be {en}"),
        format!("un dossier {} ne peut être {fr}", status.french()),
    )
}
