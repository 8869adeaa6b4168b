use crate::db::embedded::error::EmbeddedError;

/// Whether a private server may run in the environment of this name; it may where none is named.
///
/// A production process whose `DATABASE_URL` was forgotten must fail, not migrate an empty database.
///
/// ```
/// use hardtack::db::embedded::allowed_in;
///
/// assert!(allowed_in(None).is_ok());
/// assert!(allowed_in(Some("development")).is_ok());
/// assert!(allowed_in(Some("Production")).is_err());
/// assert!(allowed_in(Some("prod-eu")).is_err());
/// ```
///
/// # Errors
/// [`EmbeddedError::Production`] where a word of the name is `prod`, `production` or `live`, in any case.
pub fn allowed_in(environment: Option<&str>) -> Result<(), EmbeddedError> {
    const FORBIDDEN: [&str; 3] = ["prod", "production", "live"];
    let Some(name) = environment else { return Ok(()) };
    let mut words = name.split(|letter: char| !letter.is_alphanumeric());
    if words.any(|word| FORBIDDEN.iter().any(|forbidden| word.eq_ignore_ascii_case(forbidden))) {
        return Err(EmbeddedError::Production { environment: name.to_owned() });
    }
    Ok(())
}
