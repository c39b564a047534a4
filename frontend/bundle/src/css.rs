//! One style sheet out of `style/main.css` and what it imports, in that order, without comments.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

/// The sheet with its imports put in place.
pub fn collect(main: &Path) -> Result<String> {
    let dir = main.parent().context("the style sheet lies in a folder")?;
    let text = read(main)?;
    let mut out = String::new();
    for line in text.lines() {
        match line.trim().strip_prefix("@import \"").and_then(|rest| rest.strip_suffix("\";")) {
            Some(file) => out.push_str(&read(&dir.join(file))?),
            None => out.push_str(line),
        }
        out.push('\n');
    }
    Ok(squeeze(&out))
}

fn read(file: &Path) -> Result<String> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(without_comments(&text))
}

fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out + rest
}

/// Drops indentation and empty lines; brotli does the rest.
fn squeeze(text: &str) -> String {
    text.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_rules_stay() {
        let sheet = "/* head */\n@layer a, b;\n\n  .x {\n    color: red; /* why */\n  }\n";
        assert_eq!(squeeze(&without_comments(sheet)), "@layer a, b;\n.x {\ncolor: red;\n}");
    }
}
