//! What was done and what happened, in the reader's words: from the trail's permission and action, and from the engine's own verbs.
//! What has no words yet stays as it is.

use crate::{
    api::event::Event,
    words::{Lang, W, deeds_tried, text},
};

/// Something that somebody did, to be followed by its object: "restarted". `done`: it had its effect; else "tried to restart".
pub fn deed(lang: Lang, permission: &str, action: &str, done: bool) -> String {
    match (said(permission, action), done) {
        (Some((_, Some(verb))), false) => deeds_tried(lang, text(lang, verb).to_ascii_lowercase()),
        (Some((did, _)), _) => text(lang, did).to_owned(),
        (None, _) => raw(permission, action),
    }
}

/// The same, standing alone: "Restart", for a record whose outcome stands beside it.
pub fn named(lang: Lang, permission: &str, action: &str) -> String {
    match said(permission, action) {
        Some((_, Some(verb))) => text(lang, verb).to_owned(),
        Some((did, None)) => text(lang, did).to_owned(),
        None => raw(permission, action),
    }
}

/// Whether what was done is about the actor alone, or about nothing that has a name of its own: then the object is not named.
pub fn is_about_oneself(action: &str) -> bool {
    matches!(
        action,
        "sign_in"
            | "sign_out"
            | "step_up"
            | "set_up"
            | "update"
            | "change_password"
            | "end_session"
            | "except"
            | "end_exception"
            | "save_view"
            | "change_view"
            | "delete_view"
    )
}

fn raw(permission: &str, action: &str) -> String {
    let parts = [permission, action].map(str::trim).into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" ")
}

/// What it is called once done, and, where it can fail, what was to be done.
fn said(permission: &str, action: &str) -> Option<(W, Option<W>)> {
    let container = permission == "container" || permission.starts_with("container.");
    Some(match (permission, action) {
        (_, "start") if container => (W::deeds_started, Some(W::containers_start)),
        (_, "stop") if container => (W::deeds_stopped, Some(W::containers_stop)),
        (_, "restart") if container => (W::deeds_restarted, Some(W::containers_restart)),
        (_, "pause") if container => (W::deeds_paused, Some(W::containers_pause)),
        (_, "unpause") if container => (W::deeds_unpaused, Some(W::containers_unpause)),
        // Outside, `kill` is any signal: every stop begins with one.
        ("container", "kill") => (W::deeds_signalled, None),
        (_, "kill") if container => (W::deeds_killed, Some(W::containers_kill)),
        (_, "remove" | "destroy") if container => (W::deeds_removed, Some(W::containers_remove)),
        (_, "rename") if container => (W::deeds_renamed, Some(W::containers_rename)),
        (_, "create") if container => (W::deeds_created, None),
        (_, "update") if container => (W::deeds_updated, Some(W::deeds_change)),
        (_, "recreate") if container => (W::deeds_recreated, Some(W::deeds_recreate)),
        (_, "terminal") if container => (W::deeds_terminal, Some(W::deeds_enter)),
        (_, "files") if container => (W::deeds_files_read, Some(W::deeds_read_files)),
        (_, "write_file" | "upload") if container => (W::deeds_files_written, Some(W::deeds_write_files)),
        (_, "own") => (W::deeds_owned, None),
        (_, "assign") => (W::deeds_assigned, None),
        ("policy.manage", "except") => (W::deeds_excepted, None),
        ("policy.manage", "end_exception") => (W::deeds_exception_ended, None),
        ("container.reveal", "reveal" | "") => (W::deeds_revealed, Some(W::deeds_reveal)),
        ("container.operate", "") => (W::deeds_operate, Some(W::deeds_operate)),
        ("container.delete", "") => (W::deeds_delete, Some(W::deeds_delete)),
        ("account.update", "update") => (W::deeds_account_updated, None),
        ("account.update", "change_password") => (W::deeds_password_changed, None),
        ("account.update", "save_view") => (W::deeds_view_saved, None),
        ("account.update", "change_view") => (W::deeds_view_changed, None),
        ("account.update", "delete_view") => (W::deeds_view_deleted, None),
        ("account.update", "end_session") => (W::deeds_session_ended, None),
        (_, "account.create") => (W::deeds_account_created, None),
        (_, "account.reset") => (W::deeds_account_reset, None),
        (_, "sign_in") => (W::deeds_signed_in, None),
        (_, "sign_out") => (W::deeds_signed_out, None),
        (_, "step_up") => (W::deeds_stepped_up, None),
        (_, "set_up") => (W::deeds_set_up, None),
        (_, "authenticate") => (W::deeds_authenticated, None),
        (_, "host.create") => (W::deeds_host_added, None),
        (_, "host.update") => (W::deeds_host_changed, None),
        (_, "token.create") => (W::deeds_token_created, None),
        (_, "setup_link.create") => (W::deeds_link_created, None),
        _ => return None,
    })
}

/// A code that stands in a record's detail, where it is one.
pub fn code(lang: Lang, detail: &str) -> String {
    let w = match detail {
        "wrong_password" => W::deeds_wrong_password,
        "too_many_tries" => W::deeds_too_many_tries,
        "bad_token" => W::deeds_bad_token,
        other => return other.to_owned(),
    };
    text(lang, w).to_owned()
}

/// What an engine's event says, standing alone: "ended".
pub fn happened(lang: Lang, e: &Event) -> String {
    let w = match (e.kind.as_str(), e.action.as_str(), e.health.as_deref()) {
        (_, "health_status", Some("healthy")) => W::events_became_healthy,
        (_, "health_status", Some("unhealthy")) => W::events_became_unhealthy,
        (_, "health_status", Some(other)) => return format!("{} · {other}", text(lang, W::events_health)),
        (_, "health_status", None) => W::events_health,
        ("host", "unreachable", _) => W::events_unreachable,
        ("host", "reachable", _) => W::events_reachable,
        (_, "create", _) => W::events_created,
        (_, "start", _) => W::events_started,
        (_, "restart", _) => W::events_restarted,
        (_, "stop", _) => W::events_stopped,
        (_, "die", _) => W::events_ended,
        (_, "kill", _) => W::events_signalled,
        (_, "destroy" | "remove" | "delete", _) => W::events_removed,
        (_, "rename", _) => W::events_renamed,
        (_, "update", _) => W::events_updated,
        (_, "pause", _) => W::events_paused,
        (_, "unpause", _) => W::events_unpaused,
        (_, "oom", _) => W::events_oom,
        (_, "commit", _) => W::events_committed,
        (_, "copy" | "extract-to-dir", _) => W::events_copied,
        (_, "prune", _) => W::events_pruned,
        (_, "pull", _) => W::events_pulled,
        (_, "push", _) => W::events_pushed,
        (_, "tag", _) => W::events_tagged,
        (_, "untag", _) => W::events_untagged,
        (_, "import", _) => W::events_imported,
        (_, "load", _) => W::events_loaded,
        (_, "save", _) => W::events_saved,
        (_, "connect", _) => W::events_connected,
        (_, "disconnect", _) => W::events_disconnected,
        (_, "reload", _) => W::events_reloaded,
        (_, other, _) => return other.to_owned(),
    };
    text(lang, w).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deed_reads_as_a_sentence_in_both_languages() {
        assert_eq!(deed(Lang::En, "container.operate", "restart", true), "restarted");
        assert_eq!(deed(Lang::Zh, "container.operate", "restart", true), "重启了");
        assert_eq!(deed(Lang::En, "container.operate", "restart", false), "tried to restart");
        assert_eq!(deed(Lang::Zh, "container.delete", "remove", false), "尝试删除");
        assert_eq!(deed(Lang::En, "container", "destroy", true), "removed");
        assert_eq!(named(Lang::En, "container.operate", "stop"), "Stop");
        assert_eq!(named(Lang::En, "container.operate", ""), "operate");
    }

    #[test]
    fn the_same_verb_means_another_thing_of_another_permission() {
        assert_eq!(deed(Lang::En, "account.update", "update", true), "changed their settings");
        assert_eq!(deed(Lang::En, "container", "update", true), "changed");
        assert_ne!(deed(Lang::En, "container", "kill", true), deed(Lang::En, "container.operate", "kill", true));
    }

    #[test]
    fn what_has_no_words_stays_as_it_is() {
        assert_eq!(deed(Lang::Zh, "volume.prune", "prune", true), "volume.prune prune");
        assert_eq!(named(Lang::En, "grant.manage", ""), "grant.manage");
        assert_eq!(code(Lang::En, "exit 3"), "exit 3");
    }

    #[test]
    fn an_engines_verbs_become_words() {
        let event = |kind: &str, action: &str, health: Option<&str>| {
            let json = format!(
                r#"{{"id":"1","at":"","host_id":"h","host_name":"h","kind":"{kind}","object_id":"o","object_name":"o","action":"{action}","outside":false}}"#
            );
            let mut event: Event = serde_json::from_str(&json).expect("an event");
            event.health = health.map(str::to_owned);
            event
        };
        assert_eq!(happened(Lang::Zh, &event("container", "die", None)), "退出");
        assert_eq!(happened(Lang::En, &event("container", "health_status", Some("unhealthy"))), "became unhealthy");
        assert_eq!(happened(Lang::Zh, &event("host", "unreachable", None)), "失联");
        assert_eq!(happened(Lang::En, &event("plugin", "enable", None)), "enable");
    }
}
