//! A container's state in a person's words.

use crate::{
    api::container::{Because, Condition, Container, ContainerState, Health},
    components::state_mark::Meaning,
    words::{Lang, W, containers_exited, containers_restarting_exit, text},
};

/// What its state means, and the words for it: "Exited 137 · out of memory".
pub fn state_of(lang: Lang, c: &Container) -> (Meaning, String) {
    let word = |w| text(lang, w).to_owned();
    let memory = || if c.oom_killed { format!(" · {}", text(lang, W::containers_oom)) } else { String::new() };
    if c.condition == Condition::Unknown {
        return (Meaning::Unknown, word(W::containers_unknown));
    }
    if c.restart_loop || c.state == ContainerState::Restarting {
        let exit = c.exit_code.map(|code| containers_restarting_exit(lang, code)).unwrap_or_default();
        return (Meaning::Bad, format!("{}{exit}{}", text(lang, W::containers_restarting), memory()));
    }
    match c.state {
        ContainerState::Running => match c.health {
            Some(Health::Unhealthy) => (Meaning::Warning, word(W::containers_unhealthy)),
            Some(Health::Starting) => (Meaning::Working, word(W::containers_starting)),
            _ => (Meaning::Good, word(W::containers_running)),
        },
        ContainerState::Exited => {
            let meaning = if c.oom_killed { Meaning::Warning } else { Meaning::Stopped };
            let exited = c.exit_code.map_or_else(|| word(W::containers_stopped), |code| containers_exited(lang, code));
            (meaning, exited + &memory())
        }
        ContainerState::Dead => (Meaning::Bad, word(W::containers_dead)),
        ContainerState::Paused => (Meaning::Stopped, word(W::containers_paused)),
        ContainerState::Created => (Meaning::Stopped, word(W::containers_created)),
        ContainerState::Removing => (Meaning::Working, word(W::containers_removing)),
        ContainerState::Restarting | ContainerState::Unknown => (Meaning::Unknown, word(W::containers_unknown)),
    }
}

/// The chip's word.
pub fn condition_word(condition: Condition) -> W {
    match condition {
        Condition::Running => W::containers_running,
        Condition::Trouble => W::containers_trouble,
        Condition::Stopped => W::containers_stopped,
        Condition::Unknown => W::containers_unknown,
    }
}

/// Why an action can't be done now.
pub fn because(lang: Lang, why: Because) -> String {
    let w = match why {
        Because::AlreadyRunning => W::containers_because_running,
        Because::AlreadyStopped => W::containers_because_stopped,
        Because::AlreadyPaused => W::containers_because_paused,
        Because::NotPaused => W::containers_because_not_paused,
        Because::NotRunning => W::containers_because_not_running,
        Because::BeingRemoved => W::containers_because_removing,
        Because::Running => W::containers_because_must_stop,
        Because::HostUnreachable => W::problems_unreachable,
        Because::NoRight => W::problems_forbidden,
    };
    text(lang, w).to_owned()
}
