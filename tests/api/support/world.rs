//! A small world made through the API alone: a signed contract, a published call of three co-funders, an
//! organisation.

use contrat_de_ville::auth::{Binding, Role};
use contrat_de_ville::types::is_luhn;
use serde_json::{Value, json};

use super::{DECIDING, OPEN, TestApp};

/// The ids and access tokens of the world.
pub struct World {
    pub administrator: String,
    pub instructor: String,
    pub applicant: String,
    pub council: String,
    /// Ids of the co-funders: Caf, city, landlord.
    pub caf: String,
    pub city: String,
    pub landlord: String,
    /// Their tokens.
    pub caf_token: String,
    pub city_token: String,
    pub landlord_token: String,
    pub contract: String,
    pub call: String,
    pub organisation: String,
}

/// An amount, as JSON.
pub fn eur(amount: &str) -> Value {
    json!({"amount": amount, "currency": "EUR"})
}

/// The id of what an answer shows.
pub fn id(answer: &Value) -> String {
    answer["id"].as_str().unwrap().to_owned()
}

impl World {
    /// The envelopes are 10,000.00 EUR each; the clock stands inside the call's period.
    pub async fn new(app: &TestApp) -> Self {
        app.set_clock("2022-09-01T10:00:00Z");
        let administrator = app.token(Role::Administrator, Binding::Staff).await;
        let mut co_funders = Vec::new();
        for (name, kind) in [("Caf", "caf"), ("Ville", "city"), ("Bailleur", "socialLandlord")] {
            let body = json!({"name": name, "kind": kind});
            let made = app.post("/v1/co-funders").token(&administrator).json(&body).send().await.expect(201);
            let made = id(&made.json());
            let token = app.token(Role::CoFunder, Binding::CoFunder(made.parse().unwrap())).await;
            co_funders.push((made, token));
        }
        let [(caf, caf_token), (city, city_token), (landlord, landlord_token)] =
            <[(String, String); 3]>::try_from(co_funders).unwrap();
        let contract =
            signed_contract(app, &administrator, &[(&caf, &caf_token), (&city, &city_token)]).await;
        let mut world = Self {
            council: app.token(Role::Council, Binding::Council(contract.parse().unwrap())).await,
            instructor: app.token(Role::Instructor, Binding::Instruction(contract.parse().unwrap())).await,
            administrator,
            applicant: String::new(),
            caf,
            city,
            landlord,
            caf_token,
            city_token,
            landlord_token,
            contract,
            call: String::new(),
            organisation: String::new(),
        };
        world.call = world.published(app, &world.call_body()).await;
        let body = json!({"name": "Les Jardins (essai)", "siret": "00000000100008"});
        let made =
            app.post("/v1/organisations").token(&world.instructor).json(&body).send().await.expect(201);
        world.organisation = id(&made.json());
        let binding = Binding::Organisation(world.organisation.parse().unwrap());
        world.applicant = app.token(Role::Applicant, binding).await;
        app.set_clock(OPEN);
        world
    }

    /// A call that could be created.
    pub fn call_body(&self) -> Value {
        json!({
            "contractId": self.contract, "year": 2023, "title": "Appel 2023",
            "opensAt": "2022-10-03T07:00:00Z", "closesAt": "2022-11-18T22:59:59Z",
            "launchedBy": [self.caf, self.city, self.landlord], "neighbourhoods": ["nord"],
            "strands": [{
                "code": "life", "title": {"fr": "Mieux vivre son quartier", "en": "A better life in the neighbourhood"},
                "introduction": null, "challenges": [5],
                "operationalPriorities": [{"code": "life-1", "title": {"fr": "accès aux droits", "en": null}}]
            }],
            "crossCuttingPriorities": [
                {
                    "code": "gender-equality", "title": {"fr": "égalité", "en": "equality"},
                    "statement": "requiredIfMultiYear", "points": []
                }
            ],
            "rules": {"maximumPublicSharePercent": 80, "multiYearAllowed": true, "maximumYears": 3}
        })
    }

    /// A published call of `body`, into which everyone that launches it puts 10,000.00 EUR.
    pub async fn published(&self, app: &TestApp, body: &Value) -> String {
        let call = app.post("/v1/calls").token(&self.administrator).json(body).send().await.expect(201);
        let call = id(&call.json());
        for co_funder in body["launchedBy"].as_array().unwrap() {
            let path = format!("/v1/calls/{call}/envelopes/{}", co_funder.as_str().unwrap());
            let body = envelope("10000.00");
            app.put(&path).token(&self.administrator).json(&body).send().await.expect(201);
        }
        let path = format!("/v1/calls/{call}/publication");
        app.put(&path).token(&self.administrator).send().await.expect(200);
        call
    }

    /// An application that can be submitted: costs 20,000.00, asks the Caf and the city for 5,000.00 each.
    pub fn application_body(&self) -> Value {
        json!({
            "callId": self.call, "organisationId": self.organisation,
            "title": "Un jardin pour tous", "objectives": "Cultiver ensemble.",
            "strand": "life", "challenges": [5], "operationalPriorities": ["life-1"], "neighbourhoods": ["nord"],
            "startsOn": "2023-02-01", "endsOn": "2023-11-30",
            "budget": {
                "charges": [
                    {"account": "60", "amount": eur("12000.00")}, {"account": "64", "amount": eur("8000.00")},
                    {"account": "86", "amount": eur("500.00")}
                ],
                "products": [
                    {"account": "70", "amount": eur("10000.00")}, {"account": "87", "amount": eur("500.00")},
                    {"account": "74", "amount": eur("5000.00"), "coFunderId": self.caf},
                    {"account": "74", "amount": eur("5000.00"), "coFunderId": self.city}
                ]
            },
            "requests": [
                {"coFunderId": self.caf, "amount": eur("5000.00"), "credits": "mainstream"},
                {"coFunderId": self.city, "amount": eur("5000.00"), "credits": "specific"}
            ],
            "viabilityFloor": eur("6000.00")
        })
    }

    /// A draft of `body`.
    pub async fn draft(&self, app: &TestApp, body: &Value) -> Value {
        app.post("/v1/applications").token(&self.applicant).json(body).send().await.expect(201).json()
    }

    /// An application that was submitted and judged admissible; leaves the clock in the year of the decisions.
    pub async fn admissible(&self, app: &TestApp) -> String {
        app.set_clock(OPEN);
        let application = id(&self.draft(app, &self.application_body()).await);
        let path = format!("/v1/applications/{application}");
        app.put(&format!("{path}/submission")).token(&self.applicant).send().await.expect(200);
        let body = json!({"admissible": true});
        app.put(&format!("{path}/admissibility"))
            .token(&self.instructor)
            .json(&body)
            .send()
            .await
            .expect(200);
        app.set_clock(DECIDING);
        application
    }

    /// An application that was submitted while the call was open.
    pub async fn submitted(&self, app: &TestApp, body: &Value) -> String {
        app.set_clock(OPEN);
        let application = id(&self.draft(app, body).await);
        let path = format!("/v1/applications/{application}/submission");
        app.put(&path).token(&self.applicant).send().await.expect(200);
        application
    }

    /// Another co-funder, of no call and no contract: its id and token.
    pub async fn another_co_funder(&self, app: &TestApp, name: &str) -> (String, String) {
        co_funder(app, &self.administrator, name).await
    }

    /// Another organisation: its id and token.
    pub async fn another_organisation(&self, app: &TestApp, name: &str, siret: &str) -> (String, String) {
        let body = json!({"name": name, "siret": siret});
        let made = app.post("/v1/organisations").token(&self.instructor).json(&body).send().await.expect(201);
        let made = id(&made.json());
        let token = app.token(Role::Applicant, Binding::Organisation(made.parse().unwrap())).await;
        (made, token)
    }

    /// A token of an instructor of the contract that now stands in the world.
    pub async fn instructor_of(&self, app: &TestApp) -> String {
        app.token(Role::Instructor, Binding::Instruction(self.contract.parse().unwrap())).await
    }

    /// A token of the council of the contract that now stands in the world.
    pub async fn council_of(&self, app: &TestApp) -> String {
        app.token(Role::Council, Binding::Council(self.contract.parse().unwrap())).await
    }

    /// The address of the Caf's line on an application.
    pub fn caf_line(&self, application: &str) -> String {
        format!("/v1/applications/{application}/decisions/{}", self.caf)
    }
}

/// A new co-funder: its id and token.
pub async fn co_funder(app: &TestApp, administrator: &str, name: &str) -> (String, String) {
    let body = json!({"name": name, "kind": "other"});
    let made = app.post("/v1/co-funders").token(administrator).json(&body).send().await.expect(201);
    let made = id(&made.json());
    let token = app.token(Role::CoFunder, Binding::CoFunder(made.parse().unwrap())).await;
    (made, token)
}

/// The `rank`th invented SIRET, valid under Luhn.
pub fn siret(rank: u32) -> String {
    let body = format!("000{rank:010}");
    (0..10).map(|check| format!("{body}{check}")).find(|text| is_luhn(text)).unwrap()
}

/// A decision voted by a co-funder.
pub fn voted(amount: &str) -> Value {
    json!({
        "firmness": "voted", "granted": eur(amount), "credits": "mainstream",
        "actReference": "ACT-2023-1", "actDate": "2023-03-16"
    })
}

async fn signed_contract(app: &TestApp, administrator: &str, signatories: &[(&str, &str)]) -> String {
    let ids: Vec<&str> = signatories.iter().map(|(id, _)| *id).collect();
    let made =
        app.post("/v1/contracts").token(administrator).json(&contract_body(&ids)).send().await.expect(201);
    let contract = id(&made.json());
    for (_, token) in signatories {
        let path = format!("/v1/contracts/{contract}/signatures");
        app.post(&path).token(token).json(&json!({"signedOn": "2015-07-02"})).send().await.expect(201);
    }
    contract
}

/// A contract that could be created.
pub fn contract_body(signatories: &[&str]) -> Value {
    json!({
        "reference": "CV-ESSAI", "title": "Contrat de ville", "territory": {"inseeCode": "41018", "name": "Blois"},
        "startsOn": "2015-01-01", "endsOn": "2022-12-31",
        "challenges": [{"number": 4, "title": "éducation"}, {"number": 5, "title": "quartier"}],
        "crossCuttingChallenges": [{"code": "gender-equality", "title": "égalité"}],
        "neighbourhoods": [{"code": "nord", "name": "Quartiers Nord", "kind": "priority"}],
        "signatories": signatories
    })
}

/// An envelope of mainstream credits alone, for all strands.
pub fn envelope(amount: &str) -> Value {
    json!({"parts": [{"credits": "mainstream", "amount": eur(amount)}]})
}
