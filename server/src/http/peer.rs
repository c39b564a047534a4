//! Who is at the other end, as a request extension.

use std::net::IpAddr;

/// The client's address: the connection's, or what a listed proxy says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

impl std::fmt::Display for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.to_canonical().fmt(f)
    }
}
