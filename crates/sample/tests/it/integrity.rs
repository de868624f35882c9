use crate::table::{integer, records, text, truth};
use sample::{Company, Scale};
use std::collections::{HashMap, HashSet};
use store::{Batch, ColumnType, Value};

type Keys = HashMap<&'static str, HashSet<String>>;

fn check(batch: &Batch, known: &mut Keys) {
    let own = batch.entity.name;
    for (key, row) in batch.keys.iter().zip(&batch.rows) {
        assert_eq!(row.len(), batch.columns.len(), "{own} {key}");
        for (column, value) in batch.columns.iter().zip(row) {
            assert!(!column.required || !value.is_null() || column.column_type == ColumnType::Subject, "{own} {key} {}", column.name);
            check_value(column.column_type, value, known, &format!("{own} {key} {}", column.name));
        }
        assert!(known.entry(own).or_default().insert(key.clone()), "{own} {key} comes twice");
    }
}

fn check_value(column_type: ColumnType, value: &Value, known: &Keys, place: &str) {
    match (column_type, value) {
        (_, Value::Null) => {}
        (ColumnType::Text, Value::Text(text)) => assert!(!text.is_empty(), "{place}"),
        (ColumnType::OneOf(of), Value::Text(text)) => assert!(of.contains(&text.as_str()), "{place} holds {text}"),
        (ColumnType::Reference(entity), Value::Text(key)) => {
            assert!(known.get(entity).is_some_and(|keys| keys.contains(key)), "{place} refers to {entity} {key}, which is not there yet");
        }
        (ColumnType::Money | ColumnType::Number | ColumnType::Integer | ColumnType::Duration | ColumnType::Instant, Value::Integer(_))
        | (ColumnType::Day, Value::Day(_))
        | (ColumnType::Bool, Value::Bool(_))
        | (ColumnType::Subject, Value::Text(_)) => {}
        _ => panic!("{place} holds {value:?}"),
    }
}

#[test]
fn parents_come_before_children_and_keys_once() {
    for (scale, seed) in [(Scale::demo(), 1), (Scale::demo(), 99), ("0.003".parse().unwrap(), 7)] {
        let mut known = Keys::new();
        Company::generate(&scale, seed).batches().for_each(|batch| check(&batch, &mut known));
        let missing: Vec<_> =
            store::entities().iter().filter(|entity| !known.contains_key(entity.name)).map(|entity| entity.name).collect();
        let expected: &[&str] = if scale.order_lines { &[] } else { &["stage_entry", "order_line"] };
        assert_eq!(missing, expected);
    }
}

#[test]
fn the_scale_is_kept() {
    let scale = Scale::demo();
    for (entity, count) in [
        ("employee", scale.employees),
        ("customer", scale.customers),
        ("order", scale.orders),
        ("opportunity", scale.opportunities),
        ("ticket", scale.tickets),
        ("survey_response", scale.surveys),
        ("campaign", scale.campaigns),
        ("campaign_member", scale.members),
        ("lead", scale.leads),
        ("activity", scale.activities),
    ] {
        assert_eq!(records(entity).len() as u64, count, "{entity}");
    }
}

#[test]
fn subjects_of_targets_and_facts_are_there() {
    let keys = |entity| records(entity).iter().filter_map(|record| text(record, "external_key")).collect::<HashSet<_>>();
    for entity in ["target", "period_fact"] {
        for record in records(entity) {
            match (text(record, "subject_kind").unwrap(), text(record, "subject")) {
                ("ORGANISATION", subject) => assert_eq!(subject, None),
                (kind, subject) => assert!(keys(&*kind.to_lowercase().leak()).contains(subject.unwrap()), "{record:?}"),
            }
        }
    }
}

#[test]
fn things_happen_in_a_possible_order() {
    let pairs = [
        ("opportunity", "created_at", "closed_at"),
        ("stage_entry", "entered_at", "left_at"),
        ("order", "ordered_at", "shipped_at"),
        ("ticket", "created_at", "first_response_at"),
        ("ticket", "first_response_at", "closed_at"),
        ("ticket", "created_at", "escalated_at"),
        ("survey_response", "sent_at", "responded_at"),
        ("campaign_member", "sent_at", "delivered_at"),
        ("campaign_member", "delivered_at", "opened_at"),
        ("lead", "created_at", "contacted_at"),
        ("lead", "contacted_at", "qualified_at"),
        ("lead", "sales_qualified_at", "converted_at"),
        ("lead", "converted_at", "won_at"),
        ("customer", "acquired_at", "churned_at"),
        ("employee", "hired_at", "left_at"),
    ];
    let end = Scale::demo().last_day.and_hms_opt(20, 0, 0).unwrap().and_utc().timestamp_micros();
    for (entity, first, then) in pairs {
        for record in records(entity) {
            let (Some(first), Some(then)) = (integer(record, first), integer(record, then)) else { continue };
            assert!(first <= then && then <= end, "{entity} {first} {then} {record:?}");
        }
    }
}

#[test]
fn an_order_amounts_to_its_lines_and_its_customer_is_one() {
    let mut lines: HashMap<&str, i64> = HashMap::new();
    for line in records("order_line") {
        *lines.entry(text(line, "order").unwrap()).or_default() += integer(line, "amount").unwrap();
    }
    let customers: HashMap<_, _> = records("customer").iter().map(|customer| (text(customer, "external_key"), customer)).collect();
    for order in records("order") {
        assert_eq!(integer(order, "amount"), lines.get(text(order, "external_key").unwrap()).copied(), "{order:?}");
        let customer = customers[&text(order, "customer")];
        let ordered = integer(order, "ordered_at").unwrap();
        assert!(integer(customer, "acquired_at").unwrap() <= ordered, "{order:?} {customer:?}");
        assert!(integer(customer, "churned_at").is_none_or(|churned| ordered < churned), "{order:?} {customer:?}");
    }
}

#[test]
fn a_state_and_its_instants_agree() {
    for opportunity in records("opportunity") {
        let open = text(opportunity, "outcome") == Some("OPEN");
        assert_eq!(open, integer(opportunity, "closed_at").is_none());
        assert_eq!(text(opportunity, "outcome") == Some("LOST"), text(opportunity, "loss_reason").is_some());
    }
    for answer in records("survey_response") {
        assert_eq!(integer(answer, "score").is_some(), integer(answer, "responded_at").is_some());
    }
    for ticket in records("ticket") {
        assert!(integer(ticket, "closed_at").is_some() || truth(ticket, "timely").is_none());
    }
}
