//! What an image's name means in its registry now, by what the engine hears there.
//!
//! Registries count what they are asked. One question stands for all who look: whoever comes meanwhile waits for its answer, which is kept for
//! some minutes, and an engine is sent to few registries at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use app::api::image::{ImageState, ImageUpdate, ImageWhy};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tokio::{
    sync::{Mutex as Turn, Semaphore},
    time::timeout,
};

use super::{Engine, images::tagged, is_reference};
use crate::{
    auth::{Permission, Permitted},
    clock::{Millis, rfc3339},
    fleet::{
        connector::{self, Call, Fault, tidy},
        error::EngineError,
        text,
    },
};

/// How long an answer holds, in milliseconds.
const HOLDS: Millis = 5 * 60 * 1000;
/// And how long, that there was none.
const FAILURE_HOLDS: Millis = 30 * 1000;
/// For a registry to answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// Questions of one engine at once.
const AT_ONCE: usize = 4;
/// Answers that are kept of one engine.
const KEPT: usize = 1_000;

/// What a registry said.
#[derive(Clone, Debug)]
struct Heard {
    at: Millis,
    answer: Result<String, (ImageWhy, String)>,
}

impl Heard {
    fn holds(&self, now: Millis) -> bool {
        now - self.at < if self.answer.is_ok() { HOLDS } else { FAILURE_HOLDS }
    }
}

type Place = Arc<Turn<Option<Heard>>>;

/// What registries said to one engine, by name and by the image that runs under it: another image asks anew.
#[derive(Debug)]
pub struct Registries {
    heard: Mutex<HashMap<(String, String), Place>>,
    turns: Semaphore,
}

impl Default for Registries {
    fn default() -> Self {
        Self { heard: Mutex::default(), turns: Semaphore::new(AT_ONCE) }
    }
}

impl Registries {
    fn place(&self, key: (String, String), now: Millis) -> Place {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if heard.len() >= KEPT && !heard.contains_key(&key) {
            // One that cannot be looked at is in use.
            heard.retain(|_, place| place.try_lock().map_or(true, |said| said.as_ref().is_some_and(|said| said.holds(now))));
            if heard.len() >= KEPT {
                heard.clear();
            }
        }
        heard.entry(key).or_default().clone()
    }
}

impl Engine {
    /// Whether the registry has another image than a container runs. `now`: the console's clock.
    pub async fn image_update<P: Permission>(&self, permitted: &Permitted<P>, id: &str, now: Millis) -> Result<ImageUpdate, EngineError> {
        self.readable(permitted, id)?;
        let inspection = self.inspect_raw(id).await?;
        let at = |path: &str| inspection.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (named, image_id) = (at("/Config/Image"), at("/Image"));
        let told = |state, why| ImageUpdate { image: text::short(&named, text::LONG), state, why, detail: None, checked_at: None };
        if named.contains('@') {
            return Ok(told(ImageState::Current, Some(ImageWhy::Pinned)));
        }
        let Some(image) = self.image(&image_id).await? else { return Ok(told(ImageState::Unknown, Some(ImageWhy::ImageGone))) };
        let own = image.digests();
        // Engines take the beginning of an id for a name.
        let by_id = named.starts_with("sha256:") || named.len() >= 12 && image_id.contains(&named);
        if own.is_empty() || by_id || !is_reference(&named) {
            return Ok(told(ImageState::Unknown, Some(ImageWhy::NotFromRegistry)));
        }
        let heard = self.heard(tagged(&named), image_id, now).await?;
        let checked_at = Some(rfc3339(heard.at));
        Ok(match heard.answer {
            Ok(digest) => {
                let newer = !own.contains(&digest);
                self.host.hears_of_image(id, newer);
                let state = if newer { ImageState::Newer } else { ImageState::Current };
                ImageUpdate { checked_at, ..told(state, None) }
            }
            Err((why, words)) => ImageUpdate { checked_at, detail: Some(words), ..told(ImageState::Unknown, Some(why)) },
        })
    }

    async fn heard(&self, reference: String, image_id: String, now: Millis) -> Result<Heard, EngineError> {
        let registries = &self.host.registries;
        let place = registries.place((reference.clone(), image_id), now);
        let mut place = place.lock().await;
        if let Some(heard) = place.as_ref().filter(|heard| heard.holds(now)) {
            return Ok(heard.clone());
        }
        let Ok(Ok(_turn)) = timeout(PATIENCE, registries.turns.acquire()).await else {
            let answer = Err((ImageWhy::NoAnswer, "too many questions are under way".to_owned()));
            return Ok(Heard { at: now, answer });
        };
        let heard = Heard { at: now, answer: self.ask(&reference).await? };
        *place = Some(heard.clone());
        Ok(heard)
    }

    /// The digest that a name has in its registry.
    async fn ask(&self, reference: &str) -> Result<Result<String, (ImageWhy, String)>, EngineError> {
        let asking = async {
            let answer = self.host.link.get(Call::Slow, &format!("/distribution/{reference}/json")).await?;
            let body = http_body_util::Limited::new(answer.into_body(), MOST).collect().await;
            let body = body.map_err(|_| Fault::NotAnEngine("its answer breaks off or is too long".to_owned()))?;
            connector::parse::<Value>(&body.to_bytes())
        };
        let no_answer = |words: String| Ok(Err((ImageWhy::NoAnswer, words)));
        let said = match timeout(PATIENCE, asking).await {
            Ok(Ok(said)) => said,
            // So engines say that it is not there, and registries that one may not see whether it is.
            Ok(Err(Fault::Status { status: 401 | 403 | 404, message })) => return Ok(Err((ImageWhy::NotInRegistry, tidy(&message)))),
            Ok(Err(Fault::Status { message, .. })) if is_not_there(&message) => {
                return Ok(Err((ImageWhy::NotInRegistry, tidy(&message))));
            }
            Ok(Err(Fault::Status { message, .. })) => return no_answer(tidy(&message)),
            Ok(Err(fault)) => return Err(EngineError::of_container(fault)),
            Err(_) => return no_answer(format!("no answer within {} s", PATIENCE.as_secs())),
        };
        match said.pointer("/Descriptor/digest").and_then(Value::as_str) {
            Some(digest) => Ok(Ok(text::short(digest, text::LONG))),
            None => no_answer("the registry names no digest".to_owned()),
        }
    }
}

/// The most that is read of an answer.
const MOST: usize = 1 << 20;

/// Engines answer 500 to some of what registries say.
fn is_not_there(words: &str) -> bool {
    let words = words.to_lowercase();
    ["manifest unknown", "not found", "name unknown", "denied", "unauthorized"].iter().any(|word| words.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_has_had_its_time_makes_room_and_what_is_in_use_stays() {
        let registries = Registries::default();
        let key = |n: usize| (format!("web:{n}"), "sha256:aa".to_owned());
        for n in 0..KEPT {
            let at = if n < 10 { 0 } else { HOLDS };
            *registries.place(key(n), 0).lock().await = Some(Heard { at, answer: Ok("sha256:bb".into()) });
        }
        let in_use = registries.place(key(0), HOLDS);
        let held = in_use.lock().await;
        registries.place(key(KEPT), HOLDS);
        let kept: Vec<bool> = (0..=10).map(|n| registries.heard.lock().expect("free").contains_key(&key(n))).collect();
        assert_eq!(kept, [true, false, false, false, false, false, false, false, false, false, true]);
        drop(held);
    }

    #[test]
    fn a_failure_is_asked_again_sooner() {
        let heard = |answer| Heard { at: 0, answer };
        let (good, bad) = (heard(Ok(String::new())), heard(Err((ImageWhy::NoAnswer, String::new()))));
        assert!(good.holds(FAILURE_HOLDS) && !good.holds(HOLDS) && !bad.holds(FAILURE_HOLDS) && bad.holds(FAILURE_HOLDS - 1));
    }
}
