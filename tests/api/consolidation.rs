//! What a contract says at a day, held to a reference that folds naively (rule A2): random amendments, drafted and
//! signed in every order, then readings at random days. The reference also foretells every refusal (rule A3).

mod reference;

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use contrat_de_ville::auth::{Binding, Role};
use serde_json::{Value, json};

use crate::commitments::amended;
use crate::support::{
    Answer, Random, TestApp, World, at_once, co_funder, contract_body, faults, id, on_each_database,
};
use reference::{Drafted, Reference, Verdict, refusal};

const ACCEPTED: usize = 50;
const READINGS: usize = 1_000;
/// Drafts that wait for signatures at once, so that others come before them.
const OPEN_DRAFTS: usize = 6;
/// The kinds of changes there are.
const KINDS: usize = 9;

fn plus(day: NaiveDate, days: usize) -> NaiveDate {
    day + Days::new(u64::try_from(days).unwrap())
}

fn day(random: &mut Random, first: &str, length: usize) -> NaiveDate {
    plus(first.parse().unwrap(), random.below(length))
}

/// A contract under amendment, and what the reference knows of it.
struct Trial<'a> {
    app: &'a TestApp,
    random: Random,
    today: NaiveDate,
    administrator: String,
    /// Ids and tokens; the first two sign the contract.
    co_funders: Vec<(String, String)>,
    contract: String,
    reference: Reference,
    /// Places, in the reference, of the drafts that may still be signed.
    open: Vec<usize>,
    signatures: usize,
    /// The answers that were foretold so far: what was asked, and the status.
    told: BTreeSet<(&'static str, u16)>,
}

impl<'a> Trial<'a> {
    async fn new(app: &'a TestApp) -> Self {
        app.set_clock("2015-02-01T10:00:00Z");
        let administrator = app.token(Role::Administrator, Binding::Staff).await;
        let mut co_funders = Vec::new();
        for name in ["Caf", "Ville", "Bailleur", "Région", "Département"] {
            co_funders.push(co_funder(app, &administrator, name).await);
        }
        let body = contract_body(&[&co_funders[0].0, &co_funders[1].0]);
        let made = app.post("/v1/contracts").token(&administrator).json(&body).send().await.expect(201);
        let contract = made.header("Location").unwrap().to_owned();
        for (_, token) in &co_funders[..2] {
            let sign = app.post(&format!("{contract}/signatures")).token(token);
            sign.json(&json!({"signedOn": "2015-01-02"})).send().await.expect(201);
        }
        Self {
            app,
            random: Random::new(2_015),
            today: "2015-02-01".parse().unwrap(),
            administrator,
            co_funders,
            contract,
            reference: Reference::new(&body),
            open: Vec::new(),
            signatures: 0,
            told: BTreeSet::new(),
        }
    }

    /// Some days later; no token outlives ten years.
    fn wait(&mut self) {
        let limit = "2024-06-01".parse().unwrap();
        self.today = plus(self.today, self.random.below(15)).min(limit);
        self.app.set_clock(&format!("{}T10:00:00Z", self.today));
    }

    fn change(&mut self) -> Value {
        let random = &mut self.random;
        let number = 1 + random.below(9);
        let challenge = json!({"number": number, "title": format!("enjeu {}", random.below(1_000))});
        let quarter = format!("q{}", random.below(6));
        let code = format!("c{}", random.below(30));
        let party = random.pick(&self.co_funders).0.clone();
        let neighbourhood =
            json!({"code": quarter, "name": format!("Q{}", random.below(100)), "kind": "watch"});
        match random.below(KINDS) {
            0 => json!({"type": "extendPeriod", "endsOn": day(random, "2022-06-01", 4_000).to_string()}),
            1 => json!({"type": "addChallenge", "challenge": challenge}),
            2 => json!({"type": "reviseChallenge", "challenge": challenge}),
            3 => json!({"type": "retireChallenge", "number": number}),
            4 => json!({"type": "addNeighbourhood", "neighbourhood": neighbourhood}),
            5 => json!({"type": "removeNeighbourhood", "code": quarter}),
            6 => json!({"type": "addSignatory", "coFunderId": party}),
            7 => json!({"type": "addCommitment", "commitment": {
                "code": code, "coFunderId": party, "challenge": number, "text": format!("engagement {code}")
            }}),
            _ => json!({"type": "retireCommitment", "code": code}),
        }
    }

    /// One to three changes, most of which could apply alone.
    fn changes(&mut self, day: NaiveDate) -> Vec<Value> {
        let reading = self.reference.read(&day.to_string());
        let mut changes = Vec::new();
        for _ in 0..=self.random.below(3) {
            let mut change = self.change();
            for _ in 0..12 {
                if refusal(&reading, &change).is_none() || self.random.below(30) == 0 {
                    break;
                }
                change = self.change();
            }
            changes.push(change);
        }
        changes
    }

    /// Drafts an amendment of random changes; half of them take effect on a first of January, so that days are shared.
    async fn draft(&mut self) {
        let effective_on = match self.random.below(2) {
            0 => day(&mut self.random, "2015-01-01", 9 * 365),
            _ => NaiveDate::from_ymd_opt(2015 + i32::try_from(self.random.below(9)).unwrap(), 1, 1).unwrap(),
        };
        let soonest = effective_on.max(self.today);
        let changes = self.changes(soonest);
        let body = json!({
            "kind": "ordinary", "title": "Avenant", "effectiveOn": effective_on.to_string(), "changes": changes
        });
        let post = self.app.post(&format!("{}/amendments", self.contract)).token(&self.administrator);
        let answer = post.json(&body).send().await;
        let place = self.reference.drafted.len();
        let verdict = self.reference.judge(place, &soonest.to_string(), &changes);
        self.told.insert(("draft", check(&answer, &verdict, &body)));
        if verdict == Verdict::Applies {
            let shown = answer.json();
            let drafted =
                Drafted { id: id(&shown), effective_on, changes, signed: Vec::new(), in_force_from: None };
            self.reference.drafted.push(drafted);
            self.open.push(place);
        }
    }

    /// One more signature under one of the open drafts; the last one is accepted or refused as foretold.
    async fn sign(&mut self) {
        let place = *self.random.pick(&self.open);
        let amendment = &self.reference.drafted[place];
        let required = self.reference.required(place, self.today);
        let missing: Vec<&String> =
            required.iter().filter(|who| amendment.signed.iter().all(|(signed, _)| signed != *who)).collect();
        let who = (*self.random.pick(&missing)).clone();
        let is_last = missing.len() == 1;
        let day = self.today - Days::new(u64::try_from(self.random.below(500)).unwrap());
        let last = amendment.signed.iter().map(|(_, day)| *day).max().map_or(day, |last| last.max(day));
        let from = last.max(amendment.effective_on);
        let verdict = match is_last {
            true => self.reference.judge(place, &from.to_string(), &amendment.changes),
            false => Verdict::Applies,
        };
        let token = &self.co_funders.iter().find(|(id, _)| *id == who).unwrap().1;
        let address = format!("/v1/amendments/{}", amendment.id);
        let sign = self.app.post(&format!("{address}/signatures")).token(token);
        let answer = sign.json(&json!({"signedOn": day.to_string()})).send().await;
        let told = if is_last { "last signature" } else { "signature" };
        self.told.insert((told, check(&answer, &verdict, &json!({"place": place, "from": from}))));
        let accepted = verdict == Verdict::Applies;
        let amendment = &mut self.reference.drafted[place];
        if accepted {
            self.signatures += 1;
            amendment.signed.push((who, day));
            amendment.in_force_from = is_last.then_some(from);
        }
        if is_last {
            self.open.retain(|open| *open != place);
            let read = self.app.get(&address).token(&self.administrator).send().await.expect(200).json();
            assert_eq!(read["status"], if accepted { "signed" } else { "signing" });
            assert_eq!(read["inForceFrom"], if accepted { json!(from) } else { Value::Null });
        }
    }

    /// Whether there are enough amendments, of every kind of change, and refusals of every kind too.
    fn is_enough(&self) -> bool {
        let signed = || self.reference.drafted.iter().filter(|one| one.in_force_from.is_some());
        let kinds: BTreeSet<&str> =
            signed().flat_map(|one| &one.changes).map(|change| change["type"].as_str().unwrap()).collect();
        let all = [("draft", 409), ("draft", 422), ("last signature", 201), ("last signature", 422)];
        signed().count() >= ACCEPTED && kinds.len() == KINDS && all.iter().all(|one| self.told.contains(one))
    }

    async fn compare(&self, days: &[NaiveDate]) {
        let read = |day: &NaiveDate| self.app.get(&format!("{}?asOf={day}", self.contract));
        let answers = at_once(days.iter().map(read)).await;
        for (day, answer) in days.iter().zip(answers) {
            let mut shown = answer.expect(200).json();
            for commitment in shown["commitments"].as_array_mut().unwrap() {
                assert_eq!(commitment.as_object_mut().unwrap().remove("lastReport"), Some(Value::Null));
            }
            let expected = self.reference.read(&day.to_string());
            for member in ["endsOn", "challenges", "neighbourhoods", "commitments"] {
                assert_eq!(shown[member], expected[member], "{member} on {day}");
            }
            let column = |member: &str, key: &str| -> Vec<Value> {
                shown[member].as_array().unwrap().iter().map(|one| one[key].clone()).collect()
            };
            assert_eq!(json!(column("signatories", "coFunderId")), expected["signatories"], "on {day}");
            assert_eq!(json!(column("includedAmendments", "id")), expected["included"], "on {day}");
        }
    }
}

/// The answer is the one that was foretold: its status.
fn check(answer: &Answer, verdict: &Verdict, asked: &Value) -> u16 {
    match verdict {
        Verdict::Applies => assert_eq!(answer.status, 201, "{asked} {}", answer.text),
        Verdict::Refused(pointers) => {
            let mut found = faults(&answer.problem(422, "validation-failed"));
            let mut expected: Vec<_> =
                pointers.iter().map(|at| (at.clone(), "not-applicable".to_owned())).collect();
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{asked}");
        }
        Verdict::Conflict(later) => {
            let problem = answer.problem(409, "conflict");
            assert!(problem["detail"].as_str().unwrap().contains(later), "{later}: {problem}");
        }
    }
    answer.status
}

#[actix_web::test]
async fn reading_at_a_thousand_days_a_contract_of_fifty_amendments_equals_a_naive_fold() {
    on_each_database(async |app| {
        let mut trial = Trial::new(app).await;
        let mut steps = 0;
        while !trial.is_enough() {
            steps += 1;
            assert!(steps < 5_000, "{:?}", trial.told);
            trial.wait();
            if trial.open.is_empty() || (trial.open.len() < OPEN_DRAFTS && trial.random.below(2) == 0) {
                trial.draft().await;
            } else {
                trial.sign().await;
            }
        }
        // What was refused has left nothing behind.
        let drafted = i64::try_from(trial.reference.drafted.len()).unwrap();
        assert_eq!(app.events("amendment.drafted").await, drafted);
        assert_eq!(app.events("amendment.signed").await, i64::try_from(trial.signatures).unwrap());
        let days: Vec<_> = (0..READINGS).map(|_| day(&mut trial.random, "2014-10-01", 11 * 365)).collect();
        for some in days.chunks(20) {
            trial.compare(some).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn a_reading_at_a_day_is_the_same_whatever_takes_effect_later() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let signing = [world.caf_token.as_str(), world.city_token.as_str()];
        let revise =
            |title: &str| json!([{"type": "reviseChallenge", "challenge": {"number": 5, "title": title}}]);
        amended(app, &world, "2018-01-01", revise("cadre de vie"), &signing).await;
        let read = async || {
            let path = format!("/v1/contracts/{}?asOf=2019-06-30", world.contract);
            let answer = app.get(&path).send().await.expect(200);
            (answer.text.clone(), answer.etag().to_owned())
        };
        let before = read().await;
        assert!(before.0.contains("cadre de vie"), "{}", before.0);
        amended(app, &world, "2019-07-01", revise("habitat"), &signing).await;
        let sud = json!({"code": "sud", "name": "Sud", "kind": "watch"});
        let changes = json!([{"type": "addNeighbourhood", "neighbourhood": sud}]);
        amended(app, &world, "2021-01-01", changes, &signing).await;
        // Effective before that day, but signed after it: it comes later, too.
        let late = amended(app, &world, "2019-01-01", json!([{"type": "retireChallenge", "number": 4}]), &[]);
        let late = late.await;
        for token in signing {
            let sign = app.post(&format!("{late}/signatures")).token(token);
            sign.json(&json!({"signedOn": "2019-07-01"})).send().await.expect(201);
        }
        assert_eq!(read().await, before);
        let path = format!("/v1/contracts/{}?asOf=2021-01-01", world.contract);
        let later = app.get(&path).send().await.expect(200).json();
        assert_eq!(later["includedAmendments"].as_array().unwrap().len(), 4);
        assert_eq!(later["challenges"], json!([{"number": 5, "title": "habitat"}]));
    })
    .await;
}
