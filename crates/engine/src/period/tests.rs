//! Periods as tables: what is written, the days it means, what came before.

use chrono::{DateTime, Datelike, Weekday};
use chrono_tz::Tz;

use super::*;
use crate::calendar::Calendar;

fn context(zone: &str, week_start: Weekday, fiscal_year_start: u32) -> Context {
    let time_zone: Tz = zone.parse().unwrap();
    let as_of = DateTime::parse_from_rfc3339("2017-05-31T22:30:00Z").unwrap().to_utc();
    Context { as_of, calendar: Calendar { time_zone, week_start, fiscal_year_start }, currency: "EUR".into() }
}

fn plain() -> Context {
    context("UTC", Weekday::Mon, 1)
}

fn days(text: &str, context: &Context) -> String {
    let (from, to) = text.parse::<Period>().unwrap().days(context);
    format!("{from}/{to}")
}

#[test]
fn every_form_means_its_days_and_reads_back_as_it_was_written() {
    let cases = [
        ("2017", "2017-01-01/2018-01-01"),
        ("2017-Q1", "2017-01-01/2017-04-01"),
        ("2017-Q4", "2017-10-01/2018-01-01"),
        ("2016-02", "2016-02-01/2016-03-01"),
        ("2017-12", "2017-12-01/2018-01-01"),
        ("2017-W01", "2017-01-02/2017-01-09"),
        ("2017-W09", "2017-02-27/2017-03-06"),
        ("2015-W53", "2015-12-28/2016-01-04"),
        ("2017-03-14", "2017-03-14/2017-03-15"),
        ("2017-01-01/2017-02-15", "2017-01-01/2017-02-15"),
        ("P90D/2017-04-01", "2017-01-01/2017-04-01"),
        ("P2W/2017-04-01", "2017-03-18/2017-04-01"),
        ("P1M/2017-03-31", "2017-02-28/2017-03-31"),
        ("P1Y/2016-02-29", "2015-02-28/2016-02-29"),
        ("MTD", "2017-05-01/2017-06-01"),
        ("QTD", "2017-04-01/2017-06-01"),
        ("YTD", "2017-01-01/2017-06-01"),
    ];
    for (text, expected) in cases {
        assert_eq!(days(text, &plain()), expected, "{text}");
        assert_eq!(text.parse::<Period>().unwrap().to_string(), text);
    }
}

#[test]
fn fiscal_years_are_named_after_the_year_they_end_in() {
    let april = context("UTC", Weekday::Mon, 4);
    assert_eq!(days("FY2017", &april), "2016-04-01/2017-04-01");
    assert_eq!(days("FY2017-Q1", &april), "2016-04-01/2016-07-01");
    assert_eq!(days("FY2017-Q4", &april), "2017-01-01/2017-04-01");
    assert_eq!(days("FY2017", &plain()), "2017-01-01/2018-01-01");
    assert_eq!(days("FY2017-Q2", &plain()), "2017-04-01/2017-07-01");
}

#[test]
fn weeks_may_start_on_sunday() {
    let sunday = context("UTC", Weekday::Sun, 1);
    assert_eq!(days("2017-W01", &sunday), "2017-01-01/2017-01-08");
    assert_eq!(days("2015-W01", &sunday), "2015-01-04/2015-01-11");
    assert_eq!(days("2014-W53", &sunday), "2014-12-28/2015-01-04");
    let week = |year| format!("{year}-W53").parse::<Period>().unwrap();
    assert_eq!(week(2014).check(&sunday), Ok(()));
    assert_eq!(week(2015).check(&sunday), Err(PeriodError::NoSuchWeek { year: 2015, weeks: 52 }));
    assert_eq!(week(2015).check(&plain()), Ok(()));
}

#[test]
fn iso_weeks_are_those_of_the_calendar_library() {
    let (from, to) = ("2009-12-20".parse::<NaiveDate>().unwrap(), "2021-01-20".parse::<NaiveDate>().unwrap());
    for day in from.iter_days().take_while(|day| *day < to) {
        let week = day.iso_week();
        assert_eq!(plain().calendar.week_of(day), (week.year(), week.week()), "{day}");
    }
}

#[test]
fn the_day_it_is_depends_on_the_time_zone() {
    // 22:30 UTC on 31 May is already 1 June in Berlin.
    assert_eq!(days("MTD", &context("Europe/Berlin", Weekday::Mon, 1)), "2017-06-01/2017-06-02");
}

#[test]
fn days_are_as_long_as_the_clock_makes_them() {
    let hours = |zone: &str, text: &str| {
        let (from, to) = text.parse::<Period>().unwrap().instants(&context(zone, Weekday::Mon, 1));
        (to - from) / 3_600_000_000
    };
    assert_eq!(hours("Europe/Berlin", "2017-03-26"), 23);
    assert_eq!(hours("Europe/Berlin", "2017-10-29"), 25);
    assert_eq!(hours("Europe/Berlin", "2017"), 8760);
    // Clocks go forward at midnight, so that 00:00 does not exist; and back at midnight, so that 23:00 comes twice.
    assert_eq!(hours("America/Sao_Paulo", "2017-10-15"), 23);
    assert_eq!(hours("America/Sao_Paulo", "2017-02-18"), 25);
    assert_eq!(hours("America/Sao_Paulo", "2017-10-14"), 24);
    // Havana's clocks go back from 01:00 to 00:00: midnight comes twice, and the day begins with the first.
    assert_eq!(hours("America/Havana", "2017-11-05"), 25);
    // Samoa went over the date line and had no 30 December 2011.
    assert_eq!(hours("Pacific/Apia", "2011-12-30"), 0);
    assert_eq!(hours("Pacific/Apia", "2011-12"), 30 * 24);
}

#[test]
fn days_follow_each_other_without_gap_or_overlap_in_every_zone() {
    let from: NaiveDate = "2017-01-01".parse().unwrap();
    for zone in ["Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Beirut", "America/St_Johns"] {
        let context = context(zone, Weekday::Mon, 1);
        for day in from.iter_days().take(366) {
            let (start, end) = Period::day(day).instants(&context);
            let day_of = |at: i64| DateTime::from_timestamp_micros(at).unwrap().with_timezone(&context.calendar.time_zone).date_naive();
            assert_eq!(day_of(start), day, "{zone}");
            assert_ne!(day_of(start - 1), day, "{zone}");
            assert_ne!(day_of(end), day, "{zone}");
            assert_eq!(day_of(end - 1), day, "{zone}");
        }
    }
}

#[test]
fn the_period_before_is_of_the_same_length_and_kind() {
    let cases = [
        ("2017", "2016"),
        ("2017-Q1", "2016-Q4"),
        ("2017-Q3", "2017-Q2"),
        ("2017-01", "2016-12"),
        ("2016-W01", "2015-W53"),
        ("2017-W01", "2016-W52"),
        ("2017-03-01", "2017-02-28"),
        ("FY2017", "FY2016"),
        ("FY2017-Q1", "FY2016-Q4"),
        ("2017-02-01/2017-02-15", "2017-01-18/2017-02-01"),
        ("P90D/2017-04-01", "P90D/2017-01-01"),
        ("P1M/2017-03-01", "P1M/2017-02-01"),
        ("MTD", "2017-04-01/2017-05-01"),
        ("QTD", "2017-01-01/2017-03-01"),
        ("YTD", "2016-01-01/2016-06-01"),
    ];
    for (text, expected) in cases {
        assert_eq!(text.parse::<Period>().unwrap().previous(&plain()).to_string(), expected, "{text}");
    }
}

#[test]
fn what_a_to_date_period_is_compared_with_is_itself_compared_with_the_same_days() {
    let cases = [("MTD", "2017-03-01/2017-04-01"), ("QTD", "2016-10-01/2016-12-01"), ("YTD", "2015-01-01/2015-06-01")];
    for (text, expected) in cases {
        let period: Period = text.parse().unwrap();
        assert_eq!(period.previous(&plain()).previous(&plain()).to_string(), expected, "{text}");
        assert_eq!(period.year_ago(&plain()).previous(&plain()), period.previous(&plain()).year_ago(&plain()), "{text}");
    }
    let february = "MTD".parse::<Period>().unwrap().previous(&plain()).previous(&plain()).previous(&plain());
    assert_eq!(february.to_string(), "2017-02-01/2017-03-01");
    let fourth = |period: Period| period.previous(&plain()).to_string();
    assert_eq!(fourth(february), "2017-01-01/2017-02-01");
}

#[test]
fn a_year_ago_is_the_same_part_of_the_calendar() {
    let cases = [
        ("2017", "2016"),
        ("2017-Q1", "2016-Q1"),
        ("2017-03", "2016-03"),
        ("2017-W09", "2016-W09"),
        ("2015-W53", "2014-W52"),
        ("2016-02-29", "2015-02-28"),
        ("FY2017-Q2", "FY2016-Q2"),
        ("2017-02-01/2017-03-01", "2016-02-01/2016-03-01"),
        ("2016-02-29/2016-03-01", "2015-02-28/2015-03-01"),
        ("2016-02-28/2016-02-29", "2015-02-28/2015-03-01"),
        ("P90D/2017-04-01", "P90D/2016-04-01"),
        ("MTD", "2016-05-01/2016-06-01"),
    ];
    for (text, expected) in cases {
        assert_eq!(text.parse::<Period>().unwrap().year_ago(&plain()).to_string(), expected, "{text}");
    }
}

#[test]
fn parts_add_up_to_the_whole() {
    let april = context("UTC", Weekday::Mon, 4);
    let cases = [
        ("2017", Grain::Quarter, "2017-Q1 2017-Q2 2017-Q3 2017-Q4"),
        ("2017-Q1", Grain::Month, "2017-01 2017-02 2017-03"),
        ("FY2017", Grain::Quarter, "FY2017-Q1 FY2017-Q2 FY2017-Q3 FY2017-Q4"),
        ("FY2017-Q4", Grain::Month, "2017-01 2017-02 2017-03"),
        ("2017-03", Grain::Week, "2017-03-01/2017-03-06 2017-W10 2017-W11 2017-W12 2017-03-27/2017-04-01"),
        ("2017-W09", Grain::Day, "2017-02-27 2017-02-28 2017-03-01 2017-03-02 2017-03-03 2017-03-04 2017-03-05"),
        ("2016-12-31/2018-02-01", Grain::Year, "2016-12-31/2017-01-01 2017 2018-01-01/2018-02-01"),
        ("2017-Q2", Grain::Year, "2017-04-01/2017-07-01"),
    ];
    for (text, grain, expected) in cases {
        let parts = text.parse::<Period>().unwrap().split(grain, &april).unwrap();
        assert_eq!(parts.iter().map(Period::to_string).collect::<Vec<_>>().join(" "), expected, "{text}");
    }
}

#[test]
fn a_split_into_more_parts_than_anyone_reads_is_refused() {
    let centuries: Period = "1700-01-01/2900-01-01".parse().unwrap();
    assert!(matches!(centuries.split(Grain::Day, &plain()), Err(PeriodError::TooManyParts { .. })));
    assert_eq!(centuries.split(Grain::Year, &plain()).unwrap().len(), 1200);
}

#[test]
fn what_is_no_period_says_which_forms_there_are() {
    let forms = [
        "",
        "17",
        "2017-",
        "2017-Q",
        "2017-Q5x",
        "2017-1",
        "2017/01",
        "last year",
        "2017-W9",
        "FY17",
        "mtd",
        "P90/2017-04-01",
        "PD/2017-04-01",
        "+017",
        "2017-03-1",
        "２０１７",
        "P-1D/2017-04-01",
        " 2017",
    ];
    for text in forms {
        let error = text.parse::<Period>().unwrap_err();
        assert!(matches!(&error, PeriodError::Form(_)), "{text}: {error}");
        assert!(error.to_string().contains("2017-Q1 (quarter)"), "{error}");
    }
}

#[test]
fn what_cannot_be_is_refused_for_what_it_is() {
    let cases = [
        ("2017-Q5", "quarters are Q1 to Q4"),
        ("2017-13", "months are 01 to 12"),
        ("2017-W54", "weeks are W01 to W53"),
        ("2017-02-29", "there is no day 2017-02-29"),
        ("0017", "years are"),
        ("P0D/2017-04-01", "its length is 1 to"),
        ("2017-02-15/2017-01-01", "ends before it begins"),
        ("2017-02-15/2017-02-15", "has no days"),
    ];
    for (text, expected) in cases {
        let error = text.parse::<Period>().unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains(text), "{text}: {error}");
    }
}
