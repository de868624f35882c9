//! The traits that metrics are to find.

use crate::table::{Record, integer, month, per_mille, records, text, truth};
use std::collections::HashMap;
use store::Value;

fn count_by<K: std::hash::Hash + Eq>(entity: &str, key: impl Fn(&'static Record) -> Option<K>) -> HashMap<K, u64> {
    let mut counts = HashMap::new();
    records(entity).iter().filter_map(key).for_each(|key| *counts.entry(key).or_default() += 1);
    counts
}

fn win_rate(holds: impl Fn(&Record) -> bool) -> u64 {
    let closed = records("opportunity").iter().filter(|record| text(record, "outcome") != Some("OPEN") && holds(record));
    per_mille(closed, |record| text(record, "outcome") == Some("WON"))
}

#[test]
fn sales_have_seasons_and_grow() {
    let orders = count_by("order", |order| month(order, "ordered_at"));
    assert!(orders[&(2024, 12)] > orders[&(2024, 8)] * 3 / 2, "the end of the year against summer");
    assert!(orders[&(2026, 3)] > orders[&(2024, 3)] * 6 / 5, "two years of growth");
}

#[test]
fn a_good_rep_wins_more_often_and_faster_than_a_weak_one() {
    let reps: Vec<&str> =
        records("employee").iter().filter(|one| text(one, "role") == Some("REP")).filter_map(|one| text(one, "external_key")).collect();
    let (best, worst) = (reps[1], reps[reps.len() - 1]);
    let of = |rep: &str| win_rate(|deal| text(deal, "employee") == Some(rep));
    assert!(of(best) > of(worst) + 200, "{} against {}", of(best), of(worst));
    let cycle = |rep: &str| {
        let won = records("opportunity").iter().filter(|deal| text(deal, "employee") == Some(rep) && text(deal, "outcome") == Some("WON"));
        let days: Vec<i64> =
            won.map(|deal| (integer(deal, "closed_at").unwrap() - integer(deal, "created_at").unwrap()) / 86_400_000_000).collect();
        days.iter().sum::<i64>() / days.len() as i64
    };
    assert!(cycle(best) + 10 < cycle(worst), "{} against {} days", cycle(best), cycle(worst));
}

#[test]
fn field_sales_get_worse() {
    let team: Vec<_> =
        records("employee").iter().filter(|one| text(one, "team") == Some("field-sales")).map(|one| text(one, "external_key")).collect();
    let in_years = |from: i32, to: i32| {
        win_rate(|deal| {
            team.contains(&text(deal, "employee")) && month(deal, "closed_at").is_some_and(|(year, _)| (from..=to).contains(&year))
        })
    };
    assert!(in_years(2023, 2024) > in_years(2026, 2026) + 80, "{} against {}", in_years(2023, 2024), in_years(2026, 2026));
}

#[test]
fn one_product_fades_and_another_is_launched() {
    let year: HashMap<&str, i32> =
        records("order").iter().map(|order| (text(order, "external_key").unwrap(), month(order, "ordered_at").unwrap().0)).collect();
    let sold = |product: &str, when: i32| {
        records("order_line")
            .iter()
            .filter(|line| text(line, "product") == Some(product) && year[text(line, "order").unwrap()] == when)
            .count()
    };
    assert!(sold("libra-1", 2024) > 100 && sold("libra-1", 2026) == 0);
    assert!(sold("gram-mesh", 2024) == 0 && sold("gram-mesh", 2026) > 50);
}

#[test]
fn a_campaign_flops_and_campaigns_beat_the_control_group() {
    let of = |campaign: &'static str| records("campaign_member").iter().filter(move |member| text(member, "campaign") == Some(campaign));
    let clicked = |member: &Record| integer(member, "clicked_at").is_some();
    assert!(per_mille(of("campaign-17"), clicked) < 5, "the flop");
    assert!(per_mille(of("campaign-7"), clicked) > 200, "the hit");
    let group = |group: &'static str| records("campaign_member").iter().filter(move |member| text(member, "member_group") == Some(group));
    let converted = |member: &Record| integer(member, "converted_at").is_some();
    let (target, control) = (per_mille(group("TARGET"), converted), per_mille(group("CONTROL"), converted));
    assert!(target > control && control > 0, "{target} against {control}");
}

#[test]
fn service_breaks_its_promises_at_peaks() {
    let days = count_by("ticket", |ticket| integer(ticket, "created_at").map(|at| at / 86_400_000_000));
    let busy = |ticket: &&Record| days[&(integer(ticket, "created_at").unwrap() / 86_400_000_000)] > 15;
    let late = |ticket: &Record| match (integer(ticket, "due_at"), integer(ticket, "closed_at")) {
        (Some(due), Some(closed)) => closed > due,
        _ => false,
    };
    let peak = per_mille(records("ticket").iter().filter(busy), late);
    let calm = per_mille(records("ticket").iter().filter(|ticket| !busy(ticket)), late);
    assert!(peak > calm * 3 / 2 && calm > 20, "{peak} against {calm}");
}

#[test]
fn the_second_line_gets_worse() {
    let in_time = |years: std::ops::RangeInclusive<i32>| {
        let closed = records("ticket").iter().filter(|ticket| {
            text(ticket, "team") == Some("second-line") && month(ticket, "closed_at").is_some_and(|(year, _)| years.contains(&year))
        });
        per_mille(closed, |ticket| integer(ticket, "due_at").is_none_or(|due| integer(ticket, "closed_at").unwrap() <= due))
    };
    assert!(in_time(2023..=2024) > in_time(2026..=2026) + 60, "{} against {}", in_time(2023..=2024), in_time(2026..=2026));
}

#[test]
fn every_question_has_enough_answers_in_every_quarter() {
    let answers = count_by("survey_response", |answer| {
        month(answer, "responded_at").map(|(year, month)| (text(answer, "survey").unwrap(), year, (month - 1) / 3))
    });
    for survey in ["TNPS", "CES", "SERVICE_SATISFACTION"] {
        let quarters: Vec<u64> = answers.iter().filter(|((of, ..), _)| *of == survey).map(|(_, count)| *count).collect();
        assert!(quarters.len() == 12 && quarters.iter().all(|count| *count >= 30), "{survey}: {quarters:?}");
    }
}

#[test]
fn late_cases_are_liked_less() {
    let tickets: HashMap<_, _> = records("ticket").iter().map(|ticket| (text(ticket, "external_key"), ticket)).collect();
    let promoters = |late: bool| {
        let mut all = 0;
        let mut promoters = 0;
        for answer in records("survey_response") {
            let timely = text(answer, "ticket").and_then(|key| truth(tickets[&Some(key)], "timely"));
            let Some(score) = integer(answer, "score").filter(|_| text(answer, "survey") == Some("TNPS") && timely == Some(!late)) else {
                continue;
            };
            all += 1;
            promoters += u64::from(score >= 90_000);
        }
        promoters * 1000 / all
    };
    assert!(promoters(false) > promoters(true) + 150, "{} against {}", promoters(false), promoters(true));
}

/// Whether each of the values of a column comes up at least once, and unknown ones too.
fn assert_seen(entity: &str, column: &str, values: &[Option<&str>]) {
    let seen = count_by(entity, |record| Some(text(record, column)));
    for value in values {
        assert!(seen.contains_key(value), "{entity}.{column} is never {value:?}: {seen:?}");
    }
}

#[test]
fn every_state_comes_up() {
    assert_seen("lead", "status", &["NEW", "WORKING", "MQL", "SAL", "SQL", "CONVERTED", "LOST"].map(Some));
    assert_seen("opportunity", "outcome", &["OPEN", "WON", "LOST"].map(Some));
    assert_seen(
        "opportunity",
        "loss_reason",
        &["COMPETITOR", "PRICE", "NO_BUDGET", "NO_DECISION", "PRODUCT", "SERVICE", "UNKNOWN"].map(Some),
    );
    assert_seen("opportunity", "employee", &[None]);
    assert_seen("order", "state", &["BOOKED", "CANCELLED"].map(Some));
    assert_seen("ticket", "kind", &["COMPLAINT", "INCIDENT", "QUESTION", "REQUEST", "PRESALES", "FEEDBACK"].map(Some));
    assert_seen("ticket", "priority", &[Some("URGENT"), None]);
    assert_seen("survey_response", "survey", &["TNPS", "CES", "SERVICE_SATISFACTION", "NPS"].map(Some));
    assert_seen("cost", "kind", &["SELLING", "SERVICE", "MARKETING", "ADVERTISING"].map(Some));
    assert_seen("target", "kind", &["QUOTA", "PLAN", "METRIC"].map(Some));
}

#[test]
fn much_is_still_under_way() {
    let some =
        |entity: &str, holds: fn(&Record) -> bool| assert!(records(entity).iter().filter(|record| holds(record)).count() > 1, "{entity}");
    some("ticket", |ticket| ticket["closed_at"].is_null());
    some("ticket", |ticket| integer(ticket, "reopened_count") > Some(0));
    some("customer", |customer| !customer["churned_at"].is_null());
    some("customer", |customer| customer["acquired_at"].is_null());
    some("activity", |activity| !activity["due_at"].is_null() && activity["occurred_at"].is_null());
    some("activity", |activity| integer(activity, "occurred_at") > integer(activity, "due_at") && !activity["due_at"].is_null());
    some("survey_response", |answer| answer["responded_at"].is_null());
    some("order_line", |line| line["cross_sell"] == Value::Bool(true));
    some("opportunity", |deal| !deal["lead"].is_null());
    some("employee", |employee| !employee["left_at"].is_null());
}

#[test]
fn customers_come_back_and_quotas_are_within_reach() {
    let orders = count_by("order", |order| text(order, "customer"));
    assert!(orders.values().filter(|count| **count > 1).count() * 2 > orders.len());
    let sum = |entity: &str, column: &str, holds: fn(&Record) -> bool| {
        records(entity).iter().filter(|one| holds(one)).filter_map(|one| integer(one, column)).sum::<i64>()
    };
    let sold = sum("order", "amount", |order| text(order, "state") == Some("BOOKED"));
    let planned =
        sum("target", "value", |target| text(target, "kind") == Some("PLAN") && text(target, "subject_kind") == Some("ORGANISATION"));
    assert!((800..1200).contains(&(sold / (planned / 1000))), "{sold} of {planned}");
}
