//! Batches, as they are sent and answered.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use super::super::api::DecisionInput;
use super::super::ledger::Step;
use crate::applications::ExternalReference;
use crate::error::{Fault, FaultCode};
use crate::http::{Problem, verdict};
use crate::types::{ApplicationId, CallId, ClientId, CoFunderId, DecisionBatchId, Instant};
use crate::words;

/// How a batch is taken.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct BatchQuery {
    /// `true`: all lines are kept, or none (409 when some are refused). `false`: each line by itself.
    #[serde(default)]
    #[param(default = false)]
    pub atomic: bool,
    /// `true`: a dry run, which answers what would become of each line and changes nothing.
    #[serde(default)]
    #[param(default = false)]
    pub validate_only: bool,
}

/// A decision of a batch, and the application it is on, named in one of three ways.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "names_one_application"))]
#[schema(example = json!({
    "callId": "01890a5d-ac96-774b-bcce-b302099a8059", "number": "2023-0042",
    "decision": {
        "firmness": "agreed", "granted": {"amount": "4000.00", "currency": "EUR"}, "credits": "mainstream"
    }
}))]
pub struct DecisionLine {
    /// By its id;
    #[serde(default)]
    pub application_id: Option<ApplicationId>,
    /// or by its call and its number in it;
    #[serde(default)]
    pub call_id: Option<CallId>,
    #[serde(default)]
    #[schema(max_length = 20, pattern = "^[0-9]{4}-[0-9]{4,}$")]
    pub number: Option<String>,
    /// or by its number in another system, within one call if `callId` says so.
    #[serde(default)]
    pub external_reference: Option<ExternalReference>,
    /// The `ETag` of the line it changes, as in `If-Match` of a single push; `*` for whatever it is now.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub if_match: Option<String>,
    #[validate(nested)]
    pub decision: DecisionInput,
}

fn names_one_application(line: &DecisionLine) -> Result<(), ValidationError> {
    let ways = [line.application_id.is_some(), line.number.is_some(), line.external_reference.is_some()];
    let mut faults = Vec::new();
    let (en, fr) = (
        "one of applicationId, number and externalReference names the application",
        "l’un de applicationId, number et externalReference désigne le dossier",
    );
    match ways.iter().filter(|way| **way).count() {
        0 => faults.push(Fault::new("/applicationId", FaultCode::Required, en, fr)),
        1 => {}
        _ => faults.push(Fault::new("", FaultCode::NotApplicable, en, fr)),
    }
    if line.number.is_some() && line.call_id.is_none() {
        faults.push(Fault::required("/callId"));
    }
    if line.application_id.is_some() && line.call_id.is_some() {
        let (en, fr) = ("has no place beside applicationId", "n’a pas lieu d’être avec applicationId");
        faults.push(Fault::new("/callId", FaultCode::NotApplicable, en, fr));
    }
    verdict(faults)
}

/// Decisions of the client's own co-funder.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"lines": [{
    "callId": "01890a5d-ac96-774b-bcce-b302099a8059", "number": "2023-0042",
    "decision": {
        "firmness": "agreed", "granted": {"amount": "4000.00", "currency": "EUR"}, "credits": "mainstream"
    }
}]}))]
pub struct DecisionBatchInput {
    /// No two on the same application.
    #[schema(min_items = 1, max_items = 1000)]
    pub lines: Vec<DecisionLine>,
}

/// The same as a table, in UTF-8: a row a line, a column a member. `system` and `reference` are those of
/// `externalReference`, amounts are decimal euros (`4000.00` or `4000,00`), `conditions` are written
/// `total>=12000.00` or `{coFunderId}>=3000.00`, several of them separated by `|`. Commas or semicolons, as the first row
/// has them. An empty cell says nothing.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 4_194_304, format = "csv",
    example = "callId,number,firmness,granted,credits,actReference,actDate\n01890a5d-ac96-774b-bcce-b302099a8059,2023-0042,voted,4000.00,mainstream,CA-2023-014,2023-03-16\n")]
pub struct DecisionTable(#[expect(dead_code, reason = "only its schema is used")] String);

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Recorded,
    Superseded,
    Unchanged,
    Refused,
}

words!(Outcome {
    Recorded = "recorded" | "enregistrée": "a new line",
    Superseded = "superseded" | "remplacée": "the line is now this; what it was stays in its history",
    Unchanged = "unchanged" | "inchangée": "the line said so already",
    Refused = "refused" | "refusée": "`problem` says why; nothing was changed",
});

impl From<Step> for Outcome {
    fn from(step: Step) -> Self {
        match step {
            Step::Recorded => Self::Recorded,
            Step::Superseded => Self::Superseded,
            Step::Kept => Self::Unchanged,
        }
    }
}

/// What became of a line.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "line": 0, "outcome": "recorded", "status": 201, "applicationId": "01890a5d-ac96-774b-bcce-b302099a8061",
    "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8058", "etag": "\"1\"", "problem": null
}))]
pub struct LineResult {
    /// Its place among those that were sent, from 0.
    #[schema(minimum = 0, maximum = 999)]
    pub line: usize,
    pub outcome: Outcome,
    /// The HTTP status a single push of it would have.
    #[schema(minimum = 200, maximum = 599)]
    pub status: u16,
    /// The application it is on; null where the line is malformed, or its name leads to none that this client
    /// sees.
    #[schema(required)]
    pub application_id: Option<ApplicationId>,
    #[schema(required)]
    pub co_funder_id: Option<CoFunderId>,
    /// The `ETag` of the line as it now is.
    #[schema(required, max_length = 100)]
    pub etag: Option<String>,
    /// Why it is refused; pointers lead into the line.
    #[schema(required)]
    pub problem: Option<Problem>,
}

/// A batch that was taken.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8067", "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8058",
    "atomic": false, "received": 1, "recorded": 1, "superseded": 0, "unchanged": 0, "refused": 0,
    "results": [{
        "line": 0, "outcome": "recorded", "status": 201, "applicationId": "01890a5d-ac96-774b-bcce-b302099a8061",
        "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8058", "etag": "\"1\"", "problem": null
    }],
    "recordedBy": "01890a5d-ac96-774b-bcce-b302099a8062", "recordedAt": "2023-03-17T10:00:00Z"
}))]
pub struct DecisionBatch {
    /// Null on a dry run: it is not kept.
    #[schema(required)]
    pub id: Option<DecisionBatchId>,
    pub co_funder_id: CoFunderId,
    pub atomic: bool,
    /// Lines, or rows of the table, that were read: the sum of the four counts below.
    #[schema(minimum = 0, maximum = 1000)]
    pub received: usize,
    #[schema(minimum = 0, maximum = 1000)]
    pub recorded: usize,
    #[schema(minimum = 0, maximum = 1000)]
    pub superseded: usize,
    #[schema(minimum = 0, maximum = 1000)]
    pub unchanged: usize,
    #[schema(minimum = 0, maximum = 1000)]
    pub refused: usize,
    /// One for each line, in their order.
    #[schema(max_items = 1000)]
    pub results: Vec<LineResult>,
    /// The client that sent it.
    pub recorded_by: ClientId,
    pub recorded_at: Instant,
}
