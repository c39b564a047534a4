//! Getting what a page shows.
//!
//! **Rule.** Each route has one loader Resource, created outside Suspense, and reads it only by
//! `Suspend::new(async move { resource.await })`. Two Suspense that share Resources can hang. What a Resource returns lands in the HTML.
//!
//! On the server a call that is not answered within the page's deadline comes back as [`Failure::Later`]. That is a value like
//! another: it goes into the HTML, hydrates as the skeleton, and the browser fetches what is missing.

use std::{
    fmt,
    future::{Future, IntoFuture},
    marker::PhantomData,
    pin::Pin,
    str::FromStr,
    sync::Arc,
};

use codee::string::FromToStringCodec;
use leptos::prelude::*;
use serde::de::DeserializeOwned;

use crate::{
    api::problem::Failure,
    client::{Call, Client, Method, Text, parse},
    components::dom::when_hydrated,
};

/// What a loader holds. Await it for what it brings. It is kept as the API's text and read where it is shown: one Resource type for all
/// pages, and what reads an answer lies in the page's own chunk.
pub struct Loaded<T> {
    answer: Resource<Answer, FromToStringCodec>,
    brings: PhantomData<fn() -> T>,
}

impl<T> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Loaded<T> {}

impl<T> Loaded<T> {
    /// Fetches anew; what is shown stays until then.
    pub fn refetch(&self) {
        self.answer.refetch();
    }
}

impl<T: DeserializeOwned + 'static> IntoFuture for Loaded<T> {
    type Output = Result<T, Failure>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { parse(&self.answer.await.0?) })
    }
}

/// JSON, or why there is none; in the HTML as `+` and the JSON, or `-` and the failure.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Answer(Result<String, Failure>);

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(text) => write!(f, "+{text}"),
            Err(failure) => write!(f, "-{}", serde_json::to_string(failure).map_err(|_| fmt::Error)?),
        }
    }
}

impl FromStr for Answer {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix('+') {
            Some(json) => Ok(Self(Ok(json.to_owned()))),
            None => serde_json::from_str(text.strip_prefix('-').unwrap_or(text)).map(|failure| Self(Err(failure))),
        }
    }
}

/// The typed client: in the browser it fetches, on the server it calls in process.
pub fn use_client() -> Client {
    expect_context()
}

/// Loads what a call brings: anew where the signals that it reads change, and once by the browser where the server sent it later.
pub fn loader<T>(call: impl Fn(&Client) -> Call<T> + Send + Sync + 'static) -> Loaded<T> {
    let client = use_client();
    let path = move || call(&client).path().to_owned();
    loader_of(path, |client, path| client.text(Method::Get, path, None, None))
}

/// Loads what is put together of several calls, as JSON, for a key that may change.
pub fn loader_of<T>(key: impl Fn() -> String + Send + Sync + 'static, fetch: fn(Client, String) -> Text) -> Loaded<T> {
    Loaded { answer: resource(Arc::new(key), fetch), brings: PhantomData }
}

fn resource(key: Arc<dyn Fn() -> String + Send + Sync>, fetch: fn(Client, String) -> Text) -> Resource<Answer, FromToStringCodec> {
    let client = use_client();
    let resource = Resource::new_str(
        move || key(),
        move |key| {
            let text = fetch(client.clone(), key);
            async move { Answer(text.await) }
        },
    );
    // Effects run in the browser only.
    Effect::new(move |_| {
        if resource.with(|answer| matches!(answer, Some(Answer(Err(Failure::Later))))) {
            // A lazy route is hydrated after the first effects have run.
            when_hydrated(move || resource.refetch());
        }
    });
    resource
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_and_a_failure_come_back_from_the_document() {
        for answer in [
            Answer(Ok("{\"a\":\"-\"}".to_owned())),
            Answer(Ok(String::new())),
            Answer(Err(Failure::Later)),
            Answer(Err(Failure::Malformed("+".to_owned()))),
        ] {
            assert_eq!(answer.to_string().parse::<Answer>().ok(), Some(answer));
        }
    }
}
