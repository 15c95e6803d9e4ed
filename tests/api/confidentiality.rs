//! What each reader must not learn: unvoted lines, drafts of others, clients of the staff, organisations elsewhere.

mod lines;
mod strangers;

use contrat_de_ville::auth::{Binding, Principal, Role, Scopes};
use contrat_de_ville::types::ClientId;
use serde_json::{Value, json};

use crate::support::{
    OPEN, TestApp, World, co_funder, contract_body, eur, faults, id, items, on_each_database, siret, told,
    voted,
};

/// A line of the Caf that answers the council.
fn answering(firmness: &str) -> Value {
    let mut body = json!({
        "firmness": firmness, "credits": "mainstream", "reason": "revu",
        "replyToCouncil": "Le quartier en a besoin cette année."
    });
    match firmness {
        "intended" => body["proposed"] = eur("4000.00"),
        "agreed" | "voted" => body["granted"] = eur("4000.00"),
        _ => {}
    }
    if firmness == "voted" {
        (body["actReference"], body["actDate"]) = (json!("CA-1"), json!("2023-03-16"));
    }
    body
}

/// The co-funders whose answers this reader finds under the first opinion, in the list and alone.
async fn repliers(app: &TestApp, application: &str, token: &str) -> Vec<Value> {
    let path = format!("/v1/applications/{application}/opinions");
    let listed = items(&app.get(&path).token(token).send().await.expect(200).json());
    let one = app.get(&format!("{path}/{}", id(&listed[0]))).token(token).send().await.expect(200).json();
    assert_eq!(one, listed[0]);
    one["replies"].as_array().unwrap().iter().map(|reply| reply["coFunderId"].clone()).collect()
}

#[actix_web::test]
async fn council_reads_no_reply_of_an_unvoted_line() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let path = format!("/v1/applications/{application}/opinions");
        let opinion = json!({"view": "reserved", "reasons": "Le conseil hésite."});
        app.post(&path).token(&world.council).json(&opinion).send().await.expect(201);
        let mut refused_by_act = answering("refused");
        (refused_by_act["actReference"], refused_by_act["actDate"]) = (json!("CA-2"), json!("2023-03-16"));
        let mut refused_by_half_an_act = answering("refused");
        refused_by_half_an_act["actReference"] = json!("CA-3");
        let mut agreed_with_an_act = answering("agreed");
        (agreed_with_an_act["actReference"], agreed_with_an_act["actDate"]) =
            (json!("CA-4"), json!("2023-03-16"));
        for (line, is_voted) in [
            (answering("intended"), false),
            (answering("agreed"), false),
            (agreed_with_an_act, false),
            (answering("voted"), true),
            (answering("deferred"), false),
            (answering("refused"), false),
            (refused_by_half_an_act, false),
            (refused_by_act, true),
            (answering("intended"), false),
        ] {
            let push = app.put(&world.caf_line(&application)).token(&world.caf_token).json(&line);
            let pushed = push.send().await;
            let pushed = if pushed.status == 428 { push.if_match("*").send().await } else { pushed };
            assert!([200, 201].contains(&pushed.status), "{}", pushed.text);
            let expected = if is_voted { vec![json!(world.caf)] } else { Vec::new() };
            assert_eq!(repliers(app, &application, &world.council).await, expected, "{line}");
            assert_eq!(repliers(app, &application, &world.city_token).await, [json!(world.caf)]);
        }
    })
    .await;
}

#[actix_web::test]
async fn public_lines_are_not_in_the_order_of_first_intentions() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let line = |co_funder: &str| format!("/v1/applications/{application}/decisions/{co_funder}");
        // The city is first to say something, the Caf to vote.
        let intended = json!({"firmness": "intended", "proposed": eur("100.00"), "credits": "mainstream"});
        app.put(&line(&world.city)).token(&world.city_token).json(&intended).send().await.expect(201);
        app.set_clock("2023-03-21T10:00:00Z");
        app.put(&line(&world.caf)).token(&world.caf_token).json(&voted("100.00")).send().await.expect(201);
        let vote = app.put(&line(&world.city)).token(&world.city_token).if_match("*").json(&voted("100.00"));
        vote.send().await.expect(200);
        let order = async |path: String, token: Option<&str>| -> Vec<Value> {
            let request = app.get(&path);
            let request = token.into_iter().fold(request, |request, token| request.token(token));
            let json = request.send().await.expect(200).json();
            let lines =
                json.get("items").or_else(|| json.get("coFunders")).unwrap().as_array().unwrap().clone();
            lines.iter().map(|line| line["coFunderId"].clone()).collect()
        };
        let (first, second) = (json!(world.caf), json!(world.city));
        let decisions = format!("/v1/applications/{application}/decisions");
        for token in [&world.applicant, &world.council] {
            assert_eq!(order(decisions.clone(), Some(token)).await, [first.clone(), second.clone()]);
        }
        let published = format!("/v1/open-data/funded-projects/{application}");
        assert_eq!(order(published, None).await, [first.clone(), second.clone()]);
        assert_eq!(order(decisions, Some(&world.caf_token)).await, [second, first]);
    })
    .await;
}

/// A co-funder with a signed contract, a draft contract, a draft amendment and a draft call of its own.
struct Party {
    token: String,
    /// The addresses of the drafts.
    drafts: [String; 3],
}

async fn party(app: &TestApp, world: &World, name: &str) -> Party {
    let (own, token) = co_funder(app, &world.administrator, name).await;
    let made = async |path: &str, body: Value| {
        let made = app.post(path).token(&world.administrator).json(&body).send().await.expect(201);
        (id(&made.json()), made.header("Location").unwrap().to_owned())
    };
    let body = |reference: String| {
        let mut body = contract_body(&[&own]);
        body["reference"] = json!(reference);
        body
    };
    let (signed, address) = made("/v1/contracts", body(format!("{name}-1"))).await;
    let sign = app.post(&format!("{address}/signatures")).token(&token);
    sign.json(&json!({"signedOn": "2015-07-02"})).send().await.expect(201);
    let (_, draft) = made("/v1/contracts", body(format!("{name}-2"))).await;
    let amendment = json!({"kind": "ordinary", "title": "Avenant", "effectiveOn": "2023-01-01", "changes": [{"type": "retireChallenge", "number": 4}]});
    let (_, amendment) = made(&format!("{address}/amendments"), amendment).await;
    let mut call = world.call_body();
    // Launched by another one: it is a draft of the contract all the same.
    (call["contractId"], call["launchedBy"]) = (json!(signed), json!([world.landlord]));
    let (_, call) = made("/v1/calls", call).await;
    Party { token, drafts: [draft, amendment, call] }
}

async fn ids(app: &TestApp, path: &str, token: &str) -> Vec<String> {
    let list = app.get(&format!("{path}?limit=200")).token(token).send().await.expect(200).json();
    items(&list).iter().map(id).collect()
}

#[actix_web::test]
async fn co_funder_sees_only_drafts_it_is_party_to() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (first, second) = (party(app, &world, "Alpha").await, party(app, &world, "Beta").await);
        for (own, other) in [(&first, &second), (&second, &first)] {
            for draft in &own.drafts {
                app.get(draft).token(&own.token).send().await.expect(200);
                app.get(draft).token(&world.administrator).send().await.expect(200);
                for token in [&other.token, &world.caf_token, &world.council, &world.applicant] {
                    app.get(draft).token(token).send().await.problem(404, "not-found");
                }
            }
            let name = |address: &String| address.rsplit('/').next().unwrap().to_owned();
            let [own_contract, _, own_call] = own.drafts.each_ref().map(name);
            let [other_contract, _, other_call] = other.drafts.each_ref().map(name);
            let contracts = ids(app, "/v1/contracts", &own.token).await;
            assert!(contracts.contains(&own_contract) && !contracts.contains(&other_contract));
            let calls = ids(app, "/v1/calls", &own.token).await;
            assert!(calls.contains(&own_call) && !calls.contains(&other_call));
            let drafts = app.get("/v1/calls?status=draft").token(&own.token).send().await.expect(200).json();
            assert_eq!(items(&drafts).iter().map(id).collect::<Vec<_>>(), [own_call]);
            // Nor does it sign what it may not see.
            let sign = app.post(&format!("{}/signatures", other.drafts[0])).token(&own.token);
            sign.json(&json!({"signedOn": "2022-10-01"})).send().await.problem(404, "not-found");
        }
    })
    .await;
}

#[actix_web::test]
async fn launching_co_funder_sees_the_draft_call_of_another_contract() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let call = &party(app, &world, "Alpha").await.drafts[2];
        app.get(call).token(&world.landlord_token).send().await.expect(200);
        let own = id(&app.get(call).token(&world.landlord_token).send().await.json());
        assert!(ids(app, "/v1/calls", &world.landlord_token).await.contains(&own));
        let envelope = app.get(&format!("{call}/envelopes")).token(&world.landlord_token);
        envelope.send().await.expect(200);
        app.get(&format!("{call}/envelopes")).token(&world.city_token).send().await.problem(404, "not-found");
        // It is no party to the contract: the contract's other drafts stay closed.
        let amendment = &party(app, &world, "Beta").await.drafts[1];
        app.get(amendment).token(&world.landlord_token).send().await.problem(404, "not-found");
    })
    .await;
}

#[actix_web::test]
async fn joining_co_funder_reads_the_amendment_it_signs() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = format!("/v1/contracts/{}/amendments", world.contract);
        let draft = async |changes: Value| {
            let body =
                json!({"kind": "ordinary", "title": "Avenant", "effectiveOn": "2022-10-01", "changes": changes});
            let made = app.post(&path).token(&world.administrator).json(&body).send().await.expect(201);
            made.header("Location").unwrap().to_owned()
        };
        let joins = draft(json!([{"type": "addSignatory", "coFunderId": world.landlord}])).await;
        let other = draft(json!([{"type": "retireChallenge", "number": 4}])).await;
        app.get(&joins).token(&world.landlord_token).send().await.expect(200);
        app.get(&other).token(&world.landlord_token).send().await.problem(404, "not-found");
        assert_eq!(ids(app, &path, &world.landlord_token).await.len(), 1);
        assert_eq!(ids(app, &path, &world.caf_token).await.len(), 2);
        for token in [&world.caf_token, &world.city_token, &world.landlord_token] {
            let sign = app.post(&format!("{joins}/signatures")).token(token);
            sign.json(&json!({"signedOn": "2022-10-01"})).send().await.expect(201);
        }
        // It is party to the contract from then on.
        app.get(&other).token(&world.landlord_token).send().await.expect(200);
        assert_eq!(ids(app, &path, &world.landlord_token).await.len(), 2);
    })
    .await;
}

#[actix_web::test]
async fn organisations_are_seen_once_they_applied_in_a_readers_call() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let own = format!("/v1/organisations/{}", world.organisation);
        let (stranger, stranger_token) = world.another_co_funder(app, "Région").await;
        let other = party(app, &world, "Alpha").await;
        let draft = id(&world.draft(app, &world.application_body()).await);
        let readers = [&world.caf_token, &world.landlord_token, &world.council];
        for token in readers {
            assert!(ids(app, "/v1/organisations", token).await.is_empty(), "a draft was not received");
            app.get(&own).token(token).send().await.problem(404, "not-found");
        }
        app.put(&format!("/v1/applications/{draft}/submission"))
            .token(&world.applicant)
            .send()
            .await
            .expect(200);
        for token in readers {
            assert_eq!(ids(app, "/v1/organisations", token).await, [world.organisation.as_str()]);
            app.get(&own).token(token).send().await.expect(200);
            let found = "/v1/organisations?q=jardins";
            assert_eq!(items(&app.get(found).token(token).send().await.expect(200).json()).len(), 1);
        }
        for token in [&stranger_token, &other.token] {
            assert!(ids(app, "/v1/organisations", token).await.is_empty(), "{stranger} takes no part");
            app.get(&own).token(token).send().await.problem(404, "not-found");
            let found = app.get("/v1/organisations?q=jardins").token(token).send().await.expect(200);
            assert!(items(&found.json()).is_empty());
        }
        // The staff sees all, lest it make an organisation twice.
        assert_eq!(ids(app, "/v1/organisations", &world.instructor).await.len(), 1);
    })
    .await;
}

#[actix_web::test]
async fn applicant_reads_no_client_of_the_staff_in_history() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let path = format!("/v1/applications/{application}/history");
        let read = async |token: &str| items(&app.get(&path).token(token).send().await.expect(200).json());
        let (all, own) = (read(&world.instructor).await, read(&world.applicant).await);
        assert_eq!(all.len(), own.len());
        for (one, seen) in all.iter().zip(&own) {
            let by_staff = one["event"] == "application.admissible";
            let client = if by_staff { &Value::Null } else { &one["clientId"] };
            let name = if by_staff { &Value::Null } else { &one["clientName"] };
            assert!(one["clientId"].is_string() && one["clientName"].is_string());
            assert_eq!((&seen["clientId"], &seen["clientName"]), (client, name), "{seen}");
        }
        assert!(own.iter().any(|one| one["clientId"].is_null()), "the judgement is the staff's");
        // Another client of the same organisation reads those of its own institution.
        let colleague =
            app.token(Role::Applicant, Binding::Organisation(world.organisation.parse().unwrap()));
        assert_eq!(read(&colleague.await).await, own);
        let staff = all.iter().find(|one| one["event"] == "application.admissible").unwrap();
        let text = app.get(&path).token(&world.applicant).send().await.text;
        assert!(!text.contains(staff["clientId"].as_str().unwrap()), "{text}");
    })
    .await;
}

#[actix_web::test]
async fn applicant_does_not_learn_which_identifiers_are_taken() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let staff = |body: Value| app.post("/v1/organisations").token(&world.instructor).json(&body);
        staff(json!({"name": "Autre", "siret": siret(5), "rna": "W411000005"})).send().await.expect(201);
        let own = staff(json!({"name": "Sans SIRET", "rna": "W411000006"})).send().await.expect(201);
        let address = own.header("Location").unwrap().to_owned();
        let binding = Binding::Organisation(id(&own.json()).parse().unwrap());
        let token = app.token(Role::Applicant, binding).await;
        let patch = async |address: &str, token: &str, change: &Value| {
            let answer = app.patch(address).token(token).if_match(own.etag()).json(change).send().await;
            let problem = answer.problem(422, "validation-failed");
            (faults(&problem), problem["errors"][0]["detail"].clone())
        };
        let (taken, free) = (json!({"siret": siret(5)}), json!({"siret": siret(7)}));
        let refused = patch(&address, &token, &taken).await;
        assert_eq!(refused.0, told(&[("/siret", "not-allowed-value")]));
        assert_eq!(patch(&address, &token, &free).await, refused, "one that is free is refused alike");
        let (taken, free) = (json!({"rna": "W411000005"}), json!({"rna": "W411000007"}));
        assert_eq!(patch(&address, &token, &taken).await, patch(&address, &token, &free).await);
        let french = app.patch(&address).token(&token).if_match(own.etag()).french().json(&free).send().await;
        let detail = "est attribué et modifié par les seuls instructeurs";
        assert_eq!(french.problem(422, "validation-failed")["errors"][0]["detail"], detail);
        assert_eq!(app.events("organisation.updated").await, 0);
        // The staff gives it.
        let given = app.patch(&address).token(&world.instructor).if_match(own.etag());
        given.json(&json!({"siret": siret(7)})).send().await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn viability_floor_is_for_co_funders_and_not_for_the_council() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let path = format!("/v1/applications/{application}");
        let push = async |co_funder: &str, token: &str| {
            let refused = json!({"firmness": "refused", "credits": "mainstream", "reason": "non"});
            let line = format!("{path}/decisions/{co_funder}");
            app.put(&line).token(token).json(&refused).send().await.expect(201);
        };
        // 5,000.00 stay in sight, and the floor is 6,000.00.
        push(&world.city, &world.city_token).await;
        let mut vote = voted("5000.00");
        vote["granted"] = eur("1000.00");
        app.put(&world.caf_line(&application)).token(&world.caf_token).json(&vote).send().await.expect(201);
        for token in [&world.applicant, &world.instructor, &world.administrator, &world.landlord_token] {
            let seen = app.get(&path).token(token).send().await.expect(200).json();
            assert_eq!(seen["viabilityFloor"], eur("6000.00"));
        }
        let all = app.get(&path).token(&world.caf_token).send().await.expect(200).json();
        assert_eq!(all["funding"]["viability"], "notViable");
        for path in [path.clone(), "/v1/applications".to_owned()] {
            let seen = app.get(&path).token(&world.council).send().await.expect(200);
            assert!(!seen.text.contains("6000.00"), "{}", seen.text);
            let seen = seen.json();
            let seen = seen.get("items").map_or(&seen, |items| &items[0]);
            assert_eq!(seen["viabilityFloor"], Value::Null);
            assert_eq!(
                seen["funding"]["viability"], "scaledDown",
                "less than all is in sight: no more is told"
            );
        }
    })
    .await;
}

#[actix_web::test]
async fn staff_with_audit_scope_reads_the_history_of_a_line() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        app.put(&world.caf_line(&application))
            .token(&world.caf_token)
            .json(&voted("10.00"))
            .send()
            .await
            .expect(201);
        let path = format!("{}/history", world.caf_line(&application));
        let expected = app.get(&path).token(&world.caf_token).send().await.expect(200).json();
        assert_eq!(items(&expected).len(), 1);
        let audit = Principal {
            client: ClientId::generate(),
            role: Role::Administrator,
            scopes: Scopes::parse("audit:read").unwrap(),
            binding: Binding::Staff,
        };
        let audit = app.token_of(&audit).await;
        for token in [&world.administrator, &world.instructor, &audit, &world.city_token] {
            assert_eq!(app.get(&path).token(token).send().await.expect(200).json(), expected);
        }
        for token in [&world.applicant, &world.council] {
            let refused = app.get(&path).token(token).send().await.problem(403, "insufficient-scope");
            assert_eq!(refused["scope"], "audit:read | decisions:write");
        }
        // A line that there is not, and an application of another contract, are not found.
        let none = format!("/v1/applications/{application}/decisions/{}/history", world.city);
        app.get(&none).token(&audit).send().await.problem(404, "not-found");
        app.set_clock(OPEN);
        let elsewhere = party(app, &world, "Alpha").await.drafts[2].clone();
        let contract =
            app.get(&elsewhere).token(&world.administrator).send().await.json()["contractId"].clone();
        let binding = Binding::Instruction(contract.as_str().unwrap().parse().unwrap());
        let foreign = app.token(Role::Instructor, binding).await;
        app.get(&path).token(&foreign).send().await.problem(404, "not-found");
    })
    .await;
}
