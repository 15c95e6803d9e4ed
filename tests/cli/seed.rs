//! The public page the demonstration is made of: what it says can be found again in what the service answers.

use std::collections::BTreeMap;
use std::fs;

use contrat_de_ville::auth::Role;
use contrat_de_ville::demo::DemoClient;
use serde_json::{Value, json};

use crate::program::{Server, program};

/// The page of the City of Blois, as it was in 2023.
const PAGE: &str = include_str!("contrat-de-ville-blois.txt");

/// What the page says to its readers, which is no data; the result of 2023 is what open data adds up to.
const FOR_READERS: [&str; 10] = [
    "Ces enjeux sont complétés par des enjeux transversaux",
    "Au-delà de la réponse à apporter à ces enjeux",
    "En savoir plus",
    "Rendez-vous sur la page",
    "Les projets 2023",
    "En 2023, 66 projets",
    "Ces projets vous intéressent",
    "Documents téléchargeables",
    "Vous œuvrez pour la politique de la ville",
    "Rejoignez",
];

/// One demonstration, and what its administrator reads.
struct Demo {
    server: Server,
    token: String,
    _folder: tempfile::TempDir,
}

impl Demo {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(&mut program(folder.path(), &["demo"]));
        let file = fs::read_to_string(folder.path().join("demo-clients.json")).unwrap();
        let clients: Vec<DemoClient> = serde_json::from_str(&file).unwrap();
        let administrator = clients.iter().find(|one| one.role == Role::Administrator).unwrap();
        let token = server.token(administrator).await;
        Self { server, token, _folder: folder }
    }

    async fn get(&self, path: &str) -> Value {
        self.server.get(path).token(&self.token).send().await.expect(200).json()
    }

    /// The contract as it was when the call of 2023 closed.
    async fn contract(&self) -> Value {
        let contracts = self.get("/v1/contracts").await;
        let id = contracts["items"][0]["id"].as_str().unwrap();
        self.get(&format!("/v1/contracts/{id}?asOf=2022-11-18&compareWith=2019-12-31")).await
    }

    /// The calls, by year.
    async fn calls(&self) -> BTreeMap<i64, Value> {
        let mut calls = BTreeMap::new();
        for call in self.get("/v1/calls").await["items"].as_array().unwrap() {
            let id = call["id"].as_str().unwrap();
            calls.insert(call["year"].as_i64().unwrap(), self.get(&format!("/v1/calls/{id}")).await);
        }
        calls
    }
}

/// Text as it is compared: one kind of blank, one case, no bullet before and no punctuation after.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ").to_lowercase();
    let text = text.trim_start_matches(['•', ' ']);
    let text = match text.split_once(". ") {
        Some((rank, rest)) if rank.parse::<u8>().is_ok() => rest,
        _ => text,
    };
    let text = text.trim_end_matches([' ', '.', ',', ';', ':']);
    // A strand says in brackets which challenges it groups: those are its `challenges`.
    text.split(" (enjeu").next().unwrap().to_owned()
}

fn strings(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.extend(text.lines().map(plain)),
        Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        Value::Object(members) => members.values().for_each(|member| strings(member, found)),
        _ => {}
    }
}

#[actix_web::test]
async fn every_line_of_the_page_is_found_again_in_the_answers() {
    let demo = Demo::start().await;
    let mut answered = Vec::new();
    strings(&demo.contract().await, &mut answered);
    demo.calls().await.values().for_each(|call| strings(call, &mut answered));
    let readers = FOR_READERS.map(plain);
    let lines = PAGE.lines().map(plain).filter(|line| !line.is_empty());
    let lines: Vec<String> = lines.filter(|line| !readers.iter().any(|one| line.starts_with(one))).collect();
    assert!(lines.len() > 45, "the page has {} lines", lines.len());
    let missing: Vec<&String> =
        lines.iter().filter(|line| !answered.iter().any(|text| text.contains(*line))).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[actix_web::test]
async fn the_call_of_2023_has_the_structure_of_the_page_in_both_languages() {
    let demo = Demo::start().await;
    let calls = demo.calls().await;
    let call = &calls[&2023];
    let strand = |code: &str| {
        let strands = call["strands"].as_array().unwrap();
        strands.iter().find(|one| one["code"] == code).unwrap_or_else(|| panic!("no strand {code}"))
    };
    for (code, challenges, priorities) in [
        ("employment", json!([2, 3]), 7),
        ("education", json!([4]), 8),
        ("neighbourhood-life", json!([5]), 5),
    ] {
        assert_eq!(strand(code)["challenges"], challenges);
        assert_eq!(strand(code)["operationalPriorities"].as_array().unwrap().len(), priorities, "{code}");
    }
    let crossing = call["crossCuttingPriorities"].as_array().unwrap();
    assert_eq!(crossing.len(), 5);
    let points: usize = crossing.iter().map(|one| one["points"].as_array().unwrap().len()).sum();
    assert_eq!((points, call["pointsOfAttention"].as_array().unwrap().len()), (3, 2));
    assert_eq!(call["launchedBy"].as_array().unwrap().len(), 7);
    assert_eq!(call["challenges"].as_array().unwrap().len(), 5);
    let mut untranslated = Vec::new();
    translations(call, &mut |fr, en| {
        if en.is_none_or(|en| en.is_empty() || en == fr) {
            untranslated.push(fr.to_owned());
        }
    });
    assert_eq!(untranslated, Vec::<String>::new());
}

/// Calls `each` with every text that has a French and an English version.
fn translations(value: &Value, each: &mut impl FnMut(&str, Option<&str>)) {
    match value {
        Value::Object(members) => match members.get("fr") {
            Some(fr) => each(fr.as_str().unwrap(), members["en"].as_str()),
            None => members.values().for_each(|member| translations(member, each)),
        },
        Value::Array(items) => items.iter().for_each(|item| translations(item, each)),
        _ => {}
    }
}

#[actix_web::test]
async fn the_contract_has_its_label_its_council_its_perr_and_what_was_promised() {
    let demo = Demo::start().await;
    let contract = demo.contract().await;
    assert_eq!(contract["endsOn"], "2022-12-31");
    assert_eq!(contract["includedAmendments"][0]["kind"], "perr");
    let label = &contract["labels"][0];
    assert_eq!((&label["since"], &label["challenge"]), (&json!("2019-11-01"), &json!(4)));
    assert_eq!(label["objectives"].as_array().unwrap().len(), 3);
    let colleges = contract["council"]["colleges"].as_array().unwrap();
    assert_eq!(
        colleges.iter().map(|one| &one["kind"]).collect::<Vec<_>>(),
        [&json!("residents"), &json!("localActors")]
    );
    let commitments = contract["commitments"].as_array().unwrap();
    let parties: Vec<&Value> = commitments.iter().map(|one| &one["coFunderId"]).collect();
    assert!(parties.len() == 2 && parties[0] != parties[1], "reciprocal: {parties:?}");
    assert_eq!(commitments[0]["lastReport"]["state"], "fulfilled");
    let parts = |part: &str| {
        let told = contract["differences"].as_array().unwrap();
        told.iter().filter(|one| one["part"] == part).count()
    };
    assert_eq!((parts("period"), parts("commitment"), parts("label")), (1, 2, 0));
}

#[actix_web::test]
async fn the_call_of_2024_is_a_draft_copied_from_that_of_2023() {
    let demo = Demo::start().await;
    let calls = demo.calls().await;
    let (first, second) = (&calls[&2023], &calls[&2024]);
    assert_eq!(
        (&second["status"], &second["copiedFrom"], &second["opensAt"], &second["closesAt"]),
        (&json!("draft"), &first["id"], &Value::Null, &Value::Null)
    );
    assert_eq!(second["title"], "Appel à projets 2024 du contrat de ville de Blois");
    for member in [
        "contractId",
        "introduction",
        "launchedBy",
        "neighbourhoods",
        "strands",
        "crossCuttingPriorities",
        "pointsOfAttention",
        "rules",
        "documents",
    ] {
        assert_eq!(second[member], first[member], "{member}");
    }
    let envelopes = demo.get(&format!("/v1/calls/{}/envelopes", second["id"].as_str().unwrap())).await;
    assert_eq!(envelopes["items"], json!([]));
    let public = demo.server.get("/v1/calls").send().await.expect(200).json();
    assert_eq!(public["items"].as_array().unwrap().len(), 1, "a draft is not for everyone");
}
