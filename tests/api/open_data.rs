//! Open data: one definition of "funded" for list, table and sums (rule P1), and nothing that is private.

mod owners;
mod totals;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Answer, TestApp, World, at_once, eur, id, items, on_each_database, siret, voted};

const LIST: &str = "/v1/open-data/funded-projects";
const SUMMARY: &str = "/v1/open-data/funded-projects/summary";

async fn get(app: &TestApp, path: &str) -> Answer {
    app.get(path).send().await.expect(200)
}

/// The rows of a CSV document, each by the names of its columns.
fn rows(csv: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

async fn push(app: &TestApp, world: &World, application: &str, body: &Value) -> Answer {
    app.put(&world.caf_line(application)).token(&world.caf_token).if_match("*").json(body).send().await
}

/// An admissible application of `body`.
async fn admitted(app: &TestApp, world: &World, body: &Value) -> String {
    let application = world.submitted(app, body).await;
    let path = format!("/v1/applications/{application}/admissibility");
    app.put(&path).token(&world.instructor).json(&json!({"admissible": true})).send().await.expect(200);
    app.set_clock("2023-03-20T10:00:00Z");
    application
}

/// A contract of `body`, signed by the landlord alone.
async fn signed_by_landlord(app: &TestApp, world: &World, body: &Value) -> String {
    let contract = app.post("/v1/contracts").token(&world.administrator).json(body).send().await.expect(201);
    let contract = id(&contract.json());
    let sign = app.post(&format!("/v1/contracts/{contract}/signatures")).token(&world.landlord_token);
    sign.json(&json!({"signedOn": "2015-07-02"})).send().await.expect(201);
    contract
}

/// Changes the contract of the world by an amendment in force since 15 September 2022, before calls open.
async fn amend(app: &TestApp, world: &World, changes: &Value) {
    let amendment =
        json!({"kind": "ordinary", "title": "Avenant", "effectiveOn": "2022-09-15", "changes": changes});
    let path = format!("/v1/contracts/{}/amendments", world.contract);
    let made = app.post(&path).token(&world.administrator).json(&amendment).send().await.expect(201);
    let path = format!("{}/signatures", made.header("Location").unwrap());
    for token in [&world.caf_token, &world.city_token] {
        app.post(&path).token(token).json(&json!({"signedOn": "2022-09-15"})).send().await.expect(201);
    }
}

async fn vote(app: &TestApp, world: &World, application: &str, amount: &str) {
    app.put(&world.caf_line(application))
        .token(&world.caf_token)
        .json(&voted(amount))
        .send()
        .await
        .expect(201);
}

#[actix_web::test]
async fn a_project_is_published_with_its_first_vote_and_follows_every_push() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let path = format!("{LIST}/{application}");
        let line = |firmness: &str, member: &str, amount: &str| {
            json!({"firmness": firmness, member: eur(amount), "credits": "mainstream", "reason": "revu",
                "actReference": "ACT-1", "actDate": "2023-03-16"})
        };
        let shown = async |amount: Option<&str>| {
            let list = items(&get(app, LIST).await.json());
            let total = get(app, &format!("{SUMMARY}?groupBy=coFunder")).await.json()["total"].clone();
            let Some(amount) = amount else {
                app.get(&path).send().await.problem(404, "not-found");
                assert_eq!((list.len(), total), (0, json!({"projects": 0, "amount": eur("0.00")})));
                return;
            };
            let one = get(app, &path).await.json();
            assert_eq!((&one["amount"], &list), (&eur(amount), &vec![one.clone()]));
            assert_eq!(
                one["coFunders"],
                json!([{"coFunderId": world.caf, "name": "Caf", "amount": eur(amount)}])
            );
            assert_eq!(total, json!({"projects": 1, "amount": eur(amount)}));
        };
        shown(None).await;
        let intended = line("intended", "proposed", "4000.00");
        app.put(&world.caf_line(&application))
            .token(&world.caf_token)
            .json(&intended)
            .send()
            .await
            .expect(201);
        shown(None).await;
        for (firmness, granted, published) in [
            ("agreed", "4000.00", None),
            ("voted", "4000.00", Some("4000.00")),
            ("notified", "3000.00", Some("3000.00")),
            ("agreed", "3000.00", None),
            ("voted", "2500.00", Some("2500.00")),
        ] {
            push(app, &world, &application, &line(firmness, "granted", granted)).await.expect(200);
            shown(published).await;
        }
        let other = world.admissible(app).await;
        let refused = json!({"firmness": "refused", "credits": "mainstream"});
        app.put(&world.caf_line(&other)).token(&world.caf_token).json(&refused).send().await.expect(201);
        shown(Some("2500.00")).await;
        for unknown in [&other, &world.call, "01890a5d-ac96-774b-bcce-b302099a8057"] {
            app.get(&format!("{LIST}/{unknown}")).send().await.problem(404, "not-found");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_funded_project_shows_public_facts_and_nothing_private() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = world.application_body();
        for member in ["objectives", "needs", "description"] {
            body[member] = json!("Contacter Mme Untel au 02 54 00 00 00");
        }
        body["statements"] = json!([{"priority": "gender-equality", "statement": "Contacter Mme Untel"}]);
        let application = admitted(app, &world, &body).await;
        let city = format!("/v1/applications/{application}/decisions/{}", world.city);
        let agreed = json!({"firmness": "agreed", "granted": eur("777.00"), "credits": "mainstream", "partnerReference": "SECRET"});
        app.put(&city).token(&world.city_token).json(&agreed).send().await.expect(201);
        let mut line = voted("4000.00");
        (line["reason"], line["partnerReference"]) = (json!("SECRET"), json!("SECRET"));
        app.put(&world.caf_line(&application)).token(&world.caf_token).json(&line).send().await.expect(201);
        let expected = json!({
            "id": application, "number": "2023-0001", "year": 2023,
            "contractId": world.contract, "contractTitle": "Contrat de ville",
            "callId": world.call, "callTitle": "Appel 2023", "organisation": "Les Jardins (essai)", "siret": "00000000100008", "rna": null,
            "project": "Un jardin pour tous", "strand": "life", "strandTitle": "Mieux vivre son quartier",
            "challenges": [5], "challengeTitles": ["quartier"],
            "neighbourhoods": ["nord"], "neighbourhoodNames": ["Quartiers Nord"], "amount": eur("4000.00"),
            "coFunders": [{"coFunderId": world.caf, "name": "Caf", "amount": eur("4000.00")}]
        });
        assert_eq!(get(app, &format!("{LIST}/{application}")).await.json(), expected);
        for path in [LIST.to_owned(), format!("{LIST}/{application}"), format!("{SUMMARY}?groupBy=coFunder")] {
            for format in ["application/json", "text/csv"] {
                // A token shows nothing more.
                for token in [None, Some(&world.applicant), Some(&world.administrator)] {
                    let request = app.get(&path).header("Accept", format);
                    let request = token.into_iter().fold(request, |request, token| request.token(token));
                    let text = request.send().await.expect(200).text;
                    for private in ["Untel", "SECRET", "777.00", "20000.00", &world.organisation, &world.city] {
                        assert!(!text.contains(private), "{private} in {text}");
                    }
                }
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn a_table_is_quoted_and_never_runs_a_formula() {
    on_each_database(async |app| {
        let mut world = World::new(app).await;
        let titles = [
            "=HYPERLINK(\"http://x\")",
            "+1",
            "-1",
            "@SUM(1)",
            "\u{ff1d}1",
            "\u{ff20}SUM(1)",
            "Vélo, \"pour\" tous les âges",
            "a=1",
        ];
        let name = "=Amicale, \"Nord\"";
        let (organisation, token) = world.another_organisation(app, name, &siret(5)).await;
        (world.organisation, world.applicant) = (organisation, token);
        for title in titles {
            let mut body = world.application_body();
            body["title"] = json!(title);
            let application = admitted(app, &world, &body).await;
            vote(app, &world, &application, "1234.50").await;
        }
        let csv = get(app, &format!("{LIST}?format=csv")).await;
        assert_eq!(csv.header("Content-Type"), Some("text/csv; charset=utf-8"));
        let columns = "year,number,organisation,siret,rna,project,contractId,contractTitle,callId,callTitle,\
            strand,strandTitle,challenges,challengeTitles,neighbourhoods,neighbourhoodNames,amount,coFunders,id";
        assert_eq!(csv.text.lines().next(), Some(columns));
        let table = rows(&csv.text);
        assert_eq!(table.len(), titles.len());
        for (row, title) in table.iter().zip(titles) {
            let formula = title.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff20}']);
            assert_eq!(row["project"], if formula { format!("'{title}") } else { title.to_owned() });
            assert_eq!(
                (row["organisation"].as_str(), row["amount"].as_str()),
                ("'=Amicale, \"Nord\"", "1234.50")
            );
            assert_eq!((row["siret"].clone(), row["rna"].as_str()), (siret(5), ""));
            assert_eq!(row["coFunders"], "Caf: 1234.50");
        }
        let list = items(&get(app, LIST).await.json());
        let shown: Vec<&str> = list.iter().map(|one| one["project"].as_str().unwrap()).collect();
        assert_eq!(shown, titles);
    })
    .await;
}

#[actix_web::test]
async fn the_reader_chooses_json_or_csv() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        vote(app, &world, &application, "10.00").await;
        let csv = "text/csv; charset=utf-8";
        let one = format!("{LIST}/{application}");
        for path in [LIST, &one, &format!("{SUMMARY}?groupBy=year")] {
            for (accept, kind) in [
                ("text/csv", csv),
                ("text/csv, application/json;q=0.5", csv),
                ("application/json", "application/json"),
                ("*/*", "application/json"),
                ("text/*", csv),
                ("text/csv;q=0.5, application/json;q=0.9", "application/json"),
            ] {
                let answer = app.get(path).header("Accept", accept).send().await.expect(200);
                assert_eq!(answer.header("Content-Type"), Some(kind), "{path} {accept}");
                assert!(answer.list("Vary").split(", ").any(|name| name == "Accept"), "{path}");
                assert_eq!(answer.header("Content-Disposition").is_some(), kind == csv);
            }
            for accept in ["text/html", "application/json;q=0, text/html", "image/png"] {
                app.get(path).header("Accept", accept).send().await.problem(406, "not-acceptable");
            }
        }
        for path in [format!("{LIST}?format="), format!("{SUMMARY}?groupBy=year&format=")] {
            let named = |name: &str, accept: &str| app.get(&format!("{path}{name}")).header("Accept", accept);
            let answer = named("csv", "*/*").send().await.expect(200);
            assert_eq!(answer.header("Content-Type"), Some(csv));
            assert_eq!(
                named("json", "text/csv").send().await.header("Content-Type"),
                Some("application/json")
            );
            named("xml", "*/*").send().await.problem(400, "invalid-parameter");
        }
        for wrong in [
            "",
            "?groupBy=city",
            "?groupBy=year&groupBy=year",
            "?groupBy=year&year=1999",
            "?groupBy=year&challenge=x",
            "?groupBy=year&contractId=x",
        ] {
            app.get(&format!("{SUMMARY}{wrong}")).send().await.problem(400, "invalid-parameter");
        }
    })
    .await;
}

#[actix_web::test]
async fn head_and_if_none_match_answer_without_a_body() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        vote(app, &world, &application, "10.00").await;
        let paths = [
            LIST.to_owned(),
            format!("{LIST}?format=csv"),
            format!("{LIST}/{application}"),
            format!("{SUMMARY}?groupBy=year"),
        ];
        let mut known = Vec::new();
        for path in &paths {
            let read = get(app, path).await;
            let head = app.request("HEAD", path).send().await.expect(200);
            assert_eq!((head.text.as_str(), head.etag()), ("", read.etag()), "{path}");
            assert_eq!(head.header("Content-Type"), read.header("Content-Type"));
            let again = app.get(path).header("If-None-Match", read.etag()).send().await.expect(304);
            assert_eq!((again.text.as_str(), again.etag()), ("", read.etag()));
            known.push(read.etag().to_owned());
        }
        push(app, &world, &application, &voted("11.00")).await.expect(200);
        for (path, etag) in paths.iter().zip(known) {
            app.get(path).header("If-None-Match", &etag).send().await.expect(200);
        }
        app.request("HEAD", &format!("{LIST}/{}", world.call)).send().await.expect(404);
    })
    .await;
}

#[actix_web::test]
async fn a_challenge_keeps_the_wording_of_the_contract_the_call_opened_under() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        vote(app, &world, &world.admissible(app).await, "10.00").await;
        let amendment = json!({"kind": "ordinary", "title": "Avenant", "effectiveOn": "2022-12-01", "changes": [
            {"type": "reviseChallenge", "challenge": {"number": 5, "title": "cadre de vie"}},
            {"type": "removeNeighbourhood", "code": "nord"}
        ]});
        let path = format!("/v1/contracts/{}/amendments", world.contract);
        let made = app.post(&path).token(&world.administrator).json(&amendment).send().await.expect(201);
        let path = format!("{}/signatures", made.header("Location").unwrap());
        for token in [&world.caf_token, &world.city_token] {
            app.post(&path).token(token).json(&json!({"signedOn": "2022-12-01"})).send().await.expect(201);
        }
        let (contract, call) = (json!(world.contract), json!(world.call));
        for (by, contract, call, key, label) in [
            ("challenge", &contract, &Value::Null, "5", "quartier"),
            ("neighbourhood", &contract, &Value::Null, "nord", "Quartiers Nord"),
            ("year", &Value::Null, &Value::Null, "2023", "2023"),
            ("strand", &contract, &call, "life", "Mieux vivre son quartier"),
            ("contract", &contract, &Value::Null, &world.contract, "Contrat de ville"),
            ("call", &contract, &call, &world.call, "Appel 2023"),
            ("coFunder", &Value::Null, &Value::Null, &world.caf, "Caf"),
        ] {
            let title = |owner: &Value, title: &str| if owner.is_null() { Value::Null } else { json!(title) };
            let group = json!({
                "contractId": contract, "contractTitle": title(contract, "Contrat de ville"),
                "callId": call, "callTitle": title(call, "Appel 2023"),
                "key": key, "label": label, "projects": 1, "amount": eur("10.00")
            });
            assert_eq!(get(app, &format!("{SUMMARY}?groupBy={by}")).await.json()["items"], json!([group]));
        }
    })
    .await;
}

#[actix_web::test]
async fn the_figures_agree_while_lines_are_pushed() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut pushes = Vec::new();
        for rank in 1..=12 {
            let application = world.admissible(app).await;
            let body = voted(&format!("{rank}.00"));
            pushes.push(app.put(&world.caf_line(&application)).token(&world.caf_token).json(&body));
        }
        // Each summary is of one moment: its rows add up to its total whatever is pushed meanwhile.
        let mut requests = Vec::new();
        for push in pushes {
            requests.push(push);
            requests.push(app.get(&format!("{SUMMARY}?groupBy=strand")));
            requests.push(app.get(&format!("{SUMMARY}?groupBy=coFunder")));
        }
        let answers = at_once(requests).await;
        for summary in answers.iter().filter(|answer| answer.status != 201) {
            let summary = summary.clone().expect(200).json();
            let total = &summary["total"];
            match summary["items"].as_array().unwrap().first() {
                Some(only) => {
                    assert_eq!((&only["projects"], &only["amount"]), (&total["projects"], &total["amount"]));
                }
                None => assert_eq!(total, &json!({"projects": 0, "amount": eur("0.00")})),
            }
        }
        let total = get(app, &format!("{SUMMARY}?groupBy=year")).await.json()["total"].clone();
        assert_eq!(total, json!({"projects": 12, "amount": eur("78.00")}));
    })
    .await;
}
