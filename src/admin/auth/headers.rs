use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderName, HeaderValue};

/// No script and no style inside a page, nothing from elsewhere, nowhere else to send anything, and no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
    form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The headers of every answer, of the page and of the API alike.
///
/// `Strict-Transport-Security` is not among them: it speaks for the whole host, which is the affair of whoever ends TLS.
#[must_use]
pub fn security_headers() -> [(HeaderName, HeaderValue); 9] {
    let header = |name: &'static str, value: &'static str| {
        (HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    [
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        header(
            "permissions-policy",
            "camera=(), clipboard-read=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
        header("cross-origin-opener-policy", "same-origin"),
        header("cross-origin-resource-policy", "same-origin"),
        header("cross-origin-embedder-policy", "require-corp"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_inline_nothing_foreign() {
        let directives: Vec<(&str, &str)> =
            POLICY.split("; ").map(|directive| directive.split_once(' ').unwrap()).collect();
        assert_eq!(directives[0], ("default-src", "'none'"));
        for (name, sources) in &directives {
            for source in sources.split(' ') {
                assert!(["'none'", "'self'", "data:"].contains(&source), "{name} {source}");
                assert!(source != "data:" || *name == "img-src", "{name}");
            }
        }
        for name in ["frame-ancestors", "form-action", "base-uri"] {
            assert!(directives.iter().any(|(directive, _)| *directive == name), "no fallback: {name}");
        }
    }

    #[test]
    fn each_is_there_once() {
        let mut names: Vec<HeaderName> = security_headers().into_iter().map(|(name, _)| name).collect();
        names.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        names.dedup();
        assert_eq!(names.len(), security_headers().len());
    }
}
