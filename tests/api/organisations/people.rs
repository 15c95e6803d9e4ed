//! What an organisation says of itself, and who sees its people.

use serde_json::{Value, json};

use super::PATH;
use crate::support::{
    Answer, TestApp, World, faults, id, items, on_each_database, siret, sorted_faults, told,
};

fn whole() -> Value {
    json!({
        "name": "La Fabrique (essai)", "acronym": "LF", "legalForm": "association",
        "siret": siret(31), "rna": "W411000031", "purpose": "Fabriquer ensemble.",
        "addresses": [
            {"kind": "headOffice", "street": "1 place Essai", "complement": "Bâtiment C", "postalCode": "41000", "city": "Blois"},
            {"kind": "correspondence", "street": "2 rue Essai", "complement": null, "postalCode": "41260", "city": "La Chaussée"}
        ],
        "legalRepresentative": {"name": "Dominique Essai", "function": "président", "email": "d@fabrique.example", "phone": null},
        "contacts": [{"name": "Claude Essai", "function": null, "email": null, "phone": "02 54 00 00 00"}]
    })
}

async fn read(app: &TestApp, address: &str, token: &str) -> Answer {
    app.get(address).token(token).send().await.expect(200)
}

#[actix_web::test]
async fn all_that_is_said_of_an_organisation_is_kept_and_patched() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let made = app.post(PATH).token(&world.instructor).json(&whole()).send().await.expect(201);
        let shown = made.json();
        for (member, sent) in whole().as_object().unwrap() {
            assert_eq!(&shown[member], sent, "{member}");
        }
        let address = made.header("Location").unwrap().to_owned();
        let patch = |change: Value| app.patch(&address).token(&world.instructor).if_match(made.etag()).json(&change);
        let change = json!({"acronym": null, "legalForm": "cooperative", "legalRepresentative": {"phone": "+33254000000"}});
        let changed = patch(change).send().await.expect(200).json();
        assert_eq!((&changed["acronym"], &changed["legalForm"]), (&Value::Null, &json!("cooperative")));
        assert_eq!(changed["legalRepresentative"]["name"], "Dominique Essai");
        assert_eq!(changed["legalRepresentative"]["phone"], "+33254000000");
        assert_eq!(changed["contacts"], whole()["contacts"]);
    })
    .await;
}

#[actix_web::test]
async fn what_is_malformed_is_told_all_at_once_and_bank_details_have_no_place() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = whole();
        body["legalForm"] = json!("tribe");
        body["addresses"][0]["postalCode"] = json!("4100");
        body["legalRepresentative"]["email"] = json!("nobody");
        body["contacts"][0]["phone"] = json!("appelez-moi");
        body["iban"] = json!("FR7600000000000000000000000");
        let problem = app.post(PATH).token(&world.instructor).json(&body).send().await;
        let expected = [
            ("/addresses/0/postalCode", "wrong-format"),
            ("/contacts/0/phone", "wrong-format"),
            ("/iban", "unknown-field"),
            ("/legalForm", "not-allowed-value"),
            ("/legalRepresentative/email", "wrong-format"),
        ];
        assert_eq!(sorted_faults(&problem.problem(422, "validation-failed")), told(&expected));
        let mut twice = whole();
        twice["addresses"][1]["kind"] = json!("headOffice");
        let problem = app.post(PATH).token(&world.instructor).json(&twice).send().await;
        let expected = [("/addresses/1/kind", "duplicate")];
        assert_eq!(faults(&problem.problem(422, "validation-failed")), told(&expected));
        assert_eq!(app.events("organisation.created").await, 1, "that of the world");
    })
    .await;
}

#[actix_web::test]
async fn people_are_for_the_organisation_the_staff_and_the_co_funders_it_asks() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let address = format!("{PATH}/{}", world.organisation);
        let people = json!({
            "legalRepresentative": {"name": "Dominique Essai"}, "contacts": [{"name": "Claude Essai"}],
            "addresses": [{"kind": "headOffice", "street": "chez D. Essai", "postalCode": "41000", "city": "Blois"}]
        });
        let etag = read(app, &address, &world.applicant).await.etag().to_owned();
        let patch = app.patch(&address).token(&world.applicant).if_match(&etag).json(&people);
        patch.send().await.expect(200);
        let draft = id(&world.draft(app, &world.application_body()).await);
        let sees = async |token: &str| {
            let shown = read(app, &address, token).await;
            let listed = items(&read(app, PATH, token).await.json());
            let listed = listed.iter().find(|one| one["id"] == *world.organisation).unwrap();
            assert_eq!(listed, &shown.json());
            let hidden = shown.json()["contacts"].is_null();
            assert_eq!(hidden, !shown.text.contains("Essai"), "{}", shown.text);
            assert_eq!(hidden, shown.json()["addresses"].is_null());
            !hidden
        };
        for token in [&world.applicant, &world.instructor, &world.administrator] {
            assert!(sees(token).await);
        }
        for token in [&world.caf_token, &world.council] {
            // A draft asks nobody yet.
            app.get(&address).token(token).send().await.problem(404, "not-found");
        }
        // Of an application that asks the city alone, the Caf sees the organisation without its people.
        let mut body = world.application_body();
        body["requests"] = json!([body["requests"][1].clone()]);
        body["budget"]["products"][2] =
            json!({"account": "75", "amount": {"amount": "5000.00", "currency": "EUR"}});
        body["viabilityFloor"] = json!(null);
        world.submitted(app, &body).await;
        assert!(!sees(&world.caf_token).await);
        assert!(sees(&world.city_token).await);
        let before = read(app, &address, &world.caf_token).await.etag().to_owned();
        let submission = format!("/v1/applications/{draft}/submission");
        app.put(&submission).token(&world.applicant).send().await.expect(200);
        for (token, expected) in
            [(&world.caf_token, true), (&world.city_token, true), (&world.landlord_token, false)]
        {
            assert_eq!(sees(token).await, expected);
        }
        assert_ne!(
            read(app, &address, &world.caf_token).await.etag(),
            before,
            "it reads another document now"
        );
        assert!(!sees(&world.council).await);
    })
    .await;
}
