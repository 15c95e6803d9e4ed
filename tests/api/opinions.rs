//! Opinions: what the council and the co-funders' services think, who reads it, and whom it compels to answer (rule O2).

use contrat_de_ville::auth::{Binding, Role};
use serde_json::{Value, json};

use crate::support::{
    OPEN, Request, TestApp, World, contract_body, eur, id, items, on_each_database, sorted_faults, told,
    voted,
};

fn path(application: &str) -> String {
    format!("/v1/applications/{application}/opinions")
}

fn opinion(view: &str) -> Value {
    json!({"view": view, "reasons": "L’action répond à une demande des habitantes et habitants.", "steppedAside": 1})
}

fn give(app: &TestApp, application: &str, token: &str, body: &Value) -> Request {
    app.post(&path(application)).token(token).json(body)
}

async fn listed(app: &TestApp, application: &str, token: &str) -> Vec<Value> {
    items(&app.get(&path(application)).token(token).send().await.expect(200).json())
}

/// An application of which the council thinks this.
async fn seen_as(app: &TestApp, world: &World, view: &str) -> String {
    let application = world.admissible(app).await;
    give(app, &application, &world.council, &opinion(view)).send().await.expect(201);
    application
}

fn push(app: &TestApp, world: &World, application: &str, body: &Value) -> Request {
    app.put(&world.caf_line(application)).token(&world.caf_token).json(body)
}

fn answering(mut body: Value) -> Value {
    body["replyToCouncil"] = json!("Le quartier en a besoin cette année.");
    body
}

fn refused() -> Value {
    json!({"firmness": "refused", "credits": "mainstream", "reason": "hors priorités"})
}

/// Refuses the push for want of an answer to the council, and of nothing else.
async fn wants_a_reply(request: Request) {
    let problem = request.send().await.problem(422, "validation-failed");
    assert_eq!(sorted_faults(&problem), told(&[("/replyToCouncil", "required")]));
}

#[actix_web::test]
async fn the_council_and_a_service_of_a_co_funder_say_what_they_think() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.submitted(app, &world.application_body()).await;
        let council = give(app, &application, &world.council, &opinion("reserved")).send().await.expect(201);
        let shown = council.json();
        assert_eq!((&shown["councilOf"], &shown["coFunderId"]), (&json!(world.contract), &Value::Null));
        assert_eq!((&shown["applicationId"], &shown["givenAt"]), (&json!(application), &json!(OPEN)));
        assert_eq!((&shown["service"], &shown["late"]), (&Value::Null, &json!(false)));
        for member in ["view", "reasons", "steppedAside"] {
            assert_eq!(shown[member], opinion("reserved")[member]);
        }
        let body = json!({"view": "favourable", "reasons": "Utile.", "service": "Pôle enfance"});
        let caf = give(app, &application, &world.caf_token, &body).send().await.expect(201);
        let shown = caf.json();
        assert_eq!((&shown["councilOf"], &shown["coFunderId"]), (&Value::Null, &json!(world.caf)));
        assert_eq!((&shown["service"], &shown["steppedAside"]), (&json!("Pôle enfance"), &json!(0)));
        for (made, token) in [(&council, &world.council), (&caf, &world.caf_token)] {
            let location = made.header("Location").unwrap();
            assert_eq!(app.get(location).token(token).send().await.expect(200).text, made.text);
        }
        assert_eq!(app.events("opinion.given").await, 2);
    })
    .await;
}

#[actix_web::test]
async fn no_more_members_step_aside_than_the_council_has_seats() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.submitted(app, &world.application_body()).await;
        let stepped_aside = |token: &str, count: u32| {
            let mut body = opinion("reserved");
            body["steppedAside"] = json!(count);
            give(app, &application, token, &body)
        };
        // A council that is not set has no seats to be compared with.
        stepped_aside(&world.council, 31).send().await.expect(201);
        let colleges = json!([{"kind": "residents", "seats": 20}, {"kind": "localActors", "seats": 10}]);
        let council = json!({"createdOn": "2015-07-02", "parity": true, "colleges": colleges});
        let path = format!("/v1/contracts/{}/council", world.contract);
        app.put(&path).token(&world.administrator).json(&council).send().await.expect(201);
        for count in [31, 1_000] {
            let problem = stepped_aside(&world.council, count).send().await.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), told(&[("/steppedAside", "too-large")]));
        }
        let french = stepped_aside(&world.council, 31).french().send().await;
        let said = "dépasse le nombre de sièges du conseil citoyen, qui est de 30";
        assert_eq!(french.problem(422, "validation-failed")["errors"][0]["detail"], said);
        let mut both = opinion("reserved");
        (both["steppedAside"], both["service"]) = (json!(31), json!("Pôle enfance"));
        let problem =
            give(app, &application, &world.council, &both).send().await.problem(422, "validation-failed");
        assert_eq!(
            sorted_faults(&problem),
            told(&[("/service", "not-applicable"), ("/steppedAside", "too-large")])
        );
        assert_eq!(app.events("opinion.given").await, 1);
        stepped_aside(&world.council, 30).send().await.expect(201);
        // The seats are those of the council, not of a co-funder's service.
        stepped_aside(&world.caf_token, 31).send().await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn partners_read_all_opinions_the_council_its_own_and_the_applicant_none() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = seen_as(app, &world, "unfavourable").await;
        give(app, &application, &world.caf_token, &opinion("favourable")).send().await.expect(201);
        give(app, &application, &world.council, &opinion("reserved")).send().await.expect(201);
        let all = listed(app, &application, &world.caf_token).await;
        let views = |list: &[Value]| list.iter().map(|one| one["view"].clone()).collect::<Value>();
        assert_eq!(views(&all), json!(["unfavourable", "favourable", "reserved"]));
        for token in [&world.city_token, &world.landlord_token, &world.instructor, &world.administrator] {
            assert_eq!(listed(app, &application, token).await, all);
        }
        assert_eq!(listed(app, &application, &world.council).await, [all[0].clone(), all[2].clone()]);
        assert!(listed(app, &application, &world.applicant).await.is_empty());
        let one = |place: usize| format!("{}/{}", path(&application), id(&all[place]));
        for (place, token) in [(0, &world.applicant), (1, &world.applicant), (1, &world.council)] {
            app.get(&one(place)).token(token).send().await.problem(404, "not-found");
        }
        for (place, token) in [(0, &world.city_token), (1, &world.instructor), (2, &world.council)] {
            assert_eq!(app.get(&one(place)).token(token).send().await.expect(200).json(), all[place]);
        }
        // Of another application, there is nothing under that address.
        let other = world.admissible(app).await;
        let elsewhere = format!("{}/{}", path(&other), id(&all[0]));
        app.get(&elsewhere).token(&world.instructor).send().await.problem(404, "not-found");
        assert!(listed(app, &other, &world.council).await.is_empty());
    })
    .await;
}

#[actix_web::test]
async fn neither_the_staff_nor_the_applicant_nor_strangers_give_opinions() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (_, stranger) = world.another_co_funder(app, "Région").await;
        let mut body = contract_body(&[&world.caf]);
        body["reference"] = json!("CV-2");
        let contract =
            app.post("/v1/contracts").token(&world.administrator).json(&body).send().await.expect(201);
        let other_council = Binding::Council(id(&contract.json()).parse().unwrap());
        let other_council = app.token(Role::Council, other_council).await;
        let application = world.admissible(app).await;
        let body = opinion("favourable");
        for token in [&world.instructor, &world.administrator, &world.applicant] {
            let refused = give(app, &application, token, &body).send().await;
            assert_eq!(refused.problem(403, "insufficient-scope")["scope"], "opinions:write");
        }
        for token in [&stranger, &other_council] {
            give(app, &application, token, &body).send().await.problem(404, "not-found");
            app.get(&path(&application)).token(token).send().await.problem(404, "not-found");
        }
        app.post(&path(&application)).json(&body).send().await.problem(401, "invalid-token");
        app.get(&path(&application)).send().await.problem(401, "invalid-token");
        assert!(listed(app, &application, &world.administrator).await.is_empty());
        assert_eq!(app.events("opinion.given").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn an_opinion_has_a_view_and_its_reasons_and_the_council_has_no_services() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let with = |member: &str, value: Value| {
            let mut body = opinion("favourable");
            body[member] = value;
            body
        };
        let service = with("service", json!("Pôle enfance"));
        for (token, body, pointer, code) in [
            (&world.council, service.clone(), "/service", "not-applicable"),
            (&world.council, with("view", json!("enthusiastic")), "/view", "not-allowed-value"),
            (&world.council, with("reasons", json!("")), "/reasons", "too-short"),
            (&world.council, with("steppedAside", json!(-1)), "/steppedAside", "too-small"),
            (&world.council, with("steppedAside", json!(1_001)), "/steppedAside", "too-large"),
            (&world.council, with("late", json!(true)), "/late", "unknown-field"),
            (&world.caf_token, with("service", json!("")), "/service", "too-short"),
        ] {
            let problem =
                give(app, &application, token, &body).send().await.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), told(&[(pointer, code)]), "{body}");
        }
        let empty = give(app, &application, &world.council, &json!({})).send().await;
        let missing = told(&[("/reasons", "required"), ("/view", "required")]);
        assert_eq!(sorted_faults(&empty.problem(422, "validation-failed")), missing);
        assert!(listed(app, &application, &world.caf_token).await.is_empty());
        assert_eq!(app.events("opinion.given").await, 0);
        give(app, &application, &world.caf_token, &service).send().await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn opinions_are_given_on_what_was_received_and_still_stands() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let body = world.application_body();
        let draft = id(&world.draft(app, &body).await);
        let inadmissible = world.submitted(app, &body).await;
        let verdict = json!({"admissible": false, "reason": "hors territoire"});
        let judge =
            app.put(&format!("/v1/applications/{inadmissible}/admissibility")).token(&world.instructor);
        judge.json(&verdict).send().await.expect(200);
        let withdrawn = world.submitted(app, &body).await;
        let withdraw = app.put(&format!("/v1/applications/{withdrawn}/withdrawal")).token(&world.applicant);
        withdraw.json(&json!({"reason": "abandon"})).send().await.expect(200);
        for token in [&world.council, &world.caf_token] {
            give(app, &draft, token, &opinion("favourable")).send().await.problem(404, "not-found");
            for gone in [&inadmissible, &withdrawn] {
                let refused = give(app, gone, token, &opinion("favourable")).send().await;
                refused.problem(409, "invalid-transition");
                assert!(listed(app, gone, token).await.is_empty());
            }
        }
        let french = give(app, &withdrawn, &world.council, &opinion("favourable")).french().send().await;
        let problem = french.problem(409, "invalid-transition");
        assert_eq!(problem["detail"], "un dossier retiré ne reçoit pas d’avis");
        assert_eq!(app.events("opinion.given").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn a_vote_for_what_the_council_finds_unfavourable_answers_it() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = seen_as(app, &world, "unfavourable").await;
        wants_a_reply(push(app, &world, &application, &voted("4000.00"))).await;
        let mut future = voted("4000.00");
        future["actDate"] = json!("2023-03-22");
        let problem = push(app, &world, &application, &future).send().await.problem(422, "validation-failed");
        let both = told(&[("/actDate", "in-the-future"), ("/replyToCouncil", "required")]);
        assert_eq!(sorted_faults(&problem), both);
        let line = app.get(&world.caf_line(&application)).token(&world.caf_token);
        line.send().await.problem(404, "not-found");
        assert_eq!(app.events("decision.recorded").await, 0);
        // What is meant or agreed is no vote yet: there is still time to talk.
        let agreed = json!({"firmness": "agreed", "granted": eur("4000.00"), "credits": "mainstream"});
        push(app, &world, &application, &agreed).send().await.expect(201);
        wants_a_reply(push(app, &world, &application, &voted("4000.00")).if_match("*")).await;
        assert_eq!(line.send().await.expect(200).json()["firmness"], "agreed");
        let answered = answering(voted("4000.00"));
        let made = push(app, &world, &application, &answered).if_match("*").send().await.expect(200).json();
        assert_eq!(made["replyToCouncil"], answered["replyToCouncil"]);
        for token in [&world.council, &world.city_token] {
            let seen = app.get(&world.caf_line(&application)).token(token).send().await.expect(200).json();
            assert_eq!(seen["replyToCouncil"], answered["replyToCouncil"]);
        }
        let history = format!("{}/history", world.caf_line(&application));
        let history = items(&app.get(&history).token(&world.caf_token).send().await.expect(200).json());
        assert_eq!((&history[0]["line"], &history[1]["line"]), (&agreed, &answered));
        // Nor does a vote keep its answer by losing it.
        wants_a_reply(push(app, &world, &application, &voted("4000.00")).if_match("*")).await;
        push(app, &world, &application, &refused()).if_match("*").send().await.expect(200);
        assert_eq!(app.events("decision.superseded").await, 2);
    })
    .await;
}

#[actix_web::test]
async fn a_refusal_of_what_the_council_finds_favourable_answers_it() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = seen_as(app, &world, "favourable").await;
        wants_a_reply(push(app, &world, &application, &refused())).await;
        assert_eq!(app.events("decision.recorded").await, 0);
        let deferred = json!({"firmness": "deferred", "credits": "mainstream"});
        push(app, &world, &application, &deferred).send().await.expect(201);
        wants_a_reply(push(app, &world, &application, &refused()).if_match("*")).await;
        assert_eq!(app.events("decision.superseded").await, 0);
        let made =
            push(app, &world, &application, &answering(refused())).if_match("*").send().await.expect(200);
        assert_eq!(made.json()["replyToCouncil"], answering(refused())["replyToCouncil"]);
        push(app, &world, &application, &voted("10.00")).if_match("*").send().await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn a_reserved_council_and_a_co_funders_service_compel_nobody() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let reserved = seen_as(app, &world, "reserved").await;
        push(app, &world, &reserved, &voted("10.00")).send().await.expect(201);
        push(app, &world, &reserved, &refused()).if_match("*").send().await.expect(200);
        let unheard = world.admissible(app).await;
        let mut service = opinion("unfavourable");
        service["service"] = json!("Pôle enfance");
        for token in [&world.caf_token, &world.city_token] {
            give(app, &unheard, token, &service).send().await.expect(201);
        }
        push(app, &world, &unheard, &voted("10.00")).send().await.expect(201);
        service["view"] = json!("favourable");
        give(app, &unheard, &world.caf_token, &service).send().await.expect(201);
        push(app, &world, &unheard, &refused()).if_match("*").send().await.expect(200);
        assert_eq!((app.events("decision.recorded").await, app.events("decision.superseded").await), (2, 2));
    })
    .await;
}

#[actix_web::test]
async fn the_last_opinion_of_the_council_counts() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = seen_as(app, &world, "unfavourable").await;
        give(app, &application, &world.council, &opinion("favourable")).send().await.expect(201);
        // A service that speaks after the council does not speak for it.
        give(app, &application, &world.city_token, &opinion("unfavourable")).send().await.expect(201);
        wants_a_reply(push(app, &world, &application, &refused())).await;
        let vote = push(app, &world, &application, &voted("4000.00"));
        vote.send().await.expect(201);
        give(app, &application, &world.council, &opinion("unfavourable")).send().await.expect(201);
        // What was voted before stands, and its retry finds it; a change of it has to answer.
        vote.send().await.expect(200);
        wants_a_reply(push(app, &world, &application, &voted("4500.00")).if_match("*")).await;
        let line = app.get(&world.caf_line(&application)).token(&world.caf_token).send().await.json();
        assert_eq!((&line["granted"], &line["revision"]), (&eur("4000.00"), &json!(1)));
        let raised = answering(voted("4500.00"));
        push(app, &world, &application, &raised).if_match("*").send().await.expect(200);
        // The council speaks of this application, not of others.
        let other = world.admissible(app).await;
        push(app, &world, &other, &voted("10.00")).send().await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn an_opinion_that_is_sent_again_with_its_key_is_given_once() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let first = give(app, &application, &world.council, &opinion("favourable")).key("one");
        let made = first.send().await.expect(201);
        let again = first.send().await.expect(201);
        assert_eq!((&again.text, again.lasting_headers()), (&made.text, made.lasting_headers()));
        let other = give(app, &application, &world.council, &opinion("reserved")).key("one");
        other.send().await.problem(422, "idempotency-key-reused");
        assert_eq!(listed(app, &application, &world.council).await, [made.json()]);
        assert_eq!(app.events("opinion.given").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn what_the_council_says_after_a_vote_does_not_stop_its_notification() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        push(app, &world, &application, &voted("4000.00")).send().await.expect(201);
        give(app, &application, &world.council, &opinion("unfavourable")).send().await.expect(201);
        let mut notified = voted("4000.00");
        notified["firmness"] = json!("notified");
        push(app, &world, &application, &notified).if_match("*").send().await.expect(200);
        // Another amount is another vote.
        notified["granted"] = eur("4500.00");
        wants_a_reply(push(app, &world, &application, &notified).if_match("*")).await;
    })
    .await;
}

#[actix_web::test]
async fn the_council_reads_the_answer_of_a_refusal_by_an_act() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = seen_as(app, &world, "favourable").await;
        let mut by_act = answering(refused());
        (by_act["actReference"], by_act["actDate"]) = (json!("CA-2023-1"), json!("2023-03-16"));
        push(app, &world, &application, &by_act).send().await.expect(201);
        let path = format!("/v1/applications/{application}/opinions");
        let reply = answering(json!({}))["replyToCouncil"].clone();
        for token in [&world.council, &world.city_token] {
            let list = app.get(&path).token(token).send().await.expect(200).json();
            assert_eq!(list["items"][0]["replies"], json!([{"coFunderId": world.caf, "reply": reply}]));
        }
        app.get(&world.caf_line(&application)).token(&world.council).send().await.problem(404, "not-found");
    })
    .await;
}
