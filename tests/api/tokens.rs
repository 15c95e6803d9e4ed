//! Access tokens that must be refused: forged, bent, expired, meant for something else.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use contrat_de_ville::auth::{Binding, Keys, Principal, Role, Tokens};
use contrat_de_ville::types::{ClientId, Clock, Instant};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::identity::{ISSUER, part};
use crate::support::{OPEN, TestApp, on_each_database};

/// The signing key of the service, as an attacker would have it who had stolen it.
fn stolen_key(app: &TestApp) -> EncodingKey {
    let pem = std::fs::read_to_string(app.folder().join("signing-key.pem")).unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    EncodingKey::from_ed_der(&BASE64_STANDARD.decode(body).unwrap())
}

/// A good token's header and claims, and the key to sign what is made of them.
async fn forgery(app: &TestApp) -> (Header, Value, EncodingKey) {
    let token = app.token(Role::Administrator, Binding::Staff).await;
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some("at+jwt".to_owned());
    header.kid = part(&token, 0)["kid"].as_str().map(str::to_owned);
    (header, part(&token, 1), stolen_key(app))
}

/// Refused where a token is needed and where it is not.
async fn assert_refused(app: &TestApp, token: &str, what: &str) {
    for path in ["/v1/organisations", "/v1/calls"] {
        let answer = app.get(path).token(token).send().await;
        assert_eq!(answer.status, 401, "{what} {path}: {}", answer.text);
        answer.problem(401, "invalid-token");
        assert_eq!(answer.header("WWW-Authenticate"), Some("Bearer error=\"invalid_token\""), "{what}");
    }
}

#[actix_web::test]
async fn a_token_whose_claims_do_not_fit_is_refused() {
    on_each_database(async |app| {
        let (header, claims, key) = forgery(app).await;
        let control = encode(&header, &claims, &key).unwrap();
        app.get("/v1/organisations").token(&control).send().await.expect(200);
        let past = Instant::parse(OPEN).unwrap().unix_seconds();
        for (name, value) in [
            ("iss", json!("http://elsewhere.test")),
            ("iss", Value::Null),
            ("aud", json!("http://elsewhere.test")),
            ("aud", Value::Null),
            ("sub", Value::Null),
            ("exp", Value::Null),
            ("exp", json!(past)),
            ("exp", json!(0)),
            ("exp", json!("9999999999")),
            ("nbf", json!(past + 60)),
            ("nbf", json!(99_999_999_999_i64)),
            ("nbf", json!("0")),
            ("nbf", json!([past])),
            ("client_id", json!("nobody")),
            ("scope", json!("organisations:read root")),
            ("role", json!("king")),
            ("role", json!("co-funder")),
            ("co_funder_id", json!("01890a5d-ac96-774b-bcce-b302099a8057")),
        ] {
            let mut changed = claims.clone();
            changed[name] = value.clone();
            if value.is_null() {
                changed.as_object_mut().unwrap().remove(name);
            }
            let token = encode(&header, &changed, &key).unwrap();
            assert_refused(app, &token, &format!("{name} {value}")).await;
        }
        for kind in [None, Some("JWT"), Some("jwt"), Some("id+jwt")] {
            let header = Header { typ: kind.map(str::to_owned), ..header.clone() };
            assert_refused(app, &encode(&header, &claims, &key).unwrap(), &format!("typ {kind:?}")).await;
        }
    })
    .await;
}

/// What the header of a token names must be known here: the key (RFC 7515 §4.1.4), critical extensions (§4.1.11).
#[actix_web::test]
async fn a_token_with_another_key_id_or_an_extension_is_refused() {
    on_each_database(async |app| {
        let (header, claims, key) = forgery(app).await;
        let without = Header { kid: None, ..header.clone() };
        let control = encode(&without, &claims, &key).unwrap();
        app.get("/v1/organisations").token(&control).send().await.expect(200);
        let own = header.kid.clone().unwrap();
        for kid in ["", "other", &own.to_lowercase(), &format!("{own} ")] {
            let header = Header { kid: Some(kid.to_owned()), ..header.clone() };
            assert_refused(app, &encode(&header, &claims, &key).unwrap(), &format!("kid {kid}")).await;
        }
        for crit in [vec!["b64"], vec!["exp"], vec![]] {
            let crit = Some(crit.into_iter().map(str::to_owned).collect());
            let header = Header { crit, ..header.clone() };
            assert_refused(app, &encode(&header, &claims, &key).unwrap(), &format!("{:?}", header.crit))
                .await;
        }
    })
    .await;
}

#[actix_web::test]
async fn a_token_is_good_from_its_nbf_on() {
    on_each_database(async |app| {
        let (header, mut claims, key) = forgery(app).await;
        claims["nbf"] = json!(Instant::parse("2022-10-20T10:10:00Z").unwrap().unix_seconds());
        let token = encode(&header, &claims, &key).unwrap();
        // The second answer comes from the cache of tokens that were checked.
        for _ in 0..2 {
            assert_refused(app, &token, "too early").await;
        }
        let french = app.get("/v1/organisations").token(&token).french().send().await;
        assert_eq!(french.problem(401, "invalid-token")["detail"], "le jeton n’est pas encore valable");
        app.set_clock("2022-10-20T10:10:00Z");
        app.get("/v1/organisations").token(&token).send().await.expect(200);
    })
    .await;
}

#[actix_web::test]
async fn a_token_that_was_not_signed_by_the_service_is_refused() {
    on_each_database(async |app| {
        let (header, claims, key) = forgery(app).await;
        let good = encode(&header, &claims, &key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::load_or_create(&folder.path().join("other.pem")).unwrap();
        let clock = Clock::new(|| Instant::parse(OPEN).unwrap());
        let other = Tokens::new(keys, ISSUER.to_owned(), 600, clock);
        let scopes = Role::Administrator.scopes();
        let binding = Binding::Staff;
        let principal =
            Principal { client: ClientId::generate(), role: Role::Administrator, scopes, binding };
        assert_refused(app, &other.issue(&principal).unwrap().text, "another key").await;
        let parts: Vec<&str> = good.split('.').collect();
        let json = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let mut more = claims.clone();
        more["scope"] = json!("contracts:write organisations:read");
        assert_refused(app, &format!("{}.{}.{}", parts[0], json(&more), parts[2]), "other claims").await;
        for none in ["none", "None", "NONE"] {
            let unsigned = json(&json!({"typ": "at+jwt", "alg": none}));
            assert_refused(app, &format!("{unsigned}.{}.", parts[1]), none).await;
            assert_refused(app, &format!("{unsigned}.{}.{}", parts[1], parts[2]), none).await;
        }
        let published = app.get("/.well-known/jwks.json").send().await.expect(200);
        let x = published.json()["keys"][0]["x"].as_str().unwrap().to_owned();
        let symmetric = Header { alg: Algorithm::HS256, ..header };
        let secrets =
            [BASE64_URL_SAFE_NO_PAD.decode(&x).unwrap(), x.into_bytes(), published.text.into_bytes()];
        for secret in secrets {
            let token = encode(&symmetric, &claims, &EncodingKey::from_secret(&secret)).unwrap();
            assert_refused(app, &token, "HS256 with the public key").await;
        }
        for token in ["x", "a.b.c", "..", &parts[..2].join("."), &format!("{good}x"), &good[..good.len() - 4]]
        {
            assert_refused(app, token, token).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn a_token_expires_by_the_clock_of_the_service() {
    on_each_database(async |app| {
        let keys = Keys::load_or_create(&app.folder().join("signing-key.pem")).unwrap();
        let clock = Clock::new(|| Instant::parse(OPEN).unwrap());
        let short = Tokens::new(keys, ISSUER.to_owned(), 600, clock);
        let scopes = Role::Administrator.scopes();
        let binding = Binding::Staff;
        let principal =
            Principal { client: ClientId::generate(), role: Role::Administrator, scopes, binding };
        let token = short.issue(&principal).unwrap().text;
        app.set_clock("2022-10-20T10:09:59Z");
        app.get("/v1/organisations").token(&token).send().await.expect(200);
        app.set_clock("2022-10-20T10:10:00Z");
        assert_refused(app, &token, "expired").await;
        let french = app.get("/v1/organisations").token(&token).french().send().await;
        assert_eq!(french.problem(401, "invalid-token")["detail"], "le jeton a expiré");
    })
    .await;
}

#[actix_web::test]
async fn other_schemes_are_no_token() {
    on_each_database(async |app| {
        let token = app.token(Role::Administrator, Binding::Staff).await;
        let get = |header: &str| app.get("/v1/organisations").header("Authorization", header);
        get(&format!("bearer {token}")).send().await.expect(200);
        for header in [
            format!("Basic {token}"),
            token.clone(),
            "Bearer".to_owned(),
            "Bearer ".to_owned(),
            String::new(),
        ] {
            let answer = get(&header).send().await;
            answer.problem(401, "invalid-token");
            assert!(answer.header("WWW-Authenticate").unwrap().starts_with("Bearer"), "{header}");
        }
    })
    .await;
}
