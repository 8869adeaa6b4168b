use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::clock::Clock;
use super::secret::SecretHash;
use super::token::Known;
use super::{Token, TokenState};

/// How long what was read of a token counts.
pub(super) const COUNTS: Duration = Duration::from_secs(5);
/// How many tokens are remembered.
const REMEMBERED: usize = 1_024;

/// Tokens that were looked up just now. Only those that are there: strangers cannot push anybody out.
#[derive(Debug, Default)]
pub(super) struct Recent {
    clock: Clock,
    read: Mutex<HashMap<SecretHash, Read>>,
}

#[derive(Debug)]
struct Read {
    token: Token,
    counts_until: Instant,
    expires: Option<Instant>,
}

impl Recent {
    /// A token that was read within [`COUNTS`]; one whose time ended since is expired.
    pub(super) fn find(&self, hash: SecretHash) -> Option<Token> {
        let now = self.clock.now();
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let read = read.get(&hash).filter(|read| read.counts_until > now)?;
        let is_over = read.expires.is_some_and(|expires| expires <= now);
        let state = match read.token.state {
            TokenState::Live if is_over => TokenState::Expired,
            state => state,
        };
        Some(Token { state, ..read.token.clone() })
    }

    /// Remembers one that was asked for at that time.
    pub(super) fn remember(&self, hash: SecretHash, known: Known, asked_at: Instant) {
        let now = self.clock.now();
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if read.len() >= REMEMBERED {
            read.retain(|_, read| read.counts_until > now);
        }
        if read.len() >= REMEMBERED {
            read.clear();
        }
        // From when it was asked for: what was changed meanwhile must not count for longer.
        let expires = known.left.and_then(|left| asked_at.checked_add(left));
        read.insert(hash, Read { token: known.token, counts_until: asked_at + COUNTS, expires });
    }

    /// Forgets the token of that name.
    pub(super) fn forget(&self, name: &str) {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.retain(|_, read| read.token.name != name);
    }

    pub(super) fn now(&self) -> Instant {
        self.clock.now()
    }
}

#[cfg(test)]
mod tests {
    use super::super::clock::tests::{Hand, by_hand};
    use super::super::{Role, Token};
    use super::*;

    fn recent() -> (Recent, Hand) {
        let (clock, hand) = by_hand();
        (Recent { clock, ..Recent::default() }, hand)
    }

    fn known(name: &str, left: Option<Duration>) -> Known {
        let token = Token {
            name: name.to_owned(),
            role: Role::Viewer,
            state: TokenState::Live,
            created_at: String::new(),
            created_by: String::new(),
            expires_at: None,
            revoked_at: None,
            revoked_by: None,
        };
        Known { token, left }
    }

    #[test]
    fn a_token_counts_for_some_seconds_after_it_was_asked_for() {
        let (recent, hand) = recent();
        let (hash, asked_at) = (SecretHash::of("", "a"), recent.now());
        hand.move_on(Duration::from_secs(2));
        recent.remember(hash, known("a", None), asked_at);
        hand.move_on(Duration::from_millis(2_999));
        assert_eq!(recent.find(hash).unwrap().name, "a");
        assert_eq!(recent.find(SecretHash::of("", "b")), None);
        hand.move_on(Duration::from_millis(1));
        assert_eq!(recent.find(hash), None);
    }

    #[test]
    fn one_that_expires_meanwhile_is_expired_to_the_moment() {
        let (recent, hand) = recent();
        let hash = SecretHash::of("", "a");
        recent.remember(hash, known("a", Some(Duration::from_millis(1_500))), recent.now());
        hand.move_on(Duration::from_millis(1_499));
        assert_eq!(recent.find(hash).unwrap().state, TokenState::Live);
        hand.move_on(Duration::from_millis(1));
        assert_eq!(recent.find(hash).unwrap().state, TokenState::Expired);
    }

    #[test]
    fn memory_is_bounded_and_a_name_can_be_forgotten() {
        let (recent, _hand) = recent();
        for number in 0..5_000 {
            let hash = SecretHash::of("", &number.to_string());
            recent.remember(hash, known(&number.to_string(), None), recent.now());
            assert!(recent.read.lock().unwrap().len() <= REMEMBERED);
        }
        let last = SecretHash::of("", "4999");
        assert!(recent.find(last).is_some());
        recent.forget("4999");
        assert_eq!(recent.find(last), None);
    }
}
