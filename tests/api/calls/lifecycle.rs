//! The life of a call after its publication: extended, concluded, archived, always readable.

use serde_json::{Value, json};

use super::{drafted, publish};
use crate::support::{
    Answer, Request, TestApp, World, at_once, count, envelope, eur, items, on_each_database, voted,
};

/// After the deadline of the world's call.
const CLOSED: &str = "2022-12-01T10:00:00Z";

fn step(app: &TestApp, world: &World, noun: &str) -> Request {
    app.put(&format!("/v1/calls/{}/{noun}", world.call)).token(&world.administrator)
}

async fn read(app: &TestApp, world: &World) -> Answer {
    app.get(&format!("/v1/calls/{}", world.call)).send().await.expect(200)
}

fn document(name: &str) -> Value {
    json!({
        "title": name, "url": format!("https://example.org/{name}.pdf"), "mediaType": "application/pdf",
        "language": "fr"
    })
}

#[actix_web::test]
async fn a_call_is_concluded_once_it_has_closed_and_archived_once_it_is_concluded() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let before = read(app, &world).await;
        let events = app.event_kinds().await;
        for noun in ["conclusion", "archival"] {
            let problem = step(app, &world, noun).french().send().await.problem(409, "invalid-transition");
            assert!(problem["detail"].as_str().unwrap().starts_with("seul un appel"), "{problem}");
        }
        assert_eq!((read(app, &world).await.text, app.event_kinds().await), (before.text, events));
        app.set_clock(CLOSED);
        step(app, &world, "archival").send().await.problem(409, "invalid-transition");
        let stale = step(app, &world, "conclusion").if_match("\"9-closed\"").send().await;
        stale.problem(412, "precondition-failed");
        let decided = step(app, &world, "conclusion").send().await.expect(200);
        assert_eq!(decided.json()["status"], "decided");
        let again = step(app, &world, "conclusion").send().await.expect(200);
        assert_eq!((&again.text, again.etag()), (&decided.text, decided.etag()));
        let archived = step(app, &world, "archival").send().await.expect(200);
        assert_eq!(archived.json()["status"], "archived");
        for noun in ["archival", "conclusion", "publication"] {
            assert_eq!(step(app, &world, noun).send().await.expect(200).text, archived.text, "{noun}");
        }
        assert_eq!(read(app, &world).await.text, archived.text);
        for kind in ["call.published", "call.decided", "call.archived"] {
            assert_eq!(app.events(kind).await, 1, "{kind}");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_draft_is_neither_concluded_nor_archived_and_only_the_staff_does_it() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (address, made) = drafted(app, &world, &world.call_body()).await;
        app.set_clock(CLOSED);
        for noun in ["conclusion", "archival"] {
            let path = format!("{address}/{noun}");
            app.put(&path).token(&world.administrator).send().await.problem(409, "invalid-transition");
            app.put(&path).token(&world.caf_token).send().await.problem(403, "insufficient-scope");
            app.put(&path).send().await.problem(401, "invalid-token");
        }
        let read = app.get(&address).token(&world.administrator).send().await.json();
        assert_eq!((&read["status"], &read["updatedAt"]), (&json!("draft"), &made.json()["updatedAt"]));
    })
    .await;
}

#[actix_web::test]
async fn of_a_concluded_call_the_deadline_moves_no_more_and_documents_still_come() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let address = format!("/v1/calls/{}", world.call);
        let patch = |change: Value, etag: &str| {
            app.patch(&address).token(&world.administrator).if_match(etag).json(&change)
        };
        let first = read(app, &world).await;
        let added = patch(json!({"documents": [document("a")]}), first.etag()).send().await.expect(200);
        let both = json!({"documents": [document("a"), document("b")], "closesAt": "2022-11-30T22:59:59Z"});
        let extended = patch(both, added.etag()).send().await.expect(200);
        for change in [json!({"documents": [document("b")]}), json!({"documents": []})] {
            patch(change, extended.etag()).send().await.problem(409, "invalid-transition");
        }
        assert_eq!((app.events("call.updated").await, app.events("call.deadlineExtended").await), (2, 1));
        app.set_clock(CLOSED);
        let decided = step(app, &world, "conclusion").send().await.expect(200);
        let later = patch(json!({"closesAt": "2022-12-30T22:59:59Z"}), decided.etag());
        later.send().await.problem(409, "invalid-transition");
        let all: Vec<Value> = ["a", "b", "c"].map(document).into();
        let third = patch(json!({"documents": all}), decided.etag()).send().await.expect(200);
        let archived = step(app, &world, "archival").if_match(third.etag()).send().await.expect(200);
        let all: Vec<Value> = ["a", "b", "c", "d"].map(document).into();
        let refused = patch(json!({"documents": all}), archived.etag());
        refused.send().await.problem(409, "invalid-transition");
        assert_eq!(read(app, &world).await.text, archived.text);
        let events = (app.events("call.updated").await, app.events("call.deadlineExtended").await);
        assert_eq!(events, (3, 1));
    })
    .await;
}

#[actix_web::test]
async fn an_archived_call_takes_no_money_any_more_and_shows_all_it_took() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = world.caf_line(&world.admissible(app).await);
        let push = |amount: &str| app.put(&line).token(&world.caf_token).json(&voted(amount));
        let first = push("4000.00").send().await.expect(201);
        step(app, &world, "conclusion").send().await.expect(200);
        let second = push("4500.00").if_match(first.etag()).send().await.expect(200);
        step(app, &world, "archival").send().await.expect(200);
        let events = app.event_kinds().await;
        let problem = push("5000.00").if_match(second.etag()).send().await.problem(409, "invalid-transition");
        assert_eq!(problem["detail"], "the call is archived");
        push("4500.00").send().await.expect(200);
        let path = format!("/v1/calls/{}/envelopes/{}", world.call, world.caf);
        let before = app.get(&path).token(&world.caf_token).send().await.expect(200);
        let raised =
            app.put(&path).token(&world.caf_token).if_match(before.etag()).json(&envelope("20000.00"));
        raised.french().send().await.problem(409, "invalid-transition");
        assert_eq!(app.get(&path).token(&world.caf_token).send().await.text, before.text);
        assert_eq!(app.event_kinds().await, events);
        let funded = app.get("/v1/open-data/funded-projects").send().await.expect(200).json();
        assert_eq!(items(&funded)[0]["amount"], eur("4500.00"));
        let path = line.split("/decisions/").next().unwrap().to_owned() + "/evaluations";
        let given = json!({"criteria": [{"name": "Participation", "grade": 4}]});
        app.post(&path).token(&world.council).json(&given).send().await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn an_archived_call_judges_no_application_any_more() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.draft(app, &world.application_body()).await;
        let path = format!("/v1/applications/{}", application["id"].as_str().unwrap());
        app.put(&format!("{path}/submission")).token(&world.applicant).send().await.expect(200);
        app.set_clock(CLOSED);
        for noun in ["conclusion", "archival"] {
            step(app, &world, noun).send().await.expect(200);
        }
        let judge = app.put(&format!("{path}/admissibility")).token(&world.instructor);
        let refused = judge.json(&json!({"admissible": true})).french().send().await;
        assert_eq!(refused.problem(409, "invalid-transition")["detail"], "l’appel est archivé");
        let read = app.get(&path).token(&world.instructor).send().await.expect(200).json();
        assert_eq!((&read["status"], app.events("application.admissible").await), (&json!("submitted"), 0));
    })
    .await;
}

#[actix_web::test]
async fn of_several_at_once_one_concludes_and_all_are_told_so() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        app.set_clock(CLOSED);
        let answers = at_once((0..8).map(|_| step(app, &world, "conclusion"))).await;
        assert_eq!((count(&answers, 200), app.events("call.decided").await), (8, 1));
    })
    .await;
}

#[actix_web::test]
async fn a_co_funder_put_out_of_a_draft_leaves_no_envelope_behind() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        for _ in 0..12 {
            let (address, made) = drafted(app, &world, &world.call_body()).await;
            let put_out = app.patch(&address).token(&world.administrator).if_match(made.etag());
            let put_out = put_out.json(&json!({"launchedBy": [world.city]}));
            let path = format!("{address}/envelopes/{}", world.caf);
            let set = app.put(&path).token(&world.caf_token).json(&envelope("1.00"));
            let answers = at_once([put_out, set]).await;
            assert_eq!(answers[0].status, 200, "{}", answers[0].text);
            assert!([201, 404].contains(&answers[1].status), "{}", answers[1].text);
            let listed = app.get(&format!("{address}/envelopes")).token(&world.administrator).send().await;
            assert_eq!(items(&listed.expect(200).json()), Vec::<Value>::new());
        }
    })
    .await;
}

#[actix_web::test]
async fn publishing_tells_which_envelope_is_for_a_strand_that_is_gone() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = world.call_body();
        body["launchedBy"] = json!([world.caf]);
        let (address, _) = drafted(app, &world, &body).await;
        let parts = json!({"parts": [{"credits": "specific", "strand": "life", "amount": eur("1.00")}]});
        let path = format!("{address}/envelopes/{}", world.caf);
        app.put(&path).token(&world.caf_token).json(&parts).send().await.expect(201);
        let draft = app.get(&address).token(&world.administrator).send().await;
        body["strands"][0]["code"] = json!("other");
        let renamed = app.patch(&address).token(&world.administrator).if_match(draft.etag());
        renamed.json(&json!({"strands": body["strands"]})).send().await.expect(200);
        let problem = publish(app, &world, &address).send().await.problem(422, "validation-failed");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 1);
        assert_eq!(
            (&problem["errors"][0]["pointer"], &problem["errors"][0]["detail"]),
            (
                &json!("/launchedBy/0"),
                &json!("its envelope is for the strand life, which the call does not have")
            )
        );
    })
    .await;
}

#[actix_web::test]
async fn the_list_is_narrowed_by_contract_year_and_status() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let copy = json!({"copiedFrom": world.call, "year": 2024});
        app.post("/v1/calls").token(&world.administrator).json(&copy).send().await.expect(201);
        let listed = async |query: &str| {
            let list = app.get(&format!("/v1/calls?{query}")).token(&world.caf_token).send().await;
            items(&list.expect(200).json()).iter().map(|call| call["year"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(listed("year=2024").await, [json!(2024)]);
        assert_eq!(listed("status=published").await, [json!(2023)]);
        assert_eq!(listed("status=archived").await, Vec::<Value>::new());
        assert_eq!(listed(&format!("contract={}", world.contract)).await, [json!(2023), json!(2024)]);
        assert_eq!(listed(&format!("contract={}&year=2022", world.contract)).await, Vec::<Value>::new());
        app.get("/v1/calls?status=open").send().await.problem(400, "invalid-parameter");
    })
    .await;
}
