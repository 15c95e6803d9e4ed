//! `/v1/committee-sessions/{sessionId}/positions`

use std::collections::HashSet;

use actix_web::web::Data;
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::super::check_of_call;
use super::super::api::SessionStatus;
use super::super::lifecycle::{not_from, own};
use super::super::store as sessions;
use super::api::{Position, PositionLine, PositionsInput, PositionsRecorded};
use super::store;
use crate::calls::CallRow;
use crate::db::{Db, DbConnection};
use crate::decisions::{self, Capacity, Ledger, Named, Push, Refusal};
use crate::error::{Error, Fault, Result};
use crate::http::{
    Actor, Command, Conditions, IfMatch, Page, PageQuery, Path, Reader, Reply, Teller, Valid, Walk,
};
use crate::types::{ApplicationId, CoFunderId, CommitteeSessionId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_positions).service(record_positions);
}

/// List the positions taken in a session
///
/// As they were recorded, the oldest first; what their co-funders have made of them since is in the decisions.
#[utoipa::path(tag = "programme",
    params(("sessionId" = CommitteeSessionId, Path, description = "The session."), PageQuery),
    responses((status = 200, description = "A page of positions.", body = Page<Position>)),
    security(("oauth2" = ["decisions:read"])))]
#[get("/v1/committee-sessions/{sessionId}/positions")]
async fn list_positions(
    path: Path<(CommitteeSessionId,)>,
    walk: Walk,
    reader: Reader,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let rows = walk.clone();
    let positions = db
        .read(move |connection| {
            sessions::find(connection, &reader.principal, id)?;
            store::list(connection, id, &rows)
        })
        .await?;
    walk.reply(positions, |position| position.id)
}

/// Record positions
///
/// What co-funders said in an open session, by the staff, all or none. A position is at most `agreed`, and a line that its
/// institution has voted is no longer changed here. One that only confirms a line leaves the line as it is.
#[utoipa::path(tag = "programme", params(("sessionId" = CommitteeSessionId, Path, description = "The session.")),
    request_body = PositionsInput,
    responses((status = 200, description = "What became of each position.", body = PositionsRecorded)),
    security(("oauth2" = ["programme:write"])))]
#[post("/v1/committee-sessions/{sessionId}/positions")]
async fn record_positions(
    path: Path<(CommitteeSessionId,)>,
    command: Command,
    teller: Teller,
    body: Valid<PositionsInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let Valid { value: input, digest } = body;
    command.post(&db, &digest, move |tx, actor| Reply::ok(&record(tx, actor, id, &input, &teller)?)).await
}

fn record(
    tx: &mut DbConnection,
    actor: &Actor,
    id: CommitteeSessionId,
    input: &PositionsInput,
    teller: &Teller,
) -> Result<PositionsRecorded> {
    let (row, call) = own(tx, actor, id)?;
    if row.status != SessionStatus::Open {
        return Err(not_from(row.status, "given positions", "complétée de positions"));
    }
    sessions::hold(tx, &row)?;
    let agenda: HashSet<ApplicationId> = row.terms.agenda.iter().copied().collect();
    let pushes: Vec<Named<'_>> =
        input.positions.iter().map(|line| push(line, id, &agenda, &call).map_err(Refusal::Found)).collect();
    let ids: Vec<ApplicationId> = input.positions.iter().map(|line| line.application_id).collect();
    let co_funders: Vec<CoFunderId> = input.positions.iter().map(|line| line.co_funder_id).collect();
    let mut ledger = Ledger::hold(tx, &actor.principal, &ids, &co_funders)?;
    let steps = decisions::judge(&mut ledger, actor, &pushes);
    decisions::all_or_none(&pushes, &steps, teller)?;
    ledger.save(tx, actor)?;
    store::insert(tx, actor, id, &input.positions)?;
    let results = decisions::results(&ledger, &pushes, &steps, teller)?;
    Ok(PositionsRecorded { session_id: id, results })
}

fn push(
    line: &PositionLine,
    session: CommitteeSessionId,
    agenda: &HashSet<ApplicationId>,
    call: &CallRow,
) -> Result<Push> {
    if !agenda.contains(&line.application_id) {
        let what = ("application of the agenda", "dossier de l’ordre du jour");
        return Err(Error::invalid(vec![Fault::unknown("/applicationId", what, line.application_id)]));
    }
    check_of_call(call, line.co_funder_id)?;
    Ok(Push {
        application: line.application_id,
        co_funder: line.co_funder_id,
        conditions: Conditions { if_match: IfMatch::of(line.if_match.clone()), ..Conditions::none() },
        capacity: Capacity::Committee(session),
        input: line.decision.clone(),
    })
}
