//! What a session examined and what it left: frozen, whatever moves afterwards.

use serde_json::json;

use super::{HELD, close, events, get, open, plan};
use crate::programme::{adds_up, agreed, hands, order, path, provided, push, read};
use crate::support::{World, at_once, count, eur, on_each_database, voted};

#[actix_web::test]
async fn the_programme_it_examines_is_frozen_when_it_is_opened() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (first, second) = (world.admissible(app).await, world.admissible(app).await);
        let [caf, city, _] = hands(&world);
        push(app, &first, caf, &agreed("3000.00")).send().await.expect(201);
        let session = plan(app, &world, HELD, &[&first]).await;
        let programme = format!("{session}/programme");
        for part in ["/programme", "/programme?moment=examined", "/programme?format=csv", "/comparison"] {
            let early = app.get(&format!("{session}{part}")).token(&world.city_token).send().await;
            early.problem(404, "not-found");
        }
        let call_table = format!("{}?format=csv", path(&world));
        let (before, table_before) = (read(app, &world).await, get(app, &world, &call_table).await);
        let opened = open(app, &world, &session).await;
        let shown = opened.json();
        assert_eq!((&shown["status"], &shown["openedAt"]), (&json!("open"), &json!("2023-03-20T10:00:00Z")));
        let examined = get(app, &world, &programme).await;
        assert_eq!(examined.json(), before.json());
        push(app, &first, city, &voted("1000.00")).send().await.expect(201);
        push(app, &second, caf, &agreed("2000.00")).send().await.expect(201);
        world.admissible(app).await;
        assert_eq!(order(&read(app, &world).await.json()), "1 2 3");
        for query in ["", "?moment=examined", "?format=json"] {
            let again = get(app, &world, &format!("{programme}{query}")).await;
            assert_eq!((&again.text, again.etag()), (&examined.text, examined.etag()));
        }
        let same = app.get(&programme).token(&world.city_token).header("If-None-Match", examined.etag());
        same.send().await.expect(304);
        // Its table has the figures of then, too.
        let table = get(app, &world, &format!("{programme}?moment=examined&format=csv")).await;
        assert_eq!(table.bytes, table_before.bytes);
        assert_eq!(table.header("Content-Type"), Some("text/csv; charset=utf-8"));
        let name = "attachment; filename=\"programme-2023-examined.csv\"";
        assert_eq!(table.header("Content-Disposition"), Some(name));
        let concluded =
            app.get(&format!("{programme}?moment=concluded")).token(&world.city_token).send().await;
        concluded.problem(404, "not-found");
        let wrong = app.get(&format!("{programme}?moment=later")).token(&world.city_token).send().await;
        wrong.problem(400, "invalid-parameter");
        app.set_clock("2023-03-21T10:00:00Z");
        let again = open(app, &world, &session).await;
        assert_eq!((&again.text, again.etag()), (&opened.text, opened.etag()));
        assert_eq!(get(app, &world, &programme).await.text, examined.text);
        assert_eq!(events(app).await, [1, 0, 1, 0]);
    })
    .await;
}

#[actix_web::test]
async fn the_programme_it_leaves_is_frozen_when_it_is_closed() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let [caf, city, _] = hands(&world);
        let session = plan(app, &world, HELD, &[&application]).await;
        let programme = format!("{session}/programme");
        open(app, &world, &session).await;
        let examined = get(app, &world, &programme).await;
        let waiting = provided(agreed("4000.00"), &world.city, "3000.00");
        push(app, &application, caf, &waiting).send().await.expect(201);
        let (before, call_table) = (read(app, &world).await, format!("{}?format=csv", path(&world)));
        let table_before = get(app, &world, &call_table).await;
        close(app, &world, &session).await;
        let concluded = get(app, &world, &programme).await;
        assert_eq!(concluded.json(), before.json());
        assert_eq!(concluded.json()["totals"]["conditional"], eur("4000.00"));
        push(app, &application, city, &agreed("3000.00")).send().await.expect(201);
        open(app, &world, &session).await;
        close(app, &world, &session).await;
        assert_eq!(read(app, &world).await.json()["totals"]["conditional"], eur("0.00"));
        for (query, frozen) in
            [("", &concluded), ("?moment=concluded", &concluded), ("?moment=examined", &examined)]
        {
            let again = get(app, &world, &format!("{programme}{query}")).await;
            assert_eq!((&again.text, again.etag()), (&frozen.text, frozen.etag()));
        }
        let accepted = app.get(&programme).token(&world.city_token).header("Accept", "text/csv");
        let table = accepted.send().await.expect(200);
        assert_eq!(table.bytes, table_before.bytes);
        let name = "attachment; filename=\"programme-2023-concluded.csv\"";
        assert_eq!(table.header("Content-Disposition"), Some(name));
    })
    .await;
}

#[actix_web::test]
async fn what_is_frozen_is_of_one_moment_whatever_is_pushed_and_withdrawn_meanwhile() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let [caf, city, landlord] = hands(&world);
        let (mut acts, mut agenda) = (Vec::new(), Vec::new());
        for rank in 1..=12 {
            let application = world.admissible(app).await;
            if rank % 3 == 0 {
                push(app, &application, landlord, &agreed("500.00")).send().await.expect(201);
                let withdraw = app.put(&format!("/v1/applications/{application}/withdrawal"));
                acts.push(withdraw.token(&world.applicant).json(&json!({"reason": "Abandon."})));
            } else {
                let waiting = provided(agreed("400.00"), &world.city, "300.00");
                acts.push(push(app, &application, caf, &waiting));
                acts.push(push(app, &application, city, &agreed("300.00")));
                agenda.push(application);
            }
        }
        let agenda: Vec<&str> = agenda.iter().map(String::as_str).collect();
        let mut sessions = Vec::new();
        for (place, act) in [3, 8, 13].into_iter().enumerate() {
            let session = plan(app, &world, HELD, &agenda).await;
            acts.insert(act + place, app.put(&format!("{session}/opening")).token(&world.instructor));
            sessions.push(session);
        }
        let answers = at_once(acts).await;
        assert_eq!((count(&answers, 201), count(&answers, 200)), (16, 7));
        for session in &sessions {
            adds_up(&get(app, &world, &format!("{session}/programme")).await.json());
            close(app, &world, session).await;
            let concluded = get(app, &world, &format!("{session}/programme")).await.json();
            assert_eq!(concluded, read(app, &world).await.json());
            adds_up(&concluded);
        }
    })
    .await;
}
