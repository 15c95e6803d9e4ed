//! What must be true of the ledger, worked out again from its lines.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::Stage;
use super::clients::Client;
use crate::support::{TestApp, items};

/// The cents of an amount; nothing where there is none.
pub fn cents(amount: &Value) -> i64 {
    amount["amount"].as_str().map_or(0, |text| text.replace('.', "").parse().unwrap())
}

/// The lines of every application, as its partners read them.
pub async fn lines(app: &TestApp, stage: &Stage) -> HashMap<String, Vec<Value>> {
    let mut lines = HashMap::new();
    for application in &stage.applications {
        let path = format!("/v1/applications/{application}/decisions");
        let list = app.get(&path).token(&stage.instructor).send().await.expect(200).json();
        lines.insert(application.clone(), items(&list));
    }
    lines
}

fn commits(line: &Value) -> bool {
    let firm = ["agreed", "voted", "notified", "paid"].contains(&line["firmness"].as_str().unwrap());
    firm && line["standing"] == true
}

/// Rule D3, part by part; every application is of the strand `life`.
pub async fn envelopes_hold(app: &TestApp, stage: &Stage) {
    let lines = lines(app, stage).await;
    let path = format!("/v1/calls/{}/envelopes", stage.call);
    let envelopes = app.get(&path).token(&stage.partners[0].token).send().await.expect(200).json();
    let mut committed_in_all = 0;
    for envelope in items(&envelopes) {
        let own = lines.values().flatten().filter(|line| line["coFunderId"] == envelope["coFunderId"]);
        let own: Vec<&Value> = own.filter(|line| commits(line)).collect();
        let parts = envelope["parts"].as_array().unwrap();
        for part in parts {
            let of_life =
                parts.iter().any(|one| one["credits"] == part["credits"] && one["strand"] == "life");
            let pays = part["strand"] == "life" || !of_life;
            let paid_out = own.iter().filter(|line| pays && line["credits"] == part["credits"]);
            let committed: i64 = paid_out.map(|line| cents(&line["granted"])).sum();
            assert!(committed <= cents(&part["amount"]), "{part} overrun: {committed}");
            assert_eq!(cents(&part["committed"]), committed, "{part}");
            assert_eq!(cents(&part["remaining"]), cents(&part["amount"]) - committed, "{part}");
        }
        let all: i64 = own.iter().map(|line| cents(&line["granted"])).sum();
        assert_eq!(cents(&envelope["committed"]), all);
        committed_in_all += all;
    }
    assert!(committed_in_all > 0, "nothing was committed: the run shows nothing");
}

/// Which lines are in effect: those whose conditions are met by lines in effect, from none of them on.
fn in_effect(lines: &[Value]) -> HashSet<usize> {
    let granted = |line: &Value| if commits(line) { cents(&line["granted"]) } else { 0 };
    let mut known: HashSet<usize> = HashSet::new();
    loop {
        let before = known.len();
        for (place, line) in lines.iter().enumerate() {
            let total = |but: usize| -> i64 {
                known.iter().filter(|one| **one != but).map(|one| granted(&lines[*one])).sum()
            };
            let met = |condition: &Value| {
                let wanted = cents(&condition["amount"]);
                if condition["type"] == "totalReaches" {
                    return total(place) + granted(line) >= wanted;
                }
                let other = lines.iter().position(|one| one["coFunderId"] == condition["coFunderId"]);
                other.filter(|one| known.contains(one)).map_or(0, |one| granted(&lines[one])) >= wanted
            };
            if cents(&line["paid"]) > 0 || line["conditions"].as_array().unwrap().iter().all(met) {
                known.insert(place);
            }
        }
        if known.len() == before {
            return known;
        }
    }
}

/// Rules D4, D7 and D8: what an application is said to be funded with is what its lines say, in the application, in the
/// programme and in its totals; no action gets more than it may.
pub async fn sums_are_those_of_the_lines(app: &TestApp, stage: &Stage) {
    let lines = lines(app, stage).await;
    let path = format!("/v1/calls/{}/programme", stage.call);
    let programme = app.get(&path).token(&stage.partners[0].token).send().await.expect(200).json();
    let mut totals: HashMap<&str, i64> = HashMap::new();
    let mut in_programme = 0;
    for application in &stage.applications {
        let path = format!("/v1/applications/{application}");
        let shown = app.get(&path).token(&stage.instructor).send().await.expect(200).json();
        let own: Vec<Value> =
            lines[application].iter().filter(|line| line["standing"] == true).cloned().collect();
        let funding = &shown["funding"];
        let sums = sums(&own);
        for (name, sum) in &sums {
            assert_eq!(cents(&funding[*name]), *sum, "{name} of {shown}");
        }
        for line in own.iter().filter(|line| cents(&line["paid"]) > 0) {
            assert!(cents(&line["paid"]) <= cents(&line["granted"]), "{line}");
        }
        let committed = sums["agreed"] + sums["conditional"];
        assert!(committed <= 1_600_000, "more public money than allowed: {committed}");
        if shown["status"] == "withdrawn" {
            continue;
        }
        in_programme += 1;
        let row =
            programme["rows"].as_array().unwrap().iter().find(|row| row["applicationId"] == *application);
        assert_eq!(&row.unwrap()["funding"], funding);
        sums.into_iter().for_each(|(name, sum)| *totals.entry(name).or_default() += sum);
    }
    assert_eq!(programme["totals"]["applications"], in_programme);
    for (name, sum) in totals {
        assert_eq!(cents(&programme["totals"][name]), sum, "{name}");
    }
}

fn sums(lines: &[Value]) -> HashMap<&'static str, i64> {
    let in_effect = in_effect(lines);
    let mut sums: HashMap<&'static str, i64> = HashMap::new();
    for name in ["intended", "agreed", "conditional", "voted", "paid"] {
        sums.insert(name, 0);
    }
    for (place, line) in lines.iter().enumerate() {
        let sure = in_effect.contains(&place);
        let state = line["resolution"]["state"].as_str();
        assert_eq!(state.is_none_or(|state| state == "met"), sure, "{line}");
        let amount = cents(&line["granted"]);
        let firmness = line["firmness"].as_str().unwrap();
        let mut add = |name: &'static str, amount: i64| *sums.get_mut(name).unwrap() += amount;
        add("paid", cents(&line["paid"]));
        match firmness {
            "intended" => add("intended", cents(&line["proposed"])),
            "refused" | "deferred" => {}
            _ => {
                add("intended", amount);
                add(if sure { "agreed" } else { "conditional" }, amount);
                if sure && firmness != "agreed" {
                    add("voted", amount);
                }
            }
        }
    }
    sums
}

/// Rules D1 and D6: every push that was acknowledged is in the history of its line, which only its own client wrote.
pub async fn nothing_acknowledged_is_lost(app: &TestApp, stage: &Stage, clients: &[Client<'_>]) {
    let mut histories: HashMap<(String, usize), Vec<Value>> = HashMap::new();
    for application in &stage.applications {
        for (place, partner) in stage.partners.iter().enumerate() {
            let path = format!("/v1/applications/{application}/decisions/{}/history", partner.id);
            let answer = app.get(&path).token(&partner.token).send().await;
            let history = if answer.status == 200 { items(&answer.json()) } else { Vec::new() };
            for (rank, push) in history.iter().enumerate() {
                assert_eq!(push["recordedBy"], partner.client, "{path}");
                assert_eq!(push["revision"], rank + 1, "{path}");
            }
            histories.insert((application.clone(), place), history);
        }
    }
    for told in clients.iter().flat_map(|client| &client.acknowledged) {
        let history = &histories[&(told.application.clone(), told.partner)];
        let kept = history.iter().any(|push| push["line"] == told.line);
        assert!(kept, "{} is not in {history:?}", told.line);
    }
}
