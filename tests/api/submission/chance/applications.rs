//! Applications made by chance: most of what they say is right, some of it is wrong.

use serde_json::{Value, json};

use crate::support::{Random, World};

/// One in so many fields is wrong.
const WRONG: usize = 18;

pub struct Maker<'a> {
    pub random: &'a mut Random,
    pub world: &'a World,
}

fn eur(cents: usize) -> Value {
    json!({"amount": format!("{}.{:02}", cents / 100, cents % 100), "currency": "EUR"})
}

impl Maker<'_> {
    fn either(&mut self, right: Value, wrong: Value) -> Value {
        if self.random.once_in(WRONG) { wrong } else { right }
    }

    fn text(&mut self) -> Value {
        let wrong = self.random.pick(&["", "  "]);
        self.either(json!("Un texte"), json!(wrong))
    }

    pub fn application(&mut self) -> Value {
        let strand = (*self.random.pick(&["life", "school"])).to_owned();
        let challenge = if strand == "life" { 5 } else { 4 };
        let years = if self.random.once_in(3) { self.random.below(3) + 1 } else { 0 };
        let multi_year = years > 0;
        let ends = 2023 + years.saturating_sub(1);
        let asked = [self.world.caf.clone(), self.world.city.clone()];
        let asked = &asked[..=self.random.below(2)];
        let amounts: Vec<usize> = asked.iter().map(|_| 100 + self.random.below(500_000)).collect();
        let mut body = json!({
            "callId": self.world.call, "organisationId": self.world.organisation, "multiYear": multi_year,
            "title": self.text(), "objectives": self.text(),
            "strand": self.either(json!(strand), json!("sport")),
            "challenges": self.either(json!([challenge]), json!([challenge, 77])),
            "operationalPriorities": self.either(json!([format!("{strand}-1")]), json!([format!("{strand}-9")])),
            "neighbourhoods": self.either(json!(["nord"]), json!(["nord", "sud"])),
            "statements": self.statements(multi_year),
            "startsOn": self.either(json!("2023-02-01"), json!("2024-02-01")),
            "endsOn": self.either(json!(format!("{ends}-11-30")), json!("2026-01-01")),
            "budget": self.budget(asked, &amounts),
            "furtherYears": (1..years).map(|year| self.year(2023 + year)).collect::<Vec<_>>(),
            "requests": self.requests(asked, &amounts),
            "audiences": self.audiences()
        });
        let floor = amounts.iter().sum::<usize>();
        body["viabilityFloor"] = self.either(eur(floor), eur(floor + 1));
        for member in
            ["strand", "startsOn", "endsOn", "challenges", "neighbourhoods", "statements", "furtherYears"]
        {
            if self.random.once_in(3 * WRONG) {
                body.as_object_mut().unwrap().remove(member);
            }
        }
        body
    }

    /// Two age bands, and seldom a total beside them.
    fn audiences(&mut self) -> Value {
        let line = |age: &str, gender: &str| json!({"ageBand": age, "gender": gender, "residence": "all", "count": 9});
        let mut lines = vec![line("6-15", "women"), line("65-and-over", "all")];
        if self.random.once_in(2 * WRONG) {
            lines.push(line("all", "women"));
        }
        json!(lines)
    }

    fn statements(&mut self, multi_year: bool) -> Value {
        let mut codes = vec!["secularism"];
        if multi_year {
            codes.extend(["gender-equality", "age"]);
        }
        if self.random.once_in(2) {
            codes.push("digital");
        }
        if self.random.once_in(WRONG) {
            codes.remove(0);
        }
        if self.random.once_in(WRONG) {
            codes.push("astronomy");
        }
        codes.iter().map(|code| json!({"priority": code, "statement": "Oui."})).collect()
    }

    fn requests(&mut self, asked: &[String], amounts: &[usize]) -> Value {
        let request = |(id, amount): (&String, &usize)| {
            let amount = if self.random.once_in(WRONG) { amount + 1 } else { *amount };
            json!({"coFunderId": id, "amount": eur(amount), "credits": "mainstream"})
        };
        let mut list: Vec<Value> = asked.iter().zip(amounts).map(request).collect();
        if self.random.once_in(WRONG) {
            list.push(json!({"coFunderId": self.world.landlord, "amount": eur(0), "credits": "specific"}));
        }
        json!(list)
    }

    fn year(&mut self, year: usize) -> Value {
        let year = if self.random.once_in(WRONG) { year + 9 } else { year };
        json!({"year": year, "budget": self.budget(&[], &[])})
    }

    /// Charges on several accounts; products that pay them, in money and in kind.
    fn budget(&mut self, asked: &[String], amounts: &[usize]) -> Value {
        let own = self.random.below(100_000);
        let outside = self.random.below(3) * 1_234;
        let in_kind = self.random.below(2) * 50_000;
        let total = own + outside + amounts.iter().sum::<usize>();
        let part = self.random.below(total + 1);
        let mut charges = vec![
            json!({"account": self.random.pick(&["60", "606", "6061"]), "amount": eur(part)}),
            json!({"account": self.random.pick(&["61", "64", "69"]), "amount": eur(total - part)}),
        ];
        let mut products =
            vec![json!({"account": self.random.pick(&["70", "75", "79"]), "amount": eur(own)})];
        let line = |(id, amount): (&String, &usize)| json!({"account": "74", "amount": eur(*amount), "coFunderId": id});
        products.extend(asked.iter().zip(amounts).map(line));
        if outside > 0 {
            let funder = self.either(json!("Région"), Value::Null);
            products.push(json!({"account": "7477", "amount": eur(outside), "funder": funder}));
        }
        if in_kind > 0 {
            let other = if self.random.once_in(WRONG) { 1 } else { 0 };
            charges.push(json!({"account": "864", "amount": eur(in_kind)}));
            products.push(json!({"account": "87", "amount": eur(in_kind + other)}));
        }
        if self.random.once_in(WRONG) {
            charges.push(json!({"account": "65", "amount": eur(1)}));
        }
        if self.random.once_in(WRONG) {
            products[0]["funder"] = json!("Europe");
        }
        if self.random.once_in(WRONG) {
            products[0]["coFunderId"] = json!(self.world.caf);
        }
        json!({"charges": charges, "products": products})
    }
}
