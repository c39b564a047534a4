//! Bodies that are no JSON: files on their way to the server, by the browser's own fetch.

use wasm_bindgen::JsValue;

use crate::api::problem::Failure;

/// Puts a body as it is. `path` with the API's base; `matches` names the content that may be written over. The answer's text.
#[cfg(feature = "hydrate")]
pub async fn put(path: &str, kind: &str, matches: Option<&str>, body: JsValue) -> Result<String, Failure> {
    use gloo_net::http::RequestBuilder;

    use super::PAGE_HEADER;
    use crate::api::problem::Problem;

    let mut builder = RequestBuilder::new(path).method(gloo_net::http::Method::PUT);
    builder = builder.header("accept", "application/json").header(PAGE_HEADER, "1").header("content-type", kind);
    if let Some(matches) = matches {
        builder = builder.header("if-match", matches);
    }
    let request = builder.body(body).map_err(|e| Failure::Malformed(e.to_string()))?;
    let response = request.send().await.map_err(|_| Failure::Offline)?;
    let (status, text) = (response.status(), response.text().await.map_err(|_| Failure::Offline)?);
    if (200..300).contains(&status) {
        return Ok(text);
    }
    match serde_json::from_str::<Problem>(&text) {
        Ok(problem) => Err(Failure::Problem(Box::new(problem))),
        Err(_) => Err(Failure::Malformed(format!("status {status} without a problem"))),
    }
}

/// Nothing is sent while a page is rendered.
#[cfg(not(feature = "hydrate"))]
pub fn put(_path: &str, _kind: &str, _matches: Option<&str>, _body: JsValue) -> impl Future<Output = Result<String, Failure>> + use<> {
    std::future::ready(Err(Failure::Later))
}
