//! Which image.

use super::super::{finding::Found, rules::Rules, wanted::Wanted};

pub fn check(wanted: &Wanted, rules: &Rules, found: &mut Found) {
    let image = wanted.image.as_str();
    if !rules.images.allowed.is_empty() && !rules.images.allowed.iter().any(|beginning| image.starts_with(beginning.as_str())) {
        found.add("image", "image_not_allowed", image);
    }
    if rules.images.digest && !image.contains("@sha256:") {
        found.add("image", "image_without_digest", image);
    }
}
