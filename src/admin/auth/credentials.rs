use std::net::IpAddr;

use futures_util::future::BoxFuture;
use http::HeaderValue;
use http::header::{AUTHORIZATION, HeaderMap};
use http::request::Parts;

use super::secret::SecretHash;
use super::sessions::GoesOn;
use super::tokens::hash_of;
use super::{Attempts, Authenticate, CsrfToken, Denied, Principal, Sessions, Token, Tokens, Transport, Via};

/// Recognises people by hardtack's own tokens, and by the sessions that are made from them.
///
/// A request with a token is its holder's alone, whatever cookie comes with it: a browser adds cookies by itself.
#[derive(Debug)]
pub struct Credentials {
    tokens: Tokens,
    sessions: Sessions,
    attempts: Attempts,
    transport: Transport,
}

/// Somebody who has logged in.
#[derive(Debug)]
pub struct LoggedIn {
    /// Who.
    pub principal: Principal,
    /// The value of `Set-Cookie` for the answer.
    pub cookie: HeaderValue,
    /// What the page sends along from now on.
    pub csrf: CsrfToken,
}

/// Somebody who has sent a good token.
#[derive(Debug)]
pub(super) struct Holder {
    hash: SecretHash,
    pub(super) principal: Principal,
}

impl Holder {
    fn of(hash: SecretHash, token: Token) -> Self {
        Self { hash, principal: Principal { name: token.name, role: token.role, via: Via::Token } }
    }
}

impl Credentials {
    /// With those tokens, for pages that are reached in that way; with the usual limits.
    #[must_use]
    pub fn new(tokens: Tokens, transport: Transport) -> Self {
        Self { tokens, sessions: Sessions::default(), attempts: Attempts::default(), transport }
    }

    /// With other sessions.
    #[must_use]
    pub fn with_sessions(self, sessions: Sessions) -> Self {
        Self { sessions, ..self }
    }

    /// With other limits for wrong tokens.
    #[must_use]
    pub fn with_attempts(self, attempts: Attempts) -> Self {
        Self { attempts, ..self }
    }

    /// The tokens, to list, make and revoke.
    #[must_use]
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// How browsers reach the page.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// Opens a session for the holder of a token. It is always a new one: an old one, or one that somebody else has set, is
    /// ended.
    pub(super) fn open(&self, request: &Parts, holder: Holder) -> Result<LoggedIn, Denied> {
        let unavailable = |reason: String| Denied::Unavailable { reason };
        self.close(request);
        let opened = self.sessions.open(holder.hash).map_err(|error| unavailable(error.to_string()))?;
        let cookie = self.transport.set(&opened.id);
        let cookie = cookie.ok_or_else(|| unavailable("the cookie is no header".to_owned()))?;
        let via = Via::Session { csrf: opened.csrf.clone() };
        Ok(LoggedIn { principal: Principal { via, ..holder.principal }, cookie, csrf: opened.csrf })
    }

    /// Ends the session that a request has.
    pub(super) fn close(&self, request: &Parts) {
        if let Some(id) = self.transport.read(&request.headers) {
            self.sessions.close(id);
        }
    }

    /// The holder of a token, where it is good. What is not known yet is counted before it is looked up.
    pub(super) async fn holder(&self, text: &str, from: Option<IpAddr>) -> Result<Holder, Denied> {
        let hash = hash_of(text);
        if let Ok(hash) = hash
            && let Some(Ok(token)) = self.tokens.recent(hash)
        {
            return Ok(Holder::of(hash, token));
        }
        // Who was let in before does not wait behind strangers, also where it has to be looked up again.
        let is_known = hash.as_ref().is_ok_and(|hash| self.tokens.is_known(*hash));
        if !is_known {
            self.attempts.begin(from)?;
        }
        let hash = hash?;
        let found = self.tokens.find(hash).await;
        if !is_known && matches!(found, Ok(_) | Err(Denied::Unavailable { .. })) {
            self.attempts.forgive(from);
        }
        Ok(Holder::of(hash, found?))
    }

    async fn of_session(&self, id: &str, is_use: bool) -> Result<Principal, Denied> {
        let (hash, csrf) = self.sessions.find(id, is_use).ok_or(Denied::SessionOver)?;
        match self.tokens.find(hash).await {
            Ok(token) => Ok(Principal { name: token.name, role: token.role, via: Via::Session { csrf } }),
            Err(unavailable @ Denied::Unavailable { .. }) => Err(unavailable),
            Err(over) => {
                self.sessions.close_of(hash);
                Err(over)
            }
        }
    }
}

impl Authenticate for Credentials {
    fn authenticate<'a>(
        &'a self,
        request: &'a Parts,
        from: Option<IpAddr>,
    ) -> BoxFuture<'a, Result<Principal, Denied>> {
        Box::pin(async move {
            match bearer(&request.headers) {
                Some(text) => Ok(self.holder(text, from).await?.principal),
                None => match self.transport.read(&request.headers) {
                    Some(id) => self.of_session(id, request.extensions.get::<GoesOn>().is_none()).await,
                    None => Err(Denied::Missing),
                },
            }
        })
    }
}

/// The token of a request, empty where there are several. Other schemes are somebody else's, such as a proxy's.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let texts = headers.get_all(AUTHORIZATION).iter().filter_map(|value| value.to_str().ok());
    let mut tokens = texts.filter_map(|text| {
        let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let token = tokens.next()?;
    Some(if tokens.next().is_none() { token } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bearer_token_is_one_and_other_schemes_are_none() {
        let of = |values: &[&str]| {
            let value = |value: &&str| (AUTHORIZATION, HeaderValue::from_str(value).unwrap());
            bearer(&values.iter().map(value).collect()).map(str::to_owned)
        };
        for (values, token) in [
            (&[][..], None),
            (&["Bearer abc"], Some("abc")),
            (&["bearer  abc "], Some("abc")),
            (&["Basic YTpi"], None),
            (&["Basic YTpi", "Bearer abc"], Some("abc")),
            (&["Bearer"], Some("")),
            (&["Bearer a", "Bearer b"], Some("")),
        ] {
            assert_eq!(of(values).as_deref(), token, "{values:?}");
        }
    }
}
