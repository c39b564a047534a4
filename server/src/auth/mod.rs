//! Who may do what: permissions as types, scopes, actors, and the proofs that rooms ask for.
//!
//! **Invariant.** No effect without an [`Intent`](crate::audit::Intent), no object to a reader but through [`Permitted`] or
//! [`Visible`].

pub mod actor;
pub mod authenticator;
pub mod device;
pub mod directory;
pub mod gate;
pub mod limits;
pub mod password;
pub mod permission;
pub mod permitted;
pub mod role;
pub mod scope;
pub mod secret;
pub mod setup_link;
pub mod subject;
pub mod username;

#[cfg(test)]
mod tests;

pub use actor::Actor;
pub use authenticator::{AuthError, Authenticator};
pub use permission::Permission;
pub use permitted::{Permitted, Visible};
pub use scope::{ObjectScope, Scope};
