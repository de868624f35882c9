//! Reads dates and instants as a mapping says they are written.
//!
//! A local time that a change of the clocks makes ambiguous is the earlier of the two; one that the clocks skipped did not
//! exist and is refused, except midnight of a bare date, which then is the first instant of that day.

use std::sync::LazyLock;

use chrono::format::{Item, Parsed, StrftimeItems};
use chrono::{DateTime, Datelike, Days, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// The forms that are understood where a mapping names none.
const ISO: &[&str] = &[
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%+",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M:%S%.f%z",
    "%Y-%m-%dT%H:%M:%S%.f%z",
    "%Y-%m-%d %H:%M:%S%.f %z",
];

/// Milliseconds since 1970, of which the library knows nothing.
const MILLISECONDS: &str = "%Q";

pub(crate) fn iso() -> &'static [Format] {
    static FORMATS: LazyLock<Vec<Format>> = LazyLock::new(|| ISO.iter().filter_map(|text| Format::parse(text).ok()).collect());
    &FORMATS
}

#[derive(Clone, Debug)]
pub(crate) struct Format {
    text: String,
    items: Vec<Item<'static>>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Written {
    Day(NaiveDate),
    Local(NaiveDateTime),
    Instant(DateTime<Utc>),
}

impl Format {
    pub fn parse(text: &str) -> Result<Format, String> {
        if text == MILLISECONDS {
            return Ok(Format { text: text.to_owned(), items: Vec::new() });
        }
        // The library reads the name of a zone and forgets it.
        if text.contains("%Z") {
            return Err(format!(
                "`{text}` has the name of a time zone (`%Z`), which says no offset; write the name itself where it is always the same, and say `time_zone`"
            ));
        }
        let items = StrftimeItems::new(text).parse_to_owned();
        items
            .map(|items| Format { text: text.to_owned(), items })
            .map_err(|_| format!("`{text}` is not a date format; `%Y-%m-%d` and `%m/%d/%Y %I:%M:%S %p` are, see MAPPING.md"))
    }

    fn read(&self, text: &str) -> Option<Written> {
        if self.text == MILLISECONDS {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            return DateTime::from_timestamp_millis(text.parse().ok().filter(|_| plain)?).map(Written::Instant);
        }
        let mut parsed = Parsed::new();
        chrono::format::parse(&mut parsed, text, self.items.iter()).ok()?;
        if let Some(seconds) = parsed.timestamp() {
            let nanoseconds = parsed.nanosecond().unwrap_or(0);
            return DateTime::from_timestamp(seconds, nanoseconds).map(Written::Instant);
        }
        let day = parsed.to_naive_date().ok()?;
        if parsed.hour_mod_12().is_none() {
            return Some(Written::Day(day));
        }
        if parsed.minute().is_none() {
            parsed.set_minute(0).ok()?;
        }
        let local = day.and_time(parsed.to_naive_time().ok()?);
        match parsed.offset() {
            Some(offset) => local.checked_sub_signed(TimeDelta::seconds(offset.into())).map(|utc| Written::Instant(utc.and_utc())),
            None => Some(Written::Local(local)),
        }
    }
}

pub(crate) fn read(formats: &[Format], text: &str) -> Result<Written, String> {
    formats.iter().find_map(|format| format.read(text)).ok_or_else(|| {
        let forms = formats.iter().map(|format| format!("`{}`", format.text)).collect::<Vec<_>>().join(" or ");
        format!("not a date of the form {forms}")
    })
}

impl Written {
    pub fn day(self, zone: Tz) -> NaiveDate {
        match self {
            Written::Day(day) => day,
            Written::Local(local) => local.date(),
            Written::Instant(instant) => instant.with_timezone(&zone).date_naive(),
        }
    }

    pub fn instant(self, zone: Tz) -> Result<DateTime<Utc>, String> {
        match self {
            Written::Instant(instant) => Ok(instant),
            Written::Day(day) => Ok(start_of(day, zone)),
            Written::Local(local) => match zone.from_local_datetime(&local) {
                LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => Ok(instant.to_utc()),
                LocalResult::None => Err(format!("there was no such time in {zone}: the clocks were put forward")),
            },
        }
    }

    /// Moved by months first, days second. The 31st becomes the last day of a shorter month.
    pub fn shift(self, months: i64, days: i64) -> Option<Written> {
        Some(match self {
            Written::Day(day) => Written::Day(shift(day, months, days)?),
            Written::Local(local) => Written::Local(shift(local.date(), months, days)?.and_time(local.time())),
            Written::Instant(instant) => Written::Instant(shift(instant.date_naive(), months, days)?.and_time(instant.time()).and_utc()),
        })
    }
}

fn shift(day: NaiveDate, months: i64, days: i64) -> Option<NaiveDate> {
    let by = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
    let day = if months < 0 { day.checked_sub_months(by) } else { day.checked_add_months(by) }?;
    let by = Days::new(days.unsigned_abs());
    let day = if days < 0 { day.checked_sub_days(by) } else { day.checked_add_days(by) }?;
    // Years of five digits have no place in the databases' date type.
    (1..=9999).contains(&day.year()).then_some(day)
}

fn start_of(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    let quarters = (0..96).map(|quarter| midnight + TimeDelta::minutes(15 * quarter));
    quarters
        .filter_map(|local| zone.from_local_datetime(&local).earliest())
        .map(|instant| instant.to_utc())
        .next()
        .unwrap_or(midnight.and_utc())
}
