use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
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
    read: Mutex<Reads>,
}

#[derive(Debug, Default)]
struct Reads {
    of: HashMap<SecretHash, Read>,
    /// How often one was forgotten.
    forgotten: u64,
}

#[derive(Debug)]
struct Read {
    token: Token,
    counts_until: Instant,
    expires: Option<Instant>,
}

/// When a token was asked for, and what had been forgotten by then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking {
    at: Instant,
    forgotten: u64,
}

impl Recent {
    /// A token that was read within [`COUNTS`]; one whose time ended since is expired.
    pub(super) fn find(&self, hash: SecretHash) -> Option<Token> {
        let now = self.clock.now();
        let reads = self.lock();
        let read = reads.of.get(&hash).filter(|read| read.counts_until > now)?;
        let is_over = read.expires.is_some_and(|expires| expires <= now);
        let state = match read.token.state {
            TokenState::Live if is_over => TokenState::Expired,
            state => state,
        };
        Some(Token { state, ..read.token.clone() })
    }

    /// Whether somebody has held it, at the last look: a stranger does not know such a one.
    pub(super) fn is_known(&self, hash: SecretHash) -> bool {
        self.lock().of.get(&hash).is_some_and(|read| read.token.state == TokenState::Live)
    }

    /// To be called before one is looked up.
    pub(super) fn asking(&self) -> Asking {
        Asking { at: self.clock.now(), forgotten: self.lock().forgotten }
    }

    /// Remembers one that was looked up. It counts from when it was asked for, and not at all where one was forgotten since: what
    /// was changed meanwhile may have been missed.
    pub(super) fn remember(&self, hash: SecretHash, known: Known, asking: Asking) {
        let now = self.clock.now();
        let mut reads = self.lock();
        if reads.forgotten != asking.forgotten {
            return;
        }
        if reads.of.len() >= REMEMBERED {
            reads.of.retain(|_, read| read.counts_until > now);
        }
        if reads.of.len() >= REMEMBERED {
            reads.of.clear();
        }
        let expires = known.left.and_then(|left| asking.at.checked_add(left));
        reads.of.insert(hash, Read { token: known.token, counts_until: asking.at + COUNTS, expires });
    }

    /// Forgets the token of that name.
    pub(super) fn forget(&self, name: &str) {
        let mut reads = self.lock();
        reads.forgotten += 1;
        reads.of.retain(|_, read| read.token.name != name);
    }

    fn lock(&self) -> MutexGuard<'_, Reads> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
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
        let (hash, asking) = (SecretHash::of("", "a"), recent.asking());
        hand.move_on(Duration::from_secs(2));
        recent.remember(hash, known("a", None), asking);
        hand.move_on(Duration::from_millis(2_999));
        assert_eq!(recent.find(hash).unwrap().name, "a");
        assert_eq!(recent.find(SecretHash::of("", "b")), None);
        hand.move_on(Duration::from_millis(1));
        assert_eq!(recent.find(hash), None);
        assert!(recent.is_known(hash) && !recent.is_known(SecretHash::of("", "b")));
    }

    #[test]
    fn one_that_was_revoked_is_known_no_more() {
        let (recent, _hand) = recent();
        let hash = SecretHash::of("", "a");
        recent.remember(hash, known("a", None), recent.asking());
        let Known { token, left } = known("a", None);
        let revoked = Known { token: Token { state: TokenState::Revoked, ..token }, left };
        recent.remember(hash, revoked, recent.asking());
        assert!(!recent.is_known(hash));
    }

    #[test]
    fn one_that_expires_meanwhile_is_expired_to_the_moment() {
        let (recent, hand) = recent();
        let hash = SecretHash::of("", "a");
        recent.remember(hash, known("a", Some(Duration::from_millis(1_500))), recent.asking());
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
            recent.remember(hash, known(&number.to_string(), None), recent.asking());
            assert!(recent.lock().of.len() <= REMEMBERED);
        }
        let last = SecretHash::of("", "4999");
        assert!(recent.find(last).is_some());
        recent.forget("4999");
        assert_eq!(recent.find(last), None);
    }

    #[test]
    fn what_is_forgotten_while_it_is_looked_up_is_not_remembered() {
        let (recent, _hand) = recent();
        let (hash, asking) = (SecretHash::of("", "a"), recent.asking());
        recent.forget("a");
        recent.remember(hash, known("a", None), asking);
        assert_eq!(recent.find(hash), None);
        recent.remember(hash, known("a", None), recent.asking());
        assert!(recent.find(hash).is_some());
    }
}
