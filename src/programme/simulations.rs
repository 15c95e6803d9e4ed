//! What-if: the programme that hypothetical lines would give. Nothing is stored.

use actix_web::post;
use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::{Validate, ValidationError};

use super::api::Programme;
use super::assembly::{self, Supposed};
use super::check_of_call;
use crate::calls;
use crate::db::{Db, DbConnection};
use crate::decisions::{Capacity, DecisionInput, Ledger, LineResult, Named, Push, Refusal, judge, refused};
use crate::error::{Error, Fault, Result};
use crate::http::{Actor, Command, Conditions, Path, Reply, Teller, Valid, verdict};
use crate::types::{ApplicationId, CallId, CoFunderId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(simulate_programme);
}

/// A line that somebody might record.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HypotheticalLine {
    pub application_id: ApplicationId,
    pub co_funder_id: CoFunderId,
    /// As it would be pushed; acts, reasons and replies are not asked for.
    pub decision: DecisionInput,
}

/// What is supposed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "stances_hold"))]
#[schema(example = json!({"lines": [{
    "applicationId": "01890a5d-ac96-774b-bcce-b302099a8061", "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8058",
    "decision": {
        "firmness": "agreed", "granted": {"amount": "4000.00", "currency": "EUR"}, "credits": "mainstream"
    }
}]}))]
pub struct SimulationInput {
    /// Judged one after the other, in the place of the lines there are.
    #[schema(min_items = 1, max_items = 1000)]
    pub lines: Vec<HypotheticalLine>,
}

fn stances_hold(input: &SimulationInput) -> std::result::Result<(), ValidationError> {
    let mut faults = Vec::new();
    for (place, line) in input.lines.iter().enumerate() {
        let pointer = format!("/lines/{place}/decision");
        faults.extend(
            line.decision
                .stance_faults()
                .into_iter()
                .map(|fault| Fault { pointer: format!("{pointer}{}", fault.pointer), ..fault }),
        );
    }
    verdict(faults)
}

/// What would become of the programme.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Simulation {
    /// The lines that the envelopes, the budgets or the call would not allow: the programme is without them.
    #[schema(max_items = 1000)]
    pub refused: Vec<LineResult>,
    pub programme: Programme,
}

/// Ask what would become of the programme
///
/// With hypothetical lines of any co-funder, judged by the same rules as real ones, acts and authors aside. Nothing is
/// stored. For the co-funders of the call and its staff.
#[utoipa::path(tag = "programme", params(("callId" = CallId, Path, description = "The call.")),
    request_body = SimulationInput,
    responses((status = 200, description = "The programme they would give.", body = Simulation)),
    security(("oauth2" = ["decisions:read"])))]
#[post("/v1/calls/{callId}/simulations")]
async fn simulate_programme(
    path: Path<(CallId,)>,
    command: Command,
    teller: Teller,
    body: Valid<SimulationInput>,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    let Valid { value: input, digest } = body;
    command
        .ask(&db, &digest, move |connection, actor| {
            Reply::ok(&simulate(connection, actor, id, &input, &teller)?)
        })
        .await
}

fn simulate(
    connection: &mut DbConnection,
    actor: &Actor,
    id: CallId,
    input: &SimulationInput,
    teller: &Teller,
) -> Result<Simulation> {
    let call = calls::find(connection, Some(&actor.principal), id)?;
    call.check_partner(&actor.principal)?;
    let ids: Vec<ApplicationId> = input.lines.iter().map(|line| line.application_id).collect();
    let mut ledger = Ledger::read(connection, &actor.principal, &ids, &call.terms.launched_by)?;
    let push = |line: &HypotheticalLine| {
        if !ledger.has(line.application_id, id) {
            return Err(Refusal::Found(Error::not_found()));
        }
        check_of_call(&call, line.co_funder_id).map_err(Refusal::Found)?;
        Ok(Push {
            application: line.application_id,
            co_funder: line.co_funder_id,
            conditions: Conditions::none(),
            capacity: Capacity::WhatIf,
            input: line.decision.clone(),
        })
    };
    let pushes: Vec<Named<'_>> = input.lines.iter().map(push).collect();
    let steps = judge(&mut ledger, actor, &pushes);
    let refused = refused(&pushes, &steps, teller);
    let supposed = Supposed { fundings: ledger.fundings(), purses: Some(ledger.into_purses()) };
    let programme = assembly::whole(connection, &actor.principal, &call, &supposed)?;
    Ok(Simulation { refused, programme })
}
