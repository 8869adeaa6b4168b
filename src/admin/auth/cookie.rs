use http::header::{COOKIE, HeaderMap, HeaderValue};

use super::secret;

/// How browsers reach the page, which decides what the session's cookie is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// By HTTPS, of this process or of a proxy before it. The cookie is `__Host-hardtack`: no other host, and nobody who can
    /// only tamper with plain HTTP, can set it.
    Https,
    /// By plain HTTP over loopback. The cookie is `hardtack`, without `Secure`: of a cookie with it some browsers (Safari) do not
    /// think that `http://localhost` is good enough. Everything else that listens on that host name gets the cookie too,
    /// whatever its port; so this is for a machine of one's own.
    Loopback,
}

impl Transport {
    /// The name of the session's cookie.
    #[must_use]
    pub const fn cookie_name(self) -> &'static str {
        match self {
            Self::Https => "__Host-hardtack",
            Self::Loopback => "hardtack",
        }
    }

    /// The value of `Set-Cookie` that gives a browser a session. It has no time of its own: it goes with the browser, and the
    /// session ends here.
    pub(super) fn set(self, id: &str) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&format!("{}={id}{}", self.cookie_name(), self.attributes()));
        if let Ok(value) = &mut value {
            value.set_sensitive(true);
        }
        value.ok()
    }

    /// The value of `Set-Cookie` that takes it away.
    #[must_use]
    pub fn clear(self) -> HeaderValue {
        match self {
            Self::Https => HeaderValue::from_static(
                "__Host-hardtack=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0",
            ),
            Self::Loopback => {
                HeaderValue::from_static("hardtack=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
            }
        }
    }

    const fn attributes(self) -> &'static str {
        match self {
            Self::Https => "; Path=/; HttpOnly; SameSite=Strict; Secure",
            Self::Loopback => "; Path=/; HttpOnly; SameSite=Strict",
        }
    }

    /// The session that a request has. None where there are several: somebody else has set one of them, and it cannot be told
    /// which.
    pub(super) fn read(self, headers: &HeaderMap) -> Option<&str> {
        let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let mut values = pairs.filter(|(name, _)| *name == self.cookie_name()).map(|(_, value)| value);
        let value = values.next()?;
        (values.next().is_none() && secret::is_secret(value)).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn headers(cookies: &[&str]) -> HeaderMap {
        cookies.iter().map(|text| (COOKIE, HeaderValue::from_str(text).unwrap())).collect()
    }

    #[test]
    fn over_https_no_other_host_can_set_it() {
        let id = secret::random().unwrap();
        let set = Transport::Https.set(&id).unwrap();
        assert!(set.is_sensitive());
        let set = set.to_str().unwrap();
        assert_eq!(set, format!("__Host-hardtack={id}; Path=/; HttpOnly; SameSite=Strict; Secure"));
        // What the prefix demands of browsers: Secure, the path /, and no domain.
        assert!(!set.contains("Domain"));
        assert!(Transport::Https.clear().to_str().unwrap().ends_with("Secure; Max-Age=0"));
    }

    #[test]
    fn over_loopback_it_has_another_name_and_the_same_rules() {
        let id = secret::random().unwrap();
        let set = Transport::Loopback.set(&id).unwrap();
        assert_eq!(set.to_str().unwrap(), format!("hardtack={id}; Path=/; HttpOnly; SameSite=Strict"));
        // One is not taken for the other: plain HTTP can set a plain cookie for an HTTPS page.
        let plain = headers(&[&format!("hardtack={id}")]);
        assert_eq!(Transport::Https.read(&plain), None);
        assert_eq!(Transport::Loopback.read(&plain), Some(&*id));
    }

    #[test]
    fn a_cookie_that_is_there_twice_is_nobodys() {
        let (one, other) = (secret::random().unwrap(), secret::random().unwrap());
        let twice = headers(&[&format!("a=b; hardtack={one}"), &format!("hardtack={other}")]);
        assert_eq!(Transport::Loopback.read(&twice), None);
    }

    proptest! {
        #[test]
        fn it_is_found_among_others(before in "([a-z]{1,8}=[a-z0-9]{0,8}; ){0,3}", after in "(; [a-z]{1,7}=[^;\"\\\\\\p{C}]{0,8}){0,3}") {
            let id = secret::random().unwrap();
            let text = format!("{before}__Host-hardtack={id}{after}");
            if let Ok(value) = HeaderValue::from_str(&text) {
                let found: HeaderMap = [(COOKIE, value)].into_iter().collect();
                // What is not ASCII is no text of a header.
                let expected = text.is_ascii().then_some(&*id);
                prop_assert_eq!(Transport::Https.read(&found), expected);
            }
        }

        #[test]
        fn nothing_else_is_a_session(text in "\\PC{0,80}") {
            if let Ok(value) = HeaderValue::from_str(&text) {
                let found: HeaderMap = [(COOKIE, value)].into_iter().collect();
                prop_assert_eq!(Transport::Https.read(&found), None);
            }
        }
    }
}
