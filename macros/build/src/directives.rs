/// A directive above a script's first statement: `-- hardtack: NAME ..`. The build knows no others than [`DIRECTIVES`].
#[derive(Clone, Copy, Debug)]
pub struct Directive {
    /// The word behind `hardtack:`.
    pub name: &'static str,
    /// How all of it is written.
    pub form: &'static str,
    /// Whether a down takes it as well.
    pub is_for_downs: bool,
    /// What it says, in Markdown.
    pub about: &'static str,
}

/// An attribute of a function in a Rust file of a revision: `#[hardtack::NAME(..)]`. The build knows no others than [`ATTRIBUTES`].
#[derive(Clone, Copy, Debug)]
pub struct FunctionAttribute {
    /// The word behind `hardtack::`.
    pub name: &'static str,
    /// What may stand between its parentheses.
    pub arguments: &'static [AttributeArgument],
}

/// An argument of an attribute.
#[derive(Clone, Copy, Debug)]
pub struct AttributeArgument {
    /// Its name.
    pub name: &'static str,
    /// How all of it is written.
    pub form: &'static str,
    /// What it says, in Markdown.
    pub about: &'static str,
}

/// All directives.
pub const DIRECTIVES: &[Directive] = &[
    Directive {
        name: "no-transaction",
        form: "-- hardtack: no-transaction",
        is_for_downs: true,
        about: "Runs statement by statement without a transaction, each recorded, so that the next run goes on behind what is done.",
    },
    Directive {
        name: "irreversible",
        form: "-- hardtack: irreversible \"reason\"",
        is_for_downs: false,
        about: "There is no down, and why. `downgrade` refuses to go behind it.",
    },
    Directive {
        name: "allow",
        form: "-- hardtack: allow RULE \"reason\"",
        is_for_downs: true,
        about: "Accepts a hazard by its name; the reason is baked with it. Once a hazard.",
    },
    Directive {
        name: "lock-timeout",
        form: "-- hardtack: lock-timeout 2s",
        is_for_downs: true,
        about: "The longest wait for one lock on a table, in the place of `--lock-timeout`: a number and `ms`, `s` or `min`.",
    },
    Directive {
        name: "replaces",
        form: "-- hardtack: replaces V1..V40",
        is_for_downs: false,
        about: "Stands for all revisions of a range, whose files are gone. `squash` writes it, into the revision of the range's last version.",
    },
    Directive {
        name: "requires",
        form: "-- hardtack: requires V7",
        is_for_downs: false,
        about: "Runs only once the deferred backfill of that revision has finished. With commas between for more than one.",
    },
    Directive {
        name: "breaks-code-before",
        form: "-- hardtack: breaks-code-before V7",
        is_for_downs: false,
        about: "Binaries whose newest revision is older no longer work behind it, and do not start.",
    },
    Directive {
        name: "check",
        form: "-- hardtack: check \"name\" QUERY",
        is_for_downs: false,
        about: "The query answers true after the up, or the revision fails. `verify --data` asks it again. As many as there are names.",
    },
    Directive {
        name: "check-before",
        form: "-- hardtack: check-before \"name\" QUERY",
        is_for_downs: false,
        about: "The query answers true before the up, or the revision fails.",
    },
    Directive {
        name: "unchanged",
        form: "-- hardtack: unchanged \"name\" QUERY",
        is_for_downs: false,
        about: "The first row of the query is the same before and after the up, or the revision fails.",
    },
];

/// The flag of what changes the schema, and not data alone.
pub(crate) const ALTERS_SCHEMA: &str = "alters_schema";

const TRANSACTION: AttributeArgument = AttributeArgument {
    name: "transaction",
    form: "transaction = \"none\"",
    about: "Runs it without a transaction.",
};

const LOCK_TIMEOUT: AttributeArgument = AttributeArgument {
    name: "lock_timeout",
    form: "lock_timeout = \"2s\"",
    about: "The longest wait for one lock on a table, in the place of `--lock-timeout`.",
};

const OF_HOOKS: &[AttributeArgument] = &[AttributeArgument {
    name: ALTERS_SCHEMA,
    form: ALTERS_SCHEMA,
    about: "It changes the schema: a replay on a scratch database runs it, and is refused where the function is not there.",
}];

/// All attributes. `#[hardtack::test]` is none of a revision.
pub const ATTRIBUTES: &[FunctionAttribute] = &[
    FunctionAttribute {
        name: "up",
        arguments: &[
            TRANSACTION,
            LOCK_TIMEOUT,
            AttributeArgument {
                name: "irreversible",
                form: "irreversible = \"reason\"",
                about: "There is no down, and why.",
            },
            AttributeArgument {
                name: "requires",
                form: "requires = \"V7\"",
                about: "Runs only once the deferred backfill of that revision has finished. With commas between for more than one.",
            },
            AttributeArgument {
                name: "breaks_code_before",
                form: "breaks_code_before = \"V7\"",
                about: "Binaries whose newest revision is older no longer work behind it, and do not start.",
            },
            AttributeArgument {
                name: ALTERS_SCHEMA,
                form: ALTERS_SCHEMA,
                about: "It changes the schema: a replay on a scratch database refuses it where the function is not there, instead of passing over it.",
            },
        ],
    },
    FunctionAttribute { name: "down", arguments: &[TRANSACTION, LOCK_TIMEOUT] },
    FunctionAttribute { name: "before", arguments: OF_HOOKS },
    FunctionAttribute { name: "after", arguments: OF_HOOKS },
    FunctionAttribute {
        name: "check",
        arguments: &[
            AttributeArgument { name: "before", form: "before", about: "It holds before the up." },
            AttributeArgument { name: "after", form: "after", about: "It holds after the up." },
            AttributeArgument {
                name: "unchanged",
                form: "unchanged",
                about: "Its value is the same before and after the up.",
            },
        ],
    },
    FunctionAttribute { name: "backfill", arguments: &[] },
];

impl Directive {
    /// The directive of a name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        DIRECTIVES.iter().find(|directive| directive.name == name)
    }
}

impl FunctionAttribute {
    /// The argument of a name.
    pub(crate) fn argument(&self, name: &str) -> Option<&'static AttributeArgument> {
        self.arguments.iter().find(|argument| argument.name == name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.arguments.iter().map(|argument| argument.name)
    }
}
