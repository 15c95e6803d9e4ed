//! The history of an application: the events of its life, with what each changed.

use std::collections::HashMap;

use serde_json::Value;

use super::super::store as applications;
use super::api::HistoryEntry;
use super::differences::differences;
use crate::auth::{Binding, Scope};
use crate::clients;
use crate::db::DbConnection;
use crate::error::Result;
use crate::events::{self, Event, Recorded};
use crate::http::{Reader, Walk};
use crate::types::{ApplicationId, ClientId};

/// What carries the content it made.
const CONTENT: [Event; 2] = [Event::ApplicationCreated, Event::ApplicationUpdated];

/// The life of an application. What co-funders decide has a history of its own, with its own readers (rule D9).
const LIFE: [Event; 9] = [
    Event::ApplicationCreated,
    Event::ApplicationUpdated,
    Event::AttachmentAdded,
    Event::AttachmentRemoved,
    Event::ApplicationSubmitted,
    Event::ApplicationReturned,
    Event::ApplicationAdmissible,
    Event::ApplicationInadmissible,
    Event::ApplicationWithdrawn,
];

/// For the audit scope and for the organisation that carries the application.
pub fn history(
    connection: &mut DbConnection,
    reader: &Reader,
    id: ApplicationId,
    walk: &Walk,
) -> Result<Vec<HistoryEntry>> {
    let row = applications::find(connection, &reader.principal, id)?;
    let own = reader.principal.binding == Binding::Organisation(row.organisation_id);
    if !own {
        reader.principal.require_any(&[Scope::AuditRead])?;
    }
    let recorded = events::of_subject(connection, id, &LIFE, walk)?;
    let clients: Vec<ClientId> = recorded.iter().map(|one| one.client).collect();
    let mut names = clients::names(connection, &clients)?;
    if own {
        // The clients of the staff are none of the applicant's business, whatever the scopes of its token.
        let shown = clients::of_organisation(connection, row.organisation_id, &clients)?;
        names.retain(|client, _| shown.contains(client));
    }
    recorded.into_iter().map(|one| entry(connection, id, one, &names)).collect()
}

fn entry(
    connection: &mut DbConnection,
    id: ApplicationId,
    one: Recorded,
    clients: &HashMap<ClientId, String>,
) -> Result<HistoryEntry> {
    let touches_content = CONTENT.contains(&one.event);
    let changes = if touches_content {
        let former = events::last_before(connection, id, &CONTENT, one.id)?;
        differences(&former.map_or(Value::Null, |former| former.data), &one.data)
    } else {
        Vec::new()
    };
    let data = (!touches_content).then_some(one.data);
    Ok(HistoryEntry {
        id: one.id,
        event: one.event,
        at: one.at,
        client_id: clients.contains_key(&one.client).then_some(one.client),
        client_name: clients.get(&one.client).cloned(),
        changes,
        data,
    })
}
