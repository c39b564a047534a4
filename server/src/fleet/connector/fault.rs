//! What can go wrong on the way to an engine.

use std::{error::Error, io};

use super::{
    guard::{STOOD_STILL, TOO_LARGE},
    link::tidy,
};

/// Why an engine could not be asked, or what it answered could not be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("there is no socket at its address")]
    NoSocket,
    #[error("the console may not open the engine's socket: its user must be in the socket's group")]
    PermissionDenied,
    #[error("nothing accepts connections at its address")]
    Refused,
    #[error("the engine did not answer in time")]
    Timeout,
    #[error("the engine broke the connection off")]
    Reset,
    #[error("what answers is not a Docker engine: {0}")]
    NotAnEngine(String),
    #[error("the engine speaks API {0}; the oldest that the console drives is 1.41 (Docker 20.10)")]
    TooOld(String),
    #[error("the engine's answer is larger than the console takes")]
    TooLarge,
    /// The engine answered, with a status that says no.
    #[error("the engine answered {status}: {}", tidy(message))]
    Status {
        status: u16,
        /// As it came, bounded: [`tidy`] it before it is shown.
        message: String,
    },
    #[error("{0}")]
    Other(String),
}

impl Fault {
    /// As in [`HostCause::code`](app::api::host::HostCause).
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSocket => "no_socket",
            Self::PermissionDenied => "permission_denied",
            Self::Refused => "refused",
            Self::Timeout => "timeout",
            Self::Reset => "reset",
            Self::NotAnEngine(_) => "not_an_engine",
            Self::TooOld(_) => "too_old",
            Self::TooLarge | Self::Status { .. } | Self::Other(_) => "error",
        }
    }

    /// From any error of hyper, of bollard or of a body: what lies at its bottom.
    pub(in crate::fleet) fn of(error: &(dyn Error + 'static)) -> Self {
        let mut cause = Some(error);
        let mut closed = false;
        while let Some(e) = cause {
            if let Some(found) = e.downcast_ref::<io::Error>().and_then(Self::of_io) {
                return found;
            }
            if let Some(h) = e.downcast_ref::<hyper::Error>() {
                if h.is_parse() {
                    return Self::NotAnEngine("it does not speak HTTP".to_owned());
                }
                closed |= h.is_incomplete_message() || h.is_canceled() || h.is_closed();
            }
            // An io error's source is its content's source: the content itself is had otherwise.
            let content = e.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            cause = content.map_or_else(|| e.source(), |c| Some(c as &(dyn Error + 'static)));
        }
        if closed {
            return Self::Reset;
        }
        Self::Other(bottom(error))
    }

    fn of_io(e: &io::Error) -> Option<Self> {
        let text = e.to_string();
        Some(match e.kind() {
            io::ErrorKind::NotFound => Self::NoSocket,
            io::ErrorKind::PermissionDenied => Self::PermissionDenied,
            io::ErrorKind::ConnectionRefused => Self::Refused,
            // A full queue of connections: nobody accepts them any more.
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Self::Timeout,
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::NotConnected => Self::Reset,
            io::ErrorKind::InvalidData if text == TOO_LARGE => Self::TooLarge,
            // bollard turns body errors into new io errors that keep the text alone.
            _ if text.contains(TOO_LARGE) => Self::TooLarge,
            _ if text.contains(STOOD_STILL) => Self::Timeout,
            _ => return None,
        })
    }
}

/// The innermost error's words, cut to a line.
fn bottom(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string().chars().filter(|c| !c.is_control()).take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_found_below_wrappers() {
        let wrapped = io::Error::other(io::Error::new(io::ErrorKind::ConnectionRefused, "no"));
        assert_eq!(Fault::of(&wrapped), Fault::Refused);
        assert_eq!(Fault::of(&io::Error::other("strange")), Fault::Other("strange".into()));
        let code = |kind: io::ErrorKind| Fault::of(&io::Error::from(kind)).code();
        assert_eq!(code(io::ErrorKind::NotFound), "no_socket");
        assert_eq!(code(io::ErrorKind::PermissionDenied), "permission_denied");
        assert_eq!(code(io::ErrorKind::WouldBlock), "timeout");
        assert_eq!(code(io::ErrorKind::ConnectionReset), "reset");
    }
}
