//! Liveness and readiness, while the database is there, away, and back.

use std::fs;

use contrat_de_ville::auth::{Binding, Role};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use serde_json::json;

use crate::support::{Answer, TestApp, World, on_each_database, voted};

/// Takes the database away, or gives it back.
fn set_database(app: &TestApp, there: bool) {
    if let Some(postgres) = app.postgres() {
        return postgres.admit(there);
    }
    let (file, aside) = (app.folder().join("ledger.sqlite"), app.folder().join("ledger.aside"));
    let (from, to) = if there { (aside, file) } else { (file, aside) };
    fs::rename(from, to).unwrap();
}

/// The first 200 of a few tries: connections come back when the pool next tries.
async fn ready_again(app: &TestApp) -> Answer {
    for _ in 0..20 {
        let answer = app.get("/health/ready").send().await;
        if answer.status == 200 {
            return answer;
        }
        answer.problem(503, "unavailable");
    }
    app.get("/health/ready").send().await
}

#[actix_web::test]
async fn a_healthy_service_is_live_and_ready() {
    on_each_database(async |app| {
        for path in ["/health/live", "/health/ready"] {
            let answer = app.get(path).send().await.expect(200);
            assert_eq!(answer.json(), json!({"status": "ok"}));
            assert_eq!(answer.header("Cache-Control"), Some("no-store"));
        }
    })
    .await;
}

#[actix_web::test]
async fn readiness_falls_and_rises_with_the_database() {
    on_each_database(async |app| {
        for _ in 0..2 {
            set_database(app, false);
            let answer = app.get("/health/ready").send().await;
            let problem = answer.problem(503, "unavailable");
            assert!(answer.header("Retry-After").unwrap().parse::<u32>().unwrap() > 0);
            assert_eq!(answer.header("Cache-Control"), Some("no-store"));
            for inside in ["sqlite", "postgres", "127.0.0.1", "contrat_test", "ledger.sqlite"] {
                assert!(!problem["detail"].as_str().unwrap().contains(inside), "{problem}");
            }
            app.get("/health/live").send().await.expect(200);
            set_database(app, true);
            ready_again(app).await.expect(200);
        }
    })
    .await;
}

#[actix_web::test]
async fn requests_are_refused_while_the_database_server_is_away_and_served_once_it_is_back() {
    on_each_database(async |app| {
        if app.postgres().is_none() {
            // An open SQLite file goes on working whatever its name.
            return;
        }
        let token = app.token(Role::Administrator, Binding::Staff).await;
        let post =
            app.post("/v1/co-funders").token(&token).key("one").json(&json!({"name": "Caf", "kind": "caf"}));
        set_database(app, false);
        app.get("/v1/co-funders").send().await.problem(503, "unavailable");
        assert!(
            post.send().await.problem(503, "unavailable")["detail"]
                .as_str()
                .unwrap()
                .contains("retries are safe")
        );
        set_database(app, true);
        ready_again(app).await.expect(200);
        for _ in 0..10 {
            app.get("/v1/co-funders").send().await.expect(200);
        }
        let first = post.send().await.expect(201);
        assert_eq!(post.send().await.expect(201).text, first.text);
        assert_eq!(app.all_events().await, 1);
    })
    .await;
}

#[actix_web::test]
async fn a_row_that_somebody_else_holds_is_waited_for_and_then_given_up() {
    on_each_database(async |app| {
        let Some(postgres) = app.postgres() else {
            // Nobody else writes to an embedded database.
            return;
        };
        let world = World::new(app).await;
        let line = world.caf_line(&world.admissible(app).await);
        let push = app.put(&line).token(&world.caf_token).json(&voted("10.00"));
        let mut other = PgConnection::establish(&postgres.url()).unwrap();
        other.batch_execute("BEGIN; UPDATE envelopes SET version = version + 1").unwrap();
        let answer = push.send().await;
        answer.problem(503, "unavailable");
        assert!(answer.header("Retry-After").unwrap().parse::<u32>().unwrap() > 0);
        assert_eq!(app.events("decision.recorded").await, 0);
        other.batch_execute("ROLLBACK").unwrap();
        push.send().await.expect(201);
    })
    .await;
}
