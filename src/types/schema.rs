//! Schemas of plain values that occur in many lists: nothing but their bounds.

use utoipa::ToSchema;

/// A short word that names something inside its contract or call.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 60, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
pub struct Word(#[expect(dead_code, reason = "only its schema is used")] String);

/// The number of a challenge of the contract.
#[derive(ToSchema)]
#[schema(value_type = i32, minimum = 1, maximum = 99)]
pub struct ChallengeNumber(#[expect(dead_code, reason = "only its schema is used")] i32);

/// A sentence that says something.
#[derive(ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 1000)]
pub struct Phrase(#[expect(dead_code, reason = "only its schema is used")] String);
