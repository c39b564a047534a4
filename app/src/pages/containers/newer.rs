//! Whether registries have newer images than containers run. Asked when somebody wants to know: registries count what they are asked.

use std::{cell::RefCell, rc::Rc};

use leptos::{prelude::*, task::spawn_local};

use super::act::Acts;
use crate::{
    api::{
        container::Container,
        image::{ImageState, ImageWhy},
        problem::Failure,
    },
    client::Client,
    components::toasts::Toast,
    words::{ContainersImagesNewer, W, containers_images_unknown, text},
};

/// Questions at once: more would hold up what else the page asks.
const AT_ONCE: usize = 3;

/// What is left to ask, and what was heard.
struct Round {
    left: Vec<Container>,
    under_way: usize,
    total: usize,
    newer: usize,
    /// Registries that did not answer, or have no such name.
    unknown: usize,
    failure: Option<Failure>,
}

/// Asks for each of these; the list marks those that have one, a message sums up. Ends with the page.
pub fn check_images(acts: Acts, containers: Vec<Container>, busy: RwSignal<bool>) {
    // The page may have been left.
    let Some(is_busy) = busy.try_get_untracked() else { return };
    if is_busy {
        acts.toasts().show(Toast::bad(text(acts.lang(), W::containers_checking_images)));
        return;
    }
    if containers.is_empty() {
        return;
    }
    busy.set(true);
    let total = containers.len();
    let round = Round { left: containers, under_way: AT_ONCE, total, newer: 0, unknown: 0, failure: None };
    let round = Rc::new(RefCell::new(round));
    for _ in 0..AT_ONCE {
        let (client, round) = (acts.client(), Rc::clone(&round));
        spawn_local(async move {
            while !busy.is_disposed() {
                let Some(next) = round.borrow_mut().left.pop() else { break };
                ask(&client, &next, &round).await;
            }
            let mut r = round.borrow_mut();
            r.under_way -= 1;
            // Where the page was left there is nobody to tell.
            if r.under_way == 0 && busy.try_set(false).is_none() {
                tell(acts, &r);
            }
        });
    }
}

async fn ask(client: &Client, container: &Container, round: &RefCell<Round>) {
    let told = client.container_image_update(&container.id, Some(&container.host_id)).await;
    let mut r = round.borrow_mut();
    match told {
        Ok(update) => match (update.state, update.why) {
            (ImageState::Newer, _) => r.newer += 1,
            (ImageState::Unknown, Some(ImageWhy::NoAnswer | ImageWhy::NotInRegistry)) => r.unknown += 1,
            // Made on its host, or gone from there: there is nothing to compare.
            _ => {}
        },
        Err(failure) => r.failure = Some(failure),
    }
}

fn tell(acts: Acts, round: &Round) {
    let lang = acts.lang();
    if let Some(failure) = &round.failure {
        acts.failed(text(lang, W::containers_check_images), failure);
    }
    let said = ContainersImagesNewer { newer: &round.newer, total: &round.total }.text(lang);
    acts.toasts().show(match round.unknown {
        0 => Toast::good(said),
        n => Toast::bad(said).detail(containers_images_unknown(lang, n as u64)),
    });
}
