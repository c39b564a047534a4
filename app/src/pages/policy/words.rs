//! What the container policy says, in the reader's words.

use crate::{
    api::{
        problem::{FieldError, Problem},
        spec::{PolicyException, PolicyFinding},
    },
    words::{Lang, W, policy_with_value, text},
};

/// One finding as a sentence, with what was asked for.
pub fn words(lang: Lang, finding: &PolicyFinding) -> String {
    let sentence = of_code(&finding.code).map_or_else(|| finding.code.clone(), |w| text(lang, w).to_owned());
    if finding.value.is_empty() { sentence } else { format!("{sentence}{}", policy_with_value(lang, &finding.value)) }
}

/// The same from a refusal's field.
pub fn of_error(lang: Lang, problem: &Problem, error: &FieldError) -> Option<String> {
    if problem.code != "policy_refused" {
        return None;
    }
    of_code(&error.code).map(|w| text(lang, w).to_owned())
}

fn of_code(code: &str) -> Option<W> {
    Some(match code {
        "privileged" => W::policy_privileged,
        "host_namespace" => W::policy_host_namespace,
        "foreign_namespace" => W::policy_foreign_namespace,
        "bind" => W::policy_bind,
        "bind_engine" => W::policy_bind_engine,
        "volume_bind" | "volume_options" => W::policy_volume_options,
        "mount_target" => W::policy_mount_target,
        "capability" => W::policy_capability,
        "device" | "device_request" | "device_cgroup_rule" => W::policy_device,
        "security_option" => W::policy_security_option,
        "sysctl" => W::policy_sysctl,
        "host_gateway" => W::policy_host_gateway,
        "published_port" => W::policy_published_port,
        "log_driver" | "log_address" => W::policy_log,
        "plugin" | "runtime" => W::policy_plugin,
        "own_container" | "own_volume" | "own_path" | "holds_own_path" => W::policy_own,
        "image_not_allowed" => W::policy_image,
        "image_without_digest" => W::policy_digest,
        "foreign_volumes" | "foreign_link" => W::policy_foreign,
        _ => return None,
    })
}

/// What an exception lets pass.
pub fn of_exception(lang: Lang, e: &PolicyException) -> String {
    words(lang, &PolicyFinding { field: String::new(), code: e.code.clone(), value: e.value.clone().unwrap_or_default() })
}
