//! What forms send, and where they lead.

use axum::extract::rejection::FormRejection;
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use crate::admin::api::extract::in_words;
use crate::admin::failure::Failure;

/// The fields of a form.
pub(super) struct Form<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let parsed = axum::Form::from_request(request, state).await;
        let refused = |rejection: FormRejection| {
            let what = match rejection {
                FormRejection::FailedToDeserializeFormBody(_) => Some("the form is not as it should be"),
                _ => None,
            };
            Failure::new(rejection.status(), in_words(what, rejection.body_text()))
        };
        parsed.map(|axum::Form(fields)| Self(fields)).map_err(refused)
    }
}

pub(super) fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("application/x-www-form-urlencoded")
}

/// Leads a browser to another page, which it asks for anew.
pub(super) fn to(address: &str) -> Response {
    let address = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/admin"));
    (StatusCode::SEE_OTHER, [(LOCATION, address)]).into_response()
}

/// An address of this page, such as somebody was at before a login; nothing that leads elsewhere.
pub(super) fn own(address: &str) -> &str {
    let is_below =
        address == "/admin" || ["/admin/", "/admin?"].iter().any(|start| address.starts_with(start));
    let is_plain = address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let path = address.split('?').next().unwrap_or_default();
    let leads_back = path.starts_with("/admin/login") || path.contains("//") || path.contains("/.");
    let leads_back = leads_back || path.to_ascii_lowercase().contains("%2e");
    if is_below && is_plain && !leads_back { address } else { "/admin" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_elsewhere() {
        for address in ["/admin", "/admin/plan?to=7", "/admin?x=1"] {
            assert_eq!(own(address), address);
        }
        for address in [
            "",
            "//evil.example",
            "https://evil.example",
            "/admin//evil.example",
            "/admin/../other",
            "/admin/%2e%2E/other",
            "/adminother",
            "/admin/\\evil",
            "/admin/a b",
            "/admin/\r\nx: y",
            "/admin/login?next=/admin",
            "javascript:alert(1)",
        ] {
            assert_eq!(own(address), "/admin", "{address:?}");
        }
    }
}
