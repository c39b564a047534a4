//! Who is signed in, as the document says it: known to server and browser before anything is fetched.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use leptos::prelude::*;

use crate::api::counts::Counts;

/// The person the page was made for. For what is shown; the server decides each call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Me {
    /// Empty where nobody is signed in.
    pub username: String,
    /// Permissions held in any scope.
    pub permissions: Vec<String>,
    /// `light`, `dark` or `system`.
    pub theme: String,
    /// How many there were of what the person may see.
    pub counts: Counts,
    /// Which columns the person hides, where chosen.
    pub columns: HiddenColumns,
}

/// Table → keys of its hidden columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HiddenColumns(pub BTreeMap<String, BTreeSet<String>>);

/// As the document carries them: `containers=image,ports hosts=`.
impl fmt::Display for HiddenColumns {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (i, (table, keys)) in self.0.iter().enumerate() {
            let keys = keys.iter().map(String::as_str).collect::<Vec<_>>().join(",");
            write!(f, "{}{table}={keys}", if i == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

impl FromStr for HiddenColumns {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let table = |entry: &str| {
            let (table, keys) = entry.split_once('=')?;
            Some((table.to_owned(), keys.split(',').filter(|key| !key.is_empty()).map(str::to_owned).collect()))
        };
        Ok(Self(text.split(' ').filter_map(table).collect()))
    }
}

/// Which columns are hidden in this tab now; in the app's context.
#[derive(Clone, Copy, Debug)]
pub struct Columns(pub RwSignal<HiddenColumns>);

impl Me {
    pub fn is_signed_in(&self) -> bool {
        !self.username.is_empty()
    }

    pub fn may(&self, permission: &str) -> bool {
        self.permissions.iter().any(|p| p == permission)
    }
}

/// Who is signed in.
pub fn use_me() -> Me {
    use_context().unwrap_or_default()
}

/// From `<html data-user data-may data-theme data-counts data-columns>`, in the browser; from the answer's start, on the server.
pub(crate) fn read() -> Me {
    #[cfg(feature = "hydrate")]
    {
        let root = document().document_element();
        let read = |name: &str| root.as_ref().and_then(|e| e.get_attribute(name)).unwrap_or_default();
        let permissions = read("data-may").split_whitespace().map(str::to_owned).collect();
        let (counts, columns) = (read("data-counts").parse().unwrap_or_default(), read("data-columns").parse().unwrap_or_default());
        Me { username: read("data-user"), permissions, theme: read("data-theme"), counts, columns }
    }
    #[cfg(not(feature = "hydrate"))]
    {
        use_context::<crate::shell::Start>().map(|s| s.me).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_carries_hidden_columns_whole() {
        let set = |keys: &[&str]| keys.iter().map(|&key| key.to_owned()).collect::<BTreeSet<_>>();
        let columns = HiddenColumns(BTreeMap::from([("containers".into(), set(&["image", "ports"])), ("hosts".into(), set(&[]))]));
        assert_eq!(columns.to_string(), "containers=image,ports hosts=");
        assert_eq!(columns.to_string().parse(), Ok(columns));
        assert_eq!("".parse(), Ok(HiddenColumns::default()));
    }
}
