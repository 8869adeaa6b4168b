//! Procedural macros of hardtack. Use them through the `hardtack` crate, which re-exports them.

mod embed;
mod step;

use proc_macro::TokenStream;

/// Includes what the build script baked, as a module.
///
/// `embed!()` is `pub mod migrations`, from `hardtack_build::bake("migrations")`; `embed!(reports)` is `pub mod
/// reports`, from `hardtack_build::bake_as("db/reports", "reports")`. The module holds `REVISIONS`, an enum
/// `Revision`, and a module for each revision with its constants.
#[proc_macro]
pub fn embed(input: TokenStream) -> TokenStream {
    expand(embed::expand(input.into()))
}

/// Makes an asynchronous function the forward step of the Rust revision whose file it stands in.
///
/// The build script reads the arguments: `transaction = "none"` runs it without a transaction, `lock_timeout =
/// "2s"` bounds its wait for one lock, `irreversible = "reason"` says why there is no way back.
///
/// `alters_schema` says that the function changes the schema, and not data alone. What replays a folder without
/// compiling it (`hardtack snapshot --dir`) passes over the Rust revisions that do not say so, and refuses those that do.
///
/// ```
/// use hardtack::prelude::*;
///
/// #[hardtack::up(lock_timeout = "2s")]
/// async fn up(context: &mut Context<'_>) -> Result<()> {
///     context.execute("update accounts set email = lower(email)", &[]).await?;
///     Ok(())
/// }
/// ```
#[proc_macro_attribute]
pub fn up(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(step::expand("up", item.into()))
}

/// Makes an asynchronous function the backward step of the revision whose file it stands in.
///
/// Takes `transaction` and `lock_timeout` as [`macro@up`] does.
#[proc_macro_attribute]
pub fn down(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(step::expand("down", item.into()))
}

fn expand(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result.unwrap_or_else(|error| error.to_compile_error()).into()
}
