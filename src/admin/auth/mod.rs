//! Who may do what: tokens, sessions, roles, the audit, and the door that every request goes through.
//!
//! [`Door::admit`] is all that a route needs. It recognises the sender by [`Authenticate`], which is hardtack's own
//! [`Credentials`] or the application's; refuses what another site's page makes a browser send; compares the role with the
//! [`Action`]; and writes the [`Audit`]. What is dangerous wants a [`Confirmation`] beside it.

mod action;
mod attempts;
mod audit;
mod authenticate;
mod clock;
mod confirmation;
mod cookie;
mod credentials;
mod denied;
mod door;
mod headers;
mod origins;
mod principal;
mod recent;
mod role;
mod secret;
mod sessions;
mod store;
mod token;
mod tokens;

pub use action::Action;
pub use attempts::{AttemptLimits, Attempts};
pub use audit::{Audit, AuditFilter, AuditOutcome, AuditRecord};
pub use authenticate::Authenticate;
pub use confirmation::{Confirmation, ConfirmationError};
pub use cookie::Transport;
pub use credentials::{Credentials, LoggedIn};
pub use denied::Denied;
pub use door::{Admission, Door};
pub use headers::security_headers;
pub use origins::{OriginError, Origins};
pub use principal::{Principal, Via};
pub use role::Role;
pub use secret::RandomError;
pub use sessions::{CsrfToken, SessionLimits, Sessions};
pub use store::StoreError;
pub use token::{NewToken, Token, TokenName, TokenState};
pub use tokens::{TokenError, Tokens};
