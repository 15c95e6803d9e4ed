//! Making a call: from nothing, or from last year's.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::api::{CallInput, CallRules, CrossCuttingPriority, PointOfAttention, Strand};
use crate::contracts::Document;
use crate::error::{Error, Fault, Result};
use crate::http::checked;
use crate::types::{AttachmentKind, CallId, CoFunderId, ContractId, Instant, Translated, Word};

/// A call to be made. With `copiedFrom`, what is absent or null is that call's, but for its dates and its envelopes; its
/// year, where the title names it, becomes the new one. Without, `contractId`, `title` and `rules` are required.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "copiedFrom": "01890a5d-ac96-774b-bcce-b302099a8059", "year": 2024,
    "opensAt": "2023-10-02T07:00:00Z", "closesAt": "2023-11-17T22:59:59Z"
}))]
pub struct CallCreation {
    /// The call to copy.
    #[serde(default)]
    pub copied_from: Option<CallId>,
    /// The year of the actions.
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i32,
    #[serde(default)]
    pub contract_id: Option<ContractId>,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub title: Option<String>,
    #[serde(default)]
    pub introduction: Option<Translated>,
    /// From then on applications are received.
    #[serde(default)]
    pub opens_at: Option<Instant>,
    /// Until then applications are received.
    #[serde(default)]
    pub closes_at: Option<Instant>,
    /// The co-funders that launch it.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub launched_by: Option<Vec<CoFunderId>>,
    /// Codes of neighbourhoods of the contract.
    #[serde(default)]
    #[schema(max_items = 200, value_type = Option<Vec<Word>>)]
    pub neighbourhoods: Option<Vec<String>>,
    #[serde(default)]
    #[schema(max_items = 50)]
    pub strands: Option<Vec<Strand>>,
    #[serde(default)]
    #[schema(max_items = 100)]
    pub cross_cutting_priorities: Option<Vec<CrossCuttingPriority>>,
    #[serde(default)]
    #[schema(max_items = 100)]
    pub points_of_attention: Option<Vec<PointOfAttention>>,
    #[serde(default)]
    pub rules: Option<CallRules>,
    #[serde(default)]
    #[schema(max_items = 100)]
    pub documents: Option<Vec<Document>>,
    /// The kinds of attachments without which no application is received (rule S8).
    #[serde(default)]
    #[schema(max_items = 20)]
    pub required_attachments: Option<Vec<AttachmentKind>>,
}

impl CallCreation {
    /// The call this makes; `source` is what it copies.
    pub fn into_input(self, source: Option<&CallInput>) -> Result<CallInput> {
        let base = match source {
            Some(source) => next_year(source, self.year),
            None => self.blank()?,
        };
        checked(CallInput {
            contract_id: self.contract_id.unwrap_or(base.contract_id),
            year: self.year,
            title: self.title.unwrap_or(base.title),
            introduction: self.introduction.or(base.introduction),
            opens_at: self.opens_at,
            closes_at: self.closes_at,
            launched_by: self.launched_by.unwrap_or(base.launched_by),
            neighbourhoods: self.neighbourhoods.unwrap_or(base.neighbourhoods),
            strands: self.strands.unwrap_or(base.strands),
            cross_cutting_priorities: self.cross_cutting_priorities.unwrap_or(base.cross_cutting_priorities),
            points_of_attention: self.points_of_attention.unwrap_or(base.points_of_attention),
            rules: self.rules.unwrap_or(base.rules),
            documents: self.documents.unwrap_or(base.documents),
            required_attachments: self.required_attachments.unwrap_or(base.required_attachments),
        })
    }

    /// A call with nothing but what every call has.
    fn blank(&self) -> Result<CallInput> {
        let (Some(contract_id), Some(title), Some(rules)) = (self.contract_id, &self.title, &self.rules)
        else {
            let needed = [
                ("/contractId", self.contract_id.is_none()),
                ("/rules", self.rules.is_none()),
                ("/title", self.title.is_none()),
            ];
            let missing = needed.into_iter().filter(|(_, missing)| *missing);
            return Err(Error::invalid(missing.map(|(pointer, _)| Fault::required(pointer)).collect()));
        };
        Ok(CallInput {
            contract_id,
            year: self.year,
            title: title.clone(),
            introduction: None,
            opens_at: None,
            closes_at: None,
            launched_by: Vec::new(),
            neighbourhoods: Vec::new(),
            strands: Vec::new(),
            cross_cutting_priorities: Vec::new(),
            points_of_attention: Vec::new(),
            rules: rules.clone(),
            documents: Vec::new(),
            required_attachments: Vec::new(),
        })
    }
}

fn next_year(source: &CallInput, year: i32) -> CallInput {
    let title = source.title.replace(&source.year.to_string(), &year.to_string());
    CallInput { year, title, ..source.clone() }
}
