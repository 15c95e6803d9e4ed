//! The programme as a spreadsheet opens it.

use serde_json::{Value, json};

use super::{STEPS, adds_up, admitted, council_says, fair, list, path, read};
use crate::support::{OPEN, TestApp, World, on_each_database};

/// The rows of a table, its byte-order mark taken off.
fn records(text: &str) -> Vec<Vec<String>> {
    let text = text.strip_prefix('\u{feff}').unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

async fn table(app: &TestApp, world: &World, query: &str) -> Vec<Vec<String>> {
    let path = format!("{}?format=csv{query}", path(world));
    records(&app.get(&path).token(&world.caf_token).send().await.expect(200).text)
}

fn cents(cell: &str) -> i64 {
    if cell.is_empty() { 0 } else { cell.replace('.', "").parse().unwrap() }
}

#[actix_web::test]
async fn each_column_adds_up_to_its_total_and_says_what_the_document_says() {
    on_each_database(async |app| {
        let world = fair(app).await;
        let programme = read(app, &world).await.json();
        adds_up(&programme);
        let table = table(app, &world, "").await;
        let names = ["2023-0001", "2023-0002", "2023-0003", "2023-0004"];
        let first: Vec<&str> = table.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(first[1..5], names);
        assert_eq!((first[0], &first[5..]), ("Numéro", &["Total", "Enveloppe", "Engagé", "Reste"][..]));
        for (place, name) in table[0].iter().enumerate().skip(6) {
            if name.ends_with(" : position") || name == "Viabilité" {
                assert_eq!(table[5][place], "");
                continue;
            }
            let sum: i64 = table[1..5].iter().map(|row| cents(&row[place])).sum();
            assert_eq!(cents(&table[5][place]), sum, "{name}");
        }
        for (row, shown) in table[1..].iter().zip(list(&programme, "rows")) {
            assert_eq!((&row[1], &row[3]), (&"Les Jardins (essai)".to_owned(), &told(&shown["strand"])));
            for (place, step) in STEPS.iter().chain(&["gap"]).enumerate() {
                assert_eq!(row[15 + place], told(&shown["funding"][step]["amount"]), "{step}");
            }
        }
        for (place, co_funder) in list(&programme, "coFunders").iter().enumerate() {
            let (requested, given) = (6 + 3 * place, 8 + 3 * place);
            assert_eq!(table[5][requested], told(&co_funder["requested"]["amount"]));
            assert_eq!(table[5][given], told(&co_funder["intended"]["amount"]));
            for (row, member) in [(6, "amount"), (7, "committed"), (8, "remaining")] {
                assert_eq!(table[row][given], told(&co_funder["envelope"][member]["amount"]));
                assert_eq!(table[row][requested], "");
            }
        }
    })
    .await;
}

fn told(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn its_words_are_french_and_its_bytes_what_spreadsheets_expect() {
    on_each_database(async |app| {
        let world = fair(app).await;
        let rows = read(app, &world).await.json()["rows"].clone();
        council_says(app, &world, rows[3]["applicationId"].as_str().unwrap(), "reserved").await;
        let named = app.get(&format!("{}?format=csv", path(&world))).token(&world.city_token);
        let shown = named.send().await.expect(200);
        assert_eq!(shown.bytes[..3], [0xef, 0xbb, 0xbf]);
        let lines: Vec<&str> = shown.text.trim_start_matches('\u{feff}').lines().collect();
        let expected = [
            "Numéro,Organisme,Projet,Volet,Statut,Avis du conseil citoyen,Caf : demandé,Caf : position,\
             Caf : montant,Ville : demandé,Ville : position,Ville : montant,Bailleur : demandé,\
             Bailleur : position,Bailleur : montant,Demandé,Envisagé,Accordé,Sous conditions,Voté,Payé,Manque,\
             Viabilité",
            "2023-0001,Les Jardins (essai),Un jardin pour tous,life,en cours,,5000.00,votée,4000.00,5000.00,\
             envisagée,3000.00,,,,10000.00,7000.00,4000.00,0.00,4000.00,1000.00,6000.00,réduite",
            "2023-0002,Les Jardins (essai),Un jardin pour tous,education,recevable,,5000.00,\
             accordée (conditions non remplies),2000.00,5000.00,ajournée,,,,,10000.00,2000.00,0.00,2000.00,0.00,\
             0.00,10000.00,réduite",
            "2023-0003,Les Jardins (essai),Un jardin pour tous,life,en cours,,5000.00,refusée,,5000.00,accordée,\
             1500.00,,votée,700.00,10000.00,2200.00,2200.00,0.00,700.00,0.00,7800.00,non viable",
            "2023-0004,Les Jardins (essai),Un jardin pour tous,life,recevable,réservé,5000.00,,,5000.00,,,,,,\
             10000.00,0.00,0.00,0.00,0.00,0.00,10000.00,entière",
            "Total,,,,,,20000.00,,6000.00,20000.00,,4500.00,0.00,,700.00,40000.00,11200.00,6200.00,2000.00,\
             4700.00,1000.00,33800.00,",
            "Enveloppe,,,,,,,,10000.00,,,10000.00,,,10000.00,,,,,,,,",
            "Engagé,,,,,,,,6000.00,,,1500.00,,,700.00,,,,,,,,",
            "Reste,,,,,,,,4000.00,,,8500.00,,,9300.00,,,,,,,,",
        ];
        assert_eq!(lines, expected);
        assert_eq!(shown.header("Content-Type"), Some("text/csv; charset=utf-8"));
        let name = "attachment; filename=\"programme-2023.csv\"";
        assert_eq!(shown.header("Content-Disposition"), Some(name));
        let get = |query: &str, accept: &str| {
            app.get(&format!("{}{query}", path(&world))).token(&world.city_token).header("Accept", accept)
        };
        let accepted = get("", "text/csv").send().await.expect(200);
        assert_eq!((&accepted.text, accepted.etag()), (&shown.text, shown.etag()));
        assert_eq!(accepted.header("Content-Disposition"), Some(name));
        for (query, accept) in [("?format=json", "text/csv"), ("", "text/csv;q=0.5, application/json")] {
            let document = get(query, accept).send().await.expect(200);
            assert_eq!(document.header("Content-Type"), Some("application/json"));
            assert_eq!(document.header("Content-Disposition"), None);
            assert_eq!(document.json()["totals"]["applications"], 4);
        }
        get("?format=xlsx", "*/*").send().await.problem(400, "invalid-parameter");
    })
    .await;
}

#[actix_web::test]
async fn no_cell_is_run_as_a_formula_or_taken_for_two() {
    on_each_database(async |app| {
        let mut world = World::new(app).await;
        let titles = ["=HYPERLINK(\"http://mal.example\")", "Jeux, « goûter » ; \"ateliers\"", "+33 jardins"];
        for title in titles {
            let mut body = world.application_body();
            body["title"] = json!(title);
            admitted(app, &world, &body).await;
        }
        let shown: Vec<String> =
            table(app, &world, "").await[1..4].iter().map(|row| row[2].clone()).collect();
        assert_eq!(shown, [format!("'{}", titles[0]), titles[1].to_owned(), format!("'{}", titles[2])]);
        let programme = read(app, &world).await.json();
        let kept: Vec<&Value> = list(&programme, "rows").iter().map(|row| &row["title"]).collect();
        assert_eq!(kept, titles);
        let turned = table(app, &world, "&sort=-number").await;
        assert_eq!((turned[1][0].as_str(), turned[4][0].as_str()), ("2023-0003", "Total"));
        // Nor is a heading that a co-funder's name begins.
        app.set_clock(OPEN);
        let (odd, _) = world.another_co_funder(app, "=1+1").await;
        let mut call = world.call_body();
        call["launchedBy"] = json!([odd, world.caf]);
        world.call = world.published(app, &call).await;
        let heads = table(app, &world, "").await[0].clone();
        assert_eq!((heads[6].as_str(), heads[9].as_str()), ("'=1+1 : demandé", "Caf : demandé"));
    })
    .await;
}
