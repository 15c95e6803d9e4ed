//! The history of an application: who changed what, when, field by field.

use serde_json::{Value, json};

use super::PATH;
use crate::support::{OPEN, TestApp, World, eur, id, items, on_each_database, voted};

async fn history(app: &TestApp, application: &str, query: &str, token: &str) -> Vec<Value> {
    let path = format!("{PATH}/{application}/history{query}");
    items(&app.get(&path).token(token).send().await.expect(200).json())
}

async fn edit(app: &TestApp, world: &World, application: &str, change: &Value) {
    let address = format!("{PATH}/{application}");
    let etag = app.get(&address).token(&world.applicant).send().await.expect(200).etag().to_owned();
    let patch = app.patch(&address).token(&world.applicant).if_match(&etag).json(change);
    patch.send().await.expect(200);
}

#[actix_web::test]
async fn each_change_is_told_field_by_field_with_who_made_it() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = id(&world.draft(app, &world.application_body()).await);
        edit(app, &world, &application, &json!({"title": "Un verger", "needs": "Peu d’arbres."})).await;
        edit(app, &world, &application, &json!({"needs": "", "viabilityFloor": eur("7000.00")})).await;
        app.put(&format!("{PATH}/{application}/submission")).token(&world.applicant).send().await.expect(200);
        let told = history(app, &application, "", &world.applicant).await;
        let kinds: Vec<&Value> = told.iter().map(|one| &one["event"]).collect();
        assert_eq!(
            kinds,
            ["application.created", "application.updated", "application.updated", "application.submitted"]
        );
        let title =
            told[0]["changes"].as_array().unwrap().iter().find(|one| one["pointer"] == "/title").unwrap();
        assert_eq!(title, &json!({"pointer": "/title", "before": null, "after": "Un jardin pour tous"}));
        assert_eq!(
            told[1]["changes"],
            json!([
                {"pointer": "/needs", "before": null, "after": "Peu d’arbres."},
                {"pointer": "/title", "before": "Un jardin pour tous", "after": "Un verger"}
            ])
        );
        assert_eq!(
            told[2]["changes"],
            json!([
                {"pointer": "/needs", "before": "Peu d’arbres.", "after": null},
                {"pointer": "/viabilityFloor", "before": "6000.00 EUR", "after": "7000.00 EUR"}
            ])
        );
        assert_eq!((&told[3]["changes"], &told[3]["data"]["receivedAt"]), (&json!([]), &json!(OPEN)));
        assert!(
            told.iter().all(|one| one["at"] == OPEN && one["clientId"] == told[0]["clientId"]),
            "{told:?}"
        );
    })
    .await;
}

#[actix_web::test]
async fn it_is_for_the_audit_and_for_its_own_organisation() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let push = app.put(&world.caf_line(&application)).token(&world.caf_token).json(&voted("10.00"));
        push.send().await.expect(201);
        let mut own = history(app, &application, "", &world.applicant).await;
        let all = history(app, &application, "", &world.instructor).await;
        assert_eq!(history(app, &application, "", &world.administrator).await, all);
        // Who of the staff did it is not for the applicant; the rest is.
        for (seen, one) in own.iter_mut().zip(&all) {
            for member in ["clientId", "clientName"] {
                seen[member] = one[member].clone();
            }
        }
        assert_eq!(own, all);
        let last = own.last().unwrap();
        assert_eq!(
            (&last["event"], &last["data"]["admissible"]),
            (&json!("application.admissible"), &json!(true))
        );
        assert!(!own.iter().any(|one| one["event"].as_str().unwrap().starts_with("decision")), "{own:?}");
        let path = format!("{PATH}/{application}/history");
        for token in [&world.caf_token, &world.council] {
            let refused = app.get(&path).token(token).send().await.problem(403, "insufficient-scope");
            assert_eq!(refused["scope"], "audit:read");
        }
        let (_, foreign) = world.another_organisation(app, "Autre", &crate::support::siret(5)).await;
        app.get(&path).token(&foreign).send().await.problem(404, "not-found");
        app.get(&path).send().await.problem(401, "invalid-token");
    })
    .await;
}

#[actix_web::test]
async fn a_page_of_history_compares_with_what_came_before_it() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = id(&world.draft(app, &world.application_body()).await);
        for title in ["a", "b", "c"] {
            edit(app, &world, &application, &json!({"title": title})).await;
        }
        let newest = history(app, &application, "?sort=-createdAt&limit=1", &world.instructor).await;
        assert_eq!(newest.len(), 1);
        assert_eq!(newest[0]["changes"], json!([{"pointer": "/title", "before": "b", "after": "c"}]));
        let all = history(app, &application, "", &world.instructor).await;
        assert_eq!((all.len(), &all[3]), (4, &newest[0]));
        let mut path = format!("{PATH}/{application}/history?limit=3");
        let mut walked = Vec::new();
        loop {
            let page = app.get(&path).token(&world.instructor).send().await.expect(200).json();
            walked.extend(items(&page));
            match page["next"].as_str() {
                Some(next) => path = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(walked, all);
    })
    .await;
}

#[actix_web::test]
async fn a_page_of_history_holds_twenty_entries_at_most() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = id(&world.draft(app, &world.application_body()).await);
        for rank in 0..20 {
            edit(app, &world, &application, &json!({"title": format!("Jardin {rank}")})).await;
        }
        let path = format!("{PATH}/{application}/history");
        for query in ["", "?limit=20", "?limit=200"] {
            let page =
                app.get(&format!("{path}{query}")).token(&world.applicant).send().await.expect(200).json();
            assert_eq!(items(&page).len(), 20, "{query}");
            let last =
                app.get(page["next"].as_str().unwrap()).token(&world.applicant).send().await.expect(200);
            assert_eq!((items(&last.json()).len(), &last.json()["next"]), (1, &Value::Null), "{query}");
        }
    })
    .await;
}
