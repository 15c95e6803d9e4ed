//! The events, replayed: they lead to the lines that the service shows.

use std::collections::BTreeMap;

use contrat_de_ville::db::schema::events;
use contrat_de_ville::types::AnyId;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::Stage;
use super::judgement::{cents, lines};
use crate::support::TestApp;

type State = BTreeMap<(String, String), Value>;

/// What of a line a reader of the events must know.
const TOLD: [&str; 14] = [
    "firmness",
    "proposed",
    "granted",
    "credits",
    "conditions",
    "resolution",
    "actReference",
    "actDate",
    "applicantConditions",
    "partnerReference",
    "replyToCouncil",
    "reason",
    "revision",
    "recordedBy",
];

fn key(data: &Value) -> (String, String) {
    let text = |name: &str| data[name].as_str().unwrap().to_owned();
    (text("applicationId"), text("coFunderId"))
}

fn told(line: &Value, paid: i64, standing: bool) -> Value {
    let mut told = json!({"paid": paid, "standing": standing});
    for name in TOLD {
        told[name] = line[name].clone();
    }
    told
}

async fn recorded(app: &TestApp) -> Vec<(String, String, Value)> {
    let rows = app.db.read(|connection| {
        let columns = (events::kind, events::subject, events::data);
        let rows: Vec<(String, AnyId, String)> =
            events::table.order(events::id).select(columns).load(connection)?;
        Ok(rows)
    });
    let parsed = |(kind, subject, data): (String, AnyId, String)| {
        (kind, subject.to_string(), serde_json::from_str(&data).unwrap())
    };
    rows.await.unwrap().into_iter().map(parsed).collect()
}

pub async fn the_events_tell_the_same(app: &TestApp, stage: &Stage) {
    let mut state = State::new();
    for (kind, subject, data) in recorded(app).await {
        match kind.as_str() {
            "decision.recorded" => {
                let line = told(&data, 0, true);
                assert!(state.insert(key(&data), line).is_none(), "recorded twice: {data}");
            }
            "decision.superseded" | "decision.resolved" => {
                let known = state.get_mut(&key(&data)).expect("a line is recorded before it moves");
                let paid = known["paid"].as_i64().unwrap();
                *known = told(&data, paid, true);
            }
            "payment.recorded" => {
                let sign = if data["kind"] == "recovery" { -1 } else { 1 };
                let known = state.get_mut(&key(&data)).expect("a line is recorded before it is paid");
                known["paid"] = json!(known["paid"].as_i64().unwrap() + sign * cents(&data["amount"]));
            }
            "application.withdrawn" => {
                let own = state.iter_mut().filter(|((application, _), _)| *application == subject);
                own.for_each(|(_, line)| line["standing"] = json!(false));
            }
            _ => {}
        }
    }
    let mut shown = State::new();
    for line in lines(app, stage).await.into_values().flatten() {
        let standing = line["standing"] == true;
        shown.insert(key(&line), told(&line, cents(&line["paid"]), standing));
    }
    assert_eq!(state, shown);
}
