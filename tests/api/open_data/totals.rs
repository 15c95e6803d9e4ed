//! Rule P1: after many pushes through the API, list, table, sums and single projects all say what was acknowledged.

use std::collections::BTreeMap;

use contrat_de_ville::auth::{Binding, Role};
use serde_json::{Value, json};

use super::{LIST, SUMMARY, admitted, get, rows};
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

/// What is known of an application and of what was acknowledged about it.
struct Project {
    id: String,
    facts: Vec<(&'static str, String)>,
    /// By co-funder: the line's ETag, and the cents it publishes.
    lines: BTreeMap<String, (String, u64)>,
}

impl Project {
    fn amount(&self) -> u64 {
        self.lines.values().map(|(_, cents)| cents).sum()
    }

    /// The rows of a summary it counts in.
    fn groups(&self, by: &str) -> Vec<(String, u64)> {
        if by == "coFunder" {
            let granting = self.lines.iter().filter(|(_, (_, cents))| *cents > 0);
            return granting.map(|(id, (_, cents))| (id.clone(), *cents)).collect();
        }
        let keys = self.facts.iter().filter(|(name, _)| *name == by);
        keys.map(|(_, key)| (key.clone(), self.amount())).collect()
    }

    fn fits(&self, filters: &[(&str, &str)]) -> bool {
        let says = |name: &str, value: &str| match name {
            "coFunder" => self.lines.get(value).is_some_and(|(_, cents)| *cents > 0),
            _ => self.facts.iter().any(|(known, fact)| *known == name && fact == value),
        };
        self.amount() > 0 && filters.iter().all(|(name, value)| says(name, value))
    }
}

fn euros(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// A second contract, of two neighbourhoods, with a call of 2022 in two strands: the ids of both.
async fn another_call(app: &TestApp, world: &World) -> (String, String) {
    let mut body = contract_body(&[&world.landlord]);
    body["reference"] = json!("CV-2");
    body["challenges"] =
        json!([2, 4, 10].map(|number| json!({"number": number, "title": format!("enjeu {number}")})));
    body["neighbourhoods"] =
        json!(["nord", "sud"].map(|code| json!({"code": code, "name": code, "kind": "watch"})));
    let contract = app.post("/v1/contracts").token(&world.administrator).json(&body).send().await.expect(201);
    let contract = id(&contract.json());
    let sign = app.post(&format!("/v1/contracts/{contract}/signatures")).token(&world.landlord_token);
    sign.json(&json!({"signedOn": "2015-07-02"})).send().await.expect(201);
    let mut body = world.call_body();
    (body["contractId"], body["year"]) = (json!(contract), json!(2022));
    body["neighbourhoods"] = json!(["nord", "sud"]);
    body["strands"] = json!([
        {"code": "life", "title": {"fr": "Vivre"}, "challenges": [10], "operationalPriorities": []},
        {"code": "education", "title": {"fr": "Apprendre"}, "challenges": [2, 4], "operationalPriorities": []}
    ]);
    (contract, world.published(app, &body).await)
}

/// Ten admissible applications to the two calls.
async fn projects(app: &TestApp, world: &mut World) -> Vec<Project> {
    let (contract, call) = another_call(app, world).await;
    // Of both contracts.
    world.instructor = app.token(Role::Instructor, Binding::Staff).await;
    let first = ("2023", world.contract.clone(), world.call.clone());
    let second = ("2022", contract, call);
    let kinds: [(_, &str, &[i32], &[&str]); 5] = [
        (&first, "life", &[5], &["nord"]),
        (&second, "life", &[10], &["sud"]),
        (&second, "education", &[2, 4], &["nord", "sud"]),
        (&second, "education", &[4], &["nord"]),
        (&first, "life", &[5], &["nord"]),
    ];
    let mut projects = Vec::new();
    for (place, strand, challenges, neighbourhoods) in kinds.into_iter().cycle().take(10) {
        let (year, contract, call) = place;
        world.call.clone_from(call);
        let mut body = world.application_body();
        (body["strand"], body["operationalPriorities"]) = (json!(strand), json!([]));
        (body["challenges"], body["neighbourhoods"]) = (json!(challenges), json!(neighbourhoods));
        (body["startsOn"], body["endsOn"]) = (json!(format!("{year}-02-01")), json!(format!("{year}-03-01")));
        let mut facts = vec![
            ("year", (*year).to_owned()),
            ("contract", contract.clone()),
            ("call", call.clone()),
            ("strand", strand.to_owned()),
        ];
        facts.extend(challenges.iter().map(|number| ("challenge", number.to_string())));
        facts.extend(neighbourhoods.iter().map(|code| ("neighbourhood", (*code).to_owned())));
        projects.push(Project { id: admitted(app, world, &body).await, facts, lines: BTreeMap::new() });
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
    for by in ["year", "strand", "challenge", "neighbourhood", "coFunder"] {
        let mut groups: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for (key, cents) in expected.iter().flat_map(|project| project.groups(by)) {
            let group = groups.entry(key).or_default();
            *group = (group.0 + 1, group.1 + cents);
        }
        let total: u64 = expected.iter().map(|project| project.amount()).sum();
        let path = format!("{SUMMARY}?groupBy={by}{query}");
        let summary = get(app, &path).await.json();
        assert_eq!(
            summary["total"],
            json!({"projects": expected.len(), "amount": eur(&euros(total))}),
            "{path}"
        );
        let shown: BTreeMap<String, (u64, String)> = items(&summary)
            .iter()
            .map(|row| {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                (text(&row["key"]), (row["projects"].as_u64().unwrap(), text(&row["amount"]["amount"])))
            })
            .collect();
        let groups: BTreeMap<_, _> =
            groups.into_iter().map(|(key, (n, cents))| (key, (n, euros(cents)))).collect();
        assert_eq!(shown, groups, "{path}");
        let numbers = items(&summary);
        let numbers: Vec<u32> =
            numbers.iter().filter_map(|row| row["key"].as_str().unwrap().parse().ok()).collect();
        assert!(numbers.is_sorted(), "10 comes after 2: {numbers:?}");
        let table = rows(&get(app, &format!("{path}&format=csv")).await.text);
        let tabled: BTreeMap<_, _> = table
            .iter()
            .map(|row| (row["key"].clone(), (row["projects"].parse::<u64>().unwrap(), row["amount"].clone())))
            .collect();
        assert_eq!((tabled, table.len()), (groups, items(&summary).len()), "{path}");
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
        let (contract, call) = (world.contract.clone(), world.call.clone());
        let mut found = 0;
        for filters in [
            vec![("year", "2022")],
            vec![("year", "2021")],
            vec![("contract", contract.as_str())],
            vec![("call", call.as_str())],
            vec![("strand", "education")],
            vec![("challenge", "4")],
            vec![("challenge", "10")],
            vec![("neighbourhood", "sud")],
            vec![("coFunder", world.caf.as_str())],
            vec![("coFunder", world.landlord.as_str()), ("neighbourhood", "nord"), ("year", "2022")],
            vec![("strand", "life"), ("contract", contract.as_str())],
        ] {
            found += check(app, &projects, &filters).await;
        }
        assert!(found > 10, "the filters find something");
    })
    .await;
}
