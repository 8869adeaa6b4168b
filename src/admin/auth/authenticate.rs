use std::net::IpAddr;

use futures_util::future::BoxFuture;
use http::request::Parts;

use super::{Denied, Principal};

/// Says who asks. An application that knows its operators already gives its own in the place of tokens and sessions.
///
/// ```
/// use std::net::IpAddr;
///
/// use futures_util::future::BoxFuture;
/// use hardtack::admin::auth::{Authenticate, Denied, Principal, Role};
/// use http::request::Parts;
///
/// /// Rests on a proxy that takes this header away from everybody else.
/// struct BehindProxy;
///
/// impl Authenticate for BehindProxy {
///     fn authenticate<'a>(
///         &'a self,
///         request: &'a Parts,
///         _from: Option<IpAddr>,
///     ) -> BoxFuture<'a, Result<Principal, Denied>> {
///         Box::pin(async move {
///             let user = request.headers.get("x-forwarded-user").and_then(|user| user.to_str().ok());
///             let user = user.ok_or(Denied::Missing)?;
///             Ok(Principal::of_application(user, Role::Viewer))
///         })
///     }
/// }
/// ```
pub trait Authenticate: Send + Sync {
    /// Who sent the request, from that address; none of a socket in the file system.
    ///
    /// # Errors
    /// [`Denied`]: nobody, or somebody who is not known, or it cannot be told now.
    fn authenticate<'a>(
        &'a self,
        request: &'a Parts,
        from: Option<IpAddr>,
    ) -> BoxFuture<'a, Result<Principal, Denied>>;
}
