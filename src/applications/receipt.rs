//! What an applicant is given when its application is received: the proof of what was received, and when.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::attachments::ReceivedAttachment;
use crate::error::{Error, Result};
use crate::types::Instant;

/// The receipt of the last reception (accusé de réception).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// The application's number in its call.
    #[schema(max_length = 20)]
    pub number: String,
    /// By the server's clock (rule S4).
    pub received_at: Instant,
    /// SHA-256, in hexadecimal, of what was received: the members an application is drafted with, all of them (what
    /// was left out as it is shown: `null`, `""`, `[]`), in the canonical form of RFC 8785. Who reads all of them, `contacts`
    /// included, can make it again.
    #[schema(max_length = 64)]
    pub digest: String,
    /// The attachments received with it, so far as this reader sees them.
    #[serde(default)]
    #[schema(max_items = 10_000)]
    pub attachments: Vec<ReceivedAttachment>,
}

impl Receipt {
    pub fn new(
        number: String,
        received_at: Instant,
        content: &impl Serialize,
        attachments: Vec<ReceivedAttachment>,
    ) -> Result<Self> {
        let content = serde_json::to_value(content).map_err(Error::internal)?;
        let sum = digest(&SHA256, canonical(&content).as_bytes());
        let digest = sum.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { number, received_at, digest, attachments })
    }
}

/// RFC 8785, for what an application is made of: no fractions, member names in ASCII.
fn canonical(value: &Value) -> String {
    let list = |items: Vec<String>| items.join(",");
    match value {
        Value::Object(members) => {
            let sorted: BTreeMap<&String, &Value> = members.iter().collect();
            let members = sorted
                .into_iter()
                .map(|(name, member)| format!("{}:{}", Value::from(name.as_str()), canonical(member)));
            format!("{{{}}}", list(members.collect()))
        }
        Value::Array(items) => format!("[{}]", list(items.iter().map(canonical).collect())),
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_canonical_form_is_that_of_rfc_8785() {
        let value = json!({"b": [1, true, null, "é\n\"\u{1}"], "a": {"z": "", "aa": 2}});
        assert_eq!(canonical(&value), r#"{"a":{"aa":2,"z":""},"b":[1,true,null,"é\n\"\u0001"]}"#);
    }
}
