//! Renewals: a draft that takes over what an application of a former call said. And the people an application names.

use serde_json::{Value, json};

use crate::support::{TestApp, World, id, on_each_database, siret, sorted_faults, told};

/// A call of the next year, published now.
async fn next_call(app: &TestApp, world: &World) -> String {
    let mut body = world.call_body();
    body["year"] = json!(2024);
    world.published(app, &body).await
}

async fn create(app: &TestApp, world: &World, body: &Value) -> crate::support::Answer {
    app.post("/v1/applications").token(&world.applicant).json(body).send().await
}

#[actix_web::test]
async fn a_renewal_says_what_the_former_application_said_a_year_later() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = world.application_body();
        body["contacts"] = json!([{"name": "Claude Essai", "function": null, "email": null, "phone": null}]);
        body["externalReferences"] = json!([{"system": "dauphin", "reference": "1"}]);
        body["endsOn"] = json!("2024-02-29");
        let former = world.draft(app, &body).await;
        let call = next_call(app, &world).await;
        let renewal = json!({
            "callId": call, "organisationId": world.organisation, "renewalOf": id(&former), "title": "Deux jardins"
        });
        let made = create(app, &world, &renewal).await.expect(201).json();
        assert_eq!((&made["renewalOf"], &made["callId"]), (&former["id"], &json!(call)));
        assert_eq!((&made["title"], &made["status"]), (&json!("Deux jardins"), &json!("draft")));
        for member in ["objectives", "strand", "challenges", "budget", "requests", "viabilityFloor", "contacts"] {
            assert_eq!(made[member], former[member], "{member}");
        }
        assert_eq!((&made["startsOn"], &made["endsOn"]), (&json!("2024-02-01"), &json!("2025-02-28")));
        assert_eq!(made["externalReferences"], json!([]), "those numbers are the former's");
        assert_eq!((&made["number"], &made["receipt"]), (&Value::Null, &Value::Null));
        // A copy: what becomes of one does not touch the other.
        let path = format!("/v1/applications/{}", id(&former));
        let kept = app.get(&path).token(&world.applicant).send().await.expect(200).json();
        assert_eq!(kept, former);
    })
    .await;
}

#[actix_web::test]
async fn only_an_own_application_of_another_call_is_renewed() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (other, other_token) = world.another_organisation(app, "Autre", &siret(41)).await;
        let mut foreign = world.application_body();
        foreign["organisationId"] = json!(other);
        let foreign =
            app.post("/v1/applications").token(&other_token).json(&foreign).send().await.expect(201);
        let own = world.draft(app, &world.application_body()).await;
        let call = next_call(app, &world).await;
        for (call, former) in [
            (&call, id(&foreign.json())),
            (&call, "01890a5d-ac96-774b-bcce-b302099a8057".to_owned()),
            (&world.call, id(&own)),
        ] {
            let body = json!({"callId": call, "organisationId": world.organisation, "renewalOf": former});
            let refused = create(app, &world, &body).await.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&refused), told(&[("/renewalOf", "unknown-reference")]));
        }
        let path = format!("/v1/applications/{}", id(&own));
        let etag = app.get(&path).token(&world.applicant).send().await.etag().to_owned();
        let change = json!({"renewalOf": id(&foreign.json())});
        let changed = app.patch(&path).token(&world.applicant).if_match(&etag).json(&change).send().await;
        let told = told(&[("/renewalOf", "unknown-reference")]);
        assert_eq!(sorted_faults(&changed.problem(422, "validation-failed")), told);
        assert_eq!(
            (app.events("application.created").await, app.events("application.updated").await),
            (2, 0)
        );
    })
    .await;
}

#[actix_web::test]
async fn the_people_of_an_application_are_for_those_it_asks() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = world.application_body();
        let contacts = json!([{"name": "Claude Essai", "function": "trésorière", "email": "c@x.example", "phone": null}]);
        body["contacts"] = contacts.clone();
        let path = format!("/v1/applications/{}", world.submitted(app, &body).await);
        for (token, sees) in [
            (&world.applicant, true),
            (&world.instructor, true),
            (&world.caf_token, true),
            (&world.city_token, true),
            (&world.landlord_token, false),
            (&world.council, false),
        ] {
            let shown = app.get(&path).token(token).send().await.expect(200);
            let expected = if sees { contacts.clone() } else { Value::Null };
            assert_eq!(shown.json()["contacts"], expected);
            assert_eq!(shown.text.contains("Claude"), sees);
            let listed = app.get("/v1/applications").token(token).send().await.expect(200);
            assert_eq!(listed.text.contains("Claude"), sees);
        }
        // Nobody reads them without a token.
        let public = app.get("/v1/open-data/funded-projects").send().await.expect(200);
        assert!(!public.text.contains("Claude"));
    })
    .await;
}
