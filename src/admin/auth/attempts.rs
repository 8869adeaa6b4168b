use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Denied;
use super::clock::Clock;

/// How many wrong logins are borne.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AttemptLimits {
    /// From one address at once.
    pub of_address: u32,
    /// After what time one of them is forgotten.
    pub address_forgets: Duration,
    /// From all addresses at once.
    pub overall: u32,
    /// After what time one of those is forgotten.
    pub overall_forgets: Duration,
    /// How many addresses are remembered.
    pub addresses: usize,
}

impl Default for AttemptLimits {
    /// 10 of an address, and 5 more each minute; 100 overall, and 60 more each minute; 4,096 addresses.
    fn default() -> Self {
        Self {
            of_address: 10,
            address_forgets: Duration::from_secs(12),
            overall: 100,
            overall_forgets: Duration::from_secs(1),
            addresses: 4_096,
        }
    }
}

/// Counts wrong logins, by address and overall, and makes whoever has too many wait.
///
/// A secret of 256 bits is not guessed at any speed; this keeps strangers from making the database look for tokens, and the
/// audit from being filled. It stands only before what has to be looked up: who is known already goes on, also while somebody
/// else is at it.
#[derive(Debug)]
pub struct Attempts {
    limits: AttemptLimits,
    clock: Clock,
    counted: Mutex<Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    overall: Bucket,
    of: HashMap<IpAddr, Bucket>,
}

/// When all wrong logins so far will be forgotten; each moves it on.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    empty_at: Option<Instant>,
}

impl Bucket {
    fn add(&mut self, now: Instant, forgets: Duration) {
        let begins = self.empty_at.map_or(now, |empty_at| empty_at.max(now));
        self.empty_at = begins.checked_add(forgets);
    }

    fn take_back(&mut self, forgets: Duration) {
        self.empty_at = self.empty_at.and_then(|empty_at| empty_at.checked_sub(forgets));
    }

    /// How long until one more is borne.
    fn wait(self, now: Instant, most: u32, forgets: Duration) -> Duration {
        let left = self.empty_at.map_or(Duration::ZERO, |empty_at| empty_at.saturating_duration_since(now));
        // One more has to fit in.
        (left + forgets).saturating_sub(forgets.saturating_mul(most))
    }

    fn is_empty(self, now: Instant) -> bool {
        self.empty_at.is_none_or(|empty_at| empty_at <= now)
    }
}

impl Default for Attempts {
    fn default() -> Self {
        Self::new(AttemptLimits::default())
    }
}

impl Attempts {
    /// With those limits.
    #[must_use]
    pub fn new(limits: AttemptLimits) -> Self {
        Self::with_clock(limits, Clock::default())
    }

    fn with_clock(limits: AttemptLimits, clock: Clock) -> Self {
        Self { limits, clock, counted: Mutex::default() }
    }

    /// Counts one before it is known whether it is right, so that many at the same time are no way around; refuses where too
    /// many were wrong before. Without an address, as of a socket in the file system, only overall.
    ///
    /// # Errors
    /// [`Denied::TooMany`], with the time after which one more is borne.
    pub fn begin(&self, from: Option<IpAddr>) -> Result<(), Denied> {
        let (limits, now) = (&self.limits, self.clock.now());
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = counted.wait(limits, now, from);
        if !wait.is_zero() {
            return Err(Denied::TooMany { retry_after: wait });
        }
        counted.overall.add(now, limits.overall_forgets);
        let Some(network) = from.map(network) else { return Ok(()) };
        if !counted.of.contains_key(&network) && counted.of.len() >= limits.addresses {
            counted.make_room(now);
        }
        counted.of.entry(network).or_default().add(now, limits.address_forgets);
        Ok(())
    }

    /// One that was begun was not wrong.
    pub fn forgive(&self, from: Option<IpAddr>) {
        let limits = &self.limits;
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.overall.take_back(limits.overall_forgets);
        if let Some(bucket) = from.and_then(|from| counted.of.get_mut(&network(from))) {
            bucket.take_back(limits.address_forgets);
        }
    }
}

impl Counted {
    fn wait(&self, limits: &AttemptLimits, now: Instant, from: Option<IpAddr>) -> Duration {
        let of_address = from.and_then(|from| self.of.get(&network(from))).copied().unwrap_or_default();
        let of_address = of_address.wait(now, limits.of_address, limits.address_forgets);
        of_address.max(self.overall.wait(now, limits.overall, limits.overall_forgets))
    }

    /// Forgets the addresses that have nothing to wait for; where all have, the one that would be forgotten first.
    fn make_room(&mut self, now: Instant) {
        let before = self.of.len();
        self.of.retain(|_, bucket| !bucket.is_empty(now));
        if self.of.len() < before {
            return;
        }
        let first = self.of.iter().min_by_key(|(_, bucket)| bucket.empty_at).map(|(address, _)| *address);
        if let Some(first) = first {
            self.of.remove(&first);
        }
    }
}

/// What counts as one address: of IPv6 the first 64 bits, because whoever has one has all of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::clock::tests::{Hand, by_hand};
    use super::*;

    fn attempts(limits: AttemptLimits) -> (Attempts, Hand) {
        let (clock, hand) = by_hand();
        (Attempts::with_clock(limits, clock), hand)
    }

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    fn wait(attempts: &Attempts, from: Option<IpAddr>) -> Duration {
        attempts.counted.lock().unwrap().wait(&attempts.limits, attempts.clock.now(), from)
    }

    const AT_ONCE: Duration = Duration::ZERO;

    #[test]
    fn an_address_with_too_many_waits_and_others_do_not() {
        let (attempts, hand) = attempts(AttemptLimits::default());
        let (one, other) = (address("192.0.2.1"), address("192.0.2.2"));
        for _ in 0..10 {
            attempts.begin(one).unwrap();
        }
        let retry_after = Duration::from_secs(12);
        assert_eq!(attempts.begin(one), Err(Denied::TooMany { retry_after }));
        assert_eq!((wait(&attempts, other), wait(&attempts, None)), (AT_ONCE, AT_ONCE));
        hand.move_on(Duration::from_secs(11));
        assert_eq!(wait(&attempts, one), Duration::from_secs(1));
        hand.move_on(Duration::from_secs(1));
        assert_eq!(attempts.begin(one), Ok(()));
    }

    #[test]
    fn right_ones_do_not_count() {
        let (attempts, _hand) = attempts(AttemptLimits::default());
        let one = address("192.0.2.1");
        for _ in 0..1_000 {
            attempts.begin(one).unwrap();
            attempts.forgive(one);
        }
        for _ in 0..10 {
            attempts.begin(one).unwrap();
        }
        assert!(attempts.begin(one).is_err());
    }

    #[test]
    fn many_addresses_together_wait() {
        let (attempts, hand) = attempts(AttemptLimits::default());
        for number in 0..100 {
            attempts.begin(address(&format!("192.0.2.{number}"))).unwrap();
        }
        assert_eq!(wait(&attempts, address("198.51.100.1")), Duration::from_secs(1));
        hand.move_on(Duration::from_secs(1));
        assert_eq!(wait(&attempts, address("198.51.100.1")), AT_ONCE);
    }

    #[test]
    fn neighbours_in_ipv6_are_one_and_a_mapped_address_is_its_own() {
        let (attempts, _hand) = attempts(AttemptLimits { of_address: 1, ..AttemptLimits::default() });
        attempts.begin(address("2001:db8:1:2:3::4")).unwrap();
        attempts.begin(address("::ffff:192.0.2.1")).unwrap();
        for (from, waits) in [
            ("2001:db8:1:2::9", true),
            ("2001:db8:1:3::9", false),
            ("192.0.2.1", true),
            ("::ffff:192.0.2.2", false),
        ] {
            assert_eq!(wait(&attempts, address(from)) > AT_ONCE, waits, "{from}");
        }
    }

    #[test]
    fn memory_is_bounded_and_the_worst_is_remembered() {
        let limits = AttemptLimits { addresses: 8, overall: 1_000_000, ..AttemptLimits::default() };
        let (attempts, hand) = attempts(limits);
        let worst = address("192.0.2.1");
        for _ in 0..10 {
            attempts.begin(worst).unwrap();
        }
        for number in 0..1_000 {
            attempts.begin(address(&format!("10.0.{}.{}", number / 200, number % 200))).unwrap();
        }
        assert_eq!(attempts.counted.lock().unwrap().of.len(), 8);
        assert!(wait(&attempts, worst) > AT_ONCE);
        hand.move_on(Duration::from_secs(200));
        attempts.begin(address("198.51.100.1")).unwrap();
        assert_eq!(attempts.counted.lock().unwrap().of.len(), 1);
    }

    proptest! {
        /// However they come, no more get through than the limit and what was forgotten meanwhile.
        #[test]
        fn no_more_get_through_than_the_limits_say(pauses in proptest::collection::vec(0_u64..20, 1..200)) {
            let limits = AttemptLimits::default();
            let (attempts, hand) = attempts(limits);
            let (from, mut through, mut passed) = (address("192.0.2.1"), 0, Duration::ZERO);
            for pause in pauses {
                hand.move_on(Duration::from_secs(pause));
                passed += Duration::from_secs(pause);
                match attempts.begin(from) {
                    Ok(()) => through += 1,
                    Err(_) => prop_assert!(wait(&attempts, from) <= limits.address_forgets),
                }
            }
            let forgotten = passed.as_secs() / limits.address_forgets.as_secs();
            prop_assert!(through <= u64::from(limits.of_address) + forgotten + 1, "{} in {:?}", through, passed);
        }
    }
}
