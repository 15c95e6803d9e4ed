//! A file that is sent as it is read.

use actix_web::body::{BoxBody, SizedStream};
use actix_web::http::header::{
    Charset, ContentDisposition, DispositionParam, DispositionType, ETAG, ExtendedValue,
};
use actix_web::{HttpRequest, HttpResponse, Responder};
use deunicode::deunicode;

use super::ETag;
use crate::files::{Content, MediaType};

/// A file to be saved under its name.
#[derive(Debug)]
pub struct Download {
    media_type: MediaType,
    file_name: String,
    etag: ETag,
    /// Nothing when the client knows it already.
    content: Option<Content>,
}

impl Download {
    pub fn new(media_type: MediaType, file_name: String, etag: ETag) -> Self {
        Self { media_type, file_name, etag, content: None }
    }

    /// Whether the client has it already: without content the answer is 304.
    pub fn is_known_to(&self, request: &HttpRequest) -> bool {
        self.etag.is_known_to(request)
    }

    pub fn content(mut self, content: Content) -> Self {
        self.content = Some(content);
        self
    }
}

/// RFC 6266: the name as it is, and a plain one for those who read no other.
fn attachment(file_name: &str) -> ContentDisposition {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || " ._-".contains(letter);
    let fallback =
        deunicode(file_name).chars().map(|letter| if plain(letter) { letter } else { '_' }).collect();
    let whole = ExtendedValue {
        charset: Charset::Ext("UTF-8".to_owned()),
        language_tag: None,
        value: file_name.as_bytes().to_vec(),
    };
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(fallback), DispositionParam::FilenameExt(whole)],
    }
}

impl Responder for Download {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let etag = (ETAG, self.etag.quoted());
        let Some(content) = self.content else {
            return HttpResponse::NotModified().insert_header(etag).finish();
        };
        HttpResponse::Ok()
            .content_type(self.media_type.as_str())
            .insert_header(etag)
            .insert_header(attachment(&self.file_name))
            .body(SizedStream::new(content.size, content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_twice() {
        assert_eq!(
            attachment("Procès \"2023\".pdf").to_string(),
            "attachment; filename=\"Proces _2023_.pdf\"; filename*=UTF-8''Proc%C3%A8s%20%222023%22.pdf"
        );
    }
}
