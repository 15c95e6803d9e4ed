//! A co-funder's system that acts by chance: it pushes, supersedes, batches, pays, and sometimes an applicant withdraws.

use serde_json::{Value, json};

use super::{Partner, Stage};
use crate::support::{Answer, Random, TestApp, eur};

/// A line that the service said it recorded.
pub struct Acknowledged {
    pub application: String,
    pub partner: usize,
    pub line: Value,
}

pub struct Client<'a> {
    app: &'a TestApp,
    stage: &'a Stage,
    place: usize,
    random: Random,
    pub acknowledged: Vec<Acknowledged>,
    payments: usize,
}

impl<'a> Client<'a> {
    pub fn new(app: &'a TestApp, stage: &'a Stage, place: usize, random: Random) -> Self {
        Self { app, stage, place, random, acknowledged: Vec::new(), payments: 0 }
    }

    fn own(&self) -> &'a Partner {
        &self.stage.partners[self.place]
    }

    pub async fn act(&mut self, times: usize) {
        for _ in 0..times {
            match self.random.below(100) {
                0..55 => self.push().await,
                55..75 => self.batch().await,
                75..95 => self.pay().await,
                95..99 => self.change_envelope().await,
                _ => self.withdraw().await,
            }
        }
    }

    fn application(&mut self) -> &'a String {
        let stage = self.stage;
        self.random.pick(&stage.applications)
    }

    fn amount(&mut self) -> Value {
        let cents = 1 + self.random.below(300_000);
        eur(&format!("{}.{:02}", cents / 100, cents % 100))
    }

    /// What it says now of an application: mostly well formed, sometimes more than it has.
    fn decision(&mut self) -> Value {
        let firmness = *self.random.pick(&[
            "intended", "agreed", "agreed", "voted", "voted", "notified", "paid", "refused", "deferred",
        ]);
        let mut line = json!({"firmness": firmness, "credits": *self.random.pick(&["mainstream", "mainstream", "specific"])});
        match firmness {
            "intended" => line["proposed"] = self.amount(),
            "refused" | "deferred" => {}
            _ => line["granted"] = self.amount(),
        }
        if ["voted", "notified", "paid"].contains(&firmness) {
            line["actReference"] = json!("ACT-1");
            line["actDate"] = json!("2023-03-16");
        }
        if self.random.once_in(4) {
            line["applicantConditions"] = json!("Fournir le bilan de l’an passé.");
        }
        if line.get("granted").is_some() && self.random.once_in(3) {
            line["conditions"] = json!([self.condition()]);
        }
        if !self.random.once_in(5) {
            line["reason"] = json!("revu");
        }
        line
    }

    fn condition(&mut self) -> Value {
        let amount = self.amount();
        if self.random.once_in(2) {
            return json!({"type": "totalReaches", "amount": amount});
        }
        let other =
            (self.place + 1 + self.random.below(self.stage.partners.len() - 1)) % self.stage.partners.len();
        json!({"type": "coFunderGrants", "coFunderId": self.stage.partners[other].id, "amount": amount})
    }

    fn refused_as_it_may_be(&self, status: u16, code: &str) {
        let may_be = [
            "precondition-required",
            "precondition-failed",
            "envelope-exceeded",
            "budget-exceeded",
            "public-share-exceeded",
            "invalid-transition",
            "not-admissible",
            "validation-failed",
            "payment-exceeded",
            "conditions-unmet",
            "batch-refused",
            "not-found",
        ];
        assert!(may_be.contains(&code), "{status} {code}");
    }

    fn note(&mut self, application: &str, line: Value) {
        let application = application.to_owned();
        self.acknowledged.push(Acknowledged { application, partner: self.place, line });
    }

    fn checked(&self, answer: &Answer) {
        if answer.status >= 400 {
            self.refused_as_it_may_be(answer.status, answer.json()["code"].as_str().unwrap());
        }
    }

    async fn push(&mut self) {
        let (application, line) = (self.application(), self.decision());
        let path = format!("/v1/applications/{application}/decisions/{}", self.own().id);
        let mut request = self.app.put(&path).token(&self.own().token).json(&line);
        match self.random.below(4) {
            0 => {}
            1 => request = request.if_match("\"2\""),
            _ => request = request.if_match("*"),
        }
        let mut answer = request.send().await;
        if answer.status == 412 && line.get("granted").is_some() {
            // Nothing is there yet, or it is another version: what is there is read first.
            let known = self.app.get(&path).token(&self.own().token).send().await;
            let again = self.app.put(&path).token(&self.own().token).json(&line);
            answer = match known.status {
                200 => again.if_match(known.etag()).send().await,
                _ => again.send().await,
            };
        }
        self.checked(&answer);
        if answer.status < 300 {
            self.note(application, line);
        }
    }

    async fn batch(&mut self) {
        let count = 2 + self.random.below(5);
        let lines: Vec<Value> = (0..count)
            .map(|_| {
                let application = self.application().clone();
                json!({"applicationId": application, "ifMatch": "*", "decision": self.decision()})
            })
            .collect();
        let atomic = self.random.once_in(3);
        let path = format!("/v1/decision-batches?atomic={atomic}");
        let request = self.app.post(&path).token(&self.own().token).json(&json!({"lines": lines}));
        let answer = request.send().await;
        self.checked(&answer);
        if answer.status != 201 {
            return;
        }
        for (line, result) in lines.iter().zip(answer.json()["results"].as_array().unwrap()) {
            match result["problem"]["code"].as_str() {
                Some(code) => self.refused_as_it_may_be(409, code),
                None => self.note(line["applicationId"].as_str().unwrap(), line["decision"].clone()),
            }
        }
    }

    async fn pay(&mut self) {
        let voted = |told: &&Acknowledged| told.line.get("actDate").is_some();
        let known: Vec<String> =
            self.acknowledged.iter().filter(voted).map(|told| told.application.clone()).collect();
        let application =
            if known.is_empty() { self.application().clone() } else { self.random.pick(&known).clone() };
        let amount = eur(&format!("{}.05", self.random.below(500)));
        self.payments += 1;
        let kind = *self.random.pick(&["advance", "advance", "instalment", "balance", "recovery"]);
        let payment = json!({
            "kind": kind, "amount": amount, "paidOn": "2023-03-17",
            "reference": format!("MDT-{}-{}", self.place, self.payments)
        });
        let path = format!("/v1/applications/{application}/decisions/{}/payments", self.own().id);
        let answer = self.app.post(&path).token(&self.own().token).json(&payment).send().await;
        self.checked(&answer);
    }

    /// More or less money, while others commit it.
    async fn change_envelope(&mut self) {
        let part = |credits: &str, euros: usize| json!({"credits": credits, "strand": null, "amount": eur(&format!("{euros}.00"))});
        let parts = json!({"parts": [
            part("mainstream", 2_000 + self.random.below(12_000)), part("specific", 1_000 + self.random.below(6_000))
        ]});
        let path = format!("/v1/calls/{}/envelopes/{}", self.stage.call, self.own().id);
        let answer = self.app.put(&path).token(&self.own().token).if_match("*").json(&parts).send().await;
        self.checked(&answer);
    }

    async fn withdraw(&mut self) {
        let application = self.application();
        let path = format!("/v1/applications/{application}/withdrawal");
        let answer = self.app.put(&path).token(&self.stage.applicant).json(&json!({})).send().await;
        self.checked(&answer);
    }
}
