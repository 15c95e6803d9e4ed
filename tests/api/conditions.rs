//! Conditional decisions: what a grant waits for, what it reserves meanwhile, and who sees how it stands.

use serde_json::{Value, json};

use crate::support::{
    Answer, Request, TestApp, World, at_once, count, eur, items, on_each_database, sorted_faults, told, voted,
};
use Who::{Caf, City, Landlord};

#[derive(Clone, Copy)]
enum Who {
    Caf,
    City,
    Landlord,
}

impl Who {
    /// Its id and its token.
    fn of(self, world: &World) -> (&str, &str) {
        match self {
            Caf => (world.caf.as_str(), world.caf_token.as_str()),
            City => (world.city.as_str(), world.city_token.as_str()),
            Landlord => (world.landlord.as_str(), world.landlord_token.as_str()),
        }
    }
}

/// An application on which three co-funders say what they give.
struct Round<'a> {
    app: &'a TestApp,
    world: &'a World,
    application: String,
}

impl<'a> Round<'a> {
    async fn new(app: &'a TestApp, world: &'a World) -> Self {
        Self { app, world, application: world.admissible(app).await }
    }

    fn line(&self, who: Who) -> String {
        format!("/v1/applications/{}/decisions/{}", self.application, who.of(self.world).0)
    }

    fn push(&self, who: Who, body: &Value) -> Request {
        self.app.put(&self.line(who)).token(who.of(self.world).1).json(body)
    }

    /// What it says first.
    async fn says(&self, who: Who, body: &Value) -> Value {
        self.push(who, body).send().await.expect(201).json()
    }

    /// What it says instead.
    async fn changes(&self, who: Who, body: &Value) -> Value {
        self.push(who, body).if_match("*").send().await.expect(200).json()
    }

    async fn read(&self, who: Who, token: &str) -> Answer {
        self.app.get(&self.line(who)).token(token).send().await.expect(200)
    }

    /// Where its conditions stand, as partners know it.
    async fn resolution(&self, who: Who) -> Value {
        self.read(who, &self.world.landlord_token).await.json()["resolution"].clone()
    }

    async fn funding(&self, token: &str) -> Value {
        let path = format!("/v1/applications/{}", self.application);
        self.app.get(&path).token(token).send().await.expect(200).json()["funding"].clone()
    }

    /// Committed and remaining of its envelope.
    async fn envelope(&self, who: Who) -> (Value, Value) {
        let (id, token) = who.of(self.world);
        let path = format!("/v1/calls/{}/envelopes/{id}", self.world.call);
        let shown = self.app.get(&path).token(token).send().await.expect(200).json();
        (shown["committed"].clone(), shown["remaining"].clone())
    }

    /// How many lines were recorded, superseded, and moved by others.
    async fn events(&self) -> [i64; 3] {
        let (app, kinds) = (self.app, ["decision.recorded", "decision.superseded", "decision.resolved"]);
        [app.events(kinds[0]).await, app.events(kinds[1]).await, app.events(kinds[2]).await]
    }
}

fn agreed(amount: &str) -> Value {
    json!({"firmness": "agreed", "granted": eur(amount), "credits": "mainstream"})
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

fn euros<'a>(funding: &'a Value, member: &str) -> &'a str {
    funding[member]["amount"].as_str().unwrap()
}

/// Agreed, conditional, gap, viability.
fn figures(funding: &Value) -> [&str; 4] {
    let viability = funding["viability"].as_str().unwrap();
    [euros(funding, "agreed"), euros(funding, "conditional"), euros(funding, "gap"), viability]
}

/// Where each co-funder's conditions stand.
fn states(funding: &Value) -> Value {
    funding["byCoFunder"].as_array().unwrap().iter().map(|one| one["conditionState"].clone()).collect()
}

#[actix_web::test]
async fn a_condition_is_met_as_soon_as_the_other_agrees_and_no_longer_than_it_does() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let round = Round::new(app, &world).await;
        let made = round.says(Caf, &provided(agreed("4000.00"), &[grants(&world.city, "3000.00")])).await;
        assert_eq!((&made["resolution"], &made["granted"]), (&state("unmet"), &eur("4000.00")));
        let now = round.funding(&world.city_token).await;
        assert_eq!(figures(&now), ["0.00", "4000.00", "10000.00", "scaledDown"]);
        assert_eq!((states(&now), &now["status"]), (json!(["unmet", null]), &json!("none")));
        round.says(City, &agreed("2999.99")).await;
        let now = round.funding(&world.city_token).await;
        assert_eq!(figures(&now), ["2999.99", "4000.00", "7000.01", "notViable"]);
        assert_eq!((round.resolution(Caf).await, round.events().await), (state("unmet"), [2, 0, 0]));
        round.changes(City, &agreed("3000.00")).await;
        let now = round.funding(&world.city_token).await;
        assert_eq!(figures(&now), ["7000.00", "0.00", "3000.00", "scaledDown"]);
        assert_eq!((states(&now), &now["status"]), (json!(["met", null]), &json!("partial")));
        assert_eq!((round.resolution(Caf).await, round.events().await), (state("met"), [2, 1, 1]));
        // More of the same moves nobody's line but its own.
        round.changes(City, &voted("3500.00")).await;
        round.says(Landlord, &agreed("10.00")).await;
        assert_eq!((round.resolution(Caf).await, round.events().await), (state("met"), [3, 2, 1]));
        round.changes(City, &because(voted("2000.00"))).await;
        assert_eq!((round.resolution(Caf).await, round.events().await), (state("unmet"), [3, 3, 2]));
        round.changes(City, &voted("3000.00")).await;
        assert_eq!((round.resolution(Caf).await, round.events().await), (state("met"), [3, 4, 3]));
        let refused = json!({"firmness": "refused", "credits": "mainstream"});
        let bare = round.push(City, &refused).if_match("*").send().await;
        let problem = bare.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/reason", "reason-required")]));
        assert_eq!((round.resolution(Caf).await, round.events().await), (state("met"), [3, 4, 3]));
        round.changes(City, &because(refused)).await;
        assert_eq!((round.resolution(Caf).await, round.events().await), (state("unmet"), [3, 5, 4]));
        let now = round.funding(&world.city_token).await;
        assert_eq!(figures(&now), ["10.00", "4000.00", "9990.00", "notViable"]);
        assert_eq!(round.envelope(Caf).await, (eur("4000.00"), eur("6000.00")));
    })
    .await;
}

#[actix_web::test]
async fn what_waits_reserves_its_envelope_and_its_share_of_the_budget() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (round, other) = (Round::new(app, &world).await, Round::new(app, &world).await);
        round.says(Caf, &provided(agreed("8000.00"), &[grants(&world.city, "5000.00")])).await;
        assert_eq!(round.envelope(Caf).await, (eur("8000.00"), eur("2000.00")));
        let refused = other.push(Caf, &agreed("2000.01")).send().await;
        assert_eq!(refused.problem(409, "envelope-exceeded")["remaining"], eur("2000.00"));
        let refused = round.push(City, &agreed("8000.01")).send().await;
        assert_eq!(refused.problem(409, "public-share-exceeded")["remaining"], eur("8000.00"));
        assert_eq!(round.events().await, [1, 0, 0]);
        app.get(&other.line(Caf)).token(&world.caf_token).send().await.problem(404, "not-found");
        assert_eq!(round.resolution(Caf).await, state("unmet"));
        other.says(Caf, &agreed("2000.00")).await;
        let abandoned = json!({"firmness": "refused", "credits": "mainstream"});
        let gone = round.changes(Caf, &because(abandoned)).await;
        assert_eq!((&gone["resolution"], &gone["conditions"]), (&Value::Null, &json!([])));
        assert_eq!(round.envelope(Caf).await, (eur("2000.00"), eur("8000.00")));
    })
    .await;
}

#[actix_web::test]
async fn a_chain_holds_as_long_as_its_last_line_does() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let round = Round::new(app, &world).await;
        round.says(Caf, &provided(agreed("4000.00"), &[grants(&world.city, "2000.00")])).await;
        round.says(City, &provided(agreed("2000.00"), &[grants(&world.landlord, "1000.00")])).await;
        let now = round.funding(&world.caf_token).await;
        assert_eq!(figures(&now), ["0.00", "6000.00", "10000.00", "notViable"]);
        assert_eq!((states(&now), round.events().await), (json!(["unmet", "unmet"]), [2, 0, 0]));
        let last = round.says(Landlord, &agreed("1000.00")).await;
        assert_eq!(last["resolution"], Value::Null);
        let now = round.funding(&world.caf_token).await;
        assert_eq!(figures(&now), ["7000.00", "0.00", "3000.00", "scaledDown"]);
        assert_eq!((states(&now), round.events().await), (json!(["met", "met", null]), [3, 0, 2]));
        round.changes(Landlord, &agreed("999.99")).await;
        let now = round.funding(&world.caf_token).await;
        assert_eq!(figures(&now), ["999.99", "6000.00", "9000.01", "notViable"]);
        assert_eq!((states(&now), round.events().await), (json!(["unmet", "unmet", null]), [3, 1, 4]));
        for who in [Caf, City] {
            assert_eq!(round.resolution(who).await, state("unmet"));
        }
    })
    .await;
}

#[actix_web::test]
async fn a_circle_is_named_and_broken_by_the_first_that_trusts() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let round = Round::new(app, &world).await;
        let pushes = [
            round.push(Caf, &provided(agreed("4000.00"), &[grants(&world.city, "3000.00")])),
            round.push(City, &provided(agreed("3000.00"), &[grants(&world.caf, "4000.00")])),
        ];
        assert_eq!(count(&at_once(pushes).await, 201), 2);
        let mut both = [&world.caf, &world.city];
        both.sort();
        let circular = json!({"state": "circular", "circle": both});
        assert_eq!(
            (round.resolution(Caf).await, round.resolution(City).await),
            (circular.clone(), circular.clone())
        );
        // Whichever came first was unmet until the other came.
        assert_eq!(round.events().await, [2, 0, 1]);
        let now = round.funding(&world.caf_token).await;
        assert_eq!(figures(&now), ["0.00", "7000.00", "10000.00", "scaledDown"]);
        assert_eq!((states(&now), &now["status"]), (json!(["circular", "circular"]), &json!("none")));
        assert_eq!(round.envelope(City).await, (eur("3000.00"), eur("7000.00")));
        let hanging = round.says(Landlord, &provided(agreed("1000.00"), &[grants(&world.caf, "1.00")])).await;
        assert_eq!((&hanging["resolution"], round.events().await), (&circular, [3, 0, 1]));
        let trusting = round.changes(City, &agreed("3000.00")).await;
        assert_eq!((&trusting["resolution"], &trusting["conditions"]), (&Value::Null, &json!([])));
        for who in [Caf, Landlord] {
            assert_eq!(round.resolution(who).await, state("met"));
        }
        let now = round.funding(&world.caf_token).await;
        assert_eq!(figures(&now), ["8000.00", "0.00", "2000.00", "scaledDown"]);
        assert_eq!((states(&now), round.events().await), (json!(["met", null, "met"]), [3, 1, 3]));
    })
    .await;
}

#[actix_web::test]
async fn a_total_counts_the_own_line_and_what_is_granted_not_what_is_meant() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let round = Round::new(app, &world).await;
        let alone = round.says(Caf, &provided(agreed("4000.00"), &[total("4000.00")])).await;
        assert_eq!(alone["resolution"], state("met"));
        let both = [total("7000.00"), grants(&world.city, "2000.00")];
        let more = round.changes(Caf, &provided(agreed("4000.00"), &both)).await;
        assert_eq!((&more["resolution"], &more["conditions"]), (&state("unmet"), &json!(both)));
        let meant = json!({"firmness": "intended", "proposed": eur("5000.00"), "credits": "mainstream"});
        round.says(City, &meant).await;
        assert_eq!(round.resolution(Caf).await, state("unmet"));
        let now = round.funding(&world.caf_token).await;
        assert_eq!(figures(&now), ["0.00", "4000.00", "10000.00", "scaledDown"]);
        round.changes(City, &agreed("2999.99")).await;
        assert_eq!((round.resolution(Caf).await, round.events().await), (state("unmet"), [2, 2, 0]));
        round.says(Landlord, &agreed("0.01")).await;
        assert_eq!((round.resolution(Caf).await, round.events().await), (state("met"), [3, 2, 1]));
        // All of its conditions: the total is still there, the city's part is not.
        round.changes(Landlord, &agreed("3000.00")).await;
        round.changes(City, &agreed("1999.99")).await;
        assert_eq!((round.resolution(Caf).await, round.events().await), (state("unmet"), [3, 4, 2]));
    })
    .await;
}

#[actix_web::test]
async fn a_vote_that_waits_for_a_hidden_line_is_not_in_effect_for_those_who_do_not_see_it() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let round = Round::new(app, &world).await;
        round.says(Caf, &provided(voted("4000.00"), &[grants(&world.city, "3000.00")])).await;
        let application = app.get(&format!("/v1/applications/{}", round.application)).token(&world.applicant);
        let (before, line) = (application.send().await, round.read(Caf, &world.applicant).await);
        app.set_clock("2023-03-20T11:00:00Z");
        round.says(City, &agreed("3000.00")).await;
        assert_eq!((round.resolution(Caf).await, round.events().await), (state("met"), [2, 0, 1]));
        let now = round.funding(&world.landlord_token).await;
        assert_eq!((figures(&now)[0], euros(&now, "voted")), ("7000.00", "4000.00"));
        // Nor is there any trace of it: not a byte of what they read has moved.
        let (after, same) = (application.send().await, round.read(Caf, &world.applicant).await);
        assert_eq!((&after.text, after.etag()), (&before.text, before.etag()));
        assert_eq!((&same.text, same.etag()), (&line.text, line.etag()));
        for token in [&world.applicant, &world.council] {
            assert_eq!(round.read(Caf, token).await.json()["resolution"], state("unmet"));
            let now = round.funding(token).await;
            assert_eq!(figures(&now), ["0.00", "4000.00", "10000.00", "scaledDown"]);
            assert_eq!((states(&now), euros(&now, "voted")), (json!(["unmet", null]), "0.00"));
            app.get(&round.line(City)).token(token).send().await.problem(404, "not-found");
        }
        let list = "/v1/open-data/funded-projects";
        let project = format!("{list}/{}", round.application);
        app.get(&project).send().await.problem(404, "not-found");
        assert!(items(&app.get(list).send().await.expect(200).json()).is_empty());
        let evaluation = json!({"criteria": [{"name": "Participation", "grade": 4}]});
        let evaluations = format!("/v1/applications/{}/evaluations", round.application);
        let evaluated = app.post(&evaluations).token(&world.council).json(&evaluation).send().await;
        evaluated.problem(409, "invalid-transition");
        app.set_clock("2023-03-20T12:00:00Z");
        round.changes(City, &voted("3000.00")).await;
        let shown = round.read(Caf, &world.applicant).await.json();
        assert_eq!(
            (&shown["resolution"], &shown["updatedAt"]),
            (&state("met"), &json!("2023-03-20T12:00:00Z"))
        );
        let now = round.funding(&world.applicant).await;
        assert_eq!((states(&now), euros(&now, "voted")), (json!(["met", null]), "7000.00"));
        let published = app.get(&project).send().await.expect(200).json();
        let shares: Vec<&Value> =
            published["coFunders"].as_array().unwrap().iter().map(|share| &share["amount"]).collect();
        assert_eq!((&published["amount"], shares), (&eur("7000.00"), vec![&eur("4000.00"), &eur("3000.00")]));
        assert_eq!(items(&app.get(list).send().await.expect(200).json()), [published]);
        app.post(&evaluations).token(&world.council).json(&evaluation).send().await.expect(201);
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
        let refused = json!({"firmness": "refused", "credits": "mainstream"});
        let deferred = json!({"firmness": "deferred", "credits": "mainstream"});
        for (body, pointer, code) in [
            (on(grants(&world.caf, "1.00")), "/conditions/1/coFunderId", "not-allowed-value"),
            (on(grants(&stranger, "1.00")), "/conditions/1/coFunderId", "unknown-reference"),
            (on(grants(&world.call, "1.00")), "/conditions/1/coFunderId", "unknown-reference"),
            (on(total("1.00")), "/conditions/1", "duplicate"),
            (
                on(json!({"type": "cityAgrees", "amount": eur("1.00")})),
                "/conditions/1/type",
                "not-allowed-value",
            ),
            (on(json!({"amount": eur("1.00")})), "/conditions/1/type", "required"),
            (on(json!({"type": "totalReaches"})), "/conditions/1/amount", "required"),
            (
                on(json!({"type": "coFunderGrants", "coFunderId": world.city})),
                "/conditions/1/amount",
                "required",
            ),
            (
                on(json!({"type": "coFunderGrants", "amount": eur("1.00")})),
                "/conditions/1/coFunderId",
                "required",
            ),
            (provided(agreed("4000.00"), &eleven), "/conditions", "too-many"),
            (provided(refused, &[total("1.00")]), "/conditions", "not-applicable"),
            (provided(deferred, &[total("1.00")]), "/conditions", "not-applicable"),
        ] {
            let problem = round.push(Caf, &body).send().await.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), told(&[(pointer, code)]), "{body}");
        }
        app.get(&round.line(Caf)).token(&world.caf_token).send().await.problem(404, "not-found");
        assert_eq!(round.events().await, [0, 0, 0]);
        let ten = round.says(Caf, &provided(agreed("4000.00"), &eleven[..10])).await;
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
        let made = round.push(Caf, &waiting("4000.00")).send().await.expect(201);
        let unmet = round.read(Caf, &world.caf_token).await;
        assert_eq!((&unmet.text, unmet.etag()), (&made.text, made.etag()));
        round.says(City, &agreed("3000.00")).await;
        let met = round.read(Caf, &world.caf_token).await;
        assert_ne!(met.etag(), unmet.etag());
        assert_eq!((&met.json()["revision"], &met.json()["resolution"]), (&json!(1), &state("met")));
        let raised = round.push(Caf, &waiting("4500.00"));
        raised.clone().if_match(unmet.etag()).send().await.problem(412, "precondition-failed");
        assert_eq!(round.read(Caf, &world.caf_token).await.text, met.text);
        // The very push that made it is no change, whatever has become of the line.
        let again = round.push(Caf, &waiting("4000.00")).if_match(unmet.etag()).send().await.expect(200);
        assert_eq!((&again.text, round.events().await), (&met.text, [2, 0, 1]));
        let changed = raised.if_match(met.etag()).send().await.expect(200).json();
        assert_eq!((&changed["revision"], &changed["resolution"]), (&json!(2), &state("met")));
        assert_eq!(round.events().await, [2, 1, 1]);
    })
    .await;
}

#[actix_web::test]
async fn what_is_asked_of_the_applicant_is_shown_to_it_and_kept() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let round = Round::new(app, &world).await;
        let mut first = provided(voted("4000.00"), &[grants(&world.city, "3000.00")]);
        first["applicantConditions"] = json!("");
        let problem = round.push(Caf, &first).send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/applicantConditions", "too-short")]));
        assert_eq!(round.events().await, [0, 0, 0]);
        let words = json!("Remettre le bilan de l’année passée.");
        first["applicantConditions"] = words.clone();
        round.says(Caf, &first).await;
        for token in [&world.applicant, &world.council, &world.city_token, &world.instructor] {
            assert_eq!(round.read(Caf, token).await.json()["applicantConditions"], words);
        }
        round.says(City, &agreed("3000.00")).await;
        let second = round.changes(Caf, &voted("4000.00")).await;
        assert_eq!((&second["applicantConditions"], &second["resolution"]), (&Value::Null, &Value::Null));
        let path = format!("{}/history", round.line(Caf));
        let history = items(&app.get(&path).token(&world.caf_token).send().await.expect(200).json());
        // Pushes alone are in it: that the city moved the state of the line is none.
        assert_eq!((history.len(), round.events().await), (2, [2, 1, 1]));
        assert_eq!((&history[0]["line"], &history[1]["line"]), (&first, &voted("4000.00")));
    })
    .await;
}
