use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::clock::Clock;
use super::secret::{self, RandomError, SecretHash};

/// How long sessions last, and how many there are.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SessionLimits {
    /// How long one lasts that nobody uses.
    pub idle: Duration,
    /// How long one lasts in any case.
    pub longest: Duration,
    /// How many there are at once; one more ends the one that was not used for the longest time.
    pub number: usize,
}

impl Default for SessionLimits {
    /// Half an hour, twelve hours, 1,000.
    fn default() -> Self {
        Self { idle: Duration::from_secs(1_800), longest: Duration::from_secs(43_200), number: 1_000 }
    }
}

/// The sessions of the page, in memory: they end with the process. Of a session's secret only a hash is kept.
#[derive(Debug, Default)]
pub struct Sessions {
    limits: SessionLimits,
    clock: Clock,
    open: Mutex<HashMap<SecretHash, Session>>,
}

#[derive(Clone, Copy, Debug)]
struct Session {
    /// The token that it was made from, and ends with.
    token: SecretHash,
    opened_at: Instant,
    seen_at: Instant,
}

/// What a page sends along with everything that changes something, in the header `X-Hardtack-CSRF`. Another site can make a
/// browser send the cookie, and cannot read this. Its `Debug` is `***`.
///
/// It is derived from the session's secret, so it is as long-lived as that, and nothing more has to be kept.
#[derive(Clone, PartialEq, Eq)]
pub struct CsrfToken(String);

/// What marks a request that was let in before and goes on: nobody has clicked anything.
#[derive(Clone, Copy, Debug)]
pub(super) struct GoesOn;

/// A session that was just opened.
pub(super) struct Opened {
    /// Its secret, for the cookie.
    pub(super) id: String,
    pub(super) csrf: CsrfToken,
}

impl Sessions {
    /// None yet, with those limits.
    #[must_use]
    pub fn new(limits: SessionLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Opens one for the holder of a token.
    pub(super) fn open(&self, token: SecretHash) -> Result<Opened, RandomError> {
        let (id, now) = (secret::random()?, self.clock.now());
        let mut open = self.lock();
        if open.len() >= self.limits.number {
            self.make_room(&mut open, now);
        }
        open.insert(key(&id), Session { token, opened_at: now, seen_at: now });
        let csrf = CsrfToken::of(&id);
        Ok(Opened { id, csrf })
    }

    /// The token of the session with that secret; whether it is used by this.
    pub(super) fn find(&self, id: &str, is_use: bool) -> Option<(SecretHash, CsrfToken)> {
        let (key, now) = (key(id), self.clock.now());
        let mut open = self.lock();
        let session = open.get_mut(&key)?;
        if self.is_over(session, now) {
            open.remove(&key);
            return None;
        }
        if is_use {
            session.seen_at = now;
        }
        Some((session.token, CsrfToken::of(id)))
    }

    /// Ends the one with that secret.
    pub(super) fn close(&self, id: &str) {
        self.lock().remove(&key(id));
    }

    /// Ends all that were made from a token.
    pub(super) fn close_of(&self, token: SecretHash) {
        self.lock().retain(|_, session| session.token != token);
    }

    fn is_over(&self, session: &Session, now: Instant) -> bool {
        now.saturating_duration_since(session.seen_at) >= self.limits.idle
            || now.saturating_duration_since(session.opened_at) >= self.limits.longest
    }

    fn make_room(&self, open: &mut HashMap<SecretHash, Session>, now: Instant) {
        open.retain(|_, session| !self.is_over(session, now));
        if open.len() < self.limits.number {
            return;
        }
        let longest = open.iter().min_by_key(|(_, session)| session.seen_at).map(|(key, _)| *key);
        if let Some(longest) = longest {
            open.remove(&longest);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SecretHash, Session>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(id: &str) -> SecretHash {
    SecretHash::of("session ", id)
}

impl CsrfToken {
    fn of(id: &str) -> Self {
        Self(SecretHash::of("csrf ", id).text())
    }

    /// The text, for the page of this very session.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether that is it, by hashes: how long that takes tells nothing.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        SecretHash::of("", text) == SecretHash::of("", &self.0)
    }
}

impl fmt::Debug for CsrfToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::super::clock::tests::{Hand, by_hand};
    use super::*;

    fn sessions(limits: SessionLimits) -> (Sessions, Hand) {
        let (clock, hand) = by_hand();
        (Sessions { clock, ..Sessions::new(limits) }, hand)
    }

    fn token(name: &str) -> SecretHash {
        SecretHash::of("", name)
    }

    #[test]
    fn a_session_is_its_tokens_until_it_is_closed() {
        let (sessions, _hand) = sessions(SessionLimits::default());
        let (one, other) = (sessions.open(token("a")).unwrap(), sessions.open(token("b")).unwrap());
        assert_eq!(sessions.find(&one.id, true).unwrap(), (token("a"), one.csrf.clone()));
        assert_eq!(sessions.find(&other.id, true).unwrap().0, token("b"));
        assert_eq!(sessions.find(&secret::random().unwrap(), true), None);
        sessions.close(&one.id);
        assert_eq!(sessions.find(&one.id, true), None);
        sessions.close_of(token("b"));
        assert_eq!(sessions.find(&other.id, true), None);
    }

    #[test]
    fn secrets_are_not_kept() {
        let (sessions, _hand) = sessions(SessionLimits::default());
        let opened = sessions.open(token("a")).unwrap();
        let kept = format!("{sessions:?} {:?}", opened.csrf);
        assert!(!kept.contains(&opened.id) && !kept.contains(opened.csrf.text()), "{kept}");
        assert_ne!(opened.id, opened.csrf.text());
    }

    #[test]
    fn one_that_nobody_uses_ends_and_one_that_is_used_ends_later() {
        let (sessions, hand) = sessions(SessionLimits::default());
        let (used, idle) = (sessions.open(token("a")).unwrap(), sessions.open(token("a")).unwrap());
        for minutes in 1..=47 {
            hand.move_on(Duration::from_secs(15 * 60));
            assert!(sessions.find(&used.id, true).is_some(), "{minutes}");
            // Whoever only watches is let in again, and does not stay for that.
            assert_eq!(sessions.find(&idle.id, false).is_some(), minutes < 2);
        }
        assert_eq!(sessions.find(&idle.id, true), None);
        hand.move_on(Duration::from_secs(15 * 60));
        assert_eq!(sessions.find(&used.id, true), None, "twelve hours");
        assert!(sessions.lock().is_empty());
    }

    #[test]
    fn one_more_than_there_may_be_ends_the_idlest() {
        let (sessions, hand) = sessions(SessionLimits { number: 3, ..SessionLimits::default() });
        let mut opened = Vec::new();
        for _ in 0..3 {
            opened.push(sessions.open(token("a")).unwrap());
            hand.move_on(Duration::from_secs(1));
        }
        sessions.find(&opened[0].id, true).unwrap();
        let last = sessions.open(token("a")).unwrap();
        assert_eq!(sessions.find(&opened[1].id, true), None);
        for still in [&opened[0], &opened[2], &last] {
            assert!(sessions.find(&still.id, true).is_some());
        }
    }

    #[test]
    fn a_csrf_token_is_of_one_session_alone() {
        let (sessions, _hand) = sessions(SessionLimits::default());
        let (one, other) = (sessions.open(token("a")).unwrap(), sessions.open(token("a")).unwrap());
        assert!(one.csrf.is(one.csrf.text()));
        for wrong in [other.csrf.text(), "", &one.csrf.text()[1..], &one.id] {
            assert!(!one.csrf.is(wrong), "{wrong}");
        }
    }
}
