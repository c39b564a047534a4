//! Frames of the live socket, `GET /api/v1/live`: JSON text frames for control, binary frames for log lines
//! ([`super::log_frame`]).
//!
//! The client opens subscriptions under numbers of its own and grants each a byte credit; the server sends no more than
//! that for the subscription's payload frames and waits for more. Control frames cost nothing.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Timestamp, container::ContainerRef, stats::Figures};

/// The most credit one subscription can hold, in bytes.
pub const MAX_CREDIT: u32 = 4 * 1024 * 1024;
/// The most subscriptions one socket can hold.
pub const MAX_SUBSCRIPTIONS: usize = 64;
/// The most containers whose logs one subscription can follow.
pub const MAX_LOGS: usize = 50;

/// What the browser says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientFrame {
    /// Open subscription `sub` on `topic` with so many bytes of credit.
    Subscribe {
        sub: u32,
        topic: Topic,
        credit: u32,
    },
    /// Grant more bytes, after what came was processed.
    Credit {
        sub: u32,
        bytes: u32,
    },
    Unsubscribe {
        sub: u32,
    },
}

/// What can be followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Topic {
    /// Which objects changed: the page refetches what it shows. `kinds`: `container`, `host`, `event`, `audit`,
    /// `operation`, `session`; empty: all that the person may read.
    Changes {
        #[serde(default)]
        kinds: Vec<String>,
    },
    /// Lines of containers' logs, as binary frames: what there is, then what is written, over restarts.
    Logs {
        /// 1 to [`MAX_LOGS`] containers; lines name one by its place here.
        containers: Vec<ContainerRef>,
        /// The last so many lines of each to begin with, at most 10,000; without it 100, or all since `since`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tail: Option<u32>,
        /// Lines from then on: RFC 3339 or seconds since 1970, up to nanoseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<String>,
    },
    /// What these containers use, about every two seconds; 200 at most on one socket.
    Stats { containers: Vec<ContainerRef> },
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case", try_from = "Wire")]
pub enum ServerFrame {
    /// First frame, and again every 20 seconds. `build` names the server's build, so that a page of an older one can offer to load anew.
    Hello { build: String, at: Timestamp },
    /// The subscription is open.
    Subscribed { sub: u32 },
    /// Objects changed.
    Changes { sub: u32, items: Vec<Changed> },
    /// What watched containers use at a moment: for each that there are figures of its place in the subscription's list, and then the
    /// fields of [`Figures`] in their order.
    Stats { sub: u32, at: Timestamp, rows: Vec<Vec<Option<u64>>> },
    /// `n` messages (of logs: lines) between `from` and `to` were dropped because the subscription's ring was full: refetch.
    Dropped { sub: u32, n: u64, from: Timestamp, to: Timestamp },
    /// The subscription ended: `unsubscribed`, `revoked` (the session is over, or a log may no longer be read), `closing`.
    Ended { sub: u32, reason: String },
    /// A frame was refused; the socket stays open.
    Refused {
        #[serde(default)]
        sub: Option<u32>,
        code: String,
        detail: String,
    },
}

/// All frames' fields: read so, because what serde makes for a tagged enum is many times as large, and each page carries it.
#[derive(Deserialize)]
struct Wire {
    r#type: String,
    sub: Option<u32>,
    #[serde(default)]
    build: String,
    #[serde(default)]
    at: Timestamp,
    #[serde(default)]
    items: Vec<Changed>,
    #[serde(default)]
    rows: Vec<Vec<Option<u64>>>,
    #[serde(default)]
    n: u64,
    #[serde(default)]
    from: Timestamp,
    #[serde(default)]
    to: Timestamp,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    detail: String,
}

impl TryFrom<Wire> for ServerFrame {
    type Error = &'static str;

    fn try_from(wire: Wire) -> Result<Self, Self::Error> {
        let Wire { r#type, sub, build, at, items, rows, n, from, to, reason, code, detail } = wire;
        match (r#type.as_str(), sub) {
            ("hello", _) => Ok(Self::Hello { build, at }),
            ("subscribed", Some(sub)) => Ok(Self::Subscribed { sub }),
            ("changes", Some(sub)) => Ok(Self::Changes { sub, items }),
            ("stats", Some(sub)) => Ok(Self::Stats { sub, at, rows }),
            ("dropped", Some(sub)) => Ok(Self::Dropped { sub, n, from, to }),
            ("ended", Some(sub)) => Ok(Self::Ended { sub, reason }),
            ("refused", sub) => Ok(Self::Refused { sub, code, detail }),
            _ => Err("not a frame that is known here"),
        }
    }
}

/// The rows of a [`ServerFrame::Stats`], read: the place in the subscription's list, and what it uses.
pub fn figures(rows: &[Vec<Option<u64>>]) -> Vec<(usize, Figures)> {
    rows.iter().filter_map(|row| Some(((*row.first()?)? as usize, Figures::from_row(&row[1..])))).collect()
}

/// One object that changed. `version` only grows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Changed {
    pub kind: String,
    pub id: String,
    pub version: u64,
}
