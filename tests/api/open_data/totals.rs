//! Rule P1: after many pushes through the API, list, table, sums and single projects all say what was acknowledged.

use std::collections::BTreeMap;

use contrat_de_ville::auth::{Binding, Role};
use serde_json::{Value, json};

use super::{LIST, SUMMARY, admitted, amend, get, rows, signed_by_landlord};
use crate::support::{TestApp, World, contract_body, eur, id, items, on_each_database};

/// A deterministic stream of numbers (Knuth's MMIX generator): the same pushes in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[usize::try_from(self.below(list.len().try_into().unwrap())).unwrap()]
    }
}

/// A strand of a call that projects are made in, with the titles that stood when its call opened.
#[derive(Clone)]
struct Place {
    year: &'static str,
    contract: String,
    call: String,
    strand: &'static str,
    strand_title: &'static str,
    challenges: &'static [(&'static str, &'static str)],
    neighbourhoods: &'static [(&'static str, &'static str)],
}

/// Whose key it is, the key, and its label.
type Row = (Option<String>, Option<String>, String, String);

/// What is known of an application and of what was acknowledged about it.
struct Project {
    id: String,
    place: Place,
    /// By co-funder: the line's ETag, and the cents it publishes.
    lines: BTreeMap<String, (String, u64)>,
}

/// The titles that are told apart, in the test's own words.
fn same_title(title: &str) -> &str {
    match title {
        "Quartier !" => "quartier",
        other => other,
    }
}

impl Project {
    fn amount(&self) -> u64 {
        self.lines.values().map(|(_, cents)| cents).sum()
    }

    /// The rows of a summary it counts in.
    fn groups(&self, by: &str) -> Vec<(Row, u64)> {
        let place = &self.place;
        let (contract, call) = (Some(place.contract.clone()), Some(place.call.clone()));
        let text = str::to_owned;
        let keyed =
            |(key, title): &(&str, &str)| (contract.clone(), None, text(key), text(same_title(title)));
        let titled = |title: &str| (None, None, same_title(title).to_owned(), same_title(title).to_owned());
        let rows: Vec<Row> = match by {
            "coFunder" => {
                let granting = self.lines.iter().filter(|(_, (_, cents))| *cents > 0);
                let row = |id: &String| (None, None, id.clone(), String::new());
                return granting.map(|(id, (_, cents))| (row(id), *cents)).collect();
            }
            "year" => vec![(None, None, text(place.year), text(place.year))],
            "contract" => vec![(contract, None, place.contract.clone(), String::new())],
            "call" => vec![(contract, call, place.call.clone(), String::new())],
            "strand" => vec![(contract, call, text(place.strand), text(place.strand_title))],
            "strandTitle" => vec![titled(place.strand_title)],
            "challenge" => place.challenges.iter().map(keyed).collect(),
            "challengeTitle" => {
                let mut rows: Vec<Row> = place.challenges.iter().map(|(_, title)| titled(title)).collect();
                rows.dedup();
                rows
            }
            "neighbourhood" => place.neighbourhoods.iter().map(keyed).collect(),
            other => panic!("no grouping {other}"),
        };
        rows.into_iter().map(|row| (row, self.amount())).collect()
    }

    fn fits(&self, filters: &[(&str, &str)]) -> bool {
        let place = &self.place;
        let says = |name: &str, value: &str| match name {
            "coFunderId" => self.lines.get(value).is_some_and(|(_, cents)| *cents > 0),
            "year" => place.year == value,
            "contractId" => place.contract == value,
            "callId" => place.call == value,
            "strand" => place.strand == value,
            "challenge" => place.challenges.iter().any(|(number, _)| *number == value),
            "neighbourhood" => place.neighbourhoods.iter().any(|(code, _)| *code == value),
            other => panic!("no filter {other}"),
        };
        self.amount() > 0 && filters.iter().all(|(name, value)| says(name, value))
    }
}

fn euros(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// A second contract: its challenge 4 is not the first one's, its challenge 5 is called alike, and `nord` is elsewhere.
async fn second_contract(app: &TestApp, world: &World) -> String {
    let mut body = contract_body(&[&world.landlord]);
    body["reference"] = json!("CV-2");
    let titles = [(2, "emploi"), (4, "santé"), (5, "Quartier !"), (10, "emploi")];
    body["challenges"] = json!(titles.map(|(number, title)| json!({"number": number, "title": title})));
    let names = [("nord", "Nord de Tours"), ("sud", "Sud de Tours")];
    body["neighbourhoods"] =
        json!(names.map(|(code, name)| json!({"code": code, "name": name, "kind": "watch"})));
    signed_by_landlord(app, world, &body).await
}

/// Another call of a year, in the two strands `life` and `education`.
async fn call_of(
    app: &TestApp,
    world: &World,
    contract: &str,
    year: i32,
    neighbourhoods: &[&str],
    strands: [(&str, &[i32]); 2],
) -> String {
    let mut body = world.call_body();
    (body["contractId"], body["year"]) = (json!(contract), json!(year));
    body["neighbourhoods"] = json!(neighbourhoods);
    let codes = ["life", "education"];
    let strand = |(code, (title, challenges)): (&str, (&str, &[i32]))| json!({"code": code, "title": {"fr": title}, "challenges": challenges, "operationalPriorities": []});
    body["strands"] = codes.into_iter().zip(strands).map(strand).collect();
    world.published(app, &body).await
}

/// Three calls: of one contract before and after an amendment renamed its challenge 5, and of another contract.
async fn places(app: &TestApp, world: &World) -> Vec<Place> {
    let second = second_contract(app, world).await;
    let strands = [("Vivre", &[5, 10][..]), ("Apprendre", &[2, 4])];
    let second_call = call_of(app, world, &second, 2022, &["nord", "sud"], strands).await;
    let renamed = json!([{"type": "reviseChallenge", "challenge": {"number": 5, "title": "cadre de vie"}}]);
    amend(app, world, &renamed).await;
    let strands = [("Vivre", &[5][..]), ("Grandir", &[4])];
    let later_call = call_of(app, world, &world.contract, 2024, &["nord"], strands).await;
    let place = |year, contract: &str, call: &str, strand, strand_title, challenges, neighbourhoods| Place {
        year,
        contract: contract.to_owned(),
        call: call.to_owned(),
        strand,
        strand_title,
        challenges,
        neighbourhoods,
    };
    let first = (world.contract.as_str(), world.call.as_str());
    let nord: &[(&str, &str)] = &[("nord", "Quartiers Nord")];
    let both: &[(&str, &str)] = &[("nord", "Nord de Tours"), ("sud", "Sud de Tours")];
    vec![
        place("2023", first.0, first.1, "life", "Mieux vivre son quartier", &[("5", "quartier")], nord),
        place("2024", first.0, &later_call, "life", "Vivre", &[("5", "cadre de vie")], nord),
        place("2024", first.0, &later_call, "education", "Grandir", &[("4", "éducation")], nord),
        place("2022", &second, &second_call, "life", "Vivre", &[("5", "Quartier !"), ("10", "emploi")], both),
        place(
            "2022",
            &second,
            &second_call,
            "education",
            "Apprendre",
            &[("2", "emploi"), ("4", "santé")],
            both,
        ),
    ]
}

/// Ten admissible applications to the three calls.
async fn projects(app: &TestApp, world: &mut World) -> Vec<Project> {
    let places = places(app, world).await;
    // Of both contracts.
    world.instructor = app.token(Role::Instructor, Binding::Staff).await;
    let mut projects = Vec::new();
    for place in places.into_iter().cycle().take(10) {
        world.call.clone_from(&place.call);
        let mut body = world.application_body();
        (body["strand"], body["operationalPriorities"]) = (json!(place.strand), json!([]));
        let numbers = place.challenges.iter().map(|(number, _)| number.parse::<i32>().unwrap());
        body["challenges"] = numbers.collect();
        body["neighbourhoods"] = place.neighbourhoods.iter().map(|(code, _)| *code).collect();
        body["startsOn"] = json!(format!("{}-02-01", place.year));
        body["endsOn"] = json!(format!("{}-03-01", place.year));
        projects.push(Project { id: admitted(app, world, &body).await, place, lines: BTreeMap::new() });
    }
    projects
}

/// Pushes some line of some project, and keeps what was acknowledged.
async fn push(app: &TestApp, world: &World, numbers: &mut Numbers, project: &mut Project) {
    let co_funders = [
        (&world.caf, &world.caf_token),
        (&world.city, &world.city_token),
        (&world.landlord, &world.landlord_token),
    ];
    let (co_funder, token) = numbers.pick(&co_funders);
    let firmness =
        *numbers.pick(&["intended", "agreed", "voted", "voted", "notified", "refused", "deferred"]);
    let cents = numbers.below(250_000);
    let mut body = json!({
        "firmness": firmness, "credits": "mainstream", "reason": "revu", "actReference": "ACT", "actDate": "2023-03-16"
    });
    match firmness {
        "intended" => body["proposed"] = eur(&euros(cents)),
        "refused" | "deferred" => {}
        _ => body["granted"] = eur(&euros(cents)),
    }
    let path = format!("/v1/applications/{}/decisions/{co_funder}", project.id);
    let mut request = app.put(&path).token(token).json(&body);
    if let Some((etag, _)) = project.lines.get(*co_funder) {
        request = request.if_match(etag);
    }
    let answer = request.send().await;
    if answer.status == 409 {
        assert!(answer.text.contains("-exceeded"), "{}", answer.text);
    } else {
        assert!([200, 201].contains(&answer.status), "{}", answer.text);
        let published = if ["voted", "notified"].contains(&firmness) { cents } else { 0 };
        project.lines.insert((*co_funder).clone(), (answer.etag().to_owned(), published));
    }
    let one = app.get(&format!("{LIST}/{}", project.id)).send().await;
    match project.amount() {
        0 => drop(one.problem(404, "not-found")),
        cents => assert_eq!(one.expect(200).json()["amount"], eur(&euros(cents))),
    }
}

/// The whole list, page by page.
async fn walk(app: &TestApp, query: &str) -> Vec<Value> {
    let mut next = json!(format!("{LIST}?limit=2{query}"));
    let mut all = Vec::new();
    while let Some(path) = next.as_str() {
        let page = get(app, path).await.json();
        all.extend(items(&page));
        next = page["next"].clone();
    }
    all
}

const BY: [&str; 9] = [
    "year",
    "contract",
    "call",
    "strand",
    "strandTitle",
    "challenge",
    "challengeTitle",
    "neighbourhood",
    "coFunder",
];

/// The sums of these projects by `by`, in JSON and in the table.
async fn check_sums(app: &TestApp, expected: &[&Project], by: &str, query: &str) {
    let mut groups: BTreeMap<Row, (u64, u64)> = BTreeMap::new();
    for (row, cents) in expected.iter().flat_map(|project| project.groups(by)) {
        let group = groups.entry(row).or_default();
        *group = (group.0 + 1, group.1 + cents);
    }
    let groups: BTreeMap<Row, (u64, String)> =
        groups.into_iter().map(|(row, (count, cents))| (row, (count, euros(cents)))).collect();
    let total: u64 = expected.iter().map(|project| project.amount()).sum();
    let path = format!("{SUMMARY}?groupBy={by}{query}");
    let summary = get(app, &path).await.json();
    let total = json!({"projects": expected.len(), "amount": eur(&euros(total))});
    assert_eq!(summary["total"], total, "{path}");
    // What names of co-funders, contracts and calls are is said by other tests; titles of challenges move with their call.
    let labelled = !["coFunder", "contract", "call"].contains(&by);
    let row = |contract: Option<&str>, call: Option<&str>, key: &str, label: &str| -> Row {
        let label = if labelled { same_title(label) } else { "" };
        let key = if by.ends_with("Title") { label } else { key };
        (contract.map(str::to_owned), call.map(str::to_owned), key.to_owned(), label.to_owned())
    };
    let items = items(&summary);
    let shown: BTreeMap<Row, (u64, String)> = items
        .iter()
        .map(|one| {
            let [contract, call, key, label] =
                ["contractId", "callId", "key", "label"].map(|name| one[name].as_str());
            let amount = one["amount"]["amount"].as_str().unwrap().to_owned();
            (row(contract, call, key.unwrap(), label.unwrap()), (one["projects"].as_u64().unwrap(), amount))
        })
        .collect();
    assert_eq!((&shown, items.len()), (&groups, groups.len()), "{path}");
    let table = rows(&get(app, &format!("{path}&format=csv")).await.text);
    let some = |cell: &String| Some(cell.clone()).filter(|cell| !cell.is_empty());
    let tabled: BTreeMap<Row, (u64, String)> = table
        .iter()
        .map(|one| {
            let (contract, call) = (some(&one["contractId"]), some(&one["callId"]));
            let row = row(contract.as_deref(), call.as_deref(), &one["key"], &one["label"]);
            (row, (one["projects"].parse().unwrap(), one["amount"].clone()))
        })
        .collect();
    assert_eq!((tabled, table.len()), (groups, items.len()), "{path}");
}

async fn check(app: &TestApp, projects: &[Project], filters: &[(&str, &str)]) -> usize {
    let query: String = filters.iter().map(|(name, value)| format!("&{name}={value}")).collect();
    let expected: Vec<&Project> = projects.iter().filter(|project| project.fits(filters)).collect();
    let facts: Vec<(String, String)> =
        expected.iter().map(|one| (one.id.clone(), euros(one.amount()))).collect();
    let list = walk(app, &query).await;
    let listed: Vec<(String, String)> =
        list.iter().map(|one| (id(one), one["amount"]["amount"].as_str().unwrap().to_owned())).collect();
    assert_eq!(listed, facts, "{query}");
    let table = rows(&get(app, &format!("{LIST}?format=csv{query}")).await.text);
    let tabled: Vec<(String, String)> =
        table.iter().map(|row| (row["id"].clone(), row["amount"].clone())).collect();
    assert_eq!(tabled, facts, "{query}");
    for by in BY {
        check_sums(app, &expected, by, &query).await;
    }
    expected.len()
}

#[actix_web::test]
async fn list_table_sums_and_projects_agree_whatever_was_pushed() {
    on_each_database(async |app| {
        let mut world = World::new(app).await;
        let mut projects = projects(app, &mut world).await;
        let mut numbers = Numbers(2_023);
        for round in 1..=4 {
            for _ in 0..30 {
                let place = usize::try_from(numbers.below(10)).unwrap();
                push(app, &world, &mut numbers, &mut projects[place]).await;
            }
            let fitting = check(app, &projects, &[]).await;
            assert!((1..=10).contains(&fitting), "round {round}");
        }
        let [first, later, second] = [0, 1, 4].map(|place: usize| projects[place].place.clone());
        let mut found = 0;
        for filters in [
            vec![("year", "2022")],
            vec![("year", "2021")],
            vec![("contractId", first.contract.as_str())],
            vec![("contractId", second.contract.as_str()), ("year", "2022")],
            vec![("callId", later.call.as_str())],
            vec![("strand", "education"), ("callId", second.call.as_str())],
            vec![("challenge", "4"), ("contractId", first.contract.as_str())],
            vec![("challenge", "5"), ("contractId", first.contract.as_str())],
            vec![("challenge", "5"), ("callId", second.call.as_str())],
            vec![("challenge", "10"), ("contractId", second.contract.as_str())],
            vec![("neighbourhood", "nord"), ("contractId", second.contract.as_str())],
            vec![("coFunderId", world.caf.as_str())],
            vec![("coFunderId", world.landlord.as_str()), ("year", "2022")],
        ] {
            found += check(app, &projects, &filters).await;
        }
        assert!(found > 10, "the filters find something");
    })
    .await;
}
