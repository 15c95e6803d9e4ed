//! The rules S2 to S7 once more, read off the JSON that was sent, for one kind of call.

use serde_json::Value;

type Broken = Vec<(String, &'static str)>;

/// A pointer without the places in lists: what kind of fault it is.
pub fn family(pointer: &str) -> String {
    let parts: Vec<&str> =
        pointer.split('/').filter(|part| part.is_empty() || part.parse::<usize>().is_err()).collect();
    parts.join("/")
}

fn list<'a>(value: &'a Value, name: &str) -> Vec<&'a Value> {
    value[name].as_array().map(|list| list.iter().collect()).unwrap_or_default()
}

fn word<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value[name].as_str()
}

fn cents(value: &Value) -> i64 {
    value["amount"].as_str().unwrap_or("0").replace('.', "").parse().unwrap()
}

fn year(day: Option<&str>) -> Option<i64> {
    day.map(|day| day[..4].parse().unwrap())
}

/// Everything that is wrong with an application to `call`, whose year is 2023 and whose plans last three years.
pub fn broken(body: &Value, call: &Value) -> Broken {
    let mut found = Vec::new();
    let mut tell = |pointer: String, code: &'static str| found.push((pointer, code));
    for name in ["title", "objectives"] {
        if word(body, name).is_none_or(|text| text.trim().is_empty()) {
            tell(format!("/{name}"), "required");
        }
    }
    for name in ["strand", "startsOn", "endsOn"] {
        if body[name].is_null() {
            tell(format!("/{name}"), "required");
        }
    }
    for name in ["challenges", "neighbourhoods", "requests"] {
        if list(body, name).is_empty() {
            tell(format!("/{name}"), "required");
        }
    }
    if list(&body["budget"], "charges").is_empty() {
        tell("/budget/charges".to_owned(), "required");
    }
    found.extend(money(body, call));
    found.extend(places(body, call));
    found.extend(statements(body, call));
    found.extend(dates(body));
    found.extend(audiences(body));
    found
}

/// Each line that shares a person with a line above it.
fn audiences(body: &Value) -> Broken {
    let lines = list(body, "audiences");
    let shared = |one: &Value, other: &Value| {
        ["ageBand", "gender", "residence"]
            .iter()
            .all(|member| one[member] == other[member] || one[member] == "all" || other[member] == "all")
    };
    let doubled =
        (0..lines.len()).filter(|index| lines[..*index].iter().any(|above| shared(above, lines[*index])));
    doubled.map(|index| (format!("/audiences/{index}"), "duplicate")).collect()
}

fn money(body: &Value, call: &Value) -> Broken {
    let mut found = Vec::new();
    let requests = list(body, "requests");
    let asks = |id: &str| requests.iter().any(|request| word(request, "coFunderId") == Some(id));
    let mut budgets = vec![("/budget".to_owned(), &body["budget"])];
    for (place, one) in list(body, "furtherYears").into_iter().enumerate() {
        budgets.push((format!("/furtherYears/{place}/budget"), &one["budget"]));
    }
    for (at, budget) in budgets {
        let total = |side: &str, sign: char| -> i64 {
            let lines = list(budget, side).into_iter();
            lines
                .filter(|line| line["account"].as_str().unwrap().starts_with(sign))
                .map(|line| cents(&line["amount"]))
                .sum()
        };
        let (charges, products) = (total("charges", '6'), total("products", '7'));
        let in_kind = (total("charges", '8'), total("products", '8'));
        if charges != products {
            found.push((at.clone(), "unbalanced"));
        }
        if in_kind.0 != in_kind.1 {
            found.push((at.clone(), "unbalanced"));
        }
        for (place, product) in list(budget, "products").into_iter().enumerate() {
            let public = product["account"].as_str().unwrap().starts_with("74");
            let (asked, funder) = (word(product, "coFunderId"), word(product, "funder"));
            let line = format!("{at}/products/{place}");
            if public && asked.is_none() && funder.is_none() {
                found.push((format!("{line}/funder"), "required"));
            }
            if funder.is_some() && (!public || asked.is_some()) {
                found.push((format!("{line}/funder"), "not-applicable"));
            }
            let known = |id: &str| match at.as_str() {
                "/budget" => asks(id),
                _ => list(call, "launchedBy").contains(&&Value::from(id)),
            };
            if asked.is_some_and(|id| !public || !known(id)) {
                found.push((format!("{line}/coFunderId"), "request-mismatch"));
            }
        }
    }
    found.extend(asked(body));
    found
}

/// What is asked for is what the budget of the year shows, and more than the floor.
fn asked(body: &Value) -> Broken {
    let mut found = Vec::new();
    let mut requested = 0;
    for (place, request) in list(body, "requests").into_iter().enumerate() {
        let id = word(request, "coFunderId");
        let lines = list(&body["budget"], "products").into_iter();
        let shown: i64 = lines
            .filter(|line| {
                line["account"].as_str().unwrap().starts_with("74") && word(line, "coFunderId") == id
            })
            .map(|line| cents(&line["amount"]))
            .sum();
        requested += cents(&request["amount"]);
        if shown != cents(&request["amount"]) {
            found.push((format!("/requests/{place}/amount"), "request-mismatch"));
        }
    }
    if cents(&body["viabilityFloor"]) > requested {
        found.push(("/viabilityFloor".to_owned(), "too-large"));
    }
    found
}

fn places(body: &Value, call: &Value) -> Broken {
    let mut found = Vec::new();
    let mut tell = |list: &str, place: usize, member: &str| {
        found.push((format!("/{list}/{place}{member}"), "unknown-reference"));
    };
    let strands = list(call, "strands");
    let own: Vec<&Value> =
        strands.iter().copied().filter(|strand| word(strand, "code") == word(body, "strand")).collect();
    let strand_is_foreign = word(body, "strand").is_some() && own.is_empty();
    let meant = if own.is_empty() { strands } else { own };
    for (place, number) in list(body, "challenges").into_iter().enumerate() {
        if !meant.iter().any(|strand| list(strand, "challenges").contains(&number)) {
            tell("challenges", place, "");
        }
    }
    for (place, code) in list(body, "operationalPriorities").into_iter().enumerate() {
        let mut known = meant.iter().flat_map(|strand| list(strand, "operationalPriorities"));
        if !known.any(|priority| priority["code"] == *code) {
            tell("operationalPriorities", place, "");
        }
    }
    for (place, code) in list(body, "neighbourhoods").into_iter().enumerate() {
        if !list(call, "neighbourhoods").contains(&code) {
            tell("neighbourhoods", place, "");
        }
    }
    for (place, request) in list(body, "requests").into_iter().enumerate() {
        if !list(call, "launchedBy").contains(&&request["coFunderId"]) {
            tell("requests", place, "/coFunderId");
        }
    }
    for (place, statement) in list(body, "statements").into_iter().enumerate() {
        let code = &statement["priority"];
        let mut known = list(call, "crossCuttingPriorities").into_iter();
        if code != "gender-equality" && !known.any(|priority| priority["code"] == *code) {
            tell("statements", place, "/priority");
        }
    }
    if strand_is_foreign {
        found.push(("/strand".to_owned(), "unknown-reference"));
    }
    found
}

fn statements(body: &Value, call: &Value) -> Broken {
    let several = body["multiYear"] == true;
    let mut needed: Vec<&str> = list(call, "crossCuttingPriorities")
        .into_iter()
        .filter(|one| one["statement"] == "required" || several && one["statement"] == "requiredIfMultiYear")
        .map(|one| word(one, "code").unwrap())
        .collect();
    if several {
        needed.push("gender-equality");
    }
    let said: Vec<_> =
        list(body, "statements").into_iter().map(|one| word(one, "priority").unwrap()).collect();
    let missing = needed.into_iter().filter(|code| !said.contains(code));
    missing.map(|_| ("/statements".to_owned(), "required")).collect()
}

fn dates(body: &Value) -> Broken {
    let mut found = Vec::new();
    let several = body["multiYear"] == true;
    let limit = if several { 2025 } else { 2023 };
    let (starts, ends) = (word(body, "startsOn"), word(body, "endsOn"));
    if year(starts).is_some_and(|year| year != 2023) {
        found.push(("/startsOn".to_owned(), "outside-period"));
    }
    if year(ends).is_some_and(|year| year < 2023 || year > limit) {
        found.push(("/endsOn".to_owned(), "outside-period"));
    }
    // Days written this way compare as text.
    if starts.zip(ends).is_some_and(|(starts, ends)| ends < starts) {
        found.push(("/endsOn".to_owned(), "period-order"));
    }
    let told: Vec<i64> =
        list(body, "furtherYears").into_iter().map(|one| one["year"].as_i64().unwrap()).collect();
    if !several {
        if !told.is_empty() {
            found.push(("/furtherYears".to_owned(), "not-applicable"));
        }
        return found;
    }
    if year(ends).is_some_and(|year| year <= 2023) {
        found.push(("/multiYear".to_owned(), "not-applicable"));
    }
    let until = year(ends).map_or(limit, |year| year.min(limit));
    for (place, year) in told.iter().enumerate() {
        if *year <= 2023 || *year > until {
            found.push((format!("/furtherYears/{place}/year"), "outside-period"));
        }
    }
    let due = if ends.is_some() { until } else { 2023 };
    let missing = (2024..=due).filter(|year| !told.contains(year));
    found.extend(missing.map(|_| ("/furtherYears".to_owned(), "required")));
    found
}
