//! Failures in the reader's words.

use crate::{
    api::problem::{Failure, FieldError},
    words::{Lang, ProblemsField, W, text},
};

/// One sentence about what went wrong. A problem whose code has no words yet is told as the server says it.
pub fn sentence(lang: Lang, failure: &Failure) -> String {
    match failure {
        Failure::Later => text(lang, W::common_loading).to_owned(),
        Failure::Offline => text(lang, W::problems_offline).to_owned(),
        Failure::Malformed(_) => text(lang, W::problems_malformed).to_owned(),
        Failure::Problem(p) => match (words(&p.code), p.errors.first()) {
            (Some(w), _) => text(lang, w).to_owned(),
            (None, Some(error)) => ProblemsField { field: &error.field, what: &field(lang, error) }.text(lang),
            (None, None) => p.detail.clone(),
        },
    }
}

/// Why one object of an operation failed. What the engine itself says stays in its own words.
pub fn reason(lang: Lang, code: &str, detail: &str) -> String {
    match (words(code), code) {
        (Some(w), _) => text(lang, w).to_owned(),
        (None, "container_not_found") => text(lang, W::problems_not_found).to_owned(),
        (None, "policy_refused") => text(lang, W::problems_policy_refused).to_owned(),
        (None, "engine_refused" | "conflict") => format!("{} {detail}", text(lang, W::problems_engine_refused)),
        (None, _) => detail.to_owned(),
    }
}

/// What is wrong with a field, if the server says so of it.
pub fn of_field(lang: Lang, failure: &Failure, name: &str) -> Option<String> {
    match failure {
        Failure::Problem(p) => p.errors.iter().find(|e| e.field == name).map(|e| field(lang, e)),
        _ => None,
    }
}

/// The request's id, for the support's sake.
pub fn request_id(failure: &Failure) -> Option<String> {
    match failure {
        Failure::Problem(p) if !p.request_id.is_empty() => Some(p.request_id.clone()),
        _ => None,
    }
}

/// A problem's code in words, where there are some.
pub fn of_code(lang: Lang, code: &str) -> Option<&'static str> {
    words(code).map(|w| text(lang, w))
}

fn field(lang: Lang, error: &FieldError) -> String {
    let w = match (error.field.as_str(), error.code.as_str()) {
        (_, "wrong_password") => W::problems_wrong_password,
        ("username", "invalid") => W::problems_username,
        ("password" | "new_password", "length") => W::problems_password_length,
        (_, "is_username") => W::problems_password_is_username,
        ("token", "expired") => W::problems_link_expired,
        (_, "missing") => W::problems_missing,
        _ => return error.detail.clone(),
    };
    text(lang, w).to_owned()
}

fn words(code: &str) -> Option<W> {
    Some(match code {
        "wrong_credentials" => W::problems_wrong_credentials,
        "too_many_tries" => W::problems_too_many_tries,
        "unauthenticated" => W::problems_unauthenticated,
        "forbidden" => W::problems_forbidden,
        "step_up_required" => W::problems_step_up_required,
        "not_found" => W::problems_not_found,
        "already_running" => W::containers_because_running,
        "already_stopped" => W::containers_because_stopped,
        "already_being_removed" => W::problems_already_being_removed,
        "container_running" => W::problems_container_running,
        "no_shell" => W::problems_no_shell,
        "no_such_file" => W::problems_no_such_file,
        "not_a_folder" => W::problems_not_a_folder,
        "not_a_file" => W::problems_not_a_file,
        "file_too_large" => W::problems_file_too_large,
        "file_changed" => W::problems_file_changed,
        "hostile_name" | "hostile_link" | "hostile_device" => W::problems_hostile_archive,
        "bad_archive" => W::problems_bad_archive,
        "too_many_terminals" => W::problems_too_many_terminals,
        "policy_refused" => W::problems_policy_refused,
        "name_conflict" => W::problems_name_conflict,
        "own_container" => W::problems_own_container,
        "logs_not_readable" => W::problems_logs_not_readable,
        "engine_timeout" => W::problems_engine_timeout,
        "environment_protected" => W::problems_environment_protected,
        "image_not_found" => W::problems_image_not_found,
        "pull_failed" => W::problems_pull_failed,
        "host_disk_full" => W::problems_host_disk_full,
        "not_well" => W::problems_not_well,
        "container_busy" => W::problems_container_busy,
        "ambiguous" => W::problems_ambiguous,
        "already_paused" => W::containers_because_paused,
        "not_paused" => W::containers_because_not_paused,
        "not_running" => W::containers_because_not_running,
        "storage_full" => W::problems_storage_full,
        "storage_read_only" => W::problems_storage_read_only,
        "storage_unavailable" => W::problems_storage_unavailable,
        "host_unreachable" | "engine_unreachable" | "unreachable" => W::problems_unreachable,
        "plain_sign_in" => W::problems_plain_sign_in,
        "already_set_up" => W::problems_already_set_up,
        "internal" => W::problems_internal,
        _ => return None,
    })
}
