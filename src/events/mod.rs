//! One row a change, written in the change's own transaction: the audit trail and the outbox are the same rows.

use std::iter;

use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;

use crate::db::schema::events::dsl;
use crate::db::{DbConnection, Json, fields, insert_all};
use crate::error::{Error, Result};
use crate::http::{Actor, Walk};
use crate::types::{ClientId, EventId, Id, Instant};
use crate::{walked, words};

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
    AttachmentAdded,
    AttachmentRemoved,
    DecisionRecorded,
    DecisionSuperseded,
    DecisionResolved,
    PaymentRecorded,
    OpinionGiven,
    SessionPlanned,
    SessionUpdated,
    SessionOpened,
    SessionClosed,
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
    AttachmentAdded = "attachment.added",
    AttachmentRemoved = "attachment.removed",
    DecisionRecorded = "decision.recorded",
    DecisionSuperseded = "decision.superseded",
    DecisionResolved = "decision.resolved",
    PaymentRecorded = "payment.recorded",
    OpinionGiven = "opinion.given",
    SessionPlanned = "session.planned",
    SessionUpdated = "session.updated",
    SessionOpened = "session.opened",
    SessionClosed = "session.closed",
    EvaluationGiven = "evaluation.given",
});

/// Records that `event` happened to the resource `subject`; `data` is what it now is.
pub fn record<K: 'static>(
    tx: &mut DbConnection,
    actor: &Actor,
    event: Event,
    subject: Id<K>,
    data: &impl Serialize,
) -> Result<()> {
    record_all(tx, actor, iter::once((event, subject, told(data)?)))
}

/// What an event tells, in words.
pub fn told(data: &impl Serialize) -> Result<String> {
    serde_json::to_string(data).map_err(Error::internal)
}

/// The same of several, in this order, put into words before.
pub fn record_all<K: 'static>(
    tx: &mut DbConnection,
    actor: &Actor,
    events: impl Iterator<Item = (Event, Id<K>, String)>,
) -> Result<()> {
    let row = |(event, subject, told): (Event, Id<K>, String)| {
        fields(dsl::events)
            .set(dsl::id, EventId::generate())
            .set(dsl::kind, event.as_str())
            .set(dsl::subject, subject)
            .set(dsl::client_id, actor.principal.client)
            .set(dsl::recorded_at, actor.now)
            .set(dsl::data, told)
    };
    Ok(insert_all(tx, events.map(row).collect())?)
}

/// When the last change was recorded; nothing before the first one.
pub fn last_recorded_at(connection: &mut DbConnection) -> Result<Option<Instant>> {
    let last = dsl::events.order(dsl::sequence.desc()).select(dsl::recorded_at).first(connection);
    Ok(last.optional()?)
}

/// A change that was recorded.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub id: EventId,
    pub event: Event,
    pub client: ClientId,
    pub at: Instant,
    pub data: Value,
}

type Columns = (EventId, String, ClientId, Instant, Json<Value>);

fn recorded((id, word, client, at, data): Columns) -> Result<Recorded> {
    let event = Event::parse(&word).ok_or_else(|| Error::internal(format!("no event {word}")))?;
    Ok(Recorded { id, event, client, at, data: data.into_inner() })
}

/// What happened to a resource, of these kinds.
pub fn of_subject<K>(
    connection: &mut DbConnection,
    subject: Id<K>,
    kinds: &[Event],
    walk: &Walk,
) -> Result<Vec<Recorded>> {
    let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let query = dsl::events
        .filter(dsl::subject.eq(subject).and(dsl::kind.eq_any(words)))
        .select((dsl::id, dsl::kind, dsl::client_id, dsl::recorded_at, dsl::data))
        .into_boxed();
    let rows: Vec<Columns> = walked!(query, dsl::id, walk).load(connection)?;
    rows.into_iter().map(recorded).collect()
}

/// All that happened to a resource, of these kinds: for kinds that are few by nature.
pub fn all_of_subject<K>(
    connection: &mut DbConnection,
    subject: Id<K>,
    kinds: &[Event],
) -> Result<Vec<Recorded>> {
    let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let rows: Vec<Columns> = dsl::events
        .filter(dsl::subject.eq(subject).and(dsl::kind.eq_any(words)))
        .order(dsl::id)
        .select((dsl::id, dsl::kind, dsl::client_id, dsl::recorded_at, dsl::data))
        .load(connection)?;
    rows.into_iter().map(recorded).collect()
}

/// The last of these kinds that happened to a resource before another event.
pub fn last_before<K>(
    connection: &mut DbConnection,
    subject: Id<K>,
    kinds: &[Event],
    before: EventId,
) -> Result<Option<Recorded>> {
    let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let row: Option<Columns> = dsl::events
        .filter(dsl::subject.eq(subject).and(dsl::kind.eq_any(words)))
        .filter(dsl::id.lt(before))
        .order(dsl::id.desc())
        .select((dsl::id, dsl::kind, dsl::client_id, dsl::recorded_at, dsl::data))
        .first(connection)
        .optional()?;
    row.map(recorded).transpose()
}
