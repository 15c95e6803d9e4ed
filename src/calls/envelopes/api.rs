//! Envelopes, as they are sent and shown.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::error::{Fault, FaultCode};
use crate::http::verdict;
use crate::types::{CallId, CoFunderId, Credits, Instant, Money, TotalAmount};

/// A part of an envelope: money of one kind, for one strand or for those that have no part of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnvelopePart {
    pub credits: Credits,
    /// The code of a strand of the call; null for all strands without a part of these credits.
    #[serde(default)]
    #[schema(max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub strand: Option<String>,
    /// Nothing is allowed too: 0.00.
    pub amount: Money,
}

/// What a co-funder puts in a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "parts_are_unique"))]
#[schema(example = json!({
    "parts": [{"credits": "mainstream", "amount": {"amount": "75000.00", "currency": "EUR"}}]
}))]
pub struct EnvelopeInput {
    /// No two for the same credits and strand.
    #[schema(min_items = 1, max_items = 153)]
    pub parts: Vec<EnvelopePart>,
}

fn parts_are_unique(input: &EnvelopeInput) -> Result<(), ValidationError> {
    let same = |a: &EnvelopePart, b: &EnvelopePart| a.credits == b.credits && a.strand == b.strand;
    let earlier =
        |place: usize, part: &EnvelopePart| input.parts.iter().take(place).any(|one| same(one, part));
    let twice = input.parts.iter().enumerate().filter(|(place, part)| earlier(*place, part));
    let faults: Vec<Fault> = twice
        .map(|(place, _)| {
            let (en, fr) = ("has the credits and strand of another", "a les crédits et le volet d’une autre");
            Fault::new(format!("/parts/{place}"), FaultCode::Duplicate, en, fr)
        })
        .collect();
    verdict(faults)
}

/// A part of an envelope, and what is left of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PartUse {
    pub credits: Credits,
    /// The code of a strand; null for all strands without a part of these credits.
    #[schema(required, max_length = 60)]
    pub strand: Option<String>,
    pub amount: Money,
    /// The sum of what is granted out of it at firmness `agreed` or firmer.
    #[schema(value_type = TotalAmount)]
    pub committed: Money,
    /// What can still be granted out of it.
    pub remaining: Money,
}

/// The envelope of a co-funder in a call, and what is left of it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "callId": "01890a5d-ac96-774b-bcce-b302099a8059", "coFunderId": "01890a5d-ac96-774b-bcce-b302099a8058",
    "name": "Caf de Loir-et-Cher", "amount": {"amount": "75000.00", "currency": "EUR"},
    "committed": {"amount": "61150.00", "currency": "EUR"}, "remaining": {"amount": "13850.00", "currency": "EUR"},
    "parts": [{
        "credits": "mainstream", "strand": null, "amount": {"amount": "75000.00", "currency": "EUR"},
        "committed": {"amount": "61150.00", "currency": "EUR"}, "remaining": {"amount": "13850.00", "currency": "EUR"}
    }],
    "updatedAt": "2022-09-26T07:00:00Z"
}))]
pub struct Envelope {
    pub call_id: CallId,
    pub co_funder_id: CoFunderId,
    /// The co-funder's name.
    #[schema(max_length = 200)]
    pub name: String,
    /// What the co-funder puts in: the sum of its parts.
    #[schema(value_type = TotalAmount)]
    pub amount: Money,
    /// The sum of what it grants at firmness `agreed` or firmer.
    #[schema(value_type = TotalAmount)]
    pub committed: Money,
    /// What it can still grant, in all its parts.
    #[schema(value_type = TotalAmount)]
    pub remaining: Money,
    #[schema(max_items = 153)]
    pub parts: Vec<PartUse>,
    pub updated_at: Instant,
}
