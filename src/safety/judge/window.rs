use std::fmt;
use std::str::FromStr;

use time::{Date, OffsetDateTime, Time, UtcOffset, Weekday};

/// When a run may begin: hours of some days of the week, perhaps past midnight, at a fixed offset from UTC.
///
/// Days are three letters, joined by commas and hyphens; without days it is every day. A window that passes midnight belongs
/// to the day on which it opens. It opens with its first minute and is closed with its last; `24:00` is the day's end.
///
/// ```
/// use hardtack::safety::Window;
/// use time::OffsetDateTime;
///
/// let nights: Window = "mon-thu,sun 22:00-05:30 +02:00".parse()?;
/// // Thursday, 1 January 1970, at 02:00 of that offset: the window of Wednesday is open.
/// assert!(nights.contains(OffsetDateTime::UNIX_EPOCH));
/// assert!("22:00-05:30 Europe/Berlin".parse::<Window>().is_err());
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// On which days it opens, Monday first.
    days: [bool; 7],
    /// The minutes of the day at which it opens and closes; the second is the smaller one where it passes midnight.
    from: u16,
    to: u16,
    offset: UtcOffset,
}

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

const DAY: u16 = 24 * 60;

impl Window {
    /// Whether it is open at that moment.
    #[must_use]
    pub fn contains(&self, moment: OffsetDateTime) -> bool {
        let moment = moment.to_offset(self.offset);
        let minute = u16::from(moment.hour()) * 60 + u16::from(moment.minute());
        let (today, yesterday) =
            (self.opens_on(moment.weekday()), self.opens_on(moment.weekday().previous()));
        if self.from < self.to {
            today && (self.from..self.to).contains(&minute)
        } else {
            (today && minute >= self.from) || (yesterday && minute < self.to)
        }
    }

    /// The first moment from this one on at which it opens, at its own offset.
    #[must_use]
    pub fn next(&self, moment: OffsetDateTime) -> Option<OffsetDateTime> {
        let today = moment.to_offset(self.offset).date();
        let days = std::iter::successors(Some(today), |day| day.next_day()).take(8);
        let openings = days.filter(|day| self.opens_on(day.weekday())).filter_map(|day| self.opening(day));
        openings.into_iter().find(|opening| *opening >= moment)
    }

    fn opening(&self, day: Date) -> Option<OffsetDateTime> {
        let (hour, minute) = (u8::try_from(self.from / 60).ok()?, u8::try_from(self.from % 60).ok()?);
        Some(day.with_time(Time::from_hms(hour, minute, 0).ok()?).assume_offset(self.offset))
    }

    fn opens_on(&self, day: Weekday) -> bool {
        self.days[usize::from(day.number_days_from_monday())]
    }
}

/// A moment as the message about a window has it: `mon 2026-11-30 22:00 UTC`.
pub(super) fn minute(moment: OffsetDateTime) -> String {
    let (day, _) = DAYS[usize::from(moment.weekday().number_days_from_monday())];
    let (date, hour, minute) = (moment.date(), moment.hour(), moment.minute());
    format!("{day} {date} {hour:02}:{minute:02} {}", zone(moment.offset()))
}

fn zone(offset: UtcOffset) -> String {
    if offset.is_utc() {
        return "UTC".to_owned();
    }
    let (hours, minutes, _) = offset.as_hms();
    let sign = if offset.is_negative() { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", hours.abs(), minutes.abs())
}

impl FromStr for Window {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (days, hours, zone) = match words[..] {
            [hours, zone] => ([true; 7], hours, zone),
            [days, hours, zone] => (read_days(days)?, hours, zone),
            _ => return Err("write days, hours and an offset, as in `mon-fri 22:00-05:00 UTC`".to_owned()),
        };
        let both = hours
            .split_once('-')
            .ok_or_else(|| format!("{hours:?} is no range of hours such as 22:00-05:00"))?;
        let (from, to) = (read_minute(both.0)?, read_minute(both.1)?);
        if from == DAY {
            return Err("a window opens at 23:59 at the latest; 24:00 is where one may close".to_owned());
        }
        if from == to {
            return Err(format!("{hours} is no time at all; 00:00-24:00 is a whole day"));
        }
        // Up to midnight is up to the end of the day.
        let to = if to == 0 { DAY } else { to };
        Ok(Self { days, from, to, offset: read_offset(zone)? })
    }
}

fn read_days(text: &str) -> Result<[bool; 7], String> {
    let place = |name: &str| {
        let found = DAYS.iter().position(|(day, _)| day.eq_ignore_ascii_case(name));
        found.ok_or_else(|| format!("{name:?} is no day; write mon, tue, wed, thu, fri, sat or sun"))
    };
    let mut days = [false; 7];
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (place(first)?, place(last)?);
        // `fri-mon` passes the end of the week.
        let length = (last + 7 - first) % 7;
        (first..=first + length).for_each(|day| days[day % 7] = true);
    }
    Ok(days)
}

fn read_minute(text: &str) -> Result<u16, String> {
    let malformed = || format!("{text:?} is no time of day; write hours and minutes, as in 05:30");
    let (hour, minute) = text.split_once(':').ok_or_else(malformed)?;
    let two_digits = |text: &str| {
        let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>().ok().filter(|_| is_number)
    };
    let (hour, minute) = two_digits(hour).zip(two_digits(minute)).ok_or_else(malformed)?;
    let minutes = hour * 60 + minute;
    if minute < 60 && minutes <= DAY { Ok(minutes) } else { Err(malformed()) }
}

fn read_offset(text: &str) -> Result<UtcOffset, String> {
    let malformed = || {
        format!(
            "{text:?} is no offset; write UTC or such as +02:00: the rules of a named time zone are not known here"
        )
    };
    if text.eq_ignore_ascii_case("utc") {
        return Ok(UtcOffset::UTC);
    }
    let (sign, rest) = match text.split_at_checked(1) {
        Some(("+", rest)) => (1, rest),
        Some(("-", rest)) => (-1, rest),
        _ => return Err(malformed()),
    };
    let minutes = read_minute(rest).ok().filter(|minutes| *minutes <= 14 * 60).ok_or_else(malformed)?;
    UtcOffset::from_whole_seconds(sign * i32::from(minutes) * 60).map_err(|_| malformed())
}

impl fmt::Display for Window {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.days != [true; 7] {
            let days: Vec<&str> =
                DAYS.iter().zip(self.days).filter(|(_, opens)| *opens).map(|((day, _), _)| *day).collect();
            write!(formatter, "{} ", days.join(","))?;
        }
        let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        write!(formatter, "{}-{} {}", clock(self.from), clock(self.to), zone(self.offset))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(seconds).unwrap()
    }

    /// Of the first week of 1970, whose first day was a Thursday.
    fn on(day: &str, hour: i64, minute: i64) -> OffsetDateTime {
        let place = DAYS.iter().position(|(name, _)| *name == day).unwrap();
        at(i64::try_from((place + 4) % 7).unwrap() * 86_400 + hour * 3_600 + minute * 60)
    }

    #[test]
    fn edges() {
        let nights: Window = "mon-fri 22:00-05:00 UTC".parse().unwrap();
        for (day, hour, minute, is_open) in [
            ("mon", 21, 59, false),
            ("mon", 22, 0, true),
            ("mon", 23, 59, true),
            ("tue", 0, 0, true),
            ("tue", 4, 59, true),
            ("tue", 5, 0, false),
            ("mon", 4, 59, false),
            ("sat", 4, 59, true),
            ("sat", 22, 0, false),
            ("sun", 2, 0, false),
        ] {
            assert_eq!(nights.contains(on(day, hour, minute)), is_open, "{day} {hour}:{minute}");
        }
        assert!("sat 00:00-24:00 UTC".parse::<Window>().unwrap().contains(on("sat", 23, 59)));
        assert!(!"sat 00:00-24:00 UTC".parse::<Window>().unwrap().contains(on("sun", 0, 0)));
        let weekend: Window = "fri-mon 10:00-11:00 UTC".parse().unwrap();
        assert!(weekend.contains(on("sun", 10, 30)) && !weekend.contains(on("wed", 10, 30)));
        let to_midnight: Window = "20:00-00:00 UTC".parse().unwrap();
        assert!(to_midnight.contains(on("wed", 23, 59)) && !to_midnight.contains(on("thu", 0, 0)));
        let east: Window = "mon 00:00-01:00 +02:00".parse().unwrap();
        assert!(east.contains(on("sun", 22, 30)) && !east.contains(on("mon", 0, 30)));
        let west: Window = "mon 23:00-24:00 -03:30".parse().unwrap();
        assert!(west.contains(on("tue", 3, 0)));
    }

    #[test]
    fn the_next_opening_is_named() {
        let nights: Window = "mon-fri 22:00-05:00 +02:00".parse().unwrap();
        assert_eq!(minute(nights.next(on("fri", 20, 1)).unwrap()), "mon 1970-01-05 22:00 +02:00");
        assert_eq!(minute(nights.next(on("thu", 20, 0)).unwrap()), "thu 1970-01-01 22:00 +02:00");
        let once: Window = "thu 08:00-09:00 UTC".parse().unwrap();
        assert_eq!(minute(once.next(on("thu", 8, 30)).unwrap()), "thu 1970-01-08 08:00 UTC");
    }

    #[test]
    fn what_is_malformed_is_told() {
        for (text, message) in [
            ("", "write days, hours and an offset"),
            ("22:00-05:00", "write days, hours and an offset"),
            ("mon-fri 22:00-05:00 Europe/Berlin", "the rules of a named time zone are not known here"),
            ("monday 22:00-05:00 UTC", "\"monday\" is no day"),
            ("mon- 22:00-05:00 UTC", "\"\" is no day"),
            ("22-05 UTC", "\"22\" is no time of day"),
            ("22:00 UTC", "no range of hours"),
            ("25:00-05:00 UTC", "\"25:00\" is no time of day"),
            ("22:60-05:00 UTC", "\"22:60\" is no time of day"),
            ("24:00-05:00 UTC", "24:00 is where one may close"),
            ("05:00-05:00 UTC", "no time at all"),
            ("22:00-05:00 +2", "is no offset"),
            ("22:00-05:00 +15:00", "is no offset"),
            ("+9:00-10:00 UTC", "is no time of day"),
        ] {
            let error = text.parse::<Window>().unwrap_err();
            assert!(error.contains(message), "{text}: {error}");
        }
    }

    proptest! {
        /// A window is open for as many minutes of a week as its text says, and what is shown means the same.
        #[test]
        fn length_and_text(days in 1_u8..128, from in 0_u16..DAY, length in 1_u16..DAY, offset in -56_i32..=56) {
            let to = (from + length) % DAY;
            let days: [bool; 7] = std::array::from_fn(|day| days & (1 << day) != 0);
            let offset = UtcOffset::from_whole_seconds(offset * 900).unwrap();
            let window = Window { days, from, to: if to == 0 { DAY } else { to }, offset };
            let open = (0..7 * i64::from(DAY)).filter(|minute| window.contains(at(minute * 60))).count();
            let opens = days.iter().filter(|opens| **opens).count();
            prop_assert_eq!(open, opens * usize::from(length));
            prop_assert_eq!(&window.to_string().parse::<Window>().unwrap(), &window);
        }

        /// Where it is closed, it is open at its next opening and not a minute before.
        #[test]
        fn next_opening(days in 1_u8..128, from in 0_u16..DAY, length in 1_u16..DAY, minute in 0_i64..20_000) {
            let to = (from + length) % DAY;
            let days: [bool; 7] = std::array::from_fn(|day| days & (1 << day) != 0);
            let window = Window { days, from, to: if to == 0 { DAY } else { to }, offset: UtcOffset::UTC };
            let now = at(minute * 60);
            let next = window.next(now).unwrap();
            prop_assert!(next >= now && window.contains(next));
            if !window.contains(now) {
                prop_assert!((minute..next.unix_timestamp() / 60).all(|minute| !window.contains(at(minute * 60))));
            }
        }
    }
}
