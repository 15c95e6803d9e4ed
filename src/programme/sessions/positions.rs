//! Positions taken in a session: recorded in one go for several co-funders, all or none. Each line says who recorded it, and
//! in which session.

use actix_web::web::Data;
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use super::api::SessionStatus;
use super::lifecycle::{not_from, own};
use super::store;
use crate::db::{Db, DbConnection};
use crate::decisions::{
    self, Capacity, DecisionInput, Ledger, LineResult, Named, Push, Refusal, SessionPush,
};
use crate::error::{Error, Fault, Result};
use crate::http::{Actor, Command, Conditions, IfMatch, Page, Path, Reader, Reply, Teller, Valid};
use crate::types::{ApplicationId, CoFunderId, CommitteeSessionId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_positions).service(record_positions);
}

/// What a co-funder said of an application in the session.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PositionLine {
    /// One of the agenda.
    pub application_id: ApplicationId,
    pub co_funder_id: CoFunderId,
    /// The `ETag` of the line it changes; `*` for whatever it is now.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub if_match: Option<String>,
    /// At most `agreed`: a vote is each institution's own.
    #[validate(nested)]
    pub decision: DecisionInput,
}

/// Positions taken in a session.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"positions": [{
    "applicationId": "01890a5d-ac96-774b-bcce-b302099a8061", "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8058",
    "decision": {
        "firmness": "agreed", "granted": {"amount": "4000.00", "currency": "EUR"}, "credits": "mainstream"
    }
}]}))]
pub struct PositionsInput {
    #[schema(min_items = 1, max_items = 1000)]
    #[validate(nested)]
    pub positions: Vec<PositionLine>,
}

/// What became of the positions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PositionsRecorded {
    pub session_id: CommitteeSessionId,
    /// One for each position, in their order.
    #[schema(max_items = 1000)]
    pub results: Vec<LineResult>,
}

/// Record positions
///
/// What co-funders said in an open session, by the staff, all or none. A position is at most `agreed`, and a line that its
/// institution has voted is no longer changed here.
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
    let (row, _) = own(tx, actor, id)?;
    if row.status != SessionStatus::Open {
        return Err(not_from(row.status, "given positions", "complétée de positions"));
    }
    store::hold(tx, &row)?;
    let ids: Vec<ApplicationId> = input.positions.iter().map(|line| line.application_id).collect();
    let co_funders: Vec<CoFunderId> = input.positions.iter().map(|line| line.co_funder_id).collect();
    let pushes: Vec<Named<'_>> =
        input.positions.iter().map(|line| push(line, id, &row.terms.agenda)).collect();
    let mut ledger = Ledger::hold(tx, &actor.principal, &ids, &co_funders)?;
    let steps = decisions::judge(&mut ledger, actor, &pushes);
    decisions::all_or_none(&pushes, &steps, teller)?;
    ledger.save(tx, actor)?;
    let results = decisions::results(&ledger, &pushes, &steps, teller)?;
    Ok(PositionsRecorded { session_id: id, results })
}

fn push<'a>(line: &PositionLine, session: CommitteeSessionId, agenda: &[ApplicationId]) -> Named<'a> {
    if !agenda.contains(&line.application_id) {
        let what = ("application of the agenda", "dossier de l’ordre du jour");
        let fault = Fault::unknown("/applicationId", what, line.application_id);
        return Err(Refusal::Found(Error::invalid(vec![fault])));
    }
    Ok(Push {
        application: line.application_id,
        co_funder: line.co_funder_id,
        conditions: Conditions { if_match: IfMatch::of(line.if_match.clone()), must_be_new: false },
        capacity: Capacity::Committee(session),
        input: line.decision.clone(),
    })
}

/// List the positions taken in a session
///
/// As they were recorded, the oldest first; what their co-funders have made of them since is in the decisions.
#[utoipa::path(tag = "programme", params(("sessionId" = CommitteeSessionId, Path, description = "The session.")),
    responses((status = 200, description = "The positions.", body = Page<SessionPush>)),
    security(("oauth2" = ["decisions:read"])))]
#[get("/v1/committee-sessions/{sessionId}/positions")]
async fn list_positions(path: Path<(CommitteeSessionId,)>, reader: Reader, db: Data<Db>) -> Result<Reply> {
    let Path((id,)) = path;
    db.read(move |connection| {
        let (row, _) = store::find(connection, &reader.principal, id)?;
        Reply::ok(&Page::whole(decisions::pushes_of_session(connection, id, &row.terms.agenda)?))
    })
    .await
}
