use std::net::IpAddr;
use std::sync::Arc;

use http::header::HeaderValue;
use http::request::Parts;
use http::{HeaderName, Method};

use super::audit::Entry;
use super::credentials::Holder;
use super::origins::Sender;
use super::sessions::GoesOn;
use super::{
    Action, Attempts, Audit, AuditOutcome, Authenticate, Credentials, Denied, LoggedIn, Origins, Principal,
    Via, secret,
};

/// What a page sends its CSRF token in.
const X_HARDTACK_CSRF: HeaderName = HeaderName::from_static("x-hardtack-csrf");

/// What every request goes through: who it is, whether they may, whether they mean it, and the audit.
#[derive(Clone)]
pub struct Door {
    authenticate: Arc<dyn Authenticate>,
    credentials: Option<Arc<Credentials>>,
    origins: Origins,
    audit: Audit,
    /// How many refusals are written down; the rest is in the log alone, so that nobody fills the database by being refused.
    refusals: Arc<Attempts>,
}

/// Somebody who may do what they asked for. What became of it goes into the audit by [`ended`](Self::ended); of an admission
/// that is dropped, the audit says no more than that it was allowed.
#[derive(Debug)]
#[must_use = "what became of it belongs into the audit"]
pub struct Admission {
    principal: Principal,
    action: Action,
    target: Option<String>,
    from: Option<IpAddr>,
    request: String,
    audit: Audit,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
struct Asked<'a> {
    action: Action,
    target: Option<&'a str>,
    from: Option<IpAddr>,
}

impl Door {
    /// One for hardtack's own tokens and sessions.
    #[must_use]
    pub fn of_tokens(credentials: Credentials, origins: Origins, audit: Audit) -> Self {
        let credentials = Arc::new(credentials);
        let door = Self::of_application(credentials.clone(), origins, audit);
        Self { credentials: Some(credentials), ..door }
    }

    /// One for whatever the application knows its operators by.
    #[must_use]
    pub fn of_application(authenticate: Arc<dyn Authenticate>, origins: Origins, audit: Audit) -> Self {
        Self { authenticate, credentials: None, origins, audit, refusals: Arc::default() }
    }

    /// The tokens and sessions, where people are known by those.
    #[must_use]
    pub fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_deref()
    }

    /// The audit.
    #[must_use]
    pub fn audit(&self) -> &Audit {
        &self.audit
    }

    /// Lets a request in that asks for this, about that: the sender is known, has the role, and was not led here by another
    /// site; and the audit has it. Nothing that changes anything is allowed where the audit cannot be written.
    ///
    /// # Errors
    /// [`Denied`], which is in the audit already, or in the log.
    pub async fn admit(
        &self,
        request: &Parts,
        from: Option<IpAddr>,
        (action, target): (Action, Option<&str>),
    ) -> Result<Admission, Denied> {
        let asked = Asked { action, target, from };
        let number = number()?;
        let principal = match self.authenticate.authenticate(request, from).await {
            Ok(principal) => principal,
            Err(denied) => return Err(self.refused(&number, asked, None, denied).await),
        };
        let passed = self.meant(request, &principal, action).and_then(|()| principal.may(action));
        if let Err(denied) = passed {
            return Err(self.refused(&number, asked, Some(&principal), denied).await);
        }
        self.allowed(&number, asked, &principal, AuditOutcome::Allowed).await?;
        let (target, audit) = (target.map(str::to_owned), self.audit.clone());
        Ok(Admission { principal, action, target, from, request: number, audit })
    }

    /// Lets a request in again that goes on, such as one that watches a job: the same, which is no use of a session.
    ///
    /// # Errors
    /// As [`admit`](Self::admit).
    pub(in crate::admin) async fn admit_again(
        &self,
        request: &mut Parts,
        from: Option<IpAddr>,
        asked: (Action, Option<&str>),
    ) -> Result<Admission, Denied> {
        request.extensions.insert(GoesOn);
        self.admit(request, from, asked).await
    }

    /// Opens a session for the page, with a token that somebody has typed. A door of the application's own has none.
    ///
    /// # Errors
    /// As [`admit`](Self::admit).
    pub async fn log_in(
        &self,
        request: &Parts,
        from: Option<IpAddr>,
        token: &str,
    ) -> Result<LoggedIn, Denied> {
        let asked = Asked { action: Action::LogIn, target: None, from };
        let number = number()?;
        let (credentials, holder) = match self.holder(request, from, token).await {
            Ok(holder) => holder,
            Err(denied) => return Err(self.refused(&number, asked, None, denied).await),
        };
        self.allowed(&number, asked, &holder.principal, AuditOutcome::Succeeded).await?;
        credentials.open(request, holder)
    }

    /// Ends the session of a page; the value of `Set-Cookie` that takes its cookie away. Where the session is over already,
    /// nothing is left to do.
    ///
    /// # Errors
    /// As [`admit`](Self::admit).
    pub async fn log_out(
        &self,
        request: &Parts,
        from: Option<IpAddr>,
    ) -> Result<Option<HeaderValue>, Denied> {
        let Some(credentials) = &self.credentials else { return Ok(None) };
        let cookie = Some(credentials.transport().clear());
        match self.admit(request, from, (Action::LogOut, None)).await {
            Ok(admission) => {
                credentials.close(request);
                admission.ended(Ok("")).await;
                Ok(cookie)
            }
            Err(Denied::Missing | Denied::SessionOver | Denied::Expired { .. } | Denied::Revoked { .. }) => {
                Ok(cookie)
            }
            // Who wants to leave leaves, whatever the audit is at: the log has it.
            Err(Denied::Unaudited { .. }) => {
                credentials.close(request);
                Ok(cookie)
            }
            Err(denied) => Err(denied),
        }
    }

    async fn holder(
        &self,
        request: &Parts,
        from: Option<IpAddr>,
        token: &str,
    ) -> Result<(&Credentials, Holder), Denied> {
        let credentials = self.credentials().ok_or(Denied::Wrong)?;
        self.origins.check_host(request)?;
        // Another site must not log anybody in as somebody else.
        self.origins.check(request, Sender::Browser)?;
        Ok((credentials, credentials.holder(token.trim(), from).await?))
    }

    /// Whether the sender knows of the request. A browser sends cookies, and whatever an application rests on, for any page;
    /// a token it sends for none.
    fn meant(&self, request: &Parts, principal: &Principal, action: Action) -> Result<(), Denied> {
        if matches!(principal.via, Via::Token) {
            return Ok(());
        }
        self.origins.check_host(request)?;
        let only_looks = [Method::GET, Method::HEAD, Method::OPTIONS].contains(&request.method);
        if only_looks && !action.changes() {
            return Ok(());
        }
        let Via::Session { csrf } = &principal.via else { return self.origins.check(request, Sender::Any) };
        self.origins.check(request, Sender::Browser)?;
        let sent = request.headers.get(X_HARDTACK_CSRF).and_then(|sent| sent.to_str().ok());
        if sent.is_some_and(|sent| csrf.is(sent)) { Ok(()) } else { Err(Denied::WrongCsrf) }
    }

    async fn allowed(
        &self,
        number: &str,
        asked: Asked<'_>,
        principal: &Principal,
        outcome: AuditOutcome,
    ) -> Result<(), Denied> {
        let Asked { action, target, from } = asked;
        if !action.is_audited() {
            return Ok(());
        }
        let (principal, request) = (Some(principal), number);
        let entry = Entry { request, principal, who: None, action, target, from, outcome, detail: None };
        match self.audit.write(&entry).await {
            Err(error) if action.changes() => {
                tracing::error!(%error, %action, "refused, because the audit cannot be written");
                Err(Denied::Unaudited { reason: error.to_string() })
            }
            Err(error) => {
                tracing::warn!(%error, %action, "the audit could not be written");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    async fn refused(
        &self,
        number: &str,
        asked: Asked<'_>,
        principal: Option<&Principal>,
        denied: Denied,
    ) -> Denied {
        let Asked { action, target, from } = asked;
        tracing::info!(%denied, %action, ?from, "refused");
        if !denied.is_audited() || self.refusals.begin(from).is_err() {
            return denied;
        }
        let (outcome, detail) = (AuditOutcome::Refused, denied.to_string());
        let (who, detail) = (denied.who(), Some(detail.as_str()));
        let entry = Entry { request: number, principal, who, action, target, from, outcome, detail };
        if let Err(error) = self.audit.write(&entry).await {
            tracing::warn!(%error, %action, "the audit could not be written; the refusal stands");
        }
        denied
    }
}

impl Admission {
    /// Who was let in.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// What they asked for.
    #[must_use]
    pub fn action(&self) -> Action {
        self.action
    }

    /// The number that the audit has for the request.
    #[must_use]
    pub fn request(&self) -> &str {
        &self.request
    }

    /// Writes down what became of it: that it was done, or why not. It cannot be undone any more, so where this cannot be
    /// written the log has it.
    pub async fn ended(self, result: Result<&str, &str>) {
        if !self.action.is_audited() {
            return;
        }
        let (outcome, detail) = match result {
            Ok(detail) => (AuditOutcome::Succeeded, detail),
            Err(detail) => (AuditOutcome::Failed, detail),
        };
        let entry = Entry {
            request: &self.request,
            principal: Some(&self.principal),
            who: None,
            action: self.action,
            target: self.target.as_deref(),
            from: self.from,
            outcome,
            detail: Some(detail).filter(|detail| !detail.is_empty()),
        };
        if let Err(error) = self.audit.write(&entry).await {
            let (who, action, request) = (&self.principal.name, self.action, &self.request);
            tracing::error!(%error, %action, who, request, %outcome, detail, "the audit could not be written");
        }
    }
}

fn number() -> Result<String, Denied> {
    secret::random_number().map_err(|error| Denied::Unavailable { reason: error.to_string() })
}

impl std::fmt::Debug for Door {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Door")
            .field("credentials", &self.credentials)
            .field("origins", &self.origins)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server moves what a route waits for from thread to thread.
    #[test]
    fn a_route_may_wait_for_all_of_it() {
        fn moves<T: Send>(_: T) {}
        let _ = |door: &'static Door, request: &'static Parts, admission: Admission| {
            moves(door.admit(request, None, (Action::View, None)));
            moves(door.log_in(request, None, ""));
            moves(door.log_out(request, None));
            moves(admission.ended(Ok("")));
            moves(door.audit().list(&super::super::AuditFilter::default()));
            let tokens = door.credentials()?.tokens();
            moves((tokens.list(), tokens.revoke("", None)));
            Some(move |new: &'static super::super::NewToken| moves(tokens.create(new)))
        };
    }
}
