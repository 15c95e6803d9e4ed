//! Organisations: how they are identified (rule S6), who sees them, who writes them.

mod people;

use contrat_de_ville::auth::{Binding, Role};
use serde_json::{Value, json};

use crate::support::{
    TestApp, World, at_once, count, faults, id, items, on_each_database, siret, sorted_faults, told,
};

const PATH: &str = "/v1/organisations";

async fn instructor(app: &TestApp) -> String {
    app.token(Role::Instructor, Binding::Staff).await
}

#[actix_web::test]
async fn an_organisation_is_created_read_and_changed() {
    on_each_database(async |app| {
        let token = instructor(app).await;
        let body = json!({"name": "Les Jardins", "siret": siret(1)});
        let made = app.post(PATH).token(&token).json(&body).send().await.expect(201);
        let shown = made.json();
        let address = made.header("Location").unwrap().to_owned();
        assert_eq!(address, format!("{PATH}/{}", id(&shown)));
        assert_eq!((&shown["siret"], &shown["rna"]), (&json!(siret(1)), &Value::Null));
        let read = app.get(&address).token(&token).send().await.expect(200);
        assert_eq!((&read.text, read.etag()), (&made.text, made.etag()));
        let patch = app.patch(&address).token(&token).json(&json!({"siret": null, "rna": "W411000001"}));
        patch.send().await.problem(428, "precondition-required");
        patch.clone().if_match("\"2\"").send().await.problem(412, "precondition-failed");
        let changed = patch.if_match(made.etag()).send().await.expect(200);
        let shown = changed.json();
        assert_eq!((&shown["siret"], &shown["rna"]), (&Value::Null, &json!("W411000001")));
        assert_eq!(shown["name"], "Les Jardins");
        let again = app.get(&address).token(&token).send().await;
        assert_eq!((&again.text, again.etag()), (&changed.text, changed.etag()));
        assert_eq!(app.event_kinds().await, ["organisation.created", "organisation.updated"]);
    })
    .await;
}

#[actix_web::test]
async fn a_siret_passes_luhn_and_an_rna_number_is_w_and_nine_digits() {
    on_each_database(async |app| {
        let token = instructor(app).await;
        let create = |body: Value| app.post(PATH).token(&token).json(&body);
        for (member, wrong) in [
            ("siret", "73282932000075"),
            ("siret", "7328293200007"),
            ("siret", "732829320000745"),
            ("siret", "7328293200007a"),
            ("siret", "732 829 320 00074"),
            ("siret", "35600000049838"),
            ("siret", ""),
            ("rna", "w411000001"),
            ("rna", "W41100000"),
            ("rna", "W4110000011"),
            ("rna", "411000001"),
            ("rna", "W41100000é"),
        ] {
            let problem =
                create(json!({"name": "x", member: wrong})).send().await.problem(422, "validation-failed");
            let mut found = faults(&problem);
            found.dedup();
            assert!(found.contains(&(format!("/{member}"), "wrong-format".to_owned())), "{wrong}: {problem}");
            assert!(found.iter().all(|(at, _)| *at == format!("/{member}")), "{wrong}: {problem}");
        }
        assert_eq!(app.event_kinds().await, [""; 0]);
        create(json!({"name": "Bureau de poste", "siret": "35600000049837"})).send().await.expect(201);
        let both = json!({"name": "Association", "siret": "73282932000074", "rna": "W411000001"});
        create(both).send().await.expect(201);
    })
    .await;
}

#[actix_web::test]
async fn one_identifier_at_least_is_there_and_stays() {
    on_each_database(async |app| {
        let token = instructor(app).await;
        for body in [json!({"name": "x"}), json!({"name": "x", "siret": null, "rna": null})] {
            let answer = app.post(PATH).token(&token).json(&body).send().await;
            assert_eq!(
                sorted_faults(&answer.problem(422, "validation-failed")),
                told(&[("/siret", "required")])
            );
            let french = app.post(PATH).token(&token).french().json(&body).send().await.json();
            assert_eq!(french["errors"][0]["detail"], "un SIRET ou un numéro RNA est obligatoire");
        }
        let body = json!({"name": "x", "siret": siret(1)});
        let made = app.post(PATH).token(&token).json(&body).send().await.expect(201);
        let address = format!("{PATH}/{}", id(&made.json()));
        let patch = app.patch(&address).token(&token).if_match(made.etag()).json(&json!({"siret": null}));
        let problem = patch.send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/siret", "required")]));
        assert_eq!(app.get(&address).token(&token).send().await.text, made.text);
        assert_eq!(app.event_kinds().await, ["organisation.created"]);
    })
    .await;
}

#[actix_web::test]
async fn an_identifier_belongs_to_one_organisation_and_making_it_again_answers_it() {
    on_each_database(async |app| {
        let token = instructor(app).await;
        let create = |body: Value| app.post(PATH).token(&token).json(&body);
        let first = json!({"name": "Amicale", "siret": siret(1), "rna": "W411000001"});
        let first = create(first).send().await.expect(201);
        let other = create(json!({"name": "Amicale", "siret": siret(2)})).send().await.expect(201);
        for again in [
            json!({"name": "x", "siret": siret(1)}),
            json!({"name": "x", "rna": "W411000001"}),
            json!({"name": "x", "siret": siret(1), "rna": "W411000001"}),
        ] {
            let known = create(again).send().await.expect(200);
            assert_eq!((&known.text, known.etag()), (&first.text, first.etag()));
            assert_eq!(known.header("Location"), first.header("Location"));
        }
        // The same association, says the RNA number; another one, says the SIRET.
        let torn = create(json!({"name": "x", "siret": siret(3), "rna": "W411000001"})).send().await;
        assert_eq!(faults(&torn.problem(422, "validation-failed")), told(&[("/rna", "duplicate")]));
        let address = format!("{PATH}/{}", id(&other.json()));
        for change in [json!({"siret": siret(1)}), json!({"rna": "W411000001"})] {
            let patch = app.patch(&address).token(&token).if_match(other.etag()).json(&change);
            let taken = patch.send().await.problem(409, "conflict");
            let pointer = format!("/{}", change.as_object().unwrap().keys().next().unwrap());
            assert_eq!(faults(&taken), told(&[(pointer.as_str(), "duplicate")]));
        }
        assert_eq!(app.get(&address).token(&token).send().await.text, other.text);
        assert_eq!(app.event_kinds().await, ["organisation.created", "organisation.created"]);
    })
    .await;
}

#[actix_web::test]
async fn identifiers_that_do_not_belong_together_are_refused() {
    on_each_database(async |app| {
        let token = instructor(app).await;
        let create = |body: Value| app.post(PATH).token(&token).json(&body);
        let body = |siret: &str, rna: &str| json!({"name": "x", "siret": siret, "rna": rna});
        create(body(&siret(1), "W411000001")).send().await.expect(201);
        create(json!({"name": "Sans RNA", "siret": siret(2)})).send().await.expect(201);
        create(json!({"name": "Sans SIRET", "rna": "W411000003"})).send().await.expect(201);
        let all = app.get(PATH).token(&token).send().await.expect(200).text;
        for (siret, rna, code) in [
            // A known SIRET with another's RNA number, with an unknown one, and with one where none is on record.
            (siret(1), "W411000003", "not-allowed-value"),
            (siret(1), "W411000009", "not-allowed-value"),
            (siret(2), "W411000001", "not-allowed-value"),
            (siret(2), "W411000009", "not-allowed-value"),
            // A known RNA number with an unknown SIRET.
            (siret(4), "W411000001", "duplicate"),
            (siret(4), "W411000003", "duplicate"),
        ] {
            let request = create(body(&siret, rna));
            let problem = request.clone().send().await.problem(422, "validation-failed");
            assert_eq!(faults(&problem), told(&[("/rna", code)]), "{siret} {rna}");
            let french = request.french().send().await.problem(422, "validation-failed");
            let said = french["errors"][0]["detail"].as_str().unwrap();
            assert!(said.starts_with("est le numéro d’une") || said.starts_with("n’est pas"), "{said}");
        }
        assert_eq!(app.get(PATH).token(&token).send().await.text, all);
        assert_eq!(app.events("organisation.created").await, 3);
    })
    .await;
}

#[actix_web::test]
async fn an_applicant_that_names_another_rna_learns_nothing_of_others() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let body = json!({"name": "Autre", "siret": siret(2), "rna": "W411000002"});
        app.post(PATH).token(&world.instructor).json(&body).send().await.expect(201);
        let create = |rna: &str| {
            let body = json!({"name": "x", "siret": "00000000100008", "rna": rna});
            app.post(PATH).token(&world.applicant).json(&body)
        };
        // Its own SIRET with the number of another organisation, or with nobody's: the answers do not differ.
        let [taken, free] = ["W411000002", "W411000009"].map(create);
        let taken = taken.send().await.problem(422, "validation-failed");
        let free = free.send().await.problem(422, "validation-failed");
        assert_eq!(
            (faults(&taken), &taken["errors"]),
            (told(&[("/rna", "not-allowed-value")]), &free["errors"])
        );
    })
    .await;
}

#[actix_web::test]
async fn of_ten_that_take_one_siret_at_once_one_makes_it_and_all_are_answered_it() {
    on_each_database(async |app| {
        let token = instructor(app).await;
        let answers = at_once((0..10).map(|rank| {
            app.post(PATH).token(&token).json(&json!({"name": format!("Amicale {rank}"), "siret": siret(3)}))
        }))
        .await;
        assert_eq!(count(&answers, 201), 1);
        assert_eq!(count(&answers, 200), 9);
        assert!(answers.iter().all(|answer| answer.text == answers[0].text));
        assert_eq!(items(&app.get(PATH).token(&token).send().await.json()).len(), 1);
        assert_eq!(app.events("organisation.created").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn an_applicant_sees_and_changes_its_own_organisation_only() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (other, other_token) = world.another_organisation(app, "Autre", &siret(5)).await;
        let own = format!("{PATH}/{}", world.organisation);
        let other = format!("{PATH}/{other}");
        let etag = app.get(&own).token(&world.applicant).send().await.expect(200).etag().to_owned();
        app.get(&other).token(&world.applicant).send().await.problem(404, "not-found");
        let patch = |path: &str, name: &str| {
            app.patch(path).token(&world.applicant).if_match(&etag).json(&json!({"name": name}))
        };
        patch(&other, "volé").send().await.problem(404, "not-found");
        let listed = items(&app.get(PATH).token(&world.applicant).send().await.expect(200).json());
        assert_eq!(listed.iter().map(id).collect::<Vec<_>>(), std::slice::from_ref(&world.organisation));
        let kept = app.get(&other).token(&other_token).send().await.expect(200).json();
        assert_eq!(kept["name"], "Autre");
        assert_eq!(app.events("organisation.updated").await, 0);
        // Who holds an identifier is who is paid: the organisation does not change its own.
        let (siret_alone, both) = (vec!["/siret"], vec!["/siret", "/rna"]);
        let cases = [
            (json!({"siret": siret(5)}), siret_alone),
            (json!({"siret": null, "rna": "W411000001"}), both),
            (json!({"rna": "W411000001"}), vec!["/rna"]),
        ];
        for (change, pointers) in cases {
            let refused = app.patch(&own).token(&world.applicant).if_match(&etag).json(&change).send().await;
            let expected: Vec<(&str, &str)> =
                pointers.into_iter().map(|pointer| (pointer, "not-allowed-value")).collect();
            assert_eq!(sorted_faults(&refused.problem(422, "validation-failed")), told(&expected));
        }
        patch(&own, "Les Jardins").send().await.expect(200);
        assert_eq!(app.events("organisation.updated").await, 1);
        let body = json!({"name": "Troisième", "siret": siret(6)});
        let created = app.post(PATH).token(&world.applicant).json(&body).send().await;
        created.problem(403, "not-your-institution");
        // Whether somebody else holds a SIRET is not told; its own is answered.
        let make = |siret: String| {
            app.post(PATH).token(&world.applicant).json(&json!({"name": "x", "siret": siret}))
        };
        make(siret(5)).send().await.problem(403, "not-your-institution");
        let again = make("00000000100008".to_owned()).send().await.expect(200);
        assert_eq!(id(&again.json()), world.organisation);
        assert_eq!(app.events("organisation.created").await, 2);
    })
    .await;
}

#[actix_web::test]
async fn the_partners_read_organisations_that_applied_and_write_none() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        world.another_organisation(app, "Autre", &siret(5)).await;
        world.submitted(app, &world.application_body()).await;
        let address = format!("{PATH}/{}", world.organisation);
        app.get(PATH).send().await.problem(401, "invalid-token");
        app.get(&address).send().await.problem(401, "invalid-token");
        for (token, seen) in [(&world.caf_token, 1), (&world.council, 1), (&world.administrator, 2)] {
            let listed = items(&app.get(PATH).token(token).send().await.expect(200).json());
            assert_eq!(listed.len(), seen);
        }
        let events = app.event_kinds().await;
        for token in [&world.caf_token, &world.council] {
            let read = app.get(&address).token(token).send().await.expect(200);
            let body = json!({"name": "x", "siret": siret(9)});
            let created = app.post(PATH).token(token).json(&body).send().await;
            assert_eq!(created.problem(403, "insufficient-scope")["scope"], "organisations:write");
            let patch = app.patch(&address).token(token).if_match(read.etag()).json(&body);
            patch.send().await.problem(403, "insufficient-scope");
            assert_eq!(app.get(&address).token(token).send().await.text, read.text);
        }
        assert_eq!(app.event_kinds().await, events);
    })
    .await;
}
