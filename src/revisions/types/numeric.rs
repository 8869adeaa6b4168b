use std::fmt;
use std::str::FromStr;

use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

use super::domain::split_number;
use super::generated::Error;

/// A `numeric`, as the decimal text that the server would show: `12.50`, `-0.001`, `NaN`, `Infinity`.
///
/// Exact, whatever its precision. To calculate, parse the text into the decimal type of your choice, and its text back:
///
/// ```
/// use hardtack::types::Numeric;
///
/// let price: Numeric = "012.50".parse()?;
/// assert_eq!(price.as_str(), "12.50");
/// # Ok::<(), hardtack::types::NotNumeric>(())
/// ```
///
/// Equal are texts: `1.5` and `1.50` differ, as their scales do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Numeric(String);

/// A text that is no decimal number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read {text:?} as a numeric: write digits with at most one point, NaN, Infinity or -Infinity")]
pub struct NotNumeric {
    /// The text.
    pub text: String,
}

impl Numeric {
    /// The decimal text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Numeric {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Numeric {
    type Err = NotNumeric;

    fn from_str(text: &str) -> Result<Self, NotNumeric> {
        if SPECIAL.iter().any(|(special, _)| *special == text) {
            return Ok(Self(text.to_owned()));
        }
        let (sign, unsigned) = match text.strip_prefix('-') {
            Some(unsigned) => ("-", unsigned),
            None => ("", text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = || whole.bytes().chain(fraction.bytes());
        if digits().next().is_none() || !digits().all(|digit| digit.is_ascii_digit()) {
            return Err(NotNumeric { text: text.to_owned() });
        }
        // The server knows no negative zero.
        let sign = if digits().all(|digit| digit == b'0') { "" } else { sign };
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        let point = if fraction.is_empty() { "" } else { "." };
        Ok(Self(format!("{sign}{whole}{point}{fraction}")))
    }
}

/// The signs of values that have no digits.
const SPECIAL: [(&str, i16); 3] = [("NaN", NAN), ("Infinity", INFINITY), ("-Infinity", NEGATIVE_INFINITY)];

// 0xC000, 0xD000, 0xF000 and 0x4000 on the wire.
const NAN: i16 = -0x4000;
const INFINITY: i16 = -0x3000;
const NEGATIVE_INFINITY: i16 = -0x1000;
const NEGATIVE: i16 = 0x4000;

/// On the wire a number has digits of base 10,000: their number, how many places the first one stands before the point, the
/// sign, the decimal places that are shown, and the digits.
const BASE_DIGITS: usize = 4;

impl<'a> FromSql<'a> for Numeric {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Error> {
        let mut rest = raw;
        let (counts, scales) = (split_number(&mut rest), split_number(&mut rest));
        let (Some(counts), Some(scales)) = (counts, scales) else { return Err(TRUNCATED.into()) };
        let ([_, weight], [sign, scale]) = (halves(counts), halves(scales));
        if let Some((special, _)) = SPECIAL.iter().find(|(_, special)| *special == sign) {
            return Ok(Self((*special).to_owned()));
        }
        let (digits, []) = rest.as_chunks::<2>() else { return Err(TRUNCATED.into()) };
        let digits: String =
            digits.iter().map(|digit| format!("{:04}", u16::from_be_bytes(*digit))).collect();
        let (weight, scale) = (isize::from(weight), usize::try_from(scale)?);
        let digit = |place: isize| {
            usize::try_from(place).ok().and_then(|place| digits.get(place..=place)).unwrap_or("0")
        };
        // The place of the first decimal behind the point, among all of them.
        let point = (weight + 1) * BASE_DIGITS.cast_signed();
        let whole: String = (0..point).map(digit).collect();
        let fraction: String = (point..point + scale.cast_signed()).map(digit).collect();
        let sign = if sign == NEGATIVE { "-" } else { "" };
        Ok(format!("{sign}{}.{fraction}", if whole.is_empty() { "0" } else { &whole }).parse()?)
    }

    accepts!(NUMERIC);
}

impl ToSql for Numeric {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Error> {
        if let Some((_, sign)) = SPECIAL.iter().find(|(special, _)| *special == self.0) {
            put(out, &[0, 0, *sign, 0]);
            return Ok(IsNull::No);
        }
        let (sign, unsigned) =
            self.0.strip_prefix('-').map_or((0, &*self.0), |unsigned| (NEGATIVE, unsigned));
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let groups = whole.len().div_ceil(BASE_DIGITS);
        let decimals = format!(
            "{whole:0>before$}{fraction:0<behind$}",
            before = groups * BASE_DIGITS,
            behind = fraction.len().next_multiple_of(BASE_DIGITS)
        );
        let digits: Vec<i16> = decimals
            .as_bytes()
            .chunks(BASE_DIGITS)
            .map(|group| group.iter().fold(0, |digit, decimal| digit * 10 + i16::from(decimal - b'0')))
            .collect();
        let header =
            [i16::try_from(digits.len())?, i16::try_from(groups)? - 1, sign, i16::try_from(fraction.len())?];
        put(out, &header);
        put(out, &digits);
        Ok(IsNull::No)
    }

    accepts!(NUMERIC);
    to_sql_checked!();
}

const TRUNCATED: &str = "a numeric that ends early";

fn halves(number: i32) -> [i16; 2] {
    let [a, b, c, d] = number.to_be_bytes();
    [i16::from_be_bytes([a, b]), i16::from_be_bytes([c, d])]
}

fn put(out: &mut BytesMut, numbers: &[i16]) {
    numbers.iter().for_each(|number| out.extend_from_slice(&number.to_be_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(text: &str) -> String {
        let mut out = BytesMut::new();
        text.parse::<Numeric>().unwrap().to_sql(&Type::NUMERIC, &mut out).unwrap();
        Numeric::from_sql(&Type::NUMERIC, &out).unwrap().to_string()
    }

    #[test]
    fn texts_come_back() {
        for text in [
            "0",
            "0.00",
            "1",
            "-1.50",
            "10000",
            "0.0001",
            "0.00001000",
            "123456789012345678901234567890.12345",
            "NaN",
        ] {
            assert_eq!(round(text), text);
        }
        for (text, expected) in [("-0.0", "0.0"), ("+7", "7"), ("007.10", "7.10"), (".5", "0.5"), ("5.", "5")]
        {
            assert_eq!(round(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", ".", "-", "1e5", "1.2.3", "--1", "infinity", "١", " 1"] {
            assert!(text.parse::<Numeric>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn bytes_that_end_early_are_refused() {
        for raw in [&[][..], &[0, 1, 0, 0, 0, 0], &[0, 1, 0, 0, 0, 0, 0, 0, 7]] {
            assert!(Numeric::from_sql(&Type::NUMERIC, raw).is_err());
        }
    }
}
