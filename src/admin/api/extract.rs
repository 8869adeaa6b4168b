//! What is sent, or an answer that says what is wrong with it.

use std::fmt;
use std::marker::PhantomData;

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::admin::failure::Failure;
use crate::admin::guard::in_time;

/// The body, as a JSON object.
pub(in crate::admin) struct Json<T>(pub(crate) T);

/// Fields with their names. Serde takes those of an array for them too, in whatever order a release has them.
struct Named<T>(T);

/// What stands in the address.
pub(in crate::admin) struct Path<T>(pub(crate) T);

/// What stands behind the question mark.
pub(in crate::admin) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let parsed = in_time(axum::Json::from_request(request, state)).await?;
        let refused = |rejection: JsonRejection| {
            let what = match rejection {
                JsonRejection::JsonDataError(_) => Some("the body is not as it should be"),
                JsonRejection::JsonSyntaxError(_) => Some("the body is no JSON"),
                _ => None,
            };
            Failure::new(rejection.status(), in_words(what, rejection.body_text()))
        };
        parsed.map(|axum::Json(Named(body))| Self(body)).map_err(refused)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = T;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(fields))
            }
        }

        deserializer.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let parsed = axum::extract::Path::from_request_parts(parts, state).await;
        // Such as bytes that are no UTF-8: nothing has such a name.
        let refused = |rejection: PathRejection| Failure::not_found(rejection.body_text());
        parsed.map(|axum::extract::Path(path)| Self(path)).map_err(refused)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let parsed = axum::extract::Query::from_request_parts(parts, state).await;
        let what = Some("what stands behind the question mark is not as it should be");
        let refused = |rejection: QueryRejection| Failure::bad_request(in_words(what, rejection.body_text()));
        parsed.map(|axum::extract::Query(query)| Self(query)).map_err(refused)
    }
}

/// A reason without the words that axum has in front of it, which are about its own parts.
pub(in crate::admin) fn in_words(what: Option<&str>, rejection: String) -> String {
    match (what, rejection.split_once(": ")) {
        (Some(what), Some((_, reason))) => format!("{what}: {reason}"),
        _ => rejection,
    }
}

/// The length of a page.
pub(super) fn page(limit: Option<u32>) -> Result<Option<u32>, Failure> {
    match limit {
        None | Some(1..=500) => Ok(limit),
        Some(_) => Err(Failure::bad_request("limit: write 1 to 500")),
    }
}

/// The version that stands in a path; there is none of another form.
pub(in crate::admin) fn version(text: &str) -> Result<i64, Failure> {
    text.parse().map_err(|_| Failure::not_found(format!("there is no revision of version {text:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, default)]
    struct Body {
        database: String,
        plan: String,
    }

    #[test]
    fn a_body_has_names_and_each_once() {
        let of = |text: &str| serde_json::from_str::<Named<Body>>(text).map(|Named(body)| body).ok();
        let body = Body { database: "orders".to_owned(), ..Body::default() };
        assert_eq!(of(r#"{"database": "orders"}"#), Some(body));
        for wrong in [
            r#"["orders", "c0ffee"]"#,
            r#"{"database": "orders", "database": "other"}"#,
            r#"{"Database": "orders"}"#,
            r#""orders""#,
            "null",
            "{} {}",
        ] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}
