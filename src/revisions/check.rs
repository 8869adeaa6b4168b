use std::borrow::Cow;
use std::fmt;

use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

use super::{BoxFuture, Context, RevisionResult};

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// It holds.
    Holds,
    /// It does not, and why.
    Fails(String),
    /// What `#[hardtack::check(unchanged)]` compares before and after.
    Value(String),
}

/// Something that must hold around the up of a revision.
#[derive(Clone, Debug)]
pub struct RevisionCheck {
    /// Its name, unique in its revision.
    pub name: Cow<'static, str>,
    /// When it is asked.
    pub moment: Moment,
    /// The file that says it, below the migrations folder, for messages.
    pub file: Cow<'static, str>,
    /// What is asked.
    pub question: Question,
}

/// When a check is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// It must hold before the up.
    Before,
    /// It must hold after the up.
    After,
    /// Its value must be the same before and after.
    Unchanged,
}

/// What a check asks.
#[derive(Clone, Debug)]
pub enum Question {
    /// One query: its first row's only column is true, or its first row is compared as text.
    Sql(Cow<'static, str>),
    /// A function; none where a folder was resolved at run time.
    Rust(Option<CheckFn>),
}

/// The shape into which `#[hardtack::check(..)]` turns a function.
pub type CheckFn = for<'a> fn(&'a Context<'_>) -> BoxFuture<'a, RevisionResult<Check>>;

impl Check {
    /// A value that is compared by its text.
    ///
    /// ```
    /// assert_eq!(hardtack::Check::value(7), hardtack::Check::Value("7".to_owned()));
    /// ```
    #[must_use]
    pub fn value(value: impl fmt::Display) -> Self {
        Self::Value(value.to_string())
    }
}

impl RevisionCheck {
    /// Whether its function is not at hand.
    pub(crate) fn is_without_code(&self) -> bool {
        matches!(self.question, Question::Rust(None))
    }

    /// Asks. A function that is not at hand was found out before.
    pub(crate) async fn ask(&self, context: &Context<'_>) -> RevisionResult<Check> {
        match (&self.question, self.moment) {
            (Question::Sql(query), Moment::Unchanged) => context.value(query).await,
            (Question::Sql(query), _) => context.holds(query).await,
            (Question::Rust(Some(run)), _) => run(context).await,
            (Question::Rust(None), _) => Err("its function is not in this program".into()),
        }
    }
}

impl Context<'_> {
    /// Asks a query without parameters whose first row's only column is to be true. False, null and no row are
    /// [`Check::Fails`].
    ///
    /// # Errors
    /// What the server said; an answer that is neither true nor false.
    pub async fn holds(&self, query: &str) -> RevisionResult<Check> {
        let row = first_row(self.client(), query).await?;
        let fails = |found: &str| Ok(Check::Fails(format!("expected true, found {found}")));
        match row.as_deref() {
            None => fails("no row"),
            Some([Some(answer)]) if answer == "t" => Ok(Check::Holds),
            Some([Some(answer)]) if answer == "f" => fails("false"),
            Some([None]) => fails("null"),
            Some([Some(answer)]) => {
                Err(format!("expected true or false, found {answer}: let the query compare").into())
            }
            Some(columns) => Err(format!("expected one column, found {}", columns.len()).into()),
        }
    }

    /// The first row of a query without parameters as text, to be compared with what it was: a number of rows, a sum, a hash.
    /// No row is [`Check::Fails`].
    ///
    /// # Errors
    /// What the server said.
    pub async fn value(&self, query: &str) -> RevisionResult<Check> {
        let Some(row) = first_row(self.client(), query).await? else {
            return Ok(Check::Fails("expected a value, found no row".to_owned()));
        };
        let columns: Vec<_> = row.iter().map(|column| column.as_deref().unwrap_or("null")).collect();
        Ok(Check::Value(match columns.as_slice() {
            [one] => (*one).to_owned(),
            several => format!("({})", several.join(", ")),
        }))
    }
}

/// The columns of a query's first row as text.
async fn first_row(
    client: &Client,
    query: &str,
) -> Result<Option<Vec<Option<String>>>, tokio_postgres::Error> {
    let messages = client.simple_query(query).await?;
    let columns =
        |row: &SimpleQueryRow| (0..row.len()).map(|index| row.get(index).map(str::to_owned)).collect();
    Ok(messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(columns(row)),
        _ => None,
    }))
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Before => "before the up",
            Self::After => "after the up",
            Self::Unchanged => "unchanged by the up",
        })
    }
}
