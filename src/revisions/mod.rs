//! What the build baked, or a folder resolved: revisions, as plain data and function pointers.

mod around;
mod baked;
mod check;
mod context;
mod progress;
mod revision;
mod set;
mod states;
mod stop;
pub mod types;

#[cfg(feature = "resolve")]
mod draft;
#[cfg(feature = "resolve")]
mod resolve;
#[cfg(feature = "resolve")]
mod squash;

pub use around::{Around, Companion, Deferred, Hook};
pub use baked::{
    Baked, BakedCheck, BakedDown, BakedEffect, BakedHazard, BakedHooks, BakedQuestion, BakedRevision,
    BakedStep, Digest, Span,
};
pub use check::{Check, CheckFn, Moment, Question, RevisionCheck};
pub(crate) use context::{AroundCalls, Surroundings};
pub use context::{BoxFuture, Context, RevisionError, RevisionResult};
#[cfg(feature = "resolve")]
pub use draft::Draft;
#[cfg(feature = "resolve")]
pub use hardtack_build::{SchemaFile, SchemaFileError, SchemaStatement};
pub(crate) use progress::News;
pub use progress::{BackfillNews, Progress};
#[cfg(feature = "resolve")]
pub use resolve::{Folder, Inspection, ResolveError, inspect, pin, resolve, resolve_leniently};
pub use revision::{
    Direction, Down, Effect, EffectKind, Kind, Revision, RustFn, RustStep, Script, Settings, StaticHazard,
    Step, Transaction,
};
pub use set::RevisionSet;
#[cfg(feature = "resolve")]
pub use squash::{Squash, SquashError, first_difference, is_same_up_to, range_to};
pub use states::MissingState;
pub(crate) use states::States;
pub use stop::StopSignal;
