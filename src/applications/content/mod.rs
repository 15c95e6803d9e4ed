//! What an application says: the groups of fields of Cerfa 12156, as they are sent and kept.

mod audience;
mod budget;
mod project;

pub use audience::Audience;
pub use budget::{Budget, Charge, FundingRequest, Product, YearBudget};
pub use project::{ExternalReference, Indicator, Partner, PriorityStatement};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::funding::Asked;
use crate::http::{duplicates, verdict};
use crate::types::{ApplicationId, CallId, ChallengeNumber, Contact, Money, OrganisationId, Word};

/// An application to be made or changed. A draft always saves: all but the call and the organisation may be missing. What is
/// there has the shape that is described here, row by row, and no row stands twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "lists_are_unique"))]
#[schema(example = json!({
    "callId": "01890a5d-ac96-774b-bcce-b302099a8059", "organisationId": "01890a5d-ac96-774b-bcce-b302099a8060",
    "title": "Un jardin pour tous (exemple)", "objectives": "Cultiver ensemble un jardin au pied des immeubles.",
    "strand": "neighbourhood-life", "challenges": [5], "operationalPriorities": ["neighbourhood-life-4"],
    "neighbourhoods": ["nord"], "startsOn": "2023-02-01", "endsOn": "2023-11-30",
    "audiences": [{"ageBand": "all", "gender": "all", "residence": "priorityNeighbourhood", "count": 60}],
    "indicators": [{"code": "plots", "title": "Parcelles cultivées", "unit": "parcelles", "planned": 20}],
    "budget": {
        "charges": [{"account": "60", "amount": {"amount": "5000.00", "currency": "EUR"}}],
        "products": [
            {"account": "70", "amount": {"amount": "1000.00", "currency": "EUR"}},
            {"account": "74", "amount": {"amount": "4000.00", "currency": "EUR"},
             "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8058"}
        ]
    },
    "requests": [{
        "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8058",
        "amount": {"amount": "4000.00", "currency": "EUR"}, "credits": "mainstream"
    }],
    "viabilityFloor": {"amount": "3000.00", "currency": "EUR"}
}))]
pub struct ApplicationInput {
    pub call_id: CallId,
    pub organisation_id: OrganisationId,
    /// The application of a former call that this one renews. A draft made with it takes over what that one said, its dates
    /// moved to the new call's year, wherever it says nothing itself.
    #[serde(default)]
    pub renewal_of: Option<ApplicationId>,
    /// The name of the action.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub title: String,
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub objectives: String,
    /// The needs it answers, and who found them.
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub needs: String,
    #[serde(default)]
    #[schema(max_length = 20000)]
    pub description: String,
    /// The code of a strand of the call.
    #[serde(default)]
    #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub strand: Option<String>,
    /// Numbers of challenges of that strand.
    #[serde(default)]
    #[schema(max_items = 50, value_type = Vec<ChallengeNumber>)]
    pub challenges: Vec<i32>,
    /// Codes of operational priorities of that strand.
    #[serde(default)]
    #[schema(max_items = 100, value_type = Vec<Word>)]
    pub operational_priorities: Vec<String>,
    #[serde(default)]
    #[schema(max_items = 100)]
    pub statements: Vec<PriorityStatement>,
    /// Codes of neighbourhoods of the call.
    #[serde(default)]
    #[schema(max_items = 200, value_type = Vec<Word>)]
    pub neighbourhoods: Vec<String>,
    /// Whom it is for: one count for each age band, gender and place of residence that is told apart. Lines that may include
    /// the same people, such as a total and its parts, keep the application from being submitted.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub audiences: Vec<Audience>,
    /// With whom it is built and carried out.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub partners: Vec<Partner>,
    /// What will be counted, and how much of it is planned: the report says what was reached.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub indicators: Vec<Indicator>,
    #[serde(default)]
    pub starts_on: Option<NaiveDate>,
    #[serde(default)]
    pub ends_on: Option<NaiveDate>,
    /// Whether a multi-year agreement is asked for (convention pluriannuelle). Then there is a statement on
    /// `gender-equality`, a budget for each year, and the action ends after the call's year.
    #[serde(default)]
    pub multi_year: bool,
    /// The budget of the call's year.
    #[serde(default)]
    pub budget: Budget,
    /// The budgets of the years after it, of a multi-year plan: one for each year until it ends.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub further_years: Vec<YearBudget>,
    /// What is asked for the call's year.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub requests: Vec<FundingRequest>,
    /// The money of the co-funders asked below which the action cannot take place.
    #[serde(default)]
    pub viability_floor: Option<Money>,
    /// Whom to speak to about it. Private: for its organisation, the staff and the co-funders asked.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub contacts: Vec<Contact>,
    /// Its numbers in other systems, one for each.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub external_references: Vec<ExternalReference>,
}

impl ApplicationInput {
    /// What it asks for, and the floor under which it cannot take place.
    pub fn asked(&self) -> Asked<'_> {
        Asked { requests: &self.requests, floor: self.viability_floor }
    }

    /// A draft that says nothing yet.
    pub fn blank(call_id: CallId, organisation_id: OrganisationId) -> Self {
        Self {
            call_id,
            organisation_id,
            renewal_of: None,
            title: String::new(),
            objectives: String::new(),
            needs: String::new(),
            description: String::new(),
            strand: None,
            challenges: Vec::new(),
            operational_priorities: Vec::new(),
            statements: Vec::new(),
            neighbourhoods: Vec::new(),
            audiences: Vec::new(),
            partners: Vec::new(),
            indicators: Vec::new(),
            starts_on: None,
            ends_on: None,
            multi_year: false,
            budget: Budget::default(),
            further_years: Vec::new(),
            requests: Vec::new(),
            viability_floor: None,
            contacts: Vec::new(),
            external_references: Vec::new(),
        }
    }
}

fn lists_are_unique(input: &ApplicationInput) -> Result<(), ValidationError> {
    let faults = [
        duplicates("/requests", "coFunderId", input.requests.iter().map(|request| request.co_funder_id)),
        duplicates("/statements", "priority", input.statements.iter().map(|one| &one.priority)),
        duplicates("/challenges", "", input.challenges.iter()),
        duplicates("/operationalPriorities", "", input.operational_priorities.iter()),
        duplicates("/neighbourhoods", "", input.neighbourhoods.iter()),
        duplicates("/audiences", "", input.audiences.iter().map(Audience::kind)),
        duplicates("/indicators", "code", input.indicators.iter().map(|one| &one.code)),
        duplicates("/furtherYears", "year", input.further_years.iter().map(|one| one.year)),
        duplicates("/externalReferences", "system", input.external_references.iter().map(|one| &one.system)),
    ];
    verdict(faults.concat())
}
