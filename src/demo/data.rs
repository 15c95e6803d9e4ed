//! The shape of `blois.json`: the demonstration set as it is written down, names instead of identifiers.

use chrono::NaiveDate;
use serde::Deserialize;

use super::load::money;

use crate::applications::PriorityStatement;
use crate::calls::EnvelopePart;
use crate::cofunders::CoFunderInput;
use crate::error::Result;
use crate::organisations::{LegalForm, OrganisationInput};
use crate::types::{Credits, Firmness, Instant, Rna, Siret};

/// The whole set.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Data {
    pub co_funders: Vec<CoFunder>,
    pub contract: serde_json::Value,
    pub amendments: Vec<serde_json::Value>,
    pub commitment_reports: Vec<serde_json::Value>,
    pub call: serde_json::Value,
    pub next_call: serde_json::Value,
    pub envelopes: Vec<Envelope>,
    pub organisations: Vec<Organisation>,
    pub applications: Vec<Application>,
}

#[derive(Deserialize)]
pub struct CoFunder {
    pub key: String,
    pub name: String,
    pub kind: crate::cofunders::CoFunderKind,
    pub siret: Option<Siret>,
}

impl CoFunder {
    pub fn input(&self) -> CoFunderInput {
        CoFunderInput { name: self.name.clone(), kind: self.kind, siret: self.siret.clone() }
    }
}

/// When and by whom a contract or an amendment was signed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Signed {
    pub signed_on: NaiveDate,
}

/// When a call was published.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Published {
    pub published_at: Instant,
}

/// Who reports on which commitment.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub co_funder: String,
    pub commitment: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    pub co_funder: String,
    pub parts: Vec<Part>,
}

#[derive(Deserialize)]
pub struct Part {
    credits: Credits,
    strand: Option<String>,
    amount: String,
}

impl Part {
    pub fn read(&self) -> Result<EnvelopePart> {
        Ok(EnvelopePart { credits: self.credits, strand: self.strand.clone(), amount: money(&self.amount)? })
    }
}

#[derive(Deserialize)]
pub struct Organisation {
    pub key: String,
    pub name: String,
    pub siret: Option<Siret>,
    pub rna: Option<Rna>,
}

impl Organisation {
    pub fn input(&self) -> OrganisationInput {
        OrganisationInput {
            name: self.name.clone(),
            acronym: None,
            // Only associations have an RNA number; of the others nothing more is invented.
            legal_form: self.rna.is_some().then_some(LegalForm::Association),
            siret: self.siret.clone(),
            rna: self.rna.clone(),
            purpose: None,
            addresses: Vec::new(),
            legal_representative: None,
            contacts: Vec::new(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    pub organisation: String,
    pub title: String,
    pub objectives: String,
    pub needs: String,
    pub strand: String,
    pub challenges: Vec<i32>,
    pub operational_priorities: Vec<String>,
    pub statements: Vec<PriorityStatement>,
    pub neighbourhoods: Vec<String>,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub multi_year: bool,
    /// Account and amount.
    pub charges: Vec<(String, String)>,
    /// Account and amount, account 74 aside.
    pub own_resources: Vec<(String, String)>,
    pub requests: Vec<Request>,
    pub viability_floor: String,
    pub outcome: Outcome,
    pub reason: Option<String>,
    #[serde(default)]
    pub decisions: Vec<Decision>,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    Admissible,
    Inadmissible,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    pub co_funder: String,
    pub amount: String,
    pub credits: Credits,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    pub co_funder: String,
    pub firmness: Firmness,
    pub proposed: Option<String>,
    pub granted: Option<String>,
    pub act_reference: Option<String>,
    pub act_date: Option<NaiveDate>,
    /// What another co-funder must grant for it to take effect.
    pub provided: Option<Provided>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Provided {
    pub co_funder: String,
    pub amount: String,
}
