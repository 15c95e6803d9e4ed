//! Batches: many lines at once, each judged as a single push would be; whole or line by line, as JSON or as a table.

mod bodies;
mod csv_files;
mod many;

use serde_json::{Value, json};

use crate::support::{
    Answer, Request, TestApp, World, at_once, eur, id, items, on_each_database, sorted_faults, told, voted,
};

const PATH: &str = "/v1/decision-batches";
const UNKNOWN: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn send(app: &TestApp, world: &World, query: &str, lines: &[Value]) -> Request {
    app.post(&format!("{PATH}{query}")).token(&world.caf_token).json(&json!({"lines": lines}))
}

fn on(application: &str, decision: &Value) -> Value {
    json!({"applicationId": application, "decision": decision})
}

fn changing(tag: &str, mut line: Value) -> Value {
    line["ifMatch"] = json!(tag);
    line
}

fn agreed(amount: &str) -> Value {
    json!({"firmness": "agreed", "granted": eur(amount), "credits": "mainstream"})
}

async fn several<const N: usize>(app: &TestApp, world: &World) -> [String; N] {
    let mut made = Vec::new();
    for _ in 0..N {
        made.push(world.admissible(app).await);
    }
    made.try_into().unwrap()
}

/// Pushes 1,000.00 EUR by itself.
async fn push(app: &TestApp, world: &World, application: &str) {
    let push = app.put(&world.caf_line(application)).token(&world.caf_token).json(&voted("1000.00"));
    push.send().await.expect(201);
}

async fn line(app: &TestApp, world: &World, application: &str) -> Answer {
    app.get(&world.caf_line(application)).token(&world.caf_token).send().await
}

/// What is committed of the Caf's envelope.
async fn committed(app: &TestApp, world: &World) -> Value {
    let path = format!("/v1/calls/{}/envelopes/{}", world.call, world.caf);
    app.get(&path).token(&world.caf_token).send().await.expect(200).json()["committed"].clone()
}

/// What became of each line, in words: its outcome, its status, its problem.
fn became(batch: &Value) -> Vec<String> {
    let words = |one: &Value| {
        let code = one["problem"]["code"].as_str().unwrap_or_default();
        format!("{} {} {code}", one["outcome"].as_str().unwrap(), one["status"]).trim_end().to_owned()
    };
    batch["results"].as_array().unwrap().iter().map(words).collect()
}

fn counts(batch: &Value) -> [Value; 4] {
    ["recorded", "superseded", "unchanged", "refused"].map(|outcome| batch[outcome].clone())
}

/// What is wrong with a refused line.
fn wrong(batch: &Value, place: usize) -> Vec<(String, String)> {
    sorted_faults(&batch["results"][place]["problem"])
}

#[actix_web::test]
async fn each_line_is_judged_as_if_it_were_pushed_by_itself() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let all = several::<7>(app, &world).await;
        for application in &all[1..6] {
            push(app, &world, application).await;
        }
        let more = voted("1500.00");
        let lines = [
            on(&all[0], &voted("500.00")),
            on(&all[1], &voted("1000.00")),
            changing("\"1\"", on(&all[2], &more)),
            changing("*", on(&all[3], &more)),
            on(&all[4], &more),
            changing("\"7\"", on(&all[5], &more)),
            on(&all[6], &voted("9999.00")),
            on(UNKNOWN, &more),
            on(&all[0], &more),
        ];
        let answer = send(app, &world, "", &lines).send().await.expect(201);
        let batch = answer.json();
        let expected = [
            "recorded 201",
            "unchanged 200",
            "superseded 200",
            "superseded 200",
            "refused 428 precondition-required",
            "refused 412 precondition-failed",
            "refused 409 envelope-exceeded",
            "refused 404 not-found",
            "refused 422 validation-failed",
        ];
        assert_eq!(became(&batch), expected);
        assert_eq!(counts(&batch), [json!(1), json!(2), json!(1), json!(5)]);
        let results = batch["results"].as_array().unwrap();
        for (place, result) in results.iter().enumerate() {
            assert_eq!((&result["line"], &result["coFunderId"]), (&json!(place), &json!(world.caf)));
            assert_eq!(result["applicationId"], lines[place]["applicationId"]);
            assert_eq!(result["problem"].is_null(), result["etag"].is_string());
        }
        assert_eq!((&results[0]["etag"], &results[2]["etag"]), (&json!("\"1\""), &json!("\"2\"")));
        assert_eq!(results[6]["problem"]["remaining"], eur("3500.00"));
        assert_eq!(wrong(&batch, 8), told(&[("", "duplicate")]));
        for (application, amount) in
            all.iter().zip(["500.00", "1000.00", "1500.00", "1500.00", "1000.00", "1000.00"])
        {
            assert_eq!(line(app, &world, application).await.expect(200).json()["granted"], eur(amount));
        }
        line(app, &world, &all[6]).await.problem(404, "not-found");
        assert_eq!(committed(app, &world).await, eur("6500.00"));
        assert_eq!((app.events("decision.recorded").await, app.events("decision.superseded").await), (6, 2));
    })
    .await;
}

#[actix_web::test]
async fn what_was_answered_can_be_read_again_by_its_own_co_funder_alone() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let [one, other] = several::<2>(app, &world).await;
        let lines = [on(&one, &agreed("10.00")), on(&other, &agreed("99999.00"))];
        let made = send(app, &world, "", &lines).french().send().await.expect(201);
        let location = made.header("Location").unwrap();
        assert_eq!(location, format!("{PATH}/{}", id(&made.json())));
        // It is what was answered then, whatever has become of the lines.
        let change = app.put(&world.caf_line(&one)).token(&world.caf_token).if_match("*");
        change.json(&agreed("20.00")).send().await.expect(200);
        let read = app.get(location).token(&world.caf_token).send().await.expect(200);
        assert_eq!((&read.text, read.header("Content-Type")), (&made.text, Some("application/json")));
        for token in [&world.city_token, &world.landlord_token] {
            app.get(location).token(token).send().await.problem(404, "not-found");
        }
        for token in [&world.administrator, &world.instructor, &world.applicant, &world.council] {
            app.get(location).token(token).send().await.problem(403, "insufficient-scope");
            let refused = app.post(PATH).token(token).json(&json!({"lines": lines})).send().await;
            assert_eq!(refused.problem(403, "insufficient-scope")["scope"], "decisions:write");
        }
        app.post(PATH).json(&json!({"lines": lines})).send().await.problem(401, "invalid-token");
        app.get(&format!("{PATH}/{UNKNOWN}")).token(&world.caf_token).send().await.problem(404, "not-found");
        assert_eq!((app.events("decision.recorded").await, app.events("decision.superseded").await), (1, 1));
    })
    .await;
}

#[actix_web::test]
async fn a_malformed_line_does_not_speak_against_the_others() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let [one, other] = several::<2>(app, &world).await;
        let (ten, number) = (agreed("10.00"), json!("2023-0001"));
        let known = json!({"system": "dauphin", "reference": "00123"});
        let bare = json!({"firmness": "agreed", "credits": "mainstream"});
        let sure = json!({"firmness": "sure", "credits": "mainstream"});
        let own = json!({"type": "coFunderGrants", "coFunderId": world.caf, "amount": eur("1.00")});
        let mut selfish = agreed("10.00");
        selfish["conditions"] = json!([own]);
        let cases = [
            (json!(5), "", "wrong-type"),
            (json!({"applicationId": one}), "/decision", "required"),
            (on(&one, &bare), "/decision/granted", "required"),
            (on(&one, &voted("0.00")), "/decision/granted", "too-small"),
            (on(&one, &sure), "/decision/firmness", "not-allowed-value"),
            (on(&other, &selfish), "/decision/conditions/0/coFunderId", "not-allowed-value"),
            (json!({"decision": ten}), "/applicationId", "required"),
            (
                json!({"callId": world.call, "number": number, "externalReference": known, "decision": ten}),
                "",
                "not-applicable",
            ),
            (json!({"number": number, "decision": ten}), "/callId", "required"),
            (
                json!({"applicationId": one, "callId": world.call, "decision": ten}),
                "/callId",
                "not-applicable",
            ),
            (
                json!({"externalReference": {"system": "dauphin"}, "decision": ten}),
                "/externalReference/reference",
                "required",
            ),
            (json!({"applicationId": one, "amount": 5, "decision": ten}), "/amount", "unknown-field"),
        ];
        let mut lines: Vec<Value> = cases.iter().map(|(line, _, _)| line.clone()).collect();
        lines.push(on(&one, &ten));
        let batch = send(app, &world, "", &lines).send().await.expect(201).json();
        for (place, (line, pointer, code)) in cases.iter().enumerate() {
            assert_eq!(became(&batch)[place], "refused 422 validation-failed", "{line}");
            assert_eq!(wrong(&batch, place), told(&[(*pointer, *code)]), "{line}");
        }
        assert_eq!(became(&batch)[cases.len()], "recorded 201");
        line(app, &world, &other).await.problem(404, "not-found");
        assert_eq!(app.events("decision.recorded").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn an_atomic_batch_is_kept_as_a_whole_or_not_at_all() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let [one, other] = several::<2>(app, &world).await;
        let lines = [on(&one, &agreed("9000.00")), on(&other, &agreed("1000.01"))];
        let before = app.all_events().await;
        let whole = send(app, &world, "?atomic=true", &lines).key("one");
        let problem = whole.send().await.problem(409, "batch-refused");
        assert_eq!(became(&problem), ["refused 409 envelope-exceeded"]);
        let refused = &problem["results"][0];
        assert_eq!((&refused["line"], &refused["applicationId"]), (&json!(1), &json!(other)));
        assert_eq!(refused["problem"]["remaining"], eur("1000.00"));
        let malformed = [json!({}), on(&one, &agreed("1.00")), on(UNKNOWN, &agreed("1.00"))];
        let problem =
            send(app, &world, "?atomic=true", &malformed).send().await.problem(409, "batch-refused");
        assert_eq!(became(&problem), ["refused 422 validation-failed", "refused 404 not-found"]);
        for application in [&one, &other] {
            line(app, &world, application).await.problem(404, "not-found");
        }
        assert_eq!((app.all_events().await, committed(app, &world).await), (before, eur("0.00")));
        // A refusal keeps nothing: the mended batch may have its key.
        let lines = [on(&one, &agreed("9000.00")), on(&other, &agreed("1000.00"))];
        let made = send(app, &world, "?atomic=true", &lines).key("one").send().await.expect(201).json();
        assert_eq!((became(&made), &made["atomic"]), (vec!["recorded 201".to_owned(); 2], &json!(true)));
        assert_eq!(committed(app, &world).await, eur("10000.00"));
        let again = send(app, &world, "?atomic=true", &lines).send().await.expect(201).json();
        assert_eq!(counts(&again), [json!(0), json!(0), json!(2), json!(0)]);
        assert_eq!(app.events("decision.recorded").await, 2);
    })
    .await;
}

#[actix_web::test]
async fn a_dry_run_says_what_the_real_one_will_and_changes_nothing() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let [one, other, third, fourth] = several::<4>(app, &world).await;
        for application in [&one, &other] {
            push(app, &world, application).await;
        }
        let lines = [
            on(&one, &voted("1000.00")),
            changing("\"1\"", on(&other, &voted("1500.00"))),
            on(&third, &agreed("7000.00")),
            on(&fourth, &agreed("500.01")),
            json!({}),
        ];
        let before = app.all_events().await;
        let mut runs = Vec::new();
        for query in ["?validateOnly=true", "?validateOnly=true&atomic=true", "?validateOnly=false"] {
            let status = if query.ends_with("false") { 201 } else { 200 };
            let answer = send(app, &world, query, &lines).send().await.expect(status);
            assert_eq!(answer.header("Location").is_some(), status == 201);
            let batch = answer.json();
            assert_eq!(batch["id"].is_null(), status == 200);
            if status == 200 {
                assert_eq!((app.all_events().await, committed(app, &world).await), (before, eur("2000.00")));
                assert_eq!(line(app, &world, &other).await.etag(), "\"1\"");
                line(app, &world, &third).await.problem(404, "not-found");
            }
            let etags: Vec<Value> =
                batch["results"].as_array().unwrap().iter().map(|one| one["etag"].clone()).collect();
            runs.push((became(&batch), etags, batch["results"][3]["problem"]["remaining"].clone()));
        }
        assert_eq!((&runs[0], &runs[1]), (&runs[2], &runs[2]));
        let expected = [
            "unchanged 200",
            "superseded 200",
            "recorded 201",
            "refused 409 envelope-exceeded",
            "refused 422 validation-failed",
        ];
        assert_eq!(runs[0].0, expected);
        assert_eq!(runs[0].2, eur("500.00"));
        assert_eq!(committed(app, &world).await, eur("9500.00"));
    })
    .await;
}

#[actix_web::test]
async fn a_batch_may_be_sent_again_with_its_key_or_without() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let [one, other] = several::<2>(app, &world).await;
        let lines = [on(&one, &agreed("10.00")), on(&other, &agreed("20.00")), json!({})];
        let keyed = send(app, &world, "", &lines).key("lot");
        let first = keyed.send().await.expect(201);
        let without = send(app, &world, "", &lines).send().await.expect(201).json();
        assert_eq!(counts(&without), [json!(0), json!(0), json!(2), json!(1)]);
        assert_ne!(id(&without), id(&first.json()));
        let again = keyed.send().await.expect(201);
        assert_eq!((&again.text, again.lasting_headers()), (&first.text, first.lasting_headers()));
        send(app, &world, "", &lines[..2]).key("lot").send().await.problem(422, "idempotency-key-reused");
        let atomic = send(app, &world, "?atomic=true", &lines).key("lot");
        atomic.send().await.problem(422, "idempotency-key-reused");
        let history = format!("{}/history", world.caf_line(&one));
        let history = app.get(&history).token(&world.caf_token).send().await.expect(200).json();
        assert_eq!((items(&history).len(), app.events("decision.recorded").await), (1, 2));
        assert_eq!(app.events("decision.superseded").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn two_batches_at_once_never_overrun_the_envelope() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let all = several::<20>(app, &world).await;
        let lines: Vec<Value> = all.iter().map(|one| on(one, &voted("900.00"))).collect();
        let halves = lines.chunks(10).map(|half| send(app, &world, "", half));
        let answers = at_once(halves).await;
        let mut recorded = 0;
        for answer in answers {
            let batch = answer.expect(201).json();
            let [made, superseded, unchanged, refused] = counts(&batch).map(|count| count.as_u64().unwrap());
            assert_eq!((made + refused, superseded, unchanged), (10, 0, 0));
            let exceeded =
                became(&batch).iter().filter(|one| *one == "refused 409 envelope-exceeded").count();
            assert_eq!(u64::try_from(exceeded).unwrap(), refused);
            recorded += made;
        }
        // 20 × 900.00 would be 18,000.00; the envelope holds 10,000.00: eleven fit.
        assert_eq!((recorded, committed(app, &world).await), (11, eur("9900.00")));
        assert_eq!(app.events("decision.recorded").await, 11);
    })
    .await;
}
