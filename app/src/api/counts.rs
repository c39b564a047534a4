//! How many there are: the figures of the navigation.

use std::{fmt, str::FromStr};

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::{Call, Client};

/// `GET /counts`: of what the asking person can see. What somebody has no right to list is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Counts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub containers: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosts: Option<u32>,
    /// The person's own operations that run.
    #[serde(default)]
    pub operations: u32,
}

/// As the document carries them: `12 1 0`, with `-` for what is absent.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let figure = |n: Option<u32>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
        write!(f, "{} {} {}", figure(self.containers), figure(self.hosts), self.operations)
    }
}

impl FromStr for Counts {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut figures = text.split(' ').map(|n| n.parse().ok());
        let mut figure = || figures.next().flatten();
        Ok(Self { containers: figure(), hosts: figure(), operations: figure().unwrap_or_default() })
    }
}

impl Client {
    pub fn counts(&self) -> Call<Counts> {
        self.get("/counts")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_carries_them_whole() {
        for counts in [
            Counts::default(),
            Counts { containers: Some(1284), ..Counts::default() },
            Counts { containers: Some(0), hosts: Some(38), operations: 2 },
        ] {
            assert_eq!(counts.to_string().parse(), Ok(counts));
        }
        assert_eq!("".parse(), Ok(Counts::default()));
    }
}
