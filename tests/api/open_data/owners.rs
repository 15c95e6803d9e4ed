//! Numbers and codes belong to a contract or a call: what several of them mean by one is never mixed.

use serde_json::{Value, json};

use super::{LIST, SUMMARY, admitted, amend, get, rows, signed_by_landlord, vote};
use crate::support::{TestApp, World, contract_body, eur, id, items, on_each_database};

/// A signed contract with these challenges, its neighbourhood `nord` named like its reference, and a call of it.
async fn contract(app: &TestApp, world: &World, reference: &str, challenges: &Value) -> (String, String) {
    let mut body = contract_body(&[&world.landlord]);
    (body["reference"], body["title"]) = (json!(reference), json!(format!("Contrat {reference}")));
    body["challenges"] = challenges.clone();
    body["neighbourhoods"] =
        json!([{"code": "nord", "name": format!("Nord de {reference}"), "kind": "priority"}]);
    let contract = signed_by_landlord(app, world, &body).await;
    let numbers: Vec<Value> =
        challenges.as_array().unwrap().iter().map(|one| one["number"].clone()).collect();
    let mut call = world.call_body();
    (call["contractId"], call["title"]) = (json!(contract), json!(format!("Appel {reference}")));
    call["strands"] = json!([{
        "code": "life", "title": {"fr": format!("Vivre à {reference}")}, "challenges": numbers,
        "operationalPriorities": []
    }]);
    let call = world.published(app, &call).await;
    (contract, call)
}

/// A project of a call that the Caf funds.
async fn funded(app: &TestApp, world: &mut World, call: &str, challenge: i64, amount: &str) -> String {
    world.instructor = world.administrator.clone();
    call.clone_into(&mut world.call);
    let mut body = world.application_body();
    (body["challenges"], body["operationalPriorities"]) = (json!([challenge]), json!([]));
    let staff = contrat_de_ville::auth::Binding::Staff;
    world.instructor = app.token(contrat_de_ville::auth::Role::Instructor, staff).await;
    let application = admitted(app, world, &body).await;
    vote(app, world, &application, amount).await;
    application
}

/// Two contracts, each with a funded project on its challenge 2: the contracts, the calls, the projects.
async fn two_contracts(app: &TestApp, world: &mut World) -> [(String, String, String); 2] {
    let challenge = |title: &str| json!([{"number": 2, "title": title}]);
    let (first, first_call) = contract(app, world, "Blois", &challenge("emploi")).await;
    let (second, second_call) = contract(app, world, "Tours", &challenge("éducation")).await;
    let one = funded(app, world, &first_call, 2, "100.00").await;
    let other = funded(app, world, &second_call, 2, "25.00").await;
    [(first, first_call, one), (second, second_call, other)]
}

async fn summary(app: &TestApp, query: &str) -> Value {
    get(app, &format!("{SUMMARY}?{query}")).await.json()
}

/// Each row of a summary: contract, call, key, label and amount.
fn told(summary: &Value) -> Vec<Value> {
    let row = |row: &Value| {
        json!([row["contractId"], row["callId"], row["key"], row["label"], row["amount"]["amount"]])
    };
    items(summary).iter().map(row).collect()
}

#[actix_web::test]
async fn challenge_2_of_two_contracts_is_two_rows() {
    on_each_database(async |app| {
        let mut world = World::new(app).await;
        let [(first, ..), (second, ..)] = two_contracts(app, &mut world).await;
        let sums = summary(app, "groupBy=challenge").await;
        let expected =
            [json!([first, null, "2", "emploi", "100.00"]), json!([second, null, "2", "éducation", "25.00"])];
        assert_eq!(told(&sums), expected);
        assert_eq!(sums["items"][0]["contractTitle"], "Contrat Blois");
        assert_eq!(sums["total"], json!({"projects": 2, "amount": eur("125.00")}));
        let table = rows(&get(app, &format!("{SUMMARY}?groupBy=challenge&format=csv")).await.text);
        let told: Vec<[&str; 4]> = table
            .iter()
            .map(|row| ["contractId", "contractTitle", "label", "amount"].map(|name| row[name].as_str()))
            .collect();
        let expected =
            [[&first, "Contrat Blois", "emploi", "100.00"], [&second, "Contrat Tours", "éducation", "25.00"]];
        assert_eq!(told, expected);
    })
    .await;
}

#[actix_web::test]
async fn one_strand_code_of_two_calls_is_two_rows() {
    on_each_database(async |app| {
        let mut world = World::new(app).await;
        let [(first, first_call, _), (second, second_call, _)] = two_contracts(app, &mut world).await;
        let expected = [
            json!([first, first_call, "life", "Vivre à Blois", "100.00"]),
            json!([second, second_call, "life", "Vivre à Tours", "25.00"]),
        ];
        assert_eq!(told(&summary(app, "groupBy=strand").await), expected);
        assert_eq!(told(&summary(app, &format!("groupBy=strand&callId={second_call}")).await), expected[1..]);
    })
    .await;
}

#[actix_web::test]
async fn one_neighbourhood_code_of_two_contracts_is_two_rows() {
    on_each_database(async |app| {
        let mut world = World::new(app).await;
        let [(first, ..), (second, ..)] = two_contracts(app, &mut world).await;
        let expected = [
            json!([first, null, "nord", "Nord de Blois", "100.00"]),
            json!([second, null, "nord", "Nord de Tours", "25.00"]),
        ];
        assert_eq!(told(&summary(app, "groupBy=neighbourhood").await), expected);
        assert_eq!(
            told(&summary(app, &format!("groupBy=neighbourhood&contractId={first}")).await),
            expected[..1]
        );
    })
    .await;
}

#[actix_web::test]
async fn contract_filter_narrows_list_table_and_sums_alike() {
    on_each_database(async |app| {
        let mut world = World::new(app).await;
        for (contract, call, project) in two_contracts(app, &mut world).await {
            for filter in [
                format!("contractId={contract}"),
                format!("callId={call}"),
                format!("challenge=2&contractId={contract}"),
                format!("challenge=2&callId={call}"),
                format!("neighbourhood=nord&contractId={contract}"),
                format!("strand=life&callId={call}"),
            ] {
                let list = items(&get(app, &format!("{LIST}?{filter}")).await.json());
                assert_eq!(list.iter().map(id).collect::<Vec<_>>(), [project.as_str()], "{filter}");
                assert_eq!((&list[0]["contractId"], &list[0]["callId"]), (&json!(contract), &json!(call)));
                let table = rows(&get(app, &format!("{LIST}?format=csv&{filter}")).await.text);
                assert_eq!(table.len(), 1, "{filter}");
                assert_eq!((&table[0]["contractId"], &table[0]["callId"]), (&contract, &call));
                let sums = summary(app, &format!("groupBy=year&{filter}")).await;
                assert_eq!(sums["total"]["amount"], list[0]["amount"], "{filter}");
            }
            let other_call = format!("{LIST}?callId={call}&contractId={}", world.contract);
            assert!(items(&get(app, &other_call).await.json()).is_empty());
        }
    })
    .await;
}

#[actix_web::test]
async fn number_or_code_without_its_owner_returns_400() {
    on_each_database(async |app| {
        let mut world = World::new(app).await;
        let [(contract, ..), _] = two_contracts(app, &mut world).await;
        for (filter, parameter) in [
            ("challenge=2".to_owned(), "contractId"),
            ("neighbourhood=nord".to_owned(), "contractId"),
            ("strand=life".to_owned(), "callId"),
            (format!("strand=life&contractId={contract}"), "callId"),
        ] {
            for path in [
                format!("{LIST}?{filter}"),
                format!("{LIST}?format=csv&{filter}"),
                format!("{SUMMARY}?groupBy=year&{filter}"),
            ] {
                let problem = app.get(&path).send().await.problem(400, "invalid-parameter");
                let fault = &problem["errors"][0];
                assert_eq!(
                    (&fault["pointer"], &fault["code"]),
                    (&json!(parameter), &json!("required")),
                    "{path}"
                );
            }
        }
        let french = app.get(&format!("{LIST}?strand=life")).french().send().await;
        let problem = french.problem(400, "invalid-parameter");
        let detail = "est obligatoire avec strand : chaque appel à projets a ses propres volets";
        assert_eq!(problem["errors"][0]["detail"], detail);
        // Both are told at once.
        let both = app.get(&format!("{LIST}?strand=life&challenge=2")).send().await;
        assert_eq!(both.problem(400, "invalid-parameter")["errors"].as_array().unwrap().len(), 2);
    })
    .await;
}

#[actix_web::test]
async fn renamed_challenge_keeps_its_title_per_action() {
    on_each_database(async |app| {
        let mut world = World::new(app).await;
        let former_call = world.call.clone();
        let renamed = json!([
            {"type": "reviseChallenge", "challenge": {"number": 5, "title": "cadre de vie"}},
            {"type": "reviseChallenge", "challenge": {"number": 4, "title": "Éducation !"}},
        ]);
        amend(app, &world, &renamed).await;
        let mut body = world.call_body();
        body["title"] = json!("Appel 2023, second");
        body["strands"][0]["challenges"] = json!([4, 5]);
        let later_call = world.published(app, &body).await;
        let former = funded(app, &mut world, &former_call, 5, "100.00").await;
        let later = funded(app, &mut world, &later_call, 5, "20.00").await;
        let contract = world.contract.clone();
        let by_challenge = format!("groupBy=challenge&contractId={contract}");
        let expected = [
            json!([contract, null, "5", "cadre de vie", "20.00"]),
            json!([contract, null, "5", "quartier", "100.00"]),
        ];
        assert_eq!(told(&summary(app, &by_challenge).await), expected);
        assert_eq!(told(&summary(app, &format!("{by_challenge}&challenge=5")).await), expected);
        for (project, title) in [(former, "quartier"), (later, "cadre de vie")] {
            let project = get(app, &format!("{LIST}/{project}")).await.json();
            assert_eq!(project["challengeTitles"], json!([title]));
        }
    })
    .await;
}

#[actix_web::test]
async fn contracts_add_up_under_equal_titles_alone() {
    on_each_database(async |app| {
        let mut world = World::new(app).await;
        let first = json!([{"number": 1, "title": "Emploi, et insertion"}, {"number": 2, "title": "Santé"}]);
        let second =
            json!([{"number": 1, "title": "Santé mentale"}, {"number": 7, "title": "emploi et insertion"}]);
        let (_, first_call) = contract(app, &world, "Blois", &first).await;
        let (_, second_call) = contract(app, &world, "Tours", &second).await;
        for (call, challenge, amount) in [
            (&first_call, 1, "1.00"),
            (&first_call, 2, "20.00"),
            (&second_call, 1, "300.00"),
            (&second_call, 7, "4000.00"),
        ] {
            funded(app, &mut world, call, challenge, amount).await;
        }
        let sums = summary(app, "groupBy=challengeTitle").await;
        let expected = [
            json!([null, null, "emploi et insertion", "emploi et insertion", "4001.00"]),
            json!([null, null, "sante", "Santé", "20.00"]),
            json!([null, null, "sante mentale", "Santé mentale", "300.00"]),
        ];
        assert_eq!(told(&sums), expected);
        let strands = told(&summary(app, "groupBy=strandTitle").await);
        assert_eq!(strands.len(), 2, "« Vivre à Blois » and « Vivre à Tours » are not the same");
    })
    .await;
}
