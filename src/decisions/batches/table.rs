//! A row of a table as the line it stands for.

use serde_json::{Map, Value, json};

use super::api::DecisionLine;
use crate::http::{Cells, Row, amount};

impl Row for DecisionLine {
    const COLUMNS: &'static [&'static str] = &[
        "applicationId",
        "callId",
        "number",
        "system",
        "reference",
        "ifMatch",
        "firmness",
        "proposed",
        "granted",
        "credits",
        "conditions",
        "applicantConditions",
        "actReference",
        "actDate",
        "partnerReference",
        "reason",
        "replyToCouncil",
    ];

    fn json(cells: &Cells<'_>) -> Value {
        let texts = |columns: &[&str]| -> Map<String, Value> {
            columns.iter().filter_map(|column| cells.text(column)).collect()
        };
        let mut decision = texts(&[
            "firmness",
            "credits",
            "applicantConditions",
            "actReference",
            "actDate",
            "partnerReference",
            "reason",
            "replyToCouncil",
        ]);
        for column in ["proposed", "granted"] {
            if let Some(cell) = cells.get(column) {
                decision.insert(column.to_owned(), amount(cell));
            }
        }
        if let Some(cell) = cells.get("conditions") {
            decision.insert("conditions".to_owned(), cell.split('|').map(condition).collect());
        }
        let mut line = texts(&["applicationId", "callId", "number", "ifMatch"]);
        let reference = texts(&["system", "reference"]);
        if !reference.is_empty() {
            line.insert("externalReference".to_owned(), Value::Object(reference));
        }
        line.insert("decision".to_owned(), Value::Object(decision));
        Value::Object(line)
    }
}

/// `total>=12000.00` or `{coFunderId}>=3000.00`. What is neither is refused as the condition it looks like.
fn condition(text: &str) -> Value {
    let (on, least) = text.split_once(">=").unwrap_or((text, ""));
    match on.trim() {
        "total" => json!({"type": "totalReaches", "amount": amount(least.trim())}),
        co_funder => {
            json!({"type": "coFunderGrants", "coFunderId": co_funder, "amount": amount(least.trim())})
        }
    }
}
