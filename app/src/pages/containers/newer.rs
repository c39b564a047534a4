//! Whether registries have newer images than containers run. Asked when somebody wants to know: registries count what they are asked.

use std::{cell::RefCell, rc::Rc};

use leptos::{prelude::*, task::spawn_local};

use super::act::Acts;
use crate::{
    api::{
        container::Container,
        image::{ImageState, ImageWhy},
    },
    components::toasts::Toast,
    words::{ContainersImagesNewer, containers_images_unknown},
};

/// Questions at once: more would hold up what else the page asks.
const AT_ONCE: usize = 3;

/// What is left to ask, and what was heard.
struct Round {
    left: Vec<Container>,
    under_way: usize,
    total: usize,
    newer: usize,
    unknown: usize,
}

/// Asks for each of these; the list marks those that have one, a message sums up.
pub fn check_images(acts: Acts, containers: Vec<Container>, busy: RwSignal<bool>) {
    if containers.is_empty() || busy.get_untracked() {
        return;
    }
    busy.set(true);
    let total = containers.len();
    let round = Rc::new(RefCell::new(Round { left: containers, under_way: AT_ONCE, total, newer: 0, unknown: 0 }));
    for _ in 0..AT_ONCE {
        let round = Rc::clone(&round);
        spawn_local(async move {
            ask(acts, &round).await;
            let mut r = round.borrow_mut();
            r.under_way -= 1;
            if r.under_way == 0 {
                let _ = busy.try_set(false);
                acts.toasts().show(said(acts, &r));
            }
        });
    }
}

async fn ask(acts: Acts, round: &RefCell<Round>) {
    loop {
        let Some(next) = round.borrow_mut().left.pop() else { return };
        let told = acts.client().container_image_update(&next.id, Some(&next.host_id)).await;
        let mut r = round.borrow_mut();
        match told {
            Ok(update) if update.state == ImageState::Newer => r.newer += 1,
            Ok(update) if update.state == ImageState::Current => {}
            // Made on its host: there is nothing to ask.
            Ok(update) if update.why == Some(ImageWhy::NotFromRegistry) => {}
            Ok(_) | Err(_) => r.unknown += 1,
        }
    }
}

fn said(acts: Acts, round: &Round) -> Toast {
    let lang = acts.lang();
    let toast = Toast::good(ContainersImagesNewer { newer: &round.newer, total: &round.total }.text(lang));
    if round.unknown == 0 { toast } else { toast.detail(containers_images_unknown(lang, round.unknown as u64)) }
}
