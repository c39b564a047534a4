//! The OpenAPI document, from the code, and a page to read it.

use std::sync::LazyLock;

use aide::{
    axum::{ApiRouter, routing::get_with},
    openapi::{ApiKeyLocation, Components, Info, OpenApi, ReferenceOr, SecurityScheme},
};
use axum::{
    http::header,
    response::{IntoResponse as _, Response},
};

use crate::app::App;

/// The document. Every operation says which permission it needs (`x-permission`) and whether it wants step-up (`x-step-up`).
#[expect(clippy::default_trait_access, reason = "the map's type is of a crate that is not in our tree by name")]
pub fn document() -> OpenApi {
    let mut doc = OpenApi {
        info: Info {
            title: "EcOS Console".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            description: Some(
                "The same operations as the page uses. Send an API token as `Authorization: Bearer`. Errors are RFC 9457 problems. \
                 `x-permission` names the right that an operation needs; without it the object is not there (404) or the act is refused (403)."
                    .into(),
            ),
            ..Info::default()
        },
        ..OpenApi::default()
    };
    let _: axum::Router<App> = super::operations().finish_api(&mut doc);
    let components = doc.components.get_or_insert_with(Components::default);
    let token = SecurityScheme::Http {
        scheme: "bearer".into(),
        bearer_format: None,
        description: Some("An API token.".into()),
        extensions: Default::default(),
    };
    let session = SecurityScheme::ApiKey {
        location: ApiKeyLocation::Cookie,
        name: "ecos".into(),
        description: Some("A browser session; `__Host-ecos` over TLS. Changes need the header x-ecos-page as well.".into()),
        extensions: Default::default(),
    };
    components.security_schemes.insert("token".into(), ReferenceOr::Item(token));
    components.security_schemes.insert("session".into(), ReferenceOr::Item(session));
    doc
}

pub fn router() -> ApiRouter<App> {
    ApiRouter::new().api_route("/openapi.json", get_with(read, |o| o.id("openapi.read").summary("This document")))
}

async fn read() -> Response {
    static TEXT: LazyLock<String> = LazyLock::new(|| serde_json::to_string(&document()).expect("the document is plain data"));
    ([(header::CONTENT_TYPE, "application/json")], TEXT.as_str()).into_response()
}
