//! Contracts: drafted, signed by each institution, and from then on left alone (rules C1, C2).

use contrat_de_ville::auth::{Binding, Role};
use serde_json::{Value, json};

use crate::support::{
    Answer, Request, TestApp, World, at_once, co_funder, contract_body, count, id, items, on_each_database,
    sorted_faults, told,
};

const PATH: &str = "/v1/contracts";

/// An administrator and two institutions, with a contract they have not signed yet.
struct Draft {
    administrator: String,
    caf: (String, String),
    city: (String, String),
    made: Answer,
    address: String,
}

impl Draft {
    async fn new(app: &TestApp) -> Self {
        let administrator = app.token(Role::Administrator, Binding::Staff).await;
        let caf = co_funder(app, &administrator, "Caf").await;
        let city = co_funder(app, &administrator, "Ville").await;
        let body = contract_body(&[&caf.0, &city.0]);
        let made = app.post(PATH).token(&administrator).json(&body).send().await.expect(201);
        let address = format!("{PATH}/{}", id(&made.json()));
        Self { administrator, caf, city, made, address }
    }

    fn sign(&self, app: &TestApp, token: &str, day: &str) -> Request {
        app.post(&format!("{}/signatures", self.address)).token(token).json(&json!({"signedOn": day}))
    }

    async fn read(&self, app: &TestApp) -> Answer {
        app.get(&self.address).token(&self.administrator).send().await.expect(200)
    }
}

#[actix_web::test]
async fn a_contract_is_drafted_and_read() {
    on_each_database(async |app| {
        let draft = Draft::new(app).await;
        let shown = draft.made.json();
        assert_eq!(draft.made.header("Location"), Some(draft.address.as_str()));
        assert_eq!((&shown["status"], &shown["asOf"]), (&json!("draft"), &json!("2022-10-20")));
        let sent = contract_body(&[&draft.caf.0, &draft.city.0]);
        for member in
            ["reference", "title", "territory", "startsOn", "endsOn", "challenges", "neighbourhoods"]
        {
            assert_eq!(shown[member], sent[member]);
        }
        let caf = json!({"coFunderId": draft.caf.0, "name": "Caf", "signedOn": null});
        assert_eq!((&shown["signatories"][0], &shown["includedAmendments"]), (&caf, &json!([])));
        let read = draft.read(app).await;
        assert_eq!((&read.text, read.etag()), (&draft.made.text, draft.made.etag()));
        assert_eq!(app.event_kinds().await, ["coFunder.created", "coFunder.created", "contract.created"]);
    })
    .await;
}

#[actix_web::test]
async fn the_rules_of_a_contract_are_told_together() {
    on_each_database(async |app| {
        let draft = Draft::new(app).await;
        let mut body = contract_body(&[&draft.caf.0]);
        body["reference"] = json!("CV-2");
        body["startsOn"] = json!("2022-12-31");
        body["challenges"] = json!([{"number": 4, "title": "a"}, {"number": 5, "title": "b"}, {"number": 4, "title": "c"}]);
        body["crossCuttingChallenges"] = json!([{"code": "age", "title": "a"}, {"code": "age", "title": "b"}]);
        body["neighbourhoods"] = json!([
            {"code": "nord", "name": "Nord", "kind": "priority"}, {"code": "nord", "name": "Sud", "kind": "watch"}
        ]);
        let create = |body: &Value| app.post(PATH).token(&draft.administrator).json(body);
        let problem = create(&body).send().await.problem(422, "validation-failed");
        let expected = [
            ("/challenges/2/number", "duplicate"), ("/crossCuttingChallenges/1/code", "duplicate"),
            ("/endsOn", "period-order"), ("/neighbourhoods/1/code", "duplicate"),
        ];
        assert_eq!(sorted_faults(&problem), told(&expected));
        // What is malformed is told first: rules between fields are for fields that can be read.
        body["territory"]["inseeCode"] = json!("2C004");
        let problem = create(&body).send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/territory/inseeCode", "wrong-format")]));
        assert_eq!(app.events("contract.created").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn the_signatories_of_a_contract_are_known_and_named_once() {
    on_each_database(async |app| {
        let draft = Draft::new(app).await;
        let unknown = "01890a5d-ac96-774b-bcce-b302099a8057";
        let mut body = contract_body(&[&draft.caf.0, unknown, &draft.caf.0]);
        body["reference"] = json!("CV-2");
        let create = |body: &Value| app.post(PATH).token(&draft.administrator).json(body);
        let problem = create(&body).send().await.problem(422, "validation-failed");
        let expected = [("/signatories/1", "unknown-reference"), ("/signatories/2", "duplicate")];
        assert_eq!(sorted_faults(&problem), told(&expected));
        body["signatories"] = json!([]);
        let problem = create(&body).send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/signatories", "too-few")]));
        let patch = app.patch(&draft.address).token(&draft.administrator).if_match(draft.made.etag());
        let problem =
            patch.json(&json!({"signatories": [unknown]})).send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/signatories/0", "unknown-reference")]));
        assert_eq!(draft.read(app).await.text, draft.made.text);
        assert_eq!((app.events("contract.created").await, app.events("contract.updated").await), (1, 0));
    })
    .await;
}

#[actix_web::test]
async fn a_draft_can_be_edited_by_an_administrator_only() {
    on_each_database(async |app| {
        let draft = Draft::new(app).await;
        let change = json!({"title": "Contrat de ville de Blois", "crossCuttingChallenges": []});
        let patch = app.patch(&draft.address).token(&draft.administrator).json(&change);
        patch.send().await.problem(428, "precondition-required");
        patch.clone().if_match("\"7-2022-10-20\"").send().await.problem(412, "precondition-failed");
        let instructor = app.token(Role::Instructor, Binding::Staff).await;
        for token in [&draft.caf.1, &instructor] {
            let refused = app.patch(&draft.address).token(token).if_match(draft.made.etag()).json(&change);
            refused.send().await.problem(403, "insufficient-scope");
            app.post(PATH)
                .token(token)
                .json(&contract_body(&[&draft.caf.0]))
                .send()
                .await
                .problem(403, "insufficient-scope");
        }
        assert_eq!(draft.read(app).await.text, draft.made.text);
        let changed = patch.if_match(draft.made.etag()).send().await.expect(200);
        assert_eq!(changed.json()["title"], "Contrat de ville de Blois");
        assert_eq!(
            (&changed.json()["crossCuttingChallenges"], &changed.json()["startsOn"]),
            (&json!([]), &json!("2015-01-01"))
        );
        let read = draft.read(app).await;
        assert_eq!((&read.text, read.etag()), (&changed.text, changed.etag()));
        let wrong = app.patch(&draft.address).token(&draft.administrator).if_match(read.etag());
        let problem =
            wrong.json(&json!({"endsOn": "2014-12-31"})).send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/endsOn", "period-order")]));
        assert_eq!(draft.read(app).await.text, changed.text);
        assert_eq!(app.events("contract.updated").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn a_contract_is_hidden_until_everyone_has_signed() {
    on_each_database(async |app| {
        let draft = Draft::new(app).await;
        let contract = id(&draft.made.json());
        let applicant = app.token(
            Role::Applicant,
            Binding::Organisation("01890a5d-ac96-774b-bcce-b302099a8060".parse().unwrap()),
        );
        let applicant = applicant.await;
        let council = app.token(Role::Council, Binding::Council(contract.parse().unwrap())).await;
        let instructor = app.token(Role::Instructor, Binding::Staff).await;
        let hidden = async || {
            for path in [
                draft.address.clone(),
                format!("{}/signatures", draft.address),
                format!("{}/amendments", draft.address),
            ] {
                app.get(&path).send().await.problem(404, "not-found");
                app.get(&path).token(&applicant).send().await.problem(404, "not-found");
                app.get(&path).token(&council).send().await.problem(404, "not-found");
                for token in [&instructor, &draft.caf.1, &draft.administrator] {
                    app.get(&path).token(token).send().await.expect(200);
                }
            }
            assert!(items(&app.get(PATH).send().await.expect(200).json()).is_empty());
            assert!(items(&app.get(PATH).token(&applicant).send().await.expect(200).json()).is_empty());
            assert_eq!(items(&app.get(PATH).token(&draft.city.1).send().await.expect(200).json()).len(), 1);
        };
        hidden().await;
        draft.sign(app, &draft.caf.1, "2015-07-02").send().await.expect(201);
        hidden().await;
        draft.sign(app, &draft.city.1, "2015-07-03").send().await.expect(201);
        let public = app.get(&draft.address).send().await.expect(200).json();
        assert_eq!(public["status"], "signed");
        let signatures = app.get(&format!("{}/signatures", draft.address)).send().await.expect(200).json();
        assert_eq!(signatures["items"], public["signatories"]);
        assert_eq!(items(&app.get(PATH).send().await.json()), [public]);
    })
    .await;
}

#[actix_web::test]
async fn each_institution_signs_once_with_its_own_client() {
    on_each_database(async |app| {
        let draft = Draft::new(app).await;
        let (_, stranger) = co_funder(app, &draft.administrator, "Bailleur").await;
        // To who is no party the draft is not there.
        draft.sign(app, &stranger, "2015-07-02").send().await.problem(404, "not-found");
        let staff = draft.sign(app, &draft.administrator, "2015-07-02").send().await;
        assert_eq!(staff.problem(403, "insufficient-scope")["scope"], "contracts:sign");
        let future =
            draft.sign(app, &draft.caf.1, "2022-10-22").send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&future), told(&[("/signedOn", "in-the-future")]));
        assert_eq!(draft.read(app).await.text, draft.made.text);
        let signed = draft.sign(app, &draft.caf.1, "2022-10-20").send().await.expect(201);
        let expected = json!({"coFunderId": draft.caf.0, "name": "Caf", "signedOn": "2022-10-20"});
        assert_eq!(signed.json(), expected);
        let again = draft.sign(app, &draft.caf.1, "2015-07-02").send().await;
        assert_eq!(again.problem(409, "conflict")["detail"], "this institution has already signed");
        let read = draft.read(app).await.json();
        assert_eq!((&read["status"], &read["signatories"][0]), (&json!("signing"), &expected));
        assert_eq!(app.events("contract.signed").await, 1);
        draft.sign(app, &draft.city.1, "2015-07-02").send().await.expect(201);
        draft.sign(app, &draft.city.1, "2015-07-02").send().await.problem(409, "conflict");
        draft.sign(app, &stranger, "2015-07-02").send().await.problem(403, "not-your-institution");
        assert_eq!(app.events("contract.signed").await, 2);
    })
    .await;
}

#[actix_web::test]
async fn the_address_of_a_new_signature_shows_that_signature() {
    on_each_database(async |app| {
        let draft = Draft::new(app).await;
        let signed = draft.sign(app, &draft.caf.1, "2015-07-02").send().await.expect(201);
        let address = signed.header("Location").unwrap();
        let shown = app.get(address).token(&draft.caf.1).send().await.expect(200);
        assert_eq!(shown.text, signed.text);
    })
    .await;
}

#[actix_web::test]
async fn from_the_first_signature_on_a_contract_is_left_alone() {
    on_each_database(async |app| {
        let draft = Draft::new(app).await;
        for token in [&draft.caf.1, &draft.city.1] {
            draft.sign(app, token, "2015-07-02").send().await.expect(201);
            let before = draft.read(app).await;
            let patch = app.patch(&draft.address).token(&draft.administrator).if_match(before.etag());
            let problem =
                patch.json(&json!({"title": "Autre"})).send().await.problem(409, "contract-in-force");
            assert_eq!(problem["type"], "http://ledger.test/problems/contract-in-force");
            for change in [
                json!({"endsOn": "2030-12-31"}),
                json!({"challenges": []}),
                json!({"signatories": [draft.caf.0]}),
            ] {
                let patch = app.patch(&draft.address).token(&draft.administrator).if_match(before.etag());
                let problem = patch.json(&change).french().send().await.problem(409, "contract-in-force");
                assert_eq!(problem["title"], "Un contrat signé ne change que par avenant");
            }
            assert_eq!(draft.read(app).await.text, before.text);
        }
        // Who read the draft and did not see the signature is told so first.
        let late = app.patch(&draft.address).token(&draft.administrator).if_match(draft.made.etag());
        late.json(&json!({"title": "Autre"})).send().await.problem(412, "precondition-failed");
        assert_eq!(app.events("contract.updated").await, 0);
    })
    .await;
}

#[actix_web::test]
async fn the_last_two_signatures_at_once_bring_the_contract_into_force() {
    on_each_database(async |app| {
        let administrator = app.token(Role::Administrator, Binding::Staff).await;
        let caf = co_funder(app, &administrator, "Caf").await;
        let city = co_funder(app, &administrator, "Ville").await;
        for round in 0..8 {
            let mut body = contract_body(&[&caf.0, &city.0]);
            body["reference"] = json!(format!("CV-{round}"));
            let made = app.post(PATH).token(&administrator).json(&body).send().await.expect(201).json();
            let path = format!("{PATH}/{}/signatures", id(&made));
            // Each signs three times at once, as an impatient system would.
            let tokens = [&caf.1, &city.1, &caf.1, &city.1, &caf.1, &city.1];
            let sign = |token: &String| app.post(&path).token(token).json(&json!({"signedOn": "2015-07-02"}));
            let answers = at_once(tokens.map(sign)).await;
            assert_eq!((count(&answers, 201), count(&answers, 409)), (2, 4));
            let public = app.get(&format!("{PATH}/{}", id(&made))).send().await.expect(200).json();
            assert_eq!(public["status"], "signed");
        }
        assert_eq!(app.events("contract.signed").await, 16);
    })
    .await;
}

#[actix_web::test]
async fn a_reference_is_given_once_even_to_ten_at_once() {
    on_each_database(async |app| {
        let draft = Draft::new(app).await;
        let mut body = contract_body(&[&draft.caf.0]);
        let create = |body: &Value| app.post(PATH).token(&draft.administrator).json(body);
        create(&body).send().await.problem(409, "conflict");
        body["reference"] = json!("CV-2");
        let answers = at_once((0..10).map(|_| create(&body))).await;
        assert_eq!((count(&answers, 201), count(&answers, 409)), (1, 9));
        let patch = app.patch(&draft.address).token(&draft.administrator).if_match(draft.made.etag());
        patch.json(&json!({"reference": "CV-2"})).send().await.problem(409, "conflict");
        assert_eq!(draft.read(app).await.text, draft.made.text);
        assert_eq!((app.events("contract.created").await, app.events("contract.updated").await), (2, 0));
    })
    .await;
}

#[actix_web::test]
async fn a_contract_shows_a_signatory_s_new_name_to_who_knows_the_old_one() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let address = format!("{PATH}/{}", world.contract);
        let known = app.get(&address).send().await.expect(200);
        let again = app.get(&address).header("If-None-Match", known.etag());
        assert_eq!(again.send().await.expect(304).text, "");
        let co_funder = app.get(&format!("/v1/co-funders/{}", world.caf)).send().await.expect(200);
        let rename = app.patch(&format!("/v1/co-funders/{}", world.caf)).token(&world.administrator);
        rename
            .if_match(co_funder.etag())
            .json(&json!({"name": "Caf de Loir-et-Cher"}))
            .send()
            .await
            .expect(200);
        let fresh = again.send().await.expect(200);
        assert_eq!(fresh.json()["signatories"][0]["name"], "Caf de Loir-et-Cher");
        assert_ne!(fresh.etag(), known.etag());
    })
    .await;
}
