use serde::Deserialize;

use super::Action;

/// What comes along with a dangerous action, so that it is meant, and meant for this database and this plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Confirmation {
    /// The hash of the plan that was looked at: [`Plan::hash`](crate::Plan::hash).
    pub plan: String,
    /// The database's name, as somebody has typed it.
    pub database: String,
}

/// Why a dangerous action is not begun. Nothing was changed.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfirmationError {
    /// The name was not typed.
    #[error(
        "{action}: the database's name is missing; nothing was changed; send `database` with its name, {database}"
    )]
    NoDatabase {
        /// What was asked for.
        action: Action,
        /// The database's name.
        database: String,
    },
    /// Another name was typed.
    #[error(
        "{action}: this database is {database}, not {typed:?}; nothing was changed; see which one is meant"
    )]
    OtherDatabase {
        /// What was asked for.
        action: Action,
        /// The database's name.
        database: String,
        /// What was typed.
        typed: String,
    },
    /// No plan was named.
    #[error(
        "{action}: the plan is missing; nothing was changed; look at the plan, and send `plan` with its hash"
    )]
    NoPlan {
        /// What was asked for.
        action: Action,
    },
    /// The plan is not the one that was looked at.
    #[error(
        "{action}: the plan is not the one that was looked at: another run, another binary, or another target; nothing was \
         changed; look at the plan again"
    )]
    OtherPlan {
        /// What was asked for.
        action: Action,
    },
}

impl Confirmation {
    /// Whether an action may begin, on the database of that name, which would follow the plan of that hash. What is not
    /// dangerous needs no confirmation.
    ///
    /// # Errors
    /// [`ConfirmationError`].
    pub fn check(&self, action: Action, database: &str, plan: Option<&str>) -> Result<(), ConfirmationError> {
        if !action.is_dangerous() {
            return Ok(());
        }
        let typed = self.database.trim();
        if typed.is_empty() {
            return Err(ConfirmationError::NoDatabase { action, database: database.to_owned() });
        }
        // A name may have spaces of its own at its ends.
        if typed != database && self.database != database {
            let (database, typed) = (database.to_owned(), typed.chars().take(64).collect());
            return Err(ConfirmationError::OtherDatabase { action, database, typed });
        }
        match plan {
            _ if !action.wants_plan() => Ok(()),
            _ if self.plan.is_empty() => Err(ConfirmationError::NoPlan { action }),
            Some(plan) if plan == self.plan => Ok(()),
            _ => Err(ConfirmationError::OtherPlan { action }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(database: &str, plan: &str) -> Confirmation {
        Confirmation { plan: plan.to_owned(), database: database.to_owned() }
    }

    #[test]
    fn an_upgrade_wants_the_name_and_the_plan() {
        let check = |said: Confirmation| said.check(Action::Upgrade, "orders", Some("c0ffee"));
        assert_eq!(check(said("orders", "c0ffee")), Ok(()));
        assert_eq!(check(said(" orders\n", "c0ffee")), Ok(()));
        let action = Action::Upgrade;
        let database = "orders".to_owned();
        assert_eq!(
            check(said(" ", "c0ffee")),
            Err(ConfirmationError::NoDatabase { action, database: database.clone() })
        );
        let typed = "Orders".to_owned();
        assert_eq!(
            check(said("Orders", "c0ffee")),
            Err(ConfirmationError::OtherDatabase { action, database, typed })
        );
        assert_eq!(check(said("orders", "")), Err(ConfirmationError::NoPlan { action }));
        assert_eq!(check(said("orders", "beef")), Err(ConfirmationError::OtherPlan { action }));
    }

    #[test]
    fn a_restore_wants_the_name_and_a_look_wants_nothing() {
        assert_eq!(said("orders", "").check(Action::CancelBackfill, "orders", None), Ok(()));
        assert!(said("", "").check(Action::CancelBackfill, "orders", None).is_err());
        assert_eq!(said("", "").check(Action::View, "orders", None), Ok(()));
    }

    #[test]
    fn where_there_is_no_plan_none_is_confirmed() {
        let action = Action::Downgrade;
        let none = said("orders", "c0ffee").check(action, "orders", None);
        assert_eq!(none, Err(ConfirmationError::OtherPlan { action }));
        assert_eq!(
            said("orders", "").check(action, "orders", Some("")),
            Err(ConfirmationError::NoPlan { action })
        );
    }

    proptest! {
        #[test]
        fn nothing_dangerous_begins_for_another_database(typed in "\\PC{0,20}", name in "[a-z]{1,8}") {
            for action in Action::ALL.into_iter().filter(|action| action.is_dangerous()) {
                let passes = said(&typed, "c0ffee").check(action, &name, Some("c0ffee")).is_ok();
                prop_assert_eq!(passes, typed.trim() == name);
            }
        }
    }
}
