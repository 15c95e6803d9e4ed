//! Positions taken in a session: recorded by the instructor for several co-funders, all or none.

use serde_json::{Value, json};

use super::{HELD, UNKNOWN, close, get, open, plan};
use crate::programme::{agreed, cents, council_says, hands, instructor_elsewhere, list, push, read};
use crate::support::{
    Request, TestApp, World, at_once, count, eur, faults, items, on_each_database, sorted_faults, told, voted,
};

/// The address of an open session.
async fn opened(app: &TestApp, world: &World, agenda: &[&str]) -> String {
    let session = plan(app, world, HELD, agenda).await;
    open(app, world, &session).await;
    session
}

fn position(application: &str, co_funder: &str, decision: Value) -> Value {
    json!({"applicationId": application, "coFunderId": co_funder, "decision": decision})
}

/// The same, in the place of what the line says under this tag.
fn instead(mut position: Value, etag: &str) -> Value {
    position["ifMatch"] = json!(etag);
    position
}

fn because(mut body: Value) -> Value {
    body["reason"] = json!("dit en séance");
    body
}

fn refused() -> Value {
    json!({"firmness": "refused", "credits": "mainstream"})
}

fn record(app: &TestApp, world: &World, session: &str, positions: &[Value]) -> Request {
    let body = json!({"positions": positions});
    app.post(&format!("{session}/positions")).token(&world.instructor).json(&body)
}

/// Refuses all of them; answers of each refused one its place, status, code and faults, and what remains.
async fn refusals(request: Request) -> Vec<String> {
    let problem = request.send().await.problem(409, "batch-refused");
    let all = problem["results"].as_array().unwrap().iter().filter(|one| one["outcome"] == "refused");
    let words = |one: &Value| {
        let problem = &one["problem"];
        let mut words = vec![one["line"].to_string(), one["status"].to_string()];
        words.push(problem["code"].as_str().unwrap().to_owned());
        words.extend(faults(problem).into_iter().map(|(pointer, code)| format!("{pointer} {code}")));
        words.extend(problem["remaining"]["amount"].as_str().map(str::to_owned));
        words.join(" ")
    };
    all.map(words).collect()
}

async fn listed(app: &TestApp, world: &World, session: &str) -> Vec<Value> {
    items(&get(app, world, &format!("{session}/positions")).await.json())
}

/// How many lines were recorded and superseded.
async fn pushes(app: &TestApp) -> [i64; 2] {
    [app.events("decision.recorded").await, app.events("decision.superseded").await]
}

/// The id of the client a token is of.
fn client(app: &TestApp, token: &str) -> Value {
    json!(app.tokens.read(token).unwrap().client.to_string())
}

#[actix_web::test]
async fn the_instructor_records_what_several_co_funders_said_in_one_go() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (first, second) = (world.admissible(app).await, world.admissible(app).await);
        let session = opened(app, &world, &[&first, &second]).await;
        let id = json!(session.trim_start_matches("/v1/committee-sessions/"));
        app.set_clock("2023-03-21T09:30:00Z");
        let said = [
            position(&first, &world.caf, agreed("4000.00")),
            position(&first, &world.city, agreed("3000.00")),
            position(&second, &world.caf, refused()),
        ];
        let request = record(app, &world, &session, &said).key("positions-1");
        let answer = request.send().await.expect(200);
        let result = |place: usize| {
            let (application, co_funder) = (&said[place]["applicationId"], &said[place]["coFunderId"]);
            json!({"line": place, "outcome": "recorded", "status": 201, "applicationId": application,
                "coFunderId": co_funder, "etag": "\"1\"", "problem": null})
        };
        let expected = json!({"sessionId": id, "results": [result(0), result(1), result(2)]});
        assert_eq!(answer.json(), expected);
        let instructor = client(app, &world.instructor);
        let mut expected = Vec::new();
        for (one, (_, token)) in said.iter().zip([hands(&world)[0], hands(&world)[1], hands(&world)[0]]) {
            let (application, co_funder) =
                (one["applicationId"].as_str().unwrap(), one["coFunderId"].as_str().unwrap());
            let path = format!("/v1/applications/{application}/decisions/{co_funder}");
            let line = app.get(&path).token(token).send().await.expect(200);
            let shown = line.json();
            assert_eq!((&shown["recordedBy"], &shown["sessionId"], line.etag()), (&instructor, &id, "\"1\""));
            assert_eq!(shown["firmness"], one["decision"]["firmness"]);
            let history = app.get(&format!("{path}/history")).token(token).send().await.expect(200).json();
            let push = json!({"revision": 1, "recordedBy": instructor, "recordedAt": "2023-03-21T09:30:00Z",
                "line": one["decision"], "sessionId": id});
            assert_eq!(history["items"], json!([push]));
            let mut listed = push;
            for name in ["sessionId", "revision"] {
                listed.as_object_mut().unwrap().remove(name);
            }
            (listed["applicationId"], listed["coFunderId"]) = (json!(application), json!(co_funder));
            expected.push(listed);
        }
        let mut shown = listed(app, &world, &session).await;
        let key = |one: &Value| (one["applicationId"].to_string(), one["coFunderId"].to_string());
        shown.iter_mut().for_each(|one| drop(one.as_object_mut().unwrap().remove("id")));
        shown.sort_by_key(key);
        assert_eq!(shown, expected);
        assert_eq!(read(app, &world).await.json()["totals"]["agreed"], eur("7000.00"));
        // The retry has its first answer; the same positions once more change no line, and were said again.
        assert_eq!(request.send().await.expect(200).text, answer.text);
        let again = record(app, &world, &session, &said).send().await.expect(200).json();
        let outcomes = list(&again, "results").iter().map(|one| &one["outcome"]);
        assert_eq!(outcomes.collect::<Vec<_>>(), ["unchanged"; 3]);
        assert_eq!((pushes(app).await, listed(app, &world, &session).await.len()), ([3, 0], 6));
    })
    .await;
}

#[actix_web::test]
async fn all_positions_are_kept_or_none() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (first, second) = (world.admissible(app).await, world.admissible(app).await);
        let (stranger, _) = world.another_co_funder(app, "Région").await;
        let session = opened(app, &world, &[&first, &second]).await;
        let (before, events) = (read(app, &world).await, app.all_events().await);
        let good = position(&first, &world.city, agreed("3000.00"));
        for (wrong, expected) in [
            (position(&first, &world.caf, agreed("10000.01")), "409 envelope-exceeded 10000.00"),
            (
                position(&first, &world.caf, voted("1000.00")),
                "422 validation-failed /decision/firmness not-allowed-value",
            ),
            (
                position(UNKNOWN, &world.caf, refused()),
                "422 validation-failed /applicationId unknown-reference",
            ),
            (position(&first, &world.city, refused()), "422 validation-failed  duplicate"),
            (position(&first, &stranger, refused()), "422 validation-failed /coFunderId unknown-reference"),
            (instead(position(&first, &world.caf, refused()), "\"1\""), "412 precondition-failed"),
        ] {
            let positions = [good.clone(), wrong, position(&second, &world.city, refused())];
            let refused = refusals(record(app, &world, &session, &positions)).await;
            assert_eq!(refused, [format!("1 {expected}")]);
        }
        // Two that fit one by one, and not together.
        let both = [
            position(&first, &world.caf, agreed("6000.00")),
            position(&second, &world.caf, agreed("4000.01")),
        ];
        let refused = refusals(record(app, &world, &session, &both)).await;
        assert_eq!(refused, ["1 409 envelope-exceeded 4000.00"]);
        let after = read(app, &world).await;
        assert_eq!((&after.text, app.all_events().await), (&before.text, events));
        assert!(listed(app, &world, &session).await.is_empty());
        let line = format!("/v1/applications/{first}/decisions/{}", world.city);
        app.get(&line).token(&world.city_token).send().await.problem(404, "not-found");
        record(app, &world, &session, &[good]).send().await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn positions_are_of_the_agenda_well_formed_and_answer_to_the_council() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (on_it, off_it) = (world.admissible(app).await, world.admissible(app).await);
        council_says(app, &world, &on_it, "favourable").await;
        let session = opened(app, &world, &[&on_it]).await;
        let both = [position(&off_it, &world.caf, refused()), position(&on_it, &world.caf, refused())];
        let refused = refusals(record(app, &world, &session, &both)).await;
        let expected = [
            "0 422 validation-failed /applicationId unknown-reference",
            "1 422 validation-failed /decision/replyToCouncil required",
        ];
        assert_eq!(refused, expected);
        let bare = |firmness: &str| json!({"firmness": firmness, "credits": "mainstream"});
        let mut odd = position(&on_it, &world.caf, self::refused());
        odd["sessionId"] = json!(UNKNOWN);
        for (positions, expected) in [
            (vec![], told(&[("/positions", "too-few")])),
            (vec![odd], told(&[("/positions/0/sessionId", "unknown-field")])),
            (
                vec![
                    position(&on_it, &world.caf, bare("agreed")),
                    position(&on_it, &world.city, bare("intended")),
                ],
                told(&[
                    ("/positions/0/decision/granted", "required"),
                    ("/positions/1/decision/proposed", "required"),
                ]),
            ),
        ] {
            let answer = record(app, &world, &session, &positions).send().await;
            assert_eq!(sorted_faults(&answer.problem(422, "validation-failed")), expected);
        }
        assert_eq!(pushes(app).await, [0, 0]);
    })
    .await;
}

#[actix_web::test]
async fn positions_are_recorded_in_an_open_session_by_its_staff() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let session = plan(app, &world, HELD, &[&application]).await;
        let said = [position(&application, &world.caf, agreed("4000.00"))];
        record(app, &world, &session, &said).send().await.problem(409, "invalid-transition");
        assert!(listed(app, &world, &session).await.is_empty());
        open(app, &world, &session).await;
        let elsewhere = instructor_elsewhere(app, &world).await;
        let request = app.post(&format!("{session}/positions")).json(&json!({"positions": said}));
        let refused = request.clone().token(&world.caf_token).send().await;
        assert_eq!(refused.problem(403, "insufficient-scope")["scope"], "programme:write");
        request.clone().token(&elsewhere).send().await.problem(404, "not-found");
        assert_eq!(pushes(app).await, [0, 0]);
        request.clone().token(&world.administrator).send().await.expect(200);
        close(app, &world, &session).await;
        let more = [position(&application, &world.city, agreed("3000.00"))];
        record(app, &world, &session, &more).send().await.problem(409, "invalid-transition");
        assert_eq!((pushes(app).await, listed(app, &world, &session).await.len()), ([1, 0], 1));
    })
    .await;
}

#[actix_web::test]
async fn a_co_funder_has_the_last_word_on_its_line() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let session = opened(app, &world, &[&application]).await;
        let caf = hands(&world)[0];
        let says = |amount: &str| position(&application, &world.caf, agreed(amount));
        let made = record(app, &world, &session, &[says("4000.00")]).send().await.expect(200).json();
        let etag = made["results"][0]["etag"].as_str().unwrap();
        push(app, &application, caf, &agreed("4500.00")).send().await.problem(428, "precondition-required");
        let changed =
            push(app, &application, caf, &agreed("4500.00")).if_match(etag).send().await.expect(200);
        let (shown, own) = (changed.json(), client(app, &world.caf_token));
        assert_eq!((&shown["sessionId"], &shown["recordedBy"]), (&Value::Null, &own));
        // What was said in the session stays said there.
        let said = listed(app, &world, &session).await;
        assert_eq!((said.len(), &said[0]["line"]["granted"]), (1, &eur("4000.00")));
        let path = format!("{}/history", world.caf_line(&application));
        let history = items(&app.get(&path).token(&world.caf_token).send().await.expect(200).json());
        let sessions = history.iter().map(|one| one["sessionId"].is_null()).collect::<Vec<_>>();
        assert_eq!(sessions, [false, true]);
        let attempt = async |one: Value| refusals(record(app, &world, &session, &[one])).await;
        assert_eq!(attempt(says("5000.00")).await, ["0 428 precondition-required"]);
        assert_eq!(attempt(instead(says("5000.00"), etag)).await, ["0 412 precondition-failed"]);
        let again = record(app, &world, &session, &[instead(says("5000.00"), changed.etag())]);
        let again = again.send().await.expect(200).json();
        assert_eq!(
            (&again["results"][0]["outcome"], &again["results"][0]["status"]),
            (&json!("superseded"), &json!(200))
        );
        push(app, &application, caf, &voted("5000.00")).if_match("*").send().await.expect(200);
        let lower = position(&application, &world.caf, because(agreed("4000.00")));
        assert_eq!(attempt(instead(lower, "*")).await, ["0 409 invalid-transition"]);
        assert_eq!(
            attempt(instead(position(&application, &world.caf, because(refused())), "*")).await,
            ["0 409 invalid-transition"]
        );
        let line = app.get(&world.caf_line(&application)).token(&world.caf_token).send().await.json();
        assert_eq!((&line["firmness"], &line["granted"]), (&json!("voted"), &eur("5000.00")));
        assert_eq!((pushes(app).await, listed(app, &world, &session).await.len()), ([1, 3], 2));
    })
    .await;
}

#[actix_web::test]
async fn a_session_that_is_closed_meanwhile_has_left_each_position_that_was_recorded() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut applications = Vec::new();
        for _ in 0..8 {
            applications.push(world.admissible(app).await);
        }
        let agenda: Vec<&str> = applications.iter().map(String::as_str).collect();
        let session = opened(app, &world, &agenda).await;
        let said = |application: &String| {
            let both = [&world.caf, &world.city].map(|one| position(application, one, agreed("100.00")));
            record(app, &world, &session, &both)
        };
        let mut requests: Vec<Request> = applications.iter().map(said).collect();
        let minutes = json!({"present": [world.caf, world.city]});
        let closure = app.put(&format!("{session}/closure")).token(&world.instructor).json(&minutes);
        requests.insert(4, closure);
        let mut answers = at_once(requests).await;
        answers.remove(4).expect(200);
        let recorded = count(&answers, 200);
        assert_eq!(recorded + count(&answers, 409), 8);
        let left = get(app, &world, &format!("{session}/programme?moment=concluded")).await.json();
        assert_eq!(cents(&left["totals"]["agreed"]), i64::try_from(recorded).unwrap() * 20_000);
        assert_eq!(listed(app, &world, &session).await.len(), recorded * 2);
    })
    .await;
}
