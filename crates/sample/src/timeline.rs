//! The three years as days, and how busy each of them is: seasons, weekdays and growth.

use chrono::{Datelike, Days, Months, NaiveDate};

pub const SECOND: i64 = 1_000_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// Office hours in UTC, narrow enough to be the same day in the organisation's own time zone.
const OPENING: i64 = 7 * HOUR;
const OFFICE: i64 = 11 * HOUR;

#[derive(Clone, Debug)]
pub struct Timeline {
    pub first_day: NaiveDate,
    pub last_day: NaiveDate,
}

impl Timeline {
    pub fn ending(last_day: NaiveDate) -> Timeline {
        let after = last_day.checked_add_days(Days::new(1)).unwrap_or(last_day);
        let first_day = after.checked_sub_months(Months::new(36)).unwrap_or(NaiveDate::MIN);
        Timeline { first_day, last_day }
    }

    pub fn days(&self) -> i64 {
        (self.last_day - self.first_day).num_days() + 1
    }

    /// The instant at which the data was "taken": what would happen later is still open.
    pub fn now(&self) -> i64 {
        midnight(self.last_day) + 20 * HOUR
    }

    pub fn start(&self) -> i64 {
        midnight(self.first_day)
    }

    /// How far an instant lies into the three years, in per mille.
    pub fn progress(&self, instant: i64) -> i64 {
        ((instant - self.start()) / DAY * 1000 / self.days()).clamp(0, 1000)
    }

    /// First days of the months, and the day after the last one.
    pub fn months(&self) -> Vec<NaiveDate> {
        self.steps(1)
    }

    pub fn quarters(&self) -> Vec<NaiveDate> {
        self.steps(3)
    }

    fn steps(&self, months: u32) -> Vec<NaiveDate> {
        let first = self.first_day.with_day(1).unwrap_or(self.first_day);
        (0..=36 / months).filter_map(|step| first.checked_add_months(Months::new(step * months))).collect()
    }
}

pub fn midnight(day: NaiveDate) -> i64 {
    i64::from(day.to_epoch_days()) * DAY
}

pub fn day_of(instant: i64) -> NaiveDate {
    NaiveDate::from_epoch_days(instant.div_euclid(DAY) as i32).unwrap_or(NaiveDate::MAX)
}

/// How many of a number of things fall on each day. The thing with a number has its instant from that alone, in
/// ascending order, so that records come in the order in which they happened.
#[derive(Clone, Debug)]
pub struct Curve {
    start: i64,
    cumulative: Vec<u64>,
}

impl Curve {
    /// `weight` tells how busy the day is that lies so many days after `first`.
    pub fn new(first: NaiveDate, days: i64, weight: impl Fn(NaiveDate, i64) -> u64) -> Curve {
        let mut sum = 0;
        let mut cumulative = vec![0];
        for (step, day) in first.iter_days().take(days as usize).enumerate() {
            sum += weight(day, step as i64);
            cumulative.push(sum);
        }
        Curve { start: midnight(first), cumulative }
    }

    fn total(&self) -> u64 {
        self.cumulative[self.cumulative.len() - 1].max(1)
    }

    /// The number of the first thing of a day.
    fn first_of(&self, day: usize, things: u64) -> u64 {
        (u128::from(self.cumulative[day]) * u128::from(things) / u128::from(self.total())) as u64
    }

    /// When thing `number` of `things` happens; `jitter` in per mille moves it within its share of the day.
    pub fn instant(&self, number: u64, things: u64, jitter: i64) -> i64 {
        let bound = u128::from(number + 1) * u128::from(self.total());
        let later = self.cumulative.partition_point(|sum| u128::from(*sum) * u128::from(things) < bound);
        let day = later.saturating_sub(1).min(self.cumulative.len() - 2);
        let first = self.first_of(day, things);
        let share = OFFICE / (self.first_of(day + 1, things) - first).max(1) as i64;
        self.start + day as i64 * DAY + OPENING + (number - first) as i64 * share + share / 1000 * jitter
    }

    /// How many of `things` have happened when the day begins.
    pub fn before(&self, day: NaiveDate, things: u64) -> u64 {
        let day = ((midnight(day) - self.start) / DAY).clamp(0, self.cumulative.len() as i64 - 1);
        self.first_of(day as usize, things)
    }

    /// How busy the day of an instant is against the mean day of the curve, in per mille.
    pub fn load(&self, instant: i64) -> i64 {
        let day = ((instant - self.start) / DAY).clamp(0, self.cumulative.len() as i64 - 2) as usize;
        let mean = self.total() / (self.cumulative.len() as u64 - 1);
        ((self.cumulative[day + 1] - self.cumulative[day]) * 1000 / mean.max(1)) as i64
    }
}

/// Sales: strongest before the end of the year, weakest in summer.
const SALES_SEASON: [u64; 12] = [82, 88, 100, 96, 98, 102, 76, 68, 100, 112, 128, 150];
/// Service: returns and questions after the holidays, and the load of the last quarter.
const SERVICE_SEASON: [u64; 12] = [122, 92, 90, 88, 90, 92, 84, 80, 96, 104, 124, 138];
const WEEK: [u64; 7] = [20, 22, 22, 21, 18, 5, 2];

fn week(day: NaiveDate) -> u64 {
    WEEK[day.weekday().num_days_from_monday() as usize]
}

fn season(table: &[u64; 12], day: NaiveDate) -> u64 {
    table[day.month0() as usize]
}

/// Orders and opportunities become almost twice as many over the three years.
pub fn sales_weight(day: NaiveDate, step: i64) -> u64 {
    season(&SALES_SEASON, day) * week(day) * (1000 + 850 * step.max(0) as u64 / 1096)
}

/// Tickets grow more slowly, and twice something breaks for nine days.
pub fn service_weight(day: NaiveDate, step: i64) -> u64 {
    let broken = [(400, 409), (830, 839)].iter().any(|(from, to)| (*from..*to).contains(&step));
    season(&SERVICE_SEASON, day) * week(day) * (1000 + 350 * step.max(0) as u64 / 1096) * if broken { 4 } else { 1 }
}

/// Office work: weekdays only count.
pub fn office_weight(day: NaiveDate, _step: i64) -> u64 {
    week(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve() -> (Timeline, Curve) {
        let timeline = Timeline::ending(NaiveDate::from_ymd_opt(2026, 9, 30).unwrap());
        let curve = Curve::new(timeline.first_day, timeline.days(), sales_weight);
        (timeline, curve)
    }

    #[test]
    fn three_years_are_whole_quarters() {
        let (timeline, _) = curve();
        assert_eq!(timeline.first_day, NaiveDate::from_ymd_opt(2023, 10, 1).unwrap());
        assert_eq!((timeline.months().len(), timeline.quarters().len()), (37, 13));
    }

    #[test]
    fn things_happen_in_order_and_within_the_years() {
        let (timeline, curve) = curve();
        let instants: Vec<i64> = (0..5000).map(|number| curve.instant(number, 5000, 999)).collect();
        assert!(instants.is_sorted());
        assert!(instants[0] >= timeline.start() && instants[4999] <= timeline.now());
    }

    #[test]
    fn counting_up_to_a_day_agrees_with_the_instants() {
        let (_, curve) = curve();
        let day = NaiveDate::from_ymd_opt(2025, 2, 17).unwrap();
        let counted = (0..5000).filter(|number| curve.instant(*number, 5000, 500) < midnight(day)).count();
        assert_eq!(curve.before(day, 5000), counted as u64);
    }
}
