//! The floor under the service's speed: the same framework answering the same bytes, and nothing else.
//!
//! `cargo run --release --example bare -- FILE ADDRESS` answers every request with the content of FILE.

use std::io::{Error, ErrorKind};

use actix_web::{App, HttpResponse, HttpServer, web};

#[actix_web::main]
async fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(address)) = (arguments.next(), arguments.next()) else {
        return Err(Error::new(ErrorKind::InvalidInput, "bare FILE ADDRESS"));
    };
    let body = web::Bytes::from(std::fs::read(file)?);
    HttpServer::new(move || {
        let body = body.clone();
        App::new().default_service(web::to(move || {
            let body = body.clone();
            async move { HttpResponse::Ok().content_type("application/json").body(body) }
        }))
    })
    .bind(address)?
    .run()
    .await
}
