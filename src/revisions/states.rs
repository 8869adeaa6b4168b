use std::any::{Any, TypeId, type_name};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What an application registered for its Rust revisions, by type.
#[derive(Clone)]
pub(crate) struct States {
    by_type: BTreeMap<TypeId, Arc<dyn Any + Send + Sync>>,
}

/// The application has registered nothing of a type that a Rust revision asks for.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error(
    "nothing of type `{type_name}` was registered with `with_state` of the application or the migrator; run this revision by the application \
     that registers it"
)]
pub struct MissingState {
    /// The type, as the compiler calls it.
    pub type_name: &'static str,
}

impl States {
    pub(crate) const fn new() -> Self {
        Self { by_type: BTreeMap::new() }
    }

    /// Keeps a value; one of the same type is replaced.
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        self.by_type.insert(TypeId::of::<T>(), Arc::new(value));
    }

    pub(crate) fn get<T: 'static>(&self) -> Result<&T, MissingState> {
        let value = self.by_type.get(&TypeId::of::<T>()).and_then(|value| value.downcast_ref());
        value.ok_or(MissingState { type_name: type_name::<T>() })
    }
}

impl fmt::Debug for States {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values may be secrets.
        write!(formatter, "{} states", self.by_type.len())
    }
}
