//! What a batch is written in: names of applications, tables, and what is no batch at all.

use serde_json::{Value, json};

use super::{PATH, agreed, became, counts, line, on, send, several, wrong};
use crate::support::{DECIDING, OPEN, Request, TestApp, World, eur, on_each_database, sorted_faults, told};

const INVALID: &str = "refused 422 validation-failed";

fn table(app: &TestApp, world: &World, text: impl Into<Vec<u8>>) -> Request {
    app.post(PATH).token(&world.caf_token).body("text/csv; charset=utf-8", text)
}

/// An admissible application of `body`.
async fn admitted(app: &TestApp, world: &World, body: &Value) -> String {
    let application = world.submitted(app, body).await;
    let path = format!("/v1/applications/{application}/admissibility");
    app.put(&path).token(&world.instructor).json(&json!({"admissible": true})).send().await.expect(200);
    app.set_clock(DECIDING);
    application
}

fn known_as(system: &str, reference: &str) -> Value {
    json!({"system": system, "reference": reference})
}

/// What an application says of itself that another system knows by a number.
fn named(world: &World, call: &str, reference: &str) -> Value {
    let mut body = world.application_body();
    body["externalReferences"] = json!([known_as("dauphin", reference)]);
    body["callId"] = json!(call);
    body
}

/// A line on what `dauphin` knows by that number.
fn by(reference: &str) -> Value {
    json!({"externalReference": known_as("dauphin", reference), "decision": agreed("1.00")})
}

fn in_call(mut line: Value, call: &str) -> Value {
    line["callId"] = json!(call);
    line
}

#[actix_web::test]
async fn an_application_is_named_by_its_number_or_by_that_of_another_system() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let second = world.published(app, &world.call_body()).await;
        let first = admitted(app, &world, &named(&world, &world.call, "00123")).await;
        let other = admitted(app, &world, &named(&world, &second, "00123")).await;
        let third = admitted(app, &world, &named(&world, &second, "00456")).await;
        // A draft is not to be seen: nothing is told of it, not even that it is there.
        app.set_clock(OPEN);
        world.draft(app, &named(&world, &world.call, "00456")).await;
        world.draft(app, &named(&world, &world.call, "00789")).await;
        app.set_clock(DECIDING);
        let numbered = |number: &str| in_call(json!({"number": number, "decision": agreed("2.00")}), &second);
        let strange = json!({"externalReference": known_as("chorus", "00456"), "decision": agreed("1.00")});
        let lines = [
            by("00123"),
            in_call(by("00123"), &world.call),
            numbered("2023-0001"),
            in_call(by("00123"), &second),
            by("00456"),
            by("00789"),
            strange,
            numbered("2023-0099"),
        ];
        let batch = send(app, &world, "", &lines).send().await.expect(201).json();
        let (made, nowhere) = ("recorded 201", "refused 404 not-found");
        let expected = [INVALID, made, made, INVALID, made, nowhere, nowhere, nowhere];
        assert_eq!(became(&batch), expected);
        assert_eq!(wrong(&batch, 0), told(&[("/externalReference", "not-allowed-value")]));
        assert_eq!(wrong(&batch, 3), told(&[("", "duplicate")]), "named twice, by two names");
        for (place, application) in [(1_usize, &first), (2, &other), (3, &other), (4, &third)] {
            assert_eq!(batch["results"][place]["applicationId"], json!(application));
        }
        assert_eq!(line(app, &world, &other).await.expect(200).json()["granted"], eur("2.00"));
        assert_eq!(app.events("decision.recorded").await, 3);
    })
    .await;
}

#[actix_web::test]
async fn where_a_reference_names_two_applications_of_a_call_another_name_tells_them_apart() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let one = admitted(app, &world, &named(&world, &world.call, "00123")).await;
        let twin = admitted(app, &world, &named(&world, &world.call, "00123")).await;
        let lines = [by("00123"), in_call(by("00123"), &world.call)];
        let batch = send(app, &world, "", &lines).send().await.expect(201).json();
        assert_eq!(became(&batch), [INVALID, INVALID]);
        for place in [0, 1] {
            assert_eq!(wrong(&batch, place), told(&[("/externalReference", "not-allowed-value")]));
        }
        assert_eq!(app.events("decision.recorded").await, 0);
        let numbered = json!({"number": "2023-0002", "decision": agreed("2.00")});
        let lines = [on(&one, &agreed("1.00")), in_call(numbered, &world.call)];
        let batch = send(app, &world, "", &lines).send().await.expect(201).json();
        assert_eq!(became(&batch), ["recorded 201", "recorded 201"]);
        assert_eq!(batch["results"][1]["applicationId"], json!(twin));
    })
    .await;
}

#[actix_web::test]
async fn a_number_in_a_call_of_others_tells_nothing_of_what_has_it() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (_, stranger) = world.another_co_funder(app, "Région").await;
        world.admissible(app).await;
        let numbered =
            |number: &str| json!({"callId": world.call, "number": number, "decision": agreed("1.00")});
        let lines = json!({"lines": [numbered("2023-0001"), numbered("2023-0099")]});
        let batch = app.post(PATH).token(&stranger).json(&lines).send().await.expect(201).json();
        let results = batch["results"].as_array().unwrap();
        assert_eq!(became(&batch), ["refused 404 not-found"; 2]);
        // There or not, both look the same: an id would say that it is there.
        assert_eq!(results[0]["applicationId"], results[1]["applicationId"]);
        assert_eq!(app.events("decision.recorded").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn a_table_says_what_lines_say() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let [one, other, third] = several::<3>(app, &world).await;
        let text = format!(
            "applicationId,firmness,granted,credits,conditions,applicantConditions,actReference,actDate\n\
             {one},voted,4000.00,mainstream,total>=4000.00|{}>=3000.00,\"Ouvert l’été, à tous\",CA-1,2023-03-16\n\
             {other},agreed,beaucoup,mainstream,,,,\n\
             {third},agreed,10.00,mainstream,Ville,,,\n",
            world.city
        );
        let batch = table(app, &world, text).send().await.expect(201).json();
        assert_eq!(became(&batch), ["recorded 201", INVALID, INVALID]);
        assert_eq!(wrong(&batch, 1), told(&[("/decision/granted/amount", "wrong-format")]));
        let expected = [
            ("/decision/conditions/0/amount/amount", "wrong-format"),
            ("/decision/conditions/0/coFunderId", "wrong-format"),
        ];
        assert_eq!(wrong(&batch, 2), told(&expected));
        let shown = line(app, &world, &one).await.expect(200).json();
        let conditions = json!([
            {"type": "totalReaches", "amount": eur("4000.00")},
            {"type": "coFunderGrants", "coFunderId": world.city, "amount": eur("3000.00")}
        ]);
        assert_eq!((&shown["conditions"], &shown["resolution"]["state"]), (&conditions, &json!("unmet")));
        let words = (&shown["applicantConditions"], &shown["actReference"], &shown["actDate"]);
        assert_eq!(words, (&json!("Ouvert l’été, à tous"), &json!("CA-1"), &json!("2023-03-16")));
        // An empty cell says nothing, and what is not said any more is gone.
        let text = format!(
            "applicationId,ifMatch,firmness,granted,credits,reason,actReference,actDate,applicantConditions\n\
             {one},*,voted,3000.00,mainstream,revu,CA-2,2023-03-17,\n"
        );
        let batch = table(app, &world, text).send().await.expect(201).json();
        assert_eq!(became(&batch), ["superseded 200"]);
        let shown = line(app, &world, &one).await.expect(200).json();
        assert_eq!((&shown["applicantConditions"], &shown["conditions"]), (&Value::Null, &json!([])));
        assert_eq!((app.events("decision.recorded").await, app.events("decision.superseded").await), (1, 1));
    })
    .await;
}

#[actix_web::test]
async fn a_table_is_read_as_french_spreadsheets_write_it() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let [_, other] = several::<2>(app, &world).await;
        let text = format!(
            "\u{feff}callId;number;firmness;granted;credits;partnerReference\r\n\
             {};2023-0002;agreed;1234,50;mainstream;\"Dossier « n° 12 » ; été\"\r\n",
            world.call
        );
        let batch = table(app, &world, text.clone()).send().await.expect(201).json();
        assert_eq!(became(&batch), ["recorded 201"]);
        assert_eq!(batch["results"][0]["applicationId"], json!(other));
        let shown = line(app, &world, &other).await.expect(200).json();
        let expected = (&eur("1234.50"), &json!("Dossier « n° 12 » ; été"));
        assert_eq!((&shown["granted"], &shown["partnerReference"]), expected);
        let again = table(app, &world, text).send().await.expect(201).json();
        assert_eq!(became(&again), ["unchanged 200"]);
        let text = format!(
            "applicationId;ifMatch;firmness;granted;credits\n{other};\"\"\"1\"\"\";agreed;9,00;mainstream"
        );
        let change = table(app, &world, text).send().await.expect(201).json();
        assert_eq!(
            (became(&change), &change["results"][0]["etag"]),
            (vec!["superseded 200".to_owned()], &json!("\"2\""))
        );
        assert_eq!((app.events("decision.recorded").await, app.events("decision.superseded").await), (1, 1));
    })
    .await;
}

#[actix_web::test]
async fn what_is_no_table_is_refused_as_a_whole() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let [one] = several::<1>(app, &world).await;
        let good = format!("applicationId,firmness,credits\n{one},refused,mainstream\n");
        let short = format!("{good}{one},refused\n").into_bytes();
        let long = format!("{good}{one},refused,mainstream,\n").into_bytes();
        let latin = [good.as_bytes(), b"\xe9t\xe9,refused,mainstream\n".as_slice()].concat();
        // One that is too long as well: what cannot be read is not counted either.
        let both = format!("{good}{}x,", "2023-0001,refused,mainstream\n".repeat(1_001)).into_bytes();
        for torn in [short, long, latin, both] {
            table(app, &world, torn).send().await.problem(400, "malformed-csv");
        }
        let plain = app.post(PATH).token(&world.caf_token).body("text/plain", good.clone());
        plain.send().await.problem(415, "unsupported-media-type");
        let columns = vec![("/firmness", "duplicate"), ("/montant", "unknown-field")];
        for (text, expected) in [
            (String::new(), vec![("/lines", "too-few")]),
            ("applicationId,firmness,credits\n".to_owned(), vec![("/lines", "too-few")]),
            (format!("number\n{}", "2023-0001\n".repeat(1_001)), vec![("/lines", "too-many")]),
            (good.replace("credits\n", "firmness,montant\n").replace("mainstream\n", "agreed,1\n"), columns),
        ] {
            let problem = table(app, &world, text).send().await.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), told(&expected));
        }
        line(app, &world, &one).await.problem(404, "not-found");
        assert_eq!(app.events("decision.recorded").await, 0);
        table(app, &world, good).send().await.expect(201);
        assert_eq!(app.events("decision.recorded").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn what_is_no_list_of_lines_is_refused_as_a_whole() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let [one] = several::<1>(app, &world).await;
        let good = [on(&one, &agreed("1.00"))];
        let too_many = vec![json!({}); 1_001];
        for (body, pointer, code) in [
            (json!([]), "", "wrong-type"),
            (json!({}), "/lines", "required"),
            (json!({"lines": {}}), "/lines", "wrong-type"),
            (json!({"lines": []}), "/lines", "too-few"),
            (json!({"lines": too_many}), "/lines", "too-many"),
            (json!({"lines": good, "atomic": true}), "/atomic", "unknown-field"),
        ] {
            let answer = app.post(PATH).token(&world.caf_token).json(&body).send().await;
            let problem = answer.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), told(&[(pointer, code)]));
        }
        let torn = app.post(PATH).token(&world.caf_token).body("application/json", "{\"lines\": [");
        torn.send().await.problem(400, "malformed-json");
        for (query, name, code) in [
            ("?atomic=maybe", "atomic", "wrong-type"),
            ("?validateOnly=1", "validateOnly", "wrong-type"),
            ("?dryRun=true", "dryRun", "unknown-parameter"),
        ] {
            let problem = send(app, &world, query, &good).send().await.problem(400, "invalid-parameter");
            assert_eq!(sorted_faults(&problem), told(&[(name, code)]));
        }
        line(app, &world, &one).await.problem(404, "not-found");
        // A thousand are not too many, though not one of them says anything.
        let most = send(app, &world, "", &too_many[1..]).send().await.expect(201).json();
        assert_eq!(counts(&most), [json!(0), json!(0), json!(0), json!(1_000)]);
        assert_eq!(app.events("decision.recorded").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn a_row_of_too_many_columns_is_one_fault_and_empty_rows_are_none() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let send = |text: String| app.post(PATH).token(&world.caf_token).body("text/csv", text);
        let problem = send(",".repeat(1_000_000)).send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), [(String::new(), "too-many".to_owned())]);
        let many: serde_json::Map<String, Value> =
            (0..5_000).map(|one| (format!("x{one}"), json!(1))).collect();
        let request = app.post(PATH).token(&world.caf_token).json(&Value::Object(many));
        let problem = request.send().await.problem(422, "validation-failed");
        assert!(sorted_faults(&problem).len() < 50, "{}", sorted_faults(&problem).len());
        let rows = format!(
            "applicationId,firmness,granted,credits\n{application},agreed,1.00,mainstream\n,,,\n,,,\n"
        );
        let batch = send(rows).send().await.expect(201).json();
        assert_eq!(became(&batch), ["recorded 201"]);
    })
    .await;
}
