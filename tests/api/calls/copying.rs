//! A call made from last year's: all of it but its dates, its envelopes and its year.

use serde_json::{Value, json};

use super::{create, drafted, fund, publish};
use crate::support::{World, items, on_each_database, sorted_faults, told};

const UNKNOWN: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

#[actix_web::test]
async fn a_copy_keeps_everything_but_dates_envelopes_and_year() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = world.call_body();
        body["introduction"] = json!({"fr": "Pour tous", "en": null});
        body["pointsOfAttention"] = json!([{"code": "youth", "title": {"fr": "les jeunes", "en": "youth"}}]);
        body["documents"] = json!([{
            "title": "Règlement", "url": "https://example.org/r.pdf", "mediaType": "application/pdf", "language": "fr"
        }]);
        let source = world.published(app, &body).await;
        let source = app.get(&format!("/v1/calls/{source}")).send().await.expect(200).json();
        let made = create(app, &world, &json!({"copiedFrom": source["id"], "year": 2024})).send().await.expect(201);
        let copy = made.json();
        for (member, value) in source.as_object().unwrap() {
            let expected = match member.as_str() {
                "id" | "createdAt" | "updatedAt" => continue,
                "copiedFrom" => source["id"].clone(),
                "status" => json!("draft"),
                "phase" => json!("upcoming"),
                "year" => json!(2024),
                "title" => json!("Appel 2024"),
                "opensAt" | "closesAt" => Value::Null,
                "challenges" => json!([]),
                _ => value.clone(),
            };
            assert_eq!(copy[member], expected, "{member}");
        }
        let address = made.header("Location").unwrap();
        let read = app.get(address).token(&world.caf_token).send().await.expect(200);
        assert_eq!((&read.text, read.etag()), (&made.text, made.etag()));
        let envelopes = app.get(&format!("{address}/envelopes")).token(&world.administrator).send().await;
        assert_eq!(items(&envelopes.expect(200).json()), Vec::<Value>::new());
    })
    .await;
}

#[actix_web::test]
async fn what_a_copy_says_itself_replaces_what_it_copies() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let said = json!({
            "copiedFrom": world.call, "year": 2023, "title": "Second appel", "strands": [], "launchedBy": [world.city],
            "opensAt": "2022-12-01T07:00:00Z", "closesAt": "2022-12-20T07:00:00Z"
        });
        let copy = create(app, &world, &said).send().await.expect(201).json();
        for (member, value) in said.as_object().unwrap() {
            assert_eq!(&copy[member], value);
        }
        assert_eq!(copy["crossCuttingPriorities"], world.call_body()["crossCuttingPriorities"]);
        let again = json!({"copiedFrom": copy["id"], "year": 2024});
        let again = create(app, &world, &again).send().await.expect(201).json();
        assert_eq!((&again["title"], &again["strands"]), (&json!("Second appel"), &json!([])));
    })
    .await;
}

#[actix_web::test]
async fn a_copy_is_held_to_the_rules_of_any_call() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let before = app.event_kinds().await;
        let refused = async |body: Value, expected: &[(&str, &str)]| {
            let problem = create(app, &world, &body).send().await.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), told(expected), "{body}");
        };
        refused(json!({"copiedFrom": UNKNOWN, "year": 2024}), &[("/copiedFrom", "unknown-reference")]).await;
        refused(json!({"copiedFrom": world.call}), &[("/year", "required")]).await;
        let missing = [("/contractId", "required"), ("/rules", "required"), ("/title", "required")];
        refused(json!({"year": 2024}), &missing).await;
        let twice = json!({"copiedFrom": world.call, "year": 2024, "neighbourhoods": ["nord", "nord"]});
        refused(twice, &[("/neighbourhoods/1", "duplicate")]).await;
        let foreign =
            json!({"copiedFrom": world.call, "year": 2024, "contractId": UNKNOWN, "launchedBy": [UNKNOWN]});
        refused(foreign, &[("/contractId", "unknown-reference"), ("/launchedBy/0", "unknown-reference")])
            .await;
        let copy = json!({"copiedFrom": world.call, "year": 2024});
        app.post("/v1/calls")
            .token(&world.caf_token)
            .json(&copy)
            .send()
            .await
            .problem(403, "insufficient-scope");
        assert_eq!(app.event_kinds().await, before);
    })
    .await;
}

#[actix_web::test]
async fn a_copy_is_published_once_it_has_its_own_dates_and_envelopes() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let copy = json!({"copiedFrom": world.call, "year": 2023, "launchedBy": [world.caf]});
        let (address, made) = drafted(app, &world, &copy).await;
        let missing =
            [("/closesAt", "required"), ("/launchedBy/0", "missing-envelope"), ("/opensAt", "required")];
        let problem = publish(app, &world, &address).send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&missing));
        let patch = |change: Value| app.patch(&address).token(&world.administrator).json(&change);
        let dates = json!({"opensAt": "2022-11-01T07:00:00Z", "closesAt": "2022-11-01T07:00:00Z"});
        let dated = patch(dates).if_match(made.etag()).send().await.expect(200);
        fund(app, &world, &address, &world.caf).await;
        let problem = publish(app, &world, &address).french().send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/closesAt", "period-order")]));
        assert_eq!(problem["errors"][0]["detail"], "doit être postérieur à l’ouverture");
        let later = patch(json!({"closesAt": "2022-12-01T07:00:00Z"}));
        later.if_match(dated.etag()).send().await.expect(200);
        let published = publish(app, &world, &address).send().await.expect(200).json();
        assert_eq!(
            (&published["status"], &published["challenges"][0]["number"]),
            (&json!("published"), &json!(4))
        );
    })
    .await;
}
