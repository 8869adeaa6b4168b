//! Procedural macros of hardtack. Use them through the `hardtack` crate, which re-exports them.

mod embed;
mod step;
mod test;

use proc_macro::TokenStream;

use step::Shape;

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
/// "2s"` bounds its wait for one lock, `irreversible = "reason"` says why there is no way back, `requires = "V7"` waits for
/// the end of that revision's backfill.
///
/// `alters_schema` says that the function changes the schema, and not data alone. What replays a folder without
/// compiling it (`hardtack snapshot --dir FOLDER`) passes over the Rust revisions that do not say so, and refuses those that do.
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
    expand(step::expand(Shape::Step("up"), item.into()))
}

/// Makes an asynchronous function the backward step of the revision whose file it stands in.
///
/// Takes `transaction` and `lock_timeout` as [`macro@up`] does.
#[proc_macro_attribute]
pub fn down(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(step::expand(Shape::Step("down"), item.into()))
}

/// Makes an asynchronous function run just before the SQL of the up beside whose file it stands, in the same transaction.
///
/// Beside an SQL text with `-- hardtack: no-transaction` it runs without one, and again whenever the revision is begun anew
/// behind a crash. `alters_schema` says that it changes the schema: a replay on a scratch database runs such hooks alone.
///
/// ```
/// use hardtack::prelude::*;
///
/// #[hardtack::before]
/// async fn make_room(context: &mut Context<'_>) -> Result<()> {
///     context.execute("delete from sessions where expires_at < now()", &[]).await?;
///     Ok(())
/// }
/// ```
#[proc_macro_attribute]
pub fn before(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(step::expand(Shape::Step("before"), item.into()))
}

/// Makes an asynchronous function run just after the SQL of the up beside whose file it stands, in the same transaction.
///
/// Otherwise as [`macro@before`].
#[proc_macro_attribute]
pub fn after(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(step::expand(Shape::Step("after"), item.into()))
}

/// Makes an asynchronous function the deferred backfill of the revision beside whose SQL its file stands.
///
/// The SQL is recorded first. The function runs in the background of the application, once it has booted, or with `backfills
/// run`: in every process that is there, at the same time, and again after a stop. So it holds backfills and nothing else:
/// the processes share them row by row. A later revision says `-- hardtack: requires V7`, or `#[hardtack::up(requires =
/// "V7")]`, where it must not run before the end.
///
/// ```no_run
/// use hardtack::prelude::*;
///
/// # mod accounts { pub struct Row; }
/// #[hardtack::backfill]
/// async fn lower(context: &mut Context<'_>) -> Result<()> {
///     # let _ = r#"
///     context.backfill::<accounts::Row>("lower").set_sql(accounts::EMAIL, "lower(email)").run().await?;
///     # "#; let _ = context;
///     Ok(())
/// }
/// ```
#[proc_macro_attribute]
pub fn backfill(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(step::expand(Shape::Step("backfill"), item.into()))
}

/// Makes an asynchronous function a check of the revision in whose file it stands, or beside whose SQL its file stands.
///
/// `check(before)` must hold before the up, `check(after)` after it, and the value of `check(unchanged)` must be the same
/// before and after. What does not hold fails the revision. Checks read only: what one writes is refused.
///
/// ```
/// use hardtack::prelude::*;
///
/// #[hardtack::check(after)]
/// async fn no_upper_case_left(context: &Context<'_>) -> Result<Check> {
///     context.holds("select not exists (select from accounts where email <> lower(email))").await
/// }
///
/// #[hardtack::check(unchanged)]
/// async fn accounts(context: &Context<'_>) -> Result<Check> {
///     context.value("select count(*) from accounts").await
/// }
/// ```
#[proc_macro_attribute]
pub fn check(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(step::expand(Shape::Check, item.into()))
}

/// Gives an asynchronous test a database of its own, at the version it wants; see `hardtack::testing`, which has an example.
///
/// The revisions come first: `crate::migrations::REVISIONS`. `at = 6` applies them up to version 6, in whose place 0 is an empty
/// database; without it all are applied. `fixtures("accounts.sql", crate::orders)` puts rows in before the test begins: SQL files, by their path from
/// this source file, and functions `async fn orders(db: &TestDatabase)`, in that order. `migrator = crate::configured` is a function
/// `fn configured(migrator: Migrator) -> Migrator`, where the application's own has a state or a history table.
///
/// The test runs on a runtime of one thread. It may return what any test may; `#[ignore]` and `#[should_panic]` go below.
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(test::expand(arguments.into(), item.into()))
}

fn expand(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result.unwrap_or_else(|error| error.to_compile_error()).into()
}
