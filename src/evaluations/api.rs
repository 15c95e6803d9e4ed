//! Evaluations, as they are sent and shown.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::http::unique;
use crate::types::{ApplicationId, CoFunderId, ContractId, EvaluationId, Instant};

/// One criterion and its grade.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Criterion {
    /// What is graded.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// From 1, poor, to 5, excellent.
    #[schema(minimum = 1, maximum = 5)]
    pub grade: u8,
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub comment: Option<String>,
}

/// An evaluation to be given.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "criteria_are_unique"))]
#[schema(example = json!({
    "criteria": [{"name": "Participation des habitantes et habitants", "grade": 4, "comment": null}],
    "comment": "L’action a trouvé son public."
}))]
pub struct EvaluationInput {
    #[schema(min_items = 1, max_items = 50)]
    pub criteria: Vec<Criterion>,
    #[serde(default)]
    #[schema(max_length = 10000)]
    pub comment: Option<String>,
}

fn criteria_are_unique(input: &EvaluationInput) -> Result<(), ValidationError> {
    unique("/criteria", "name", input.criteria.iter().map(|criterion| &criterion.name))
}

/// An evaluation of a funded action.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8063", "applicationId": "01890a5d-ac96-774b-bcce-b302099a8061",
    "coFunderId": null, "councilOf": "01890a5d-ac96-774b-bcce-b302099a8057",
    "criteria": [{"name": "Participation des habitantes et habitants", "grade": 4, "comment": null}],
    "comment": "L’action a trouvé son public.", "givenAt": "2024-02-01T10:00:00Z"
}))]
pub struct Evaluation {
    pub id: EvaluationId,
    pub application_id: ApplicationId,
    /// The co-funder that gives it, if one does.
    #[schema(required)]
    pub co_funder_id: Option<CoFunderId>,
    /// The contract whose council gives it, if one does.
    #[schema(required)]
    pub council_of: Option<ContractId>,
    #[schema(max_items = 50)]
    pub criteria: Vec<Criterion>,
    #[schema(required, max_length = 10000)]
    pub comment: Option<String>,
    pub given_at: Instant,
}
