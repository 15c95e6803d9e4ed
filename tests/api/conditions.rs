//! Conditional decisions: what a grant waits for, what it reserves meanwhile, and who sees how it stands.

use serde_json::{Value, json};

use crate::support::{
    Answer, Request, TestApp, World, at_once, count, eur, items, on_each_database, sorted_faults, told, voted,
};

const CAF: usize = 0;
const CITY: usize = 1;
const LANDLORD: usize = 2;

/// An application on which three co-funders say what they give; `hands` are their ids and tokens.
struct Round<'a> {
    app: &'a TestApp,
    call: &'a str,
    hands: [(&'a str, &'a str); 3],
    path: String,
}

impl<'a> Round<'a> {
    async fn new(app: &'a TestApp, world: &'a World) -> Self {
        let path = format!("/v1/applications/{}", world.admissible(app).await);
        let caf = (world.caf.as_str(), world.caf_token.as_str());
        let city = (world.city.as_str(), world.city_token.as_str());
        let landlord = (world.landlord.as_str(), world.landlord_token.as_str());
        Self { app, call: &world.call, hands: [caf, city, landlord], path }
    }

    fn line(&self, who: usize) -> String {
        format!("{}/decisions/{}", self.path, self.hands[who].0)
    }

    fn push(&self, who: usize, body: &Value) -> Request {
        self.app.put(&self.line(who)).token(self.hands[who].1).json(body)
    }

    async fn says(&self, who: usize, body: &Value) -> Value {
        self.push(who, body).send().await.expect(201).json()
    }

    async fn changes(&self, who: usize, body: &Value) -> Value {
        self.push(who, body).if_match("*").send().await.expect(200).json()
    }

    async fn read(&self, who: usize, token: &str) -> Answer {
        self.app.get(&self.line(who)).token(token).send().await.expect(200)
    }

    /// Where its conditions stand as partners know it; how many lines were recorded, superseded, moved by others.
    async fn stands(&self, who: usize) -> (Value, [i64; 3]) {
        let line = self.read(who, self.hands[LANDLORD].1).await.json();
        (line["resolution"].clone(), self.events().await)
    }

    async fn events(&self) -> [i64; 3] {
        let recorded = self.app.events("decision.recorded").await;
        let superseded = self.app.events("decision.superseded").await;
        [recorded, superseded, self.app.events("decision.resolved").await]
    }

    /// Agreed, conditional, voted, gap; viability; where each co-funder's conditions stand.
    async fn funding(&self, token: &str) -> String {
        let shown = self.app.get(&self.path).token(token).send().await.expect(200).json()["funding"].clone();
        let amounts = ["agreed", "conditional", "voted", "gap"].map(|member| &shown[member]["amount"]);
        let states = shown["byCoFunder"].as_array().unwrap().iter().map(|one| &one["conditionState"]);
        let words = amounts.into_iter().chain([&shown["viability"]]).chain(states);
        words.map(|word| word.as_str().unwrap_or("-")).collect::<Vec<_>>().join(" ")
    }

    /// What is committed of its envelope.
    async fn committed(&self, who: usize) -> Value {
        let (id, token) = self.hands[who];
        let path = format!("/v1/calls/{}/envelopes/{id}", self.call);
        self.app.get(&path).token(token).send().await.expect(200).json()["committed"].clone()
    }
}

fn agreed(amount: &str) -> Value {
    json!({"firmness": "agreed", "granted": eur(amount), "credits": "mainstream"})
}

fn refused() -> Value {
    json!({"firmness": "refused", "credits": "mainstream"})
}

fn grants(co_funder: &str, amount: &str) -> Value {
    json!({"type": "coFunderGrants", "coFunderId": co_funder, "amount": eur(amount)})
}

fn total(amount: &str) -> Value {
    json!({"type": "totalReaches", "amount": eur(amount)})
}

fn provided(mut body: Value, conditions: &[Value]) -> Value {
    body["conditions"] = json!(conditions);
    body
}

fn because(mut body: Value) -> Value {
    body["reason"] = json!("budget revu");
    body
}

fn state(word: &str) -> Value {
    json!({"state": word, "circle": []})
}

#[actix_web::test]
async fn a_condition_is_met_as_soon_as_the_other_agrees_and_no_longer_than_it_does() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (round, reader) = (Round::new(app, &world).await, &world.city_token);
        let made = round.says(CAF, &provided(agreed("4000.00"), &[grants(&world.city, "3000.00")])).await;
        assert_eq!((&made["resolution"], &made["granted"]), (&state("unmet"), &eur("4000.00")));
        assert_eq!(round.funding(reader).await, "0.00 4000.00 0.00 10000.00 scaledDown unmet -");
        round.says(CITY, &agreed("2999.99")).await;
        assert_eq!(round.funding(reader).await, "2999.99 4000.00 0.00 7000.01 notViable unmet -");
        assert_eq!(round.stands(CAF).await, (state("unmet"), [2, 0, 0]));
        round.changes(CITY, &agreed("3000.00")).await;
        assert_eq!(round.funding(reader).await, "7000.00 0.00 0.00 3000.00 scaledDown met -");
        assert_eq!(round.stands(CAF).await, (state("met"), [2, 1, 1]));
        // More of the same moves nobody's line but its own.
        round.changes(CITY, &voted("3500.00")).await;
        round.says(LANDLORD, &agreed("10.00")).await;
        assert_eq!(round.stands(CAF).await, (state("met"), [3, 2, 1]));
        round.changes(CITY, &because(voted("2000.00"))).await;
        assert_eq!(round.stands(CAF).await, (state("unmet"), [3, 3, 2]));
        round.changes(CITY, &voted("3000.00")).await;
        assert_eq!(round.stands(CAF).await, (state("met"), [3, 4, 3]));
        let problem =
            round.push(CITY, &refused()).if_match("*").send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/reason", "reason-required")]));
        assert_eq!(round.stands(CAF).await, (state("met"), [3, 4, 3]));
        round.changes(CITY, &because(refused())).await;
        assert_eq!(round.stands(CAF).await, (state("unmet"), [3, 5, 4]));
        assert_eq!(round.funding(reader).await, "10.00 4000.00 0.00 9990.00 notViable unmet - -");
        assert_eq!(round.committed(CAF).await, eur("4000.00"));
    })
    .await;
}

#[actix_web::test]
async fn what_waits_reserves_its_envelope_and_its_share_of_the_budget() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (round, other) = (Round::new(app, &world).await, Round::new(app, &world).await);
        round.says(CAF, &provided(agreed("8000.00"), &[grants(&world.city, "5000.00")])).await;
        assert_eq!(round.committed(CAF).await, eur("8000.00"));
        let short = other.push(CAF, &agreed("2000.01")).send().await;
        assert_eq!(short.problem(409, "envelope-exceeded")["remaining"], eur("2000.00"));
        let short = round.push(CITY, &agreed("8000.01")).send().await;
        assert_eq!(short.problem(409, "public-share-exceeded")["remaining"], eur("8000.00"));
        app.get(&other.line(CAF)).token(&world.caf_token).send().await.problem(404, "not-found");
        assert_eq!(round.stands(CAF).await, (state("unmet"), [1, 0, 0]));
        other.says(CAF, &agreed("2000.00")).await;
        let gone = round.changes(CAF, &because(refused())).await;
        assert_eq!((&gone["resolution"], &gone["conditions"]), (&Value::Null, &json!([])));
        assert_eq!(round.committed(CAF).await, eur("2000.00"));
    })
    .await;
}

#[actix_web::test]
async fn a_chain_holds_as_long_as_its_last_line_does() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (round, reader) = (Round::new(app, &world).await, &world.caf_token);
        round.says(CAF, &provided(agreed("4000.00"), &[grants(&world.city, "2000.00")])).await;
        round.says(CITY, &provided(agreed("2000.00"), &[grants(&world.landlord, "1000.00")])).await;
        assert_eq!(round.stands(CAF).await, (state("unmet"), [2, 0, 0]));
        assert_eq!(round.funding(reader).await, "0.00 6000.00 0.00 10000.00 notViable unmet unmet");
        round.says(LANDLORD, &agreed("1000.00")).await;
        assert_eq!(round.stands(LANDLORD).await, (Value::Null, [3, 0, 2]));
        assert_eq!(round.funding(reader).await, "7000.00 0.00 0.00 3000.00 scaledDown met met -");
        round.changes(LANDLORD, &agreed("999.99")).await;
        assert_eq!(round.stands(CAF).await, (state("unmet"), [3, 1, 4]));
        assert_eq!(round.funding(reader).await, "999.99 6000.00 0.00 9000.01 notViable unmet unmet -");
    })
    .await;
}

#[actix_web::test]
async fn a_circle_is_named_and_broken_by_the_first_that_trusts() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (round, reader) = (Round::new(app, &world).await, &world.caf_token);
        let pushes = [
            round.push(CAF, &provided(agreed("4000.00"), &[grants(&world.city, "3000.00")])),
            round.push(CITY, &provided(agreed("3000.00"), &[grants(&world.caf, "4000.00")])),
        ];
        assert_eq!(count(&at_once(pushes).await, 201), 2);
        let mut both = [&world.caf, &world.city];
        both.sort();
        let circular = json!({"state": "circular", "circle": both});
        // Whichever came first was unmet until the other came.
        for who in [CAF, CITY] {
            assert_eq!(round.stands(who).await, (circular.clone(), [2, 0, 1]));
        }
        assert_eq!(round.funding(reader).await, "0.00 7000.00 0.00 10000.00 scaledDown circular circular");
        assert_eq!(round.committed(CITY).await, eur("3000.00"));
        round.says(LANDLORD, &provided(agreed("1000.00"), &[grants(&world.caf, "1.00")])).await;
        assert_eq!(round.stands(LANDLORD).await, (circular, [3, 0, 1]));
        assert_eq!(round.changes(CITY, &agreed("3000.00")).await["resolution"], Value::Null);
        for who in [CAF, LANDLORD] {
            assert_eq!(round.stands(who).await, (state("met"), [3, 1, 3]));
        }
        assert_eq!(round.funding(reader).await, "8000.00 0.00 0.00 2000.00 scaledDown met - met");
    })
    .await;
}

#[actix_web::test]
async fn a_total_counts_the_own_line_and_what_is_granted_not_what_is_meant() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let round = Round::new(app, &world).await;
        let alone = round.says(CAF, &provided(agreed("4000.00"), &[total("4000.00")])).await;
        assert_eq!(alone["resolution"], state("met"));
        let both = [total("7000.00"), grants(&world.city, "2000.00")];
        let more = round.changes(CAF, &provided(agreed("4000.00"), &both)).await;
        assert_eq!((&more["resolution"], &more["conditions"]), (&state("unmet"), &json!(both)));
        let meant = json!({"firmness": "intended", "proposed": eur("5000.00"), "credits": "mainstream"});
        round.says(CITY, &meant).await;
        assert_eq!(round.stands(CAF).await, (state("unmet"), [2, 1, 0]));
        assert_eq!(round.funding(&world.caf_token).await, "0.00 4000.00 0.00 10000.00 scaledDown unmet -");
        round.changes(CITY, &agreed("2999.99")).await;
        assert_eq!(round.stands(CAF).await, (state("unmet"), [2, 2, 0]));
        round.says(LANDLORD, &agreed("0.01")).await;
        assert_eq!(round.stands(CAF).await, (state("met"), [3, 2, 1]));
        // All of its conditions: the total is still there, the city's part of it is not.
        round.changes(LANDLORD, &agreed("3000.00")).await;
        round.changes(CITY, &agreed("1999.99")).await;
        assert_eq!(round.stands(CAF).await, (state("unmet"), [3, 4, 2]));
    })
    .await;
}

#[actix_web::test]
async fn a_vote_that_waits_for_a_hidden_line_is_not_in_effect_for_those_who_do_not_see_it() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let round = Round::new(app, &world).await;
        round.says(CAF, &provided(voted("4000.00"), &[grants(&world.city, "3000.00")])).await;
        let application = app.get(&round.path).token(&world.applicant);
        let (before, line) = (application.send().await, round.read(CAF, &world.applicant).await);
        app.set_clock("2023-03-20T11:00:00Z");
        round.says(CITY, &agreed("3000.00")).await;
        assert_eq!(round.stands(CAF).await, (state("met"), [2, 0, 1]));
        assert_eq!(round.funding(&world.city_token).await, "7000.00 0.00 4000.00 3000.00 scaledDown met -");
        // Nor is there any trace of it: not a byte of what they read has moved.
        let (after, same) = (application.send().await, round.read(CAF, &world.applicant).await);
        assert_eq!((&after.text, after.etag()), (&before.text, before.etag()));
        assert_eq!((&same.text, same.etag()), (&line.text, line.etag()));
        for token in [&world.applicant, &world.council] {
            assert_eq!(round.read(CAF, token).await.json()["resolution"], state("unmet"));
            assert_eq!(round.funding(token).await, "0.00 4000.00 0.00 10000.00 scaledDown unmet -");
            app.get(&round.line(CITY)).token(token).send().await.problem(404, "not-found");
        }
        app.set_clock("2023-03-20T12:00:00Z");
        round.changes(CITY, &voted("3000.00")).await;
        assert_eq!(round.read(CAF, &world.applicant).await.json()["resolution"], state("met"));
        assert_eq!(round.funding(&world.applicant).await, "7000.00 0.00 7000.00 3000.00 scaledDown met -");
    })
    .await;
}

#[actix_web::test]
async fn a_project_is_published_once_what_its_vote_waits_for_is_public() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let round = Round::new(app, &world).await;
        let list = "/v1/open-data/funded-projects";
        let project = round.path.replace("/v1/applications", list);
        let evaluation = json!({"criteria": [{"name": "Participation", "grade": 4}]});
        let evaluate =
            app.post(&format!("{}/evaluations", round.path)).token(&world.council).json(&evaluation);
        round.says(CITY, &agreed("3000.00")).await;
        app.set_clock("2023-03-20T11:00:00Z");
        round.says(CAF, &provided(voted("4000.00"), &[grants(&world.city, "3000.00")])).await;
        assert_eq!(round.stands(CAF).await, (state("met"), [2, 0, 0]));
        app.get(&project).send().await.problem(404, "not-found");
        assert!(items(&app.get(list).send().await.expect(200).json()).is_empty());
        evaluate.send().await.problem(409, "invalid-transition");
        // A vote without conditions is published at once, and the other is not with it.
        app.set_clock("2023-03-20T12:00:00Z");
        round.says(LANDLORD, &voted("500.00")).await;
        assert_eq!(app.get(&project).send().await.expect(200).json()["amount"], eur("500.00"));
        round.changes(CITY, &voted("3000.00")).await;
        let shown = app.get(&project).send().await.expect(200).json();
        let shares = [0_usize, 1, 2].map(|place| shown["coFunders"][place]["amount"].clone());
        assert_eq!(shares, [eur("4000.00"), eur("3000.00"), eur("500.00")], "by co-funder");
        assert_eq!(shown["amount"], eur("7500.00"));
        assert_eq!(items(&app.get(list).send().await.expect(200).json()), [shown]);
        evaluate.send().await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn conditions_name_others_of_the_call_once_and_stand_on_what_gives() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (stranger, _) = world.another_co_funder(app, "Région").await;
        let round = Round::new(app, &world).await;
        let on = |condition: Value| provided(agreed("4000.00"), &[total("1.00"), condition]);
        let eleven: Vec<Value> = (1..=11).map(|rank| total(&format!("{rank}.00"))).collect();
        for (body, pointer, code) in [
            (on(grants(&world.caf, "1.00")), "/1/coFunderId", "not-allowed-value"),
            (on(grants(&stranger, "1.00")), "/1/coFunderId", "unknown-reference"),
            (on(total("1.00")), "/1", "duplicate"),
            (on(json!({"type": "cityAgrees", "amount": eur("1.00")})), "/1/type", "not-allowed-value"),
            (on(json!({"amount": eur("1.00")})), "/1/type", "required"),
            (on(json!({"type": "totalReaches"})), "/1/amount", "required"),
            (on(json!({"type": "coFunderGrants", "coFunderId": world.city})), "/1/amount", "required"),
            (on(json!({"type": "coFunderGrants", "amount": eur("1.00")})), "/1/coFunderId", "required"),
            (provided(agreed("4000.00"), &eleven), "", "too-many"),
            (provided(refused(), &[total("1.00")]), "", "not-applicable"),
        ] {
            let problem = round.push(CAF, &body).send().await.problem(422, "validation-failed");
            let pointer = format!("/conditions{pointer}");
            assert_eq!(sorted_faults(&problem), told(&[(pointer.as_str(), code)]), "{body}");
        }
        app.get(&round.line(CAF)).token(&world.caf_token).send().await.problem(404, "not-found");
        assert_eq!(round.events().await, [0, 0, 0]);
        let ten = round.says(CAF, &provided(agreed("4000.00"), &eleven[..10])).await;
        assert_eq!((&ten["conditions"], &ten["resolution"]), (&json!(eleven[..10]), &state("met")));
    })
    .await;
}

#[actix_web::test]
async fn the_tag_of_a_line_moves_when_another_line_moves_its_state() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let round = Round::new(app, &world).await;
        let waiting = |amount: &str| provided(agreed(amount), &[grants(&world.city, "3000.00")]);
        let made = round.push(CAF, &waiting("4000.00")).send().await.expect(201);
        let unmet = round.read(CAF, &world.caf_token).await;
        assert_eq!((&unmet.text, unmet.etag()), (&made.text, made.etag()));
        round.says(CITY, &agreed("3000.00")).await;
        let met = round.read(CAF, &world.caf_token).await;
        assert_ne!(met.etag(), unmet.etag());
        assert_eq!((&met.json()["revision"], &met.json()["resolution"]), (&json!(1), &state("met")));
        let raised = round.push(CAF, &waiting("4500.00"));
        raised.clone().if_match(unmet.etag()).send().await.problem(412, "precondition-failed");
        assert_eq!(round.read(CAF, &world.caf_token).await.text, met.text);
        // The very push that made it is no change, whatever has become of the line.
        let again = round.push(CAF, &waiting("4000.00")).if_match(unmet.etag()).send().await.expect(200);
        assert_eq!((&again.text, round.events().await), (&met.text, [2, 0, 1]));
        let changed = raised.if_match(met.etag()).send().await.expect(200).json();
        assert_eq!((&changed["revision"], round.stands(CAF).await), (&json!(2), (state("met"), [2, 1, 1])));
    })
    .await;
}

#[actix_web::test]
async fn what_is_asked_of_the_applicant_is_shown_to_it_and_kept() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let round = Round::new(app, &world).await;
        let mut first = provided(voted("4000.00"), &[grants(&world.city, "3000.00")]);
        first["applicantConditions"] = json!("Remettre le bilan de l’année passée.");
        round.says(CAF, &first).await;
        for token in [&world.applicant, &world.council, &world.city_token, &world.instructor] {
            let shown = round.read(CAF, token).await.json();
            assert_eq!(shown["applicantConditions"], first["applicantConditions"]);
        }
        round.says(CITY, &agreed("3000.00")).await;
        let second = round.changes(CAF, &voted("4000.00")).await;
        assert_eq!((&second["applicantConditions"], &second["resolution"]), (&json!(null), &json!(null)));
        let path = format!("{}/history", round.line(CAF));
        let history = items(&app.get(&path).token(&world.caf_token).send().await.expect(200).json());
        // Pushes alone are in it: that the city moved the state of the line is none.
        assert_eq!((history.len(), round.events().await), (2, [2, 1, 1]));
        assert_eq!((&history[0]["line"], &history[1]["line"]), (&first, &voted("4000.00")));
    })
    .await;
}
