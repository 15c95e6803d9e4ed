//! The correction loop and the withdrawal of an application: who may do what, when, and what is left of it.

mod withdrawal;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::support::{
    Answer, OPEN, Request, TestApp, World, eur, id, items, on_each_database, sorted_faults, told,
};

/// After the deadline of the world's call.
const CLOSED: &str = "2022-11-25T10:00:00Z";
const CORRECT_BY: &str = "2022-12-05T22:59:59Z";

fn path(application: &str) -> String {
    format!("/v1/applications/{application}")
}

async fn read(app: &TestApp, application: &str, token: &str) -> Answer {
    app.get(&path(application)).token(token).send().await.expect(200)
}

fn reasons() -> Value {
    json!({
        "reasons": [
            {"pointer": "/budget/charges/0/amount", "comment": "Merci de détailler."},
            {"pointer": "/title", "comment": "Titre trop vague."}
        ],
        "correctBy": CORRECT_BY
    })
}

fn send_back(app: &TestApp, world: &World, application: &str) -> Request {
    app.post(&format!("{}/returns", path(application))).token(&world.instructor).json(&reasons())
}

fn submit(app: &TestApp, world: &World, application: &str) -> Request {
    app.put(&format!("{}/submission", path(application))).token(&world.applicant)
}

fn withdraw(app: &TestApp, world: &World, application: &str) -> Request {
    let reason = json!({"reason": "L’action n’aura pas lieu."});
    app.put(&format!("{}/withdrawal", path(application))).token(&world.applicant).json(&reason)
}

fn judge(app: &TestApp, world: &World, application: &str) -> Request {
    let admissible = json!({"admissible": true});
    app.put(&format!("{}/admissibility", path(application))).token(&world.instructor).json(&admissible)
}

async fn edit(app: &TestApp, world: &World, application: &str, change: &Value) -> Answer {
    let etag = read(app, application, &world.applicant).await.etag().to_owned();
    app.patch(&path(application)).token(&world.applicant).if_match(&etag).json(change).send().await
}

#[actix_web::test]
async fn an_application_is_returned_corrected_and_submitted_again_under_its_number() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.submitted(app, &world.application_body()).await;
        let first = read(app, &application, &world.applicant).await.json();
        app.set_clock(CLOSED);
        let made = send_back(app, &world, &application).send().await.expect(201);
        let back = app.get(made.header("Location").unwrap()).token(&world.applicant).send().await.expect(200);
        assert_eq!(back.text, made.text);
        let returned = read(app, &application, &world.applicant).await.json();
        assert_eq!((&returned["status"], &returned["returned"]), (&json!("returned"), &made.json()));
        assert_eq!(returned["returned"]["reasons"], reasons()["reasons"]);
        assert_eq!(returned["transitions"], json!(["edit", "submission", "withdrawal"]));
        // What is corrected is saved even while it is incomplete, and then told.
        let broken = edit(app, &world, &application, &json!({"title": ""})).await.expect(200).json();
        let text =
            json!({"en": "title of the action: to be filled in", "fr": "intitulé de l’action : à renseigner"});
        assert_eq!(broken["warnings"], json!([{"pointer": "/title", "code": "required", "detail": text}]));
        let refused = submit(app, &world, &application).send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&refused), told(&[("/title", "required")]));
        edit(app, &world, &application, &json!({"title": "Un jardin au pied des tours"})).await.expect(200);
        app.set_clock(CORRECT_BY);
        let again = submit(app, &world, &application).send().await.expect(200).json();
        assert_eq!((&again["status"], &again["number"]), (&json!("submitted"), &first["number"]));
        assert_eq!(
            (&again["submittedAt"], &again["receipt"]["receivedAt"]),
            (&json!(OPEN), &json!(CORRECT_BY))
        );
        assert_ne!(again["receipt"]["digest"], first["receipt"]["digest"]);
        assert_eq!((&again["returned"], &again["warnings"]), (&Value::Null, &json!([])));
        judge(app, &world, &application).send().await.expect(200);
        let events = (app.events("application.returned").await, app.events("application.submitted").await);
        assert_eq!(events, (1, 2));
        let all = app.get(&format!("{}/returns", path(&application))).token(&world.instructor).send().await;
        assert_eq!(items(&all.expect(200).json()), [made.json()]);
    })
    .await;
}

#[actix_web::test]
async fn a_correction_comes_in_time_or_not_at_all() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.submitted(app, &world.application_body()).await;
        send_back(app, &world, &application).send().await.expect(201);
        app.set_clock("2022-12-05T22:59:59.000001Z");
        let before = read(app, &application, &world.applicant).await;
        assert_eq!(before.json()["transitions"], json!(["edit", "withdrawal"]));
        let late = submit(app, &world, &application).french().send().await.problem(409, "call-not-open");
        assert!(late["detail"].as_str().unwrap().ends_with("à 2022-12-05T22:59:59Z"), "{late}");
        assert_eq!(read(app, &application, &world.applicant).await.text, before.text);
        // Before that day, while the call is open, the deadline of the call counts if it is later.
        let other = world.submitted(app, &world.application_body()).await;
        let mut soon = reasons();
        soon["correctBy"] = json!("2022-10-21T00:00:00Z");
        let sent = app.post(&format!("{}/returns", path(&other))).token(&world.instructor).json(&soon);
        sent.send().await.expect(201);
        app.set_clock("2022-11-01T10:00:00Z");
        submit(app, &world, &other).send().await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn while_it_is_corrected_the_others_see_what_was_received() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.submitted(app, &world.application_body()).await;
        let received = read(app, &application, &world.caf_token).await.json();
        let made = send_back(app, &world, &application).send().await.expect(201);
        let mut change = json!({"title": "En travaux", "requests": world.application_body()["requests"]});
        change["requests"][0]["amount"] = eur("4999.00");
        edit(app, &world, &application, &change).await.expect(200);
        for token in [&world.caf_token, &world.council] {
            let seen = read(app, &application, token).await.json();
            for member in ["title", "requests", "receipt", "submittedAt"] {
                assert_eq!(seen[member], received[member], "{member}");
            }
            assert_eq!(seen["funding"]["requested"], received["funding"]["requested"]);
            assert_eq!(
                (&seen["status"], &seen["returned"], &seen["warnings"]),
                (&json!("returned"), &Value::Null, &json!([]))
            );
            app.get(made.header("Location").unwrap()).token(token).send().await.problem(404, "not-found");
            let all = app.get(&format!("{}/returns", path(&application))).token(token).send().await;
            all.problem(404, "not-found");
        }
        assert_eq!(read(app, &application, &world.instructor).await.json()["title"], "En travaux");
        withdraw(app, &world, &application).send().await.expect(200);
        let seen = read(app, &application, &world.caf_token).await.json();
        assert_eq!((&seen["title"], &seen["status"]), (&received["title"], &json!("withdrawn")));
    })
    .await;
}

#[actix_web::test]
async fn what_is_not_corrected_in_time_gets_more_time_or_is_inadmissible() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.submitted(app, &world.application_body()).await;
        let other = world.submitted(app, &world.application_body()).await;
        for one in [&application, &other] {
            send_back(app, &world, one).send().await.expect(201);
        }
        let no = json!({"admissible": false, "reason": "non corrigé"});
        let refuse =
            |one: &str| app.put(&format!("{}/admissibility", path(one))).token(&world.instructor).json(&no);
        refuse(&application).send().await.problem(409, "invalid-transition");
        app.set_clock("2022-12-06T10:00:00Z");
        let shown = read(app, &application, &world.instructor).await.json();
        assert_eq!(shown["transitions"], json!(["returns", "admissibility"]));
        judge(app, &world, &application).send().await.problem(409, "invalid-transition");
        assert_eq!(refuse(&application).send().await.expect(200).json()["status"], "inadmissible");
        let mut more = reasons();
        more["correctBy"] = json!("2022-12-20T22:59:59Z");
        let again = app.post(&format!("{}/returns", path(&other))).token(&world.instructor).json(&more);
        again.send().await.expect(201);
        assert_eq!(
            read(app, &other, &world.applicant).await.json()["returned"]["correctBy"],
            more["correctBy"]
        );
        submit(app, &world, &other).send().await.expect(200);
        judge(app, &world, &other).send().await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn only_an_instructor_returns_and_only_what_is_submitted() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let draft = id(&world.draft(app, &world.application_body()).await);
        send_back(app, &world, &draft).send().await.problem(409, "invalid-transition");
        let application = world.submitted(app, &world.application_body()).await;
        let before = read(app, &application, &world.applicant).await;
        let at = format!("{}/returns", path(&application));
        let events = app.event_kinds().await;
        app.post(&at)
            .token(&world.applicant)
            .json(&reasons())
            .send()
            .await
            .problem(403, "not-your-institution");
        for token in [&world.caf_token, &world.council, &world.administrator] {
            app.post(&at).token(token).json(&reasons()).send().await.problem(403, "insufficient-scope");
        }
        let wrong = json!({"reasons": [{"pointer": "title", "comment": " "}], "correctBy": OPEN, "by": "me"});
        let expected = [
            ("/by", "unknown-field"),
            ("/reasons/0/comment", "too-short"),
            ("/reasons/0/pointer", "wrong-format"),
        ];
        let problem = app.post(&at).token(&world.instructor).json(&wrong).send().await;
        assert_eq!(sorted_faults(&problem.problem(422, "validation-failed")), told(&expected));
        let mut past = reasons();
        past["correctBy"] = json!(OPEN);
        let problem = app.post(&at).token(&world.instructor).json(&past).french().send().await;
        let problem = problem.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/correctBy", "in-the-past")]));
        assert_eq!(problem["errors"][0]["detail"], "est dans le passé");
        assert_eq!(
            (read(app, &application, &world.applicant).await.text, app.event_kinds().await),
            (before.text, events)
        );
        judge(app, &world, &application).send().await.expect(200);
        let problem =
            send_back(app, &world, &application).french().send().await.problem(409, "invalid-transition");
        assert_eq!(problem["detail"], "un dossier recevable ne peut être renvoyé");
    })
    .await;
}

#[actix_web::test]
async fn each_reader_is_shown_what_it_may_do_now() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        app.set_clock(OPEN);
        let application = id(&world.draft(app, &world.application_body()).await);
        let shown = async |token: &str| read(app, &application, token).await.json()["transitions"].clone();
        assert_eq!(shown(&world.applicant).await, json!(["edit", "submission"]));
        assert_eq!(shown(&world.instructor).await, json!([]));
        app.set_clock(CLOSED);
        assert_eq!(shown(&world.applicant).await, json!(["edit"]), "the call has closed");
        app.set_clock(OPEN);
        submit(app, &world, &application).send().await.expect(200);
        assert_eq!(shown(&world.applicant).await, json!(["withdrawal"]));
        assert_eq!(shown(&world.instructor).await, json!(["returns", "admissibility"]));
        for token in [&world.caf_token, &world.council, &world.administrator] {
            assert_eq!(shown(token).await, json!([]));
        }
        judge(app, &world, &application).send().await.expect(200);
        assert_eq!(
            (shown(&world.applicant).await, shown(&world.instructor).await),
            (json!(["withdrawal"]), json!([]))
        );
    })
    .await;
}

/// RFC 8785 of what was received: names in order, nothing between.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort();
            let members: Vec<String> = names
                .iter()
                .map(|name| format!("\"{name}\":{}", canonical(&members[name.as_str()])))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        plain => plain.to_string(),
    }
}

#[actix_web::test]
async fn the_receipt_is_the_digest_of_what_was_received() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.submitted(app, &world.application_body()).await;
        let shown = read(app, &application, &world.applicant).await.json();
        let members = [
            "callId",
            "organisationId",
            "renewalOf",
            "title",
            "objectives",
            "needs",
            "description",
            "strand",
            "challenges",
            "operationalPriorities",
            "statements",
            "neighbourhoods",
            "audiences",
            "partners",
            "indicators",
            "startsOn",
            "endsOn",
            "multiYear",
            "budget",
            "furtherYears",
            "requests",
            "viabilityFloor",
            "contacts",
            "externalReferences",
        ];
        let received: Value = members.iter().map(|name| ((*name).to_owned(), shown[*name].clone())).collect();
        let sum = digest(&SHA256, canonical(&received).as_bytes());
        let expected: String = sum.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            shown["receipt"],
            json!({"number": shown["number"], "receivedAt": OPEN, "digest": expected, "attachments": []})
        );
    })
    .await;
}

#[actix_web::test]
async fn what_is_missing_is_told_part_by_part() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let body = json!({"callId": world.call, "organisationId": world.organisation});
        let draft = id(&world.draft(app, &body).await);
        let checks = async |token: &str| app.get(&format!("{}/checks", path(&draft))).token(token).send().await;
        let bare = checks(&world.applicant).await.expect(200).json();
        assert_eq!((&bare["done"], &bare["total"]), (&json!(3), &json!(8)));
        let open: Vec<&Value> = bare["parts"].as_array().unwrap().iter().filter(|one| one["done"] == false).collect();
        let names: Vec<&Value> = open.iter().map(|one| &one["part"]).collect();
        assert_eq!(names, ["project", "place-in-the-call", "dates", "budget", "requests"]);
        assert_eq!(
            open[0]["missing"][0],
            json!({
                "pointer": "/title", "code": "required",
                "detail": {"en": "title of the action: to be filled in", "fr": "intitulé de l’action : à renseigner"}
            })
        );
        // The same faults, neither more nor fewer, as submission tells.
        let told: usize = open.iter().map(|one| one["missing"].as_array().unwrap().len()).sum();
        let refused = submit(app, &world, &draft).send().await.problem(422, "validation-failed");
        assert_eq!(told, refused["errors"].as_array().unwrap().len());
        edit(app, &world, &draft, &world.application_body()).await.expect(200);
        let full = checks(&world.instructor).await.expect(200).json();
        assert_eq!((&full["done"], &full["total"]), (&json!(8), &json!(8)));
        checks(&world.caf_token).await.problem(404, "not-found");
    })
    .await;
}
