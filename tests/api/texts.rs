//! Texts: cleaned in one way in JSON and CSV, free of what nobody sees; references that look the same are the same.

use serde_json::{Value, json};

use crate::support::{
    DECIDING, Request, TestApp, World, at_once, contract_body, count, eur, id, items, on_each_database,
    sorted_faults, told, voted,
};

fn payment(reference: &str) -> Value {
    json!({"kind": "advance", "amount": eur("100.00"), "paidOn": "2023-03-20", "reference": reference})
}

async fn voted_line(app: &TestApp, world: &World) -> String {
    let line = world.caf_line(&world.admissible(app).await);
    app.put(&line).token(&world.caf_token).json(&voted("4000.00")).send().await.expect(201);
    line
}

fn pay(app: &TestApp, world: &World, line: &str, body: &Value) -> Request {
    app.post(&format!("{line}/payments")).token(&world.caf_token).json(body)
}

/// The sentence of the only fault.
fn sentence(problem: &Value) -> String {
    problem["errors"][0]["detail"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn the_same_payment_sent_again_changes_nothing() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = voted_line(app, &world).await;
        let first = pay(app, &world, &line, &payment("M1")).send().await.expect(201);
        for same in ["M1", " M1", "M1 ", "m1", "M 1", "M\u{a0}1", "\u{ff2d}1", "\u{2800}M1\n"] {
            let again = pay(app, &world, &line, &payment(same)).send().await.expect(200);
            assert_eq!((&again.text, again.header("Location")), (&first.text, first.header("Location")));
        }
        for (member, other) in
            [("amount", eur("100.01")), ("kind", json!("balance")), ("paidOn", json!("2023-03-19"))]
        {
            let mut body = payment("m 1");
            body[member] = other;
            pay(app, &world, &line, &body).send().await.problem(409, "conflict");
        }
        let invisible = pay(app, &world, &line, &payment("M1\u{200b}"));
        let problem = invisible.send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/reference", "forbidden-character")]));
        assert_eq!(
            sentence(&problem),
            "holds at position 3 (U+200B) an invisible character, which is not allowed"
        );
        let french = invisible.french().send().await.problem(422, "validation-failed");
        assert_eq!(
            sentence(&french),
            "contient à la position 3 (U+200B) un caractère invisible, qui n’est pas permis"
        );
        let spellings = ["N°2", "n° 2", "N °2 ", "n°2"];
        let racing = at_once(spellings.map(|one| pay(app, &world, &line, &payment(one)))).await;
        assert_eq!((count(&racing, 201), count(&racing, 200)), (1, 3));
        let listed = app.get(&format!("{line}/payments")).token(&world.caf_token).send().await.expect(200);
        assert_eq!(items(&listed.json()).len(), 2);
        assert_eq!(app.events("payment.recorded").await, 2);
    })
    .await;
}

#[actix_web::test]
async fn texts_are_kept_composed_and_trimmed() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = world.application_body();
        body["title"] = json!("  Un e\u{301}te\u{301} pour tous \u{1f469}\u{200d}\u{1f33e}\u{a0}");
        body["objectives"] = json!("Cultiver\r\n\tensemble.\u{2028}\n");
        let made = world.draft(app, &body).await;
        assert_eq!(made["title"], "Un \u{e9}t\u{e9} pour tous \u{1f469}\u{200d}\u{1f33e}");
        assert_eq!(made["objectives"], "Cultiver\n\tensemble.");
        let path = format!("/v1/applications/{}", id(&made));
        let tag = app.get(&path).token(&world.applicant).send().await.expect(200).etag().to_owned();
        let patch =
            app.patch(&path).token(&world.applicant).if_match(&tag).json(&json!({"title": " \u{2800}"}));
        let emptied = patch.send().await.expect(200).json();
        assert_eq!((&emptied["title"], &emptied["warnings"][0]["pointer"]), (&json!(""), &json!("/title")));
        for blank in ["", " ", "\u{2800}\u{a0}", "\u{3000}\n"] {
            let create = app.post("/v1/co-funders").token(&world.administrator);
            let create = create.json(&json!({"name": blank, "kind": "caf"}));
            let problem = create.send().await.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), told(&[("/name", "too-short")]), "{blank:?} looks empty");
        }
    })
    .await;
}

#[actix_web::test]
async fn characters_that_nobody_sees_are_refused_with_their_position() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = world.application_body();
        body["title"] = json!("Jardin\nsur deux lignes");
        body["objectives"] = json!("à\u{202e}\nl’envers");
        body["externalReferences"] = json!([{"system": "dauphin", "reference": "00\t1"}]);
        body["partners"] = json!([{"name": "Ami\u{ad}cale", "involvement": "resources"}]);
        let refused = app.post("/v1/applications").token(&world.applicant).json(&body).send().await;
        let problem = refused.problem(422, "validation-failed");
        let pointers = ["/title", "/objectives", "/externalReferences/0/reference", "/partners/0/name"];
        assert_eq!(sorted_faults(&problem), told(&pointers.map(|at| (at, "forbidden-character"))));
        let line = voted_line(app, &world).await;
        let mut decision = voted("4000.00");
        decision["applicantConditions"] = json!("\u{feff}Sous \u{0}réserve");
        decision["reason"] = json!("budget");
        let push = app.put(&line).token(&world.caf_token).if_match("*").json(&decision);
        let problem = push.send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/applicantConditions", "forbidden-character")]));
    })
    .await;
}

#[actix_web::test]
async fn csv_cells_are_cleaned_as_json_texts_are() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (one, other) = (world.admissible(app).await, world.admissible(app).await);
        let table = format!(
            "applicationId,firmness,granted,credits,partnerReference,applicantConditions\n\
             {one},agreed,10.00,mainstream,\u{a0}E\u{301}-1 ,\"Deux\r\nlignes\"\n\
             {other},agreed,10.00,mainstream,\"E\n1\",zéro\u{200d}largeur\n"
        );
        let push = app.post("/v1/decision-batches").token(&world.caf_token).body("text/csv", table);
        let batch = push.send().await.expect(201).json();
        let faults = [
            ("/decision/applicantConditions", "forbidden-character"),
            ("/decision/partnerReference", "forbidden-character"),
        ];
        assert_eq!((&batch["recorded"], &batch["refused"]), (&json!(1), &json!(1)));
        assert_eq!(sorted_faults(&batch["results"][1]["problem"]), told(&faults));
        let line = app.get(&world.caf_line(&one)).token(&world.caf_token).send().await.expect(200).json();
        assert_eq!(
            (&line["partnerReference"], &line["applicantConditions"]),
            (&json!("É-1"), &json!("Deux\nlignes"))
        );
        // Sent again as a single push, in another spelling of the same texts: nothing changes.
        let same = json!({
            "firmness": "agreed", "granted": eur("10.00"), "credits": "mainstream",
            "partnerReference": "\u{c9}-1", "applicantConditions": "Deux\nlignes "
        });
        app.put(&world.caf_line(&one)).token(&world.caf_token).json(&same).send().await.expect(200);
        assert_eq!(app.events("decision.recorded").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn references_are_unique_without_case_and_blanks() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut twin = contract_body(&[&world.caf]);
        twin["reference"] = json!(" cv-essai ");
        let create = app.post("/v1/contracts").token(&world.administrator).json(&twin);
        create.send().await.problem(409, "conflict");
        let mut body = world.application_body();
        body["externalReferences"] = json!([{"system": "dauphin", "reference": "EX 0012"}]);
        let application = world.submitted(app, &body).await;
        let path = format!("/v1/applications/{application}/admissibility");
        app.put(&path).token(&world.instructor).json(&json!({"admissible": true})).send().await.expect(200);
        app.set_clock(DECIDING);
        let decision = json!({"firmness": "agreed", "granted": eur("10.00"), "credits": "mainstream"});
        for (reference, recorded) in [("ex0012", 1), ("EX-0012", 0)] {
            let named = json!({"system": "dauphin", "reference": reference});
            let lines = json!({"lines": [{"externalReference": named, "decision": decision}]});
            let push = app.post("/v1/decision-batches").token(&world.caf_token).json(&lines);
            assert_eq!(push.send().await.expect(201).json()["recorded"], recorded, "{reference}");
        }
    })
    .await;
}

#[actix_web::test]
async fn texts_in_lists_are_kept_composed_and_trimmed_too() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = contract_body(&[&world.caf]);
        body["reference"] = json!("CV-TEXTES");
        body["challenges"][0]["title"] = json!(" e\u{301}ducation\u{a0}");
        body["territory"]["name"] = json!("E\u{301}vreux ");
        let made = app.post("/v1/contracts").token(&world.administrator).json(&body).send().await;
        let made = made.expect(201).json();
        assert_eq!(made["challenges"][0]["title"], "\u{e9}ducation");
        assert_eq!(made["territory"]["name"], "\u{c9}vreux");
        body["challenges"][0]["title"] = json!("\u{2800} ");
        let refused = app.post("/v1/contracts").token(&world.administrator).json(&body).send().await;
        let problem = refused.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/challenges/0/title", "too-short")]));
    })
    .await;
}
