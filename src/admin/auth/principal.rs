use std::fmt;

use serde::Serialize;

use super::{Action, CsrfToken, Denied, Role};

/// Somebody who was recognised.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The name of the token; or as the application says, whom the audit should name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// How they were recognised.
    pub via: Via,
}

/// How somebody was recognised.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Via {
    /// By a token in the request. No browser sends one by itself.
    Token,
    /// By the cookie of a session, which a browser sends by itself.
    Session {
        /// What its page has to send along with everything that changes something.
        csrf: CsrfToken,
    },
    /// By the application's own layer, which may rest on something that a browser sends by itself.
    Application,
}

impl Principal {
    /// Somebody whom the application has recognised.
    pub fn of_application(name: impl Into<String>, role: Role) -> Self {
        Self { name: name.into(), role, via: Via::Application }
    }

    /// Whether they may do that.
    ///
    /// # Errors
    /// [`Denied::Underprivileged`] where their role is too low.
    pub fn may(&self, action: Action) -> Result<(), Denied> {
        if self.role >= action.least() {
            return Ok(());
        }
        Err(Denied::Underprivileged { name: self.name.clone(), role: self.role, action })
    }
}

impl Via {
    /// As the audit has it: `token`, `session` or `application`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Session { .. } => "session",
            Self::Application => "application",
        }
    }
}

impl fmt::Display for Via {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Serialize for Principal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            name: &'a str,
            role: Role,
            via: &'static str,
        }
        let Self { name, role, via } = self;
        Shown { name, role: *role, via: via.name() }.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_what_those_below_may_and_not_what_those_above() {
        for action in Action::ALL {
            for role in [Role::Viewer, Role::Operator, Role::Admin] {
                let allowed = Principal::of_application("jo", role).may(action);
                assert_eq!(allowed.is_ok(), role >= action.least(), "{role} {action}");
            }
        }
    }
}
