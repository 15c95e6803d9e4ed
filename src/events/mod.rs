//! One row a change, written in the change's own transaction: the audit trail and the outbox are the same rows.

use diesel::prelude::*;
use serde::Serialize;

use crate::db::schema::events::dsl;
use crate::db::{DbConnection, Json};
use crate::error::Result;
use crate::http::Actor;
use crate::types::{EventId, Id};
use crate::words;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    CoFunderCreated,
    CoFunderUpdated,
    OrganisationCreated,
    OrganisationUpdated,
    ContractCreated,
    ContractUpdated,
    ContractSigned,
    AmendmentDrafted,
    AmendmentUpdated,
    AmendmentSigned,
    CommitmentReported,
    CouncilSet,
    CallCreated,
    CallUpdated,
    CallPublished,
    CallDeadlineExtended,
    CallDecided,
    CallArchived,
    EnvelopeSet,
    ApplicationCreated,
    ApplicationUpdated,
    ApplicationSubmitted,
    ApplicationReturned,
    ApplicationWithdrawn,
    ApplicationAdmissible,
    ApplicationInadmissible,
    DecisionRecorded,
    DecisionSuperseded,
    EvaluationGiven,
}

words!(Event {
    CoFunderCreated = "coFunder.created",
    CoFunderUpdated = "coFunder.updated",
    OrganisationCreated = "organisation.created",
    OrganisationUpdated = "organisation.updated",
    ContractCreated = "contract.created",
    ContractUpdated = "contract.updated",
    ContractSigned = "contract.signed",
    AmendmentDrafted = "amendment.drafted",
    AmendmentUpdated = "amendment.updated",
    AmendmentSigned = "amendment.signed",
    CommitmentReported = "commitment.reported",
    CouncilSet = "council.set",
    CallCreated = "call.created",
    CallUpdated = "call.updated",
    CallPublished = "call.published",
    CallDeadlineExtended = "call.deadlineExtended",
    CallDecided = "call.decided",
    CallArchived = "call.archived",
    EnvelopeSet = "envelope.set",
    ApplicationCreated = "application.created",
    ApplicationUpdated = "application.updated",
    ApplicationSubmitted = "application.submitted",
    ApplicationReturned = "application.returned",
    ApplicationWithdrawn = "application.withdrawn",
    ApplicationAdmissible = "application.admissible",
    ApplicationInadmissible = "application.inadmissible",
    DecisionRecorded = "decision.recorded",
    DecisionSuperseded = "decision.superseded",
    EvaluationGiven = "evaluation.given",
});

/// Records that `event` happened to the resource `subject`; `data` is what it now is.
pub fn record<K>(
    tx: &mut DbConnection,
    actor: &Actor,
    event: Event,
    subject: Id<K>,
    data: &impl Serialize,
) -> Result<()> {
    let data = serde_json::to_value(data).map_err(crate::error::Error::internal)?;
    diesel::insert_into(dsl::events)
        .values((
            dsl::id.eq(EventId::generate()),
            dsl::kind.eq(event.as_str()),
            dsl::subject.eq(subject.as_str()),
            dsl::client_id.eq(actor.principal.client),
            dsl::recorded_at.eq(actor.now),
            dsl::data.eq(Json::new(data)?),
        ))
        .execute(tx)?;
    Ok(())
}
