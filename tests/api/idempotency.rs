//! `Idempotency-Key`: whatever the number of retries, a command is done once and answered with the same bytes.

use std::sync::mpsc;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::rt::task::yield_now;
use actix_web::rt::time::sleep;
use contrat_de_ville::app::{self, Shared};
use contrat_de_ville::auth::{Binding, Role};
use contrat_de_ville::db::DbConnection;
use contrat_de_ville::db::schema::idempotency_keys;
use contrat_de_ville::types::{Clock, Instant};
use diesel::prelude::*;
use futures_util::future::{Either, join, join_all, select};
use serde_json::{Value, json};

use crate::support::{Answer, OPEN, TestApp, World, faults, on_each_database};

const PATH: &str = "/v1/co-funders";

fn body(name: &str) -> Value {
    json!({"name": name, "kind": "caf"})
}

async fn administrator(app: &TestApp) -> String {
    app.token(Role::Administrator, Binding::Staff).await
}

/// How many replies are kept.
async fn kept(app: &TestApp) -> i64 {
    let count = app.db.read(|connection| Ok(idempotency_keys::table.count().get_result(connection)?));
    count.await.unwrap()
}

async fn co_funders(app: &TestApp) -> usize {
    let list = app.get(PATH).send().await.expect(200).json();
    list["items"].as_array().unwrap().len()
}

#[actix_web::test]
async fn a_replay_is_the_first_answer_byte_for_byte() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let post = app.post(PATH).token(&token).key("one").json(&body("Caf"));
        let first = post.send().await.expect(201);
        let path = first.header("Location").unwrap();
        let patch = app.patch(path).token(&token).if_match(first.etag()).json(&json!({"name": "Caf 41"}));
        patch.send().await.expect(200);
        app.set_clock("2022-10-21T10:00:00Z");
        for _ in 0..3 {
            let again = post.send().await.expect(201);
            assert_eq!((&again.text, again.etag()), (&first.text, first.etag()));
            assert_eq!(again.lasting_headers(), first.lasting_headers());
        }
        assert_eq!((co_funders(app).await, kept(app).await), (1, 1));
        assert_eq!(app.events("coFunder.created").await, 1);
        app.post(PATH).token(&token).json(&body("Caf")).send().await.expect(201);
        assert_eq!(kept(app).await, 1);
    })
    .await;
}

#[actix_web::test]
async fn an_answer_without_a_version_of_its_own_is_replayed_too() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let line = world.caf_line(&application);
        let granted = crate::support::voted("100.00");
        app.put(&line).token(&world.caf_token).json(&granted).send().await.expect(201);
        let path = format!("/v1/applications/{application}/evaluations");
        let given = json!({"criteria": [{"name": "Participation", "grade": 4}]});
        let post = app.post(&path).token(&world.council).key("one").json(&given);
        let first = post.send().await.expect(201);
        let again = post.send().await.expect(201);
        assert_eq!((&again.text, again.lasting_headers()), (&first.text, first.lasting_headers()));
        // Without the key the second one is what it is: an evaluation that was given already.
        app.post(&path).token(&world.council).json(&given).send().await.problem(409, "conflict");
        assert_eq!(app.events("evaluation.given").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn one_key_is_for_one_request() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let post = |path: &str, body: &Value| app.post(path).token(&token).key("one").json(body);
        let first = post(PATH, &body("Caf")).send().await.expect(201);
        post(PATH, &body("Ville")).send().await.problem(422, "idempotency-key-reused");
        let organisation = json!({"name": "Les Jardins", "siret": "00000000100008"});
        post("/v1/organisations", &organisation).send().await.problem(422, "idempotency-key-reused");
        assert_eq!(post(PATH, &body("Caf")).send().await.expect(201).text, first.text);
        app.post(PATH).token(&token).key("two").json(&body("Ville")).send().await.expect(201);
        app.post(PATH).token(&token).key("One").json(&body("Département")).send().await.expect(201);
        assert_eq!((co_funders(app).await, kept(app).await), (3, 3));
        assert_eq!(app.events("organisation.created").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn the_same_body_at_another_address_is_another_request() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (first, second) = (world.admissible(app).await, world.admissible(app).await);
        for application in [&first, &second] {
            let line = world.caf_line(application);
            let granted = crate::support::voted("100.00");
            app.put(&line).token(&world.caf_token).json(&granted).send().await.expect(201);
        }
        let given = json!({"criteria": [{"name": "Participation", "grade": 4}]});
        let give = async |application: &str| {
            let path = format!("/v1/applications/{application}/evaluations");
            app.post(&path).token(&world.caf_token).key("one").json(&given).send().await
        };
        give(&first).await.expect(201);
        give(&second).await.problem(422, "idempotency-key-reused");
        assert_eq!(app.events("evaluation.given").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn clients_do_not_share_their_keys() {
    on_each_database(async |app| {
        let (one, other) = (administrator(app).await, administrator(app).await);
        let post = |token: &str, name: &str| app.post(PATH).token(token).key("one").json(&body(name));
        let first = post(&one, "Caf").send().await.expect(201);
        let second = post(&other, "Ville").send().await.expect(201);
        assert_ne!(first.text, second.text);
        // Nor can one client read another's answer by sending its very request.
        post(&other, "Caf").send().await.problem(422, "idempotency-key-reused");
        let third = administrator(app).await;
        post(&third, "Caf").send().await.problem(409, "conflict");
        assert_eq!((co_funders(app).await, kept(app).await), (2, 2));
    })
    .await;
}

#[actix_web::test]
async fn a_key_is_one_quoted_string() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let post = |key: &str, name: &str| {
            app.post(PATH).token(&token).header("Idempotency-Key", key).json(&body(name))
        };
        let long = format!("\"{}\"", "k".repeat(256));
        for key in
            ["one", "\"\"", "\"one", "'one'", "\"a\"b\"", "\"a\\x\"", "\"a\", \"b\"", "\"a\";p=1", "1", &long]
        {
            let problem = post(key, "Caf").send().await.problem(400, "invalid-parameter");
            assert_eq!(
                faults(&problem),
                [("Idempotency-Key".to_owned(), "wrong-format".to_owned())],
                "{key}"
            );
        }
        let twice = post("\"a\"", "Caf").header("Idempotency-Key", "\"b\"");
        twice.send().await.problem(400, "invalid-parameter");
        assert_eq!((app.all_events().await, kept(app).await), (0, 0));
        let longest = post(&format!("\"{}\"", "k".repeat(255)), "Caf");
        let first = longest.send().await.expect(201);
        assert_eq!(longest.send().await.expect(201).text, first.text);
        post(r#""a\"b\\""#, "Ville").send().await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn a_refusal_keeps_nothing_so_the_corrected_request_may_use_the_key() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let post = |body: &Value| app.post(PATH).token(&token).key("one").json(body);
        post(&json!({"name": "Caf"})).send().await.problem(422, "validation-failed");
        assert_eq!(kept(app).await, 0);
        let first = post(&body("Caf")).send().await.expect(201);
        assert_eq!(post(&body("Caf")).send().await.expect(201).text, first.text);
        // A refusal by the rules, inside the transaction, keeps nothing either.
        let second = |body: &Value| app.post(PATH).token(&token).key("two").json(body);
        let siret = |name: &str| json!({"name": name, "kind": "city", "siret": "73282932000074"});
        app.post(PATH).token(&token).json(&siret("Ville")).send().await.expect(201);
        second(&siret("Région")).send().await.problem(409, "conflict");
        second(&siret("Région")).send().await.problem(409, "conflict");
        assert_eq!(kept(app).await, 1);
        second(&body("Région")).send().await.expect(201);
        assert_eq!((co_funders(app).await, kept(app).await), (3, 2));
    })
    .await;
}

#[actix_web::test]
async fn a_reply_is_kept_for_seven_days() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let post = |key: &str, name: &str| app.post(PATH).token(&token).key(key).json(&body(name));
        let first = post("one", "Caf").send().await.expect(201);
        app.set_clock("2022-10-27T09:59:59Z");
        post("two", "Ville").send().await.expect(201);
        assert_eq!(post("one", "Caf").send().await.expect(201).text, first.text);
        app.set_clock("2022-10-27T10:00:01Z");
        post("three", "Région").send().await.expect(201);
        assert_eq!(kept(app).await, 2);
        post("one", "Département").send().await.expect(201);
        assert_eq!((co_funders(app).await, kept(app).await), (4, 3));
    })
    .await;
}

/// One more row was made, and every answer is the first one or says that it is still on its way.
async fn assert_made_once(app: &TestApp, answers: &[Answer], in_all: i64) {
    let made: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert!(!made.is_empty());
    assert!(made.iter().all(|answer| answer.text == made[0].text && answer.etag() == made[0].etag()));
    for waiting in answers.iter().filter(|answer| answer.status != 201) {
        waiting.problem(409, "idempotency-in-progress");
        assert_eq!(waiting.header("Retry-After"), Some("1"));
    }
    assert_eq!((app.events("coFunder.created").await, kept(app).await), (in_all, in_all));
}

#[actix_web::test]
async fn twenty_parallel_requests_with_one_key_make_one_row() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let post = app.post(PATH).token(&token).key("one").json(&body("Caf"));
        let answers = join_all((0..20).map(|_| post.send())).await;
        assert_made_once(app, &answers, 1).await;
        let late = post.send().await.expect(201);
        assert!(answers.iter().any(|answer| answer.text == late.text));
    })
    .await;
}

/// Holds up every command with a key until the sender is told to go on.
async fn hold_up(app: &TestApp) -> mpsc::Sender<()> {
    let (begin, has_begun) = mpsc::channel();
    let (go_on, wait) = mpsc::channel();
    let db = app.db.clone();
    actix_web::rt::spawn(async move {
        let held = db.write(move |tx| {
            // SQLite has one writer; in PostgreSQL a key is written first.
            if matches!(tx, DbConnection::Postgres(_)) {
                diesel::sql_query("LOCK TABLE idempotency_keys IN EXCLUSIVE MODE").execute(tx)?;
            }
            begin.send(()).unwrap();
            wait.recv().unwrap();
            Ok(())
        });
        held.await.unwrap();
    });
    while has_begun.try_recv().is_err() {
        yield_now().await;
    }
    go_on
}

#[actix_web::test]
async fn a_key_in_progress_is_refused_to_its_own_client_only() {
    on_each_database(async |app| {
        let (one, other) = (administrator(app).await, administrator(app).await);
        let post = |token: &str, name: &str| {
            let post = app.post(PATH).token(token).key("one").json(&body(name));
            Box::pin(async move { post.send().await })
        };
        let go_on = hold_up(app).await;
        let (refused, first) = match select(post(&one, "Caf"), post(&one, "Caf")).await {
            Either::Left(answered) | Either::Right(answered) => answered,
        };
        refused.problem(409, "idempotency-in-progress");
        assert_eq!(refused.header("Retry-After"), Some("1"));
        // The other client waits for the database, and for nothing else.
        let waiting =
            select(join(first, post(&other, "Ville")), Box::pin(sleep(Duration::from_millis(100)))).await;
        go_on.send(()).unwrap();
        let (first, second) = match waiting {
            Either::Left((answers, _)) => answers,
            Either::Right(((), answers)) => answers.await,
        };
        assert_eq!((first.status, second.status), (201, 201), "{} {}", first.text, second.text);
        assert_eq!(app.events("coFunder.created").await, 2);
    })
    .await;
}

#[actix_web::test]
async fn two_processes_with_one_key_make_one_row() {
    on_each_database(async |app| {
        let clock = Clock::new(|| Instant::parse(OPEN).unwrap());
        let other =
            Shared::new(app.db.clone(), app.files.clone(), app.tokens.clone(), clock, Vec::new()).unwrap();
        let other = HttpServer::new(move || app::build(&other)).workers(2).disable_signals();
        let other = other.client_request_timeout(Duration::from_secs(5)).bind(("127.0.0.1", 0)).unwrap();
        let base = format!("http://{}", other.addrs()[0]);
        let other = other.run();
        let handle = other.handle();
        actix_web::rt::spawn(other);
        let token = administrator(app).await;
        for round in 1..=8 {
            let key = format!("round {round}");
            let to =
                |base: &str| app.post(&format!("{base}{PATH}")).token(&token).key(&key).json(&body(&key));
            let posts: Vec<_> =
                (0..10).map(|place| to(if place % 2 == 0 { &app.base } else { &base })).collect();
            let answers = join_all(posts.iter().map(|post| post.send())).await;
            assert_made_once(app, &answers, round).await;
            let (one, other) = (to(&base).send().await.expect(201), to(&app.base).send().await.expect(201));
            assert_eq!(one.text, other.text);
        }
        handle.stop(false).await;
    })
    .await;
}
