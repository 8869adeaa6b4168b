use super::definition;

definition! {
    /// A function or procedure.
    pub struct Routine {
        /// The whole `CREATE OR REPLACE` statement.
        pub definition: String,
        /// The arguments with names and modes, without defaults.
        pub arguments: String,
        /// The type of its result; none for a procedure.
        pub result: Option<String>,
        /// The number of arguments with a default.
        pub defaults: u16,
    }

    /// An aggregate.
    pub struct Aggregate {
        /// Its options as `CREATE AGGREGATE` takes them, without the parentheses.
        pub definition: String,
        /// The types of its arguments, as `GRANT` takes them; its name has them as `CREATE AGGREGATE` does.
        pub arguments: String,
        /// The type of its result.
        pub result: String,
    }
}
