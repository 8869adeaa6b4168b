use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderName, Uri};

use super::Denied;

/// A browser says by this where a request comes from, and no page can change it.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Why an address of the page cannot be used.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "use {origin:?} as an address of the page: write scheme, host and port alone, as https://db.example.com"
)]
pub struct OriginError {
    /// The address as given.
    pub origin: String,
}

/// The addresses under which browsers reach the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origins(Known);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Known {
    /// Whatever name of this machine the request has, and whatever port.
    Loopback,
    /// These alone, in lower case, as browsers write them.
    Named(Vec<String>),
}

/// Whether what recognised somebody is sent by nothing but browsers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    Browser,
    Any,
}

impl Origins {
    /// Names of this machine: `localhost`, `127.0.0.1` and `[::1]`. Others are refused, so that a name of somebody else's
    /// that leads here (DNS rebinding) leads nowhere.
    #[must_use]
    pub fn loopback() -> Self {
        Self(Known::Loopback)
    }

    /// Addresses as the browser's address line has them, such as `https://db.example.com`. A proxy may send the request on
    /// under another name.
    ///
    /// # Errors
    /// [`OriginError`] where one has no scheme or host, or more than a port behind them.
    pub fn of<'a>(origins: impl IntoIterator<Item = &'a str>) -> Result<Self, OriginError> {
        let origins = origins.into_iter().map(|origin| {
            parse(origin)
                .map(|(scheme, authority)| format!("{scheme}://{authority}"))
                .ok_or_else(|| OriginError { origin: origin.to_owned() })
        });
        Ok(Self(Known::Named(origins.collect::<Result<_, _>>()?)))
    }

    /// Refuses a request under a name that is not ours.
    ///
    /// # Errors
    /// [`Denied::CrossSite`].
    pub fn check_host(&self, request: &Parts) -> Result<(), Denied> {
        // What a proxy makes of the name is its own affair.
        let Known::Named(_) = self.0 else {
            let host = authority(request).filter(|authority| is_loopback(authority.host()));
            return host.map(drop).ok_or(Denied::CrossSite { reason: "its host is no name of this machine" });
        };
        Ok(())
    }

    /// Refuses a request that a browser sends for the page of another site, port or scheme. From what only browsers send,
    /// it wants to be told; other programs need say nothing.
    pub(super) fn check(&self, request: &Parts, sender: Sender) -> Result<(), Denied> {
        let fetched = request.headers.get(SEC_FETCH_SITE);
        if fetched.is_some_and(|site| site != "same-origin") {
            return Err(Denied::CrossSite { reason: "the browser says that another site's page sent it" });
        }
        match request.headers.get(ORIGIN).map(|origin| origin.to_str().unwrap_or_default()) {
            Some(origin) if self.is_own(origin, request) => Ok(()),
            Some(_) => Err(Denied::CrossSite { reason: "its origin is not this page's" }),
            None if fetched.is_some() || sender == Sender::Any => Ok(()),
            None => Err(Denied::CrossSite { reason: "it does not say which page sent it" }),
        }
    }

    fn is_own(&self, origin: &str, request: &Parts) -> bool {
        let Some((scheme, own)) = parse(origin) else { return false };
        match &self.0 {
            Known::Named(known) => known.contains(&format!("{scheme}://{own}")),
            Known::Loopback => authority(request).is_some_and(|authority| {
                is_loopback(authority.host()) && plain(&scheme, authority.as_str()) == own
            }),
        }
    }
}

/// The name and port that a request was sent to.
fn authority(request: &Parts) -> Option<Authority> {
    if let Some(authority) = request.uri.authority() {
        return Some(authority.clone());
    }
    let mut hosts = request.headers.get_all(HOST).iter();
    let host = hosts.next()?.to_str().ok()?.parse().ok()?;
    hosts.next().is_none().then_some(host)
}

fn is_loopback(host: &str) -> bool {
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| host.eq_ignore_ascii_case(name))
}

/// Scheme and authority of an origin, in lower case and without a port that goes without saying.
fn parse(origin: &str) -> Option<(String, String)> {
    let uri: Uri = origin.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?.to_ascii_lowercase(), uri.authority()?.as_str());
    let bare = authority.len() + scheme.len() + "://".len() == origin.trim_end_matches('/').len();
    let is_usable = bare && ["http", "https"].contains(&&*scheme) && !authority.contains('@');
    is_usable.then(|| {
        let authority = plain(&scheme, authority);
        (scheme, authority)
    })
}

fn plain(scheme: &str, authority: &str) -> String {
    let port = if scheme == "https" { ":443" } else { ":80" };
    authority.strip_suffix(port).unwrap_or(authority).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use http::Request;
    use proptest::prelude::*;

    use super::*;

    fn request(headers: &[(&str, &str)]) -> Parts {
        let builder = Request::post("/api/upgrade");
        let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
        builder.body(()).unwrap().into_parts().0
    }

    fn passes(origins: &Origins, headers: &[(&str, &str)]) -> bool {
        origins.check(&request(headers), Sender::Browser).is_ok()
    }

    #[test]
    fn on_loopback_the_origin_is_the_host() {
        let origins = Origins::loopback();
        for host in ["localhost:9000", "127.0.0.1:9000", "[::1]:9000", "LOCALHOST:9000", "localhost"] {
            let origin = format!("http://{host}");
            assert!(passes(&origins, &[("host", host), ("origin", &origin)]), "{host}");
        }
        assert!(passes(&origins, &[("host", "localhost:80"), ("origin", "http://localhost")]));
        for wrong in
            ["http://localhost:9001", "null", "http://evil.example", "file://", "http://localhost.evil"]
        {
            assert!(!passes(&origins, &[("host", "localhost:9000"), ("origin", wrong)]), "{wrong}");
        }
    }

    #[test]
    fn a_name_of_somebody_elses_that_leads_here_leads_nowhere() {
        let origins = Origins::loopback();
        let rebound = [("host", "evil.example:9000"), ("origin", "http://evil.example:9000")];
        assert!(!passes(&origins, &rebound));
        assert!(origins.check_host(&request(&rebound)).is_err());
        assert!(origins.check_host(&request(&[("host", "127.0.0.1:9000")])).is_ok());
        assert!(origins.check_host(&request(&[])).is_err(), "none");
        assert!(origins.check_host(&request(&[("host", "localhost"), ("host", "evil.example")])).is_err());
    }

    #[test]
    fn behind_a_proxy_the_address_line_counts_and_not_the_host() {
        let origins = Origins::of(["https://DB.example.com:443", "http://10.0.0.7:9000"]).unwrap();
        for origin in ["https://db.example.com", "http://10.0.0.7:9000"] {
            let sent = [("host", "127.0.0.1:9000"), ("origin", origin)];
            assert!(passes(&origins, &sent), "{origin}");
            assert!(origins.check_host(&request(&sent)).is_ok());
        }
        for wrong in ["http://db.example.com", "https://db.example.com:8443", "https://xdb.example.com"] {
            assert!(!passes(&origins, &[("host", "db.example.com"), ("origin", wrong)]), "{wrong}");
        }
    }

    #[test]
    fn what_a_browser_says_of_the_sender_is_heeded() {
        let origins = Origins::loopback();
        let own = [("host", "localhost"), ("sec-fetch-site", "same-origin")];
        assert!(passes(&origins, &own));
        for site in ["same-site", "cross-site", "none", ""] {
            let sent = [("host", "localhost"), ("origin", "http://localhost"), ("sec-fetch-site", site)];
            assert!(!passes(&origins, &sent), "{site}");
        }
        let silent = request(&[("host", "localhost")]);
        assert!(origins.check(&silent, Sender::Browser).is_err());
        assert!(origins.check(&silent, Sender::Any).is_ok(), "a program that is no browser");
    }

    #[test]
    fn addresses_that_are_none_are_refused() {
        for wrong in [
            "db.example.com",
            "https://",
            "https://a.example/admin",
            "ftp://a.example",
            "https://u@a.example",
            "",
        ] {
            assert_eq!(Origins::of([wrong]).unwrap_err().origin, wrong);
        }
        assert!(Origins::of(["https://a.example/"]).is_ok());
    }

    proptest! {
        #[test]
        fn no_other_origin_is_ours(origin in "\\PC{0,40}|https?://[a-z.:@/0-9\\[\\]]{0,30}|[hH]ttps://(x|[a-z]@)?[dD]b.example.com(:443|:80)?/?x?") {
            let origins = Origins::of(["https://db.example.com"]).unwrap();
            let builder = Request::post("/").header("origin", &origin);
            if let Ok(sent) = builder.body(()) {
                let passed = origins.check(&sent.into_parts().0, Sender::Browser).is_ok();
                let address = origin.to_ascii_lowercase();
                let address = address.strip_suffix('/').unwrap_or(&address);
                let address = address.strip_suffix(":443").unwrap_or(address);
                prop_assert_eq!(passed, address == "https://db.example.com", "{}", origin);
            }
        }
    }
}
