//! Questions answered by both databases over a few facts, against figures worked out by hand. Instants are small numbers of
//! microseconds, so that a reader can check them.

use manifest::source::Shape;
use manifest::{Field, FieldType, Source, SubjectKind as Kind};
use store::question::Fault;
use store::question::{Ask, Group, Over, Percentile, Question, Slot, What};
use store::{Error, Store};
use testbed::on_both;

const FACTS: &str = include_str!("question.sql");

/// Subject, within, slot, values.
type Cell = (i64, i64, u32, Vec<Option<String>>);

async fn fill(store: &Store) {
    store.session().await.unwrap().script(FACTS).await.unwrap();
}

fn all(kind: Kind) -> Group {
    Group { kind, ids: None }
}

fn ask(what: What, filter: &str) -> Ask {
    Ask { what, filter: serde_json::from_str(filter).unwrap() }
}

fn count() -> Ask {
    ask(What::Count, "{}")
}

fn sum(of: &str) -> Ask {
    ask(What::Sum(of.into()), "{}")
}

fn intervals(time: &str, bounds: &[(i64, i64)]) -> Over {
    Over::Intervals { time: time.into(), bounds: bounds.to_vec() }
}

fn question(source: Source, subject: Group, over: Over, columns: Vec<Ask>) -> Question {
    Question { source, subject, within: None, over, columns }
}

/// Two halves of the time that the facts lie in.
fn halves(time: &str) -> Over {
    intervals(time, &[(0, 50), (50, 100)])
}

async fn cells(store: &Store, question: &Question) -> Vec<Cell> {
    let before = store.statements();
    let answer = store.ask(question).await.unwrap();
    assert_eq!(store.statements() - before, 1, "a question is one statement");
    let mut cells: Vec<Cell> = answer
        .rows
        .into_iter()
        .map(|row| {
            let Slot::At(slot) = row.slot else { panic!("{row:?} is a span") };
            (row.subject, row.within, slot, row.values.into_iter().map(|value| value.map(|value| value.to_string())).collect())
        })
        .collect();
    cells.sort();
    cells
}

fn values(texts: &[&str]) -> Vec<Option<String>> {
    texts.iter().map(|text| (*text != "-").then(|| (*text).to_owned())).collect()
}

/// A row as `subject slot: value value`, or `subject/within slot: …`; `-` is null.
fn expected(rows: &[&str]) -> Vec<Cell> {
    let parse = |row: &&str| {
        let (key, texts) = row.split_once(": ").unwrap();
        let (cell, slot) = key.split_once(' ').unwrap();
        let (subject, within) = cell.split_once('/').unwrap_or((cell, "0"));
        (subject.parse().unwrap(), within.parse().unwrap(), slot.parse().unwrap(), values(&texts.split(' ').collect::<Vec<_>>()))
    };
    rows.iter().map(parse).collect()
}

on_both! {
    async fn orders_are_counted_for_whoever_sold_them(database: Database) {
        fill(database.store()).await;
        let question = question(Source::Orders, all(Kind::Employee), halves("ordered_at"), vec![count(), sum("amount")]);
        let rows = ["1 0: 1 100.0000", "1 1: 1 30.0000", "2 0: 1 50.5000", "3 1: 1 -"];
        assert_eq!(cells(database.store(), &question).await, expected(&rows));
    }

    async fn the_organisation_has_also_what_nobody_sold(database: Database) {
        fill(database.store()).await;
        let columns = vec![count(), sum("amount"), sum("fulfilment"), ask(What::Known("fulfilment".into()), "{}"), ask(What::Min("fulfilment".into()), "{}")];
        let question = question(Source::Orders, all(Kind::Organisation), halves("ordered_at"), columns);
        let rows = ["0 0: 2 150.5000 0.000012 2 0.000002", "0 1: 3 40.0001 -0.000005 1 -0.000005"];
        assert_eq!(cells(database.store(), &question).await, expected(&rows));
    }

    async fn a_sum_of_nothing_but_unknowns_is_no_zero(database: Database) {
        fill(database.store()).await;
        let big = ask(What::Sum("amount".into()), r#"{"amount": {"gt": "1000"}}"#);
        let whole = |bounds: &[(i64, i64)]| question(Source::Orders, all(Kind::Organisation), intervals("ordered_at", bounds), vec![count(), sum("amount"), sum("fulfilment"), big.clone()]);
        // Order 4 has neither an amount nor a shipment; before it there is nothing.
        assert_eq!(cells(database.store(), &whole(&[(54, 56)])).await, expected(&["0 0: 1 - - 0.0000"]));
        assert_eq!(cells(database.store(), &whole(&[(50, 54)])).await, expected(&["0 0: 0 0.0000 0.000000 0.0000"]));
        let employees = question(Source::Orders, all(Kind::Employee), intervals("ordered_at", &[(0, 50), (50, 56)]), vec![sum("amount"), big.clone()]);
        assert_eq!(cells(database.store(), &employees).await, expected(&["1 0: 100.0000 0.0000", "2 0: 50.5000 0.0000", "3 1: - 0.0000"]));
    }

    async fn filters_know_the_unknown(database: Database) {
        fill(database.store()).await;
        let late = |filter: &str| ask(What::Count, filter);
        let columns = vec![late(r#"{"late": true}"#), late(r#"{"late": false}"#), late(r#"{"late": {"known": false}}"#), late(r#"{"amount": {"gt": "30", "lte": "100"}}"#), late(r#"{"shipped": [true, false]}"#)];
        let question = question(Source::Orders, all(Kind::Organisation), intervals("ordered_at", &[(0, 100)]), columns);
        assert_eq!(cells(database.store(), &question).await, expected(&["0 0: 1 1 3 2 5"]));
    }

    async fn a_gap_between_intervals_belongs_to_none(database: Database) {
        fill(database.store()).await;
        let question = question(Source::Orders, all(Kind::Organisation), intervals("ordered_at", &[(0, 15), (55, 60)]), vec![count()]);
        assert_eq!(cells(database.store(), &question).await, expected(&["0 0: 1", "0 1: 1"]));
    }

    async fn many_slots_give_the_same_as_few(database: Database) {
        fill(database.store()).await;
        let bounds: Vec<_> = (0..50).map(|slot| (slot * 2, slot * 2 + 2)).collect();
        let orders = question(Source::Orders, all(Kind::Organisation), intervals("ordered_at", &bounds), vec![count(), sum("amount")]);
        let rows = ["0 5: 1 100.0000", "0 10: 1 50.5000", "0 27: 1 -", "0 30: 2 40.0001"];
        assert_eq!(cells(database.store(), &orders).await, expected(&rows));
        let open = question(Source::Opportunities, all(Kind::Organisation), Over::Instants((0..50).collect()), vec![count()]);
        let stock = cells(database.store(), &open).await;
        assert_eq!([0, 10, 11, 40, 41, 49].map(|instant: usize| stock[instant].3[0].clone().unwrap()), ["1", "1", "2", "2", "1", "1"]);
        let ages = question(Source::Tickets, all(Kind::Organisation), Over::Instants((0..50).collect()), vec![sum("age")]);
        assert!(cells(database.store(), &ages).await.contains(&expected(&["0 25: 0.000020"])[0]));
    }

    async fn a_segments_periods_may_overlap(database: Database) {
        fill(database.store()).await;
        let over = Over::Periods { time: "ordered_at".into(), bounds: vec![(0, 100), (50, 100)] };
        let distinct = ask(What::Distinct { of: "customer".into(), at_least: 1 }, "{}");
        let question = question(Source::Orders, all(Kind::Segment), over, vec![distinct]);
        assert_eq!(cells(database.store(), &question).await, expected(&["1 0: 2", "1 1: 1", "2 0: 1", "2 1: 1"]));
    }

    async fn a_team_has_the_facts_of_its_whole_tree(database: Database) {
        fill(database.store()).await;
        let mut question = question(Source::Orders, all(Kind::Team), halves("ordered_at"), vec![count(), sum("amount")]);
        let rows = ["1 0: 2 150.5000", "1 1: 1 30.0000", "2 0: 2 150.5000", "2 1: 1 30.0000", "3 0: 1 100.0000", "3 1: 1 30.0000", "4 1: 1 -"];
        assert_eq!(cells(database.store(), &question).await, expected(&rows));
        question.subject.ids = Some(vec![3, 4]);
        assert_eq!(cells(database.store(), &question).await, expected(&rows[4..]));
    }

    async fn a_ticket_without_an_employee_is_its_teams(database: Database) {
        fill(database.store()).await;
        let question = question(Source::Tickets, all(Kind::Team), intervals("created_at", &[(0, 100)]), vec![count()]);
        assert_eq!(cells(database.store(), &question).await, expected(&["1 0: 1", "2 0: 1", "3 0: 1", "4 0: 1"]));
    }

    async fn segments_are_those_of_the_moment_and_count_a_fact_once(database: Database) {
        fill(database.store()).await;
        let question = question(Source::Orders, all(Kind::Segment), halves("ordered_at"), vec![count(), sum("amount")]);
        assert_eq!(cells(database.store(), &question).await, expected(&["1 0: 2 150.5000", "1 1: 1 -", "2 1: 1 30.0000"]));
    }

    async fn two_groups_cut_across_each_other(database: Database) {
        fill(database.store()).await;
        let mut question = question(Source::Orders, all(Kind::Team), intervals("ordered_at", &[(0, 100)]), vec![count()]);
        question.subject.ids = Some(vec![1]);
        question.within = Some(all(Kind::Region));
        assert_eq!(cells(database.store(), &question).await, expected(&["1/1 0: 2", "1/2 0: 1"]));
        question.within = Some(all(Kind::Team));
        assert_eq!(cells(database.store(), &question).await, expected(&["1/1 0: 3", "1/2 0: 3", "1/3 0: 2"]));
    }

    async fn subjects_too_many_to_list_are_picked_afterwards(database: Database) {
        fill(database.store()).await;
        let mut question = question(Source::Orders, all(Kind::Employee), intervals("ordered_at", &[(0, 100)]), vec![count()]);
        question.subject.ids = Some((2..20_000).collect());
        assert_eq!(cells(database.store(), &question).await, expected(&["2 0: 1", "3 0: 1"]));
        question.subject.ids = Some(Vec::new());
        assert_eq!(cells(database.store(), &question).await, []);
    }

    async fn lines_are_counted_when_their_order_was_placed(database: Database) {
        fill(database.store()).await;
        let question = question(Source::OrderLines, all(Kind::Product), halves("ordered_at"), vec![sum("quantity"), sum("discount")]);
        assert_eq!(cells(database.store(), &question).await, expected(&["1 0: 3.0000 5.0000", "2 0: 1.5000 -"]));
    }

    async fn an_opportunity_without_a_beginning_has_no_cycle_but_exists(database: Database) {
        fill(database.store()).await;
        let columns = vec![count(), ask(What::Known("cycle".into()), "{}"), sum("cycle")];
        let closed = question(Source::Opportunities, all(Kind::Organisation), intervals("closed_at", &[(0, 100)]), columns);
        assert_eq!(cells(database.store(), &closed).await, expected(&["0 0: 2 1 -0.000005"]));
        let open = question(Source::Opportunities, all(Kind::Organisation), Over::Instants(vec![0, 35, 40, 41, 46]), vec![count(), sum("weighted_amount")]);
        let rows = ["0 0: 1 -", "0 1: 2 50.0000", "0 2: 2 50.0000", "0 3: 1 50.0000", "0 4: 1 50.0000"];
        assert_eq!(cells(database.store(), &open).await, expected(&rows));
    }

    async fn a_customer_is_one_from_acquisition_to_churn(database: Database) {
        fill(database.store()).await;
        let question = question(Source::Customers, all(Kind::Organisation), Over::Instants(vec![10, 30, 60, 61]), vec![count(), ask(What::Count, r#"{"segmented": true}"#)]);
        assert_eq!(cells(database.store(), &question).await, expected(&["0 0: 1 1", "0 1: 2 2", "0 2: 2 2", "0 3: 1 1"]));
    }

    async fn a_ticket_ages_until_it_is_closed(database: Database) {
        fill(database.store()).await;
        let old = ask(What::Count, r#"{"age": {"gte": "0.000015"}}"#);
        let one = question(Source::Tickets, all(Kind::Organisation), Over::Instants(vec![25]), vec![sum("age"), old.clone()]);
        assert_eq!(cells(database.store(), &one).await, expected(&["0 0: 0.000020 1"]));
        let two = Question { over: Over::Instants(vec![25, 35]), ..one };
        assert_eq!(cells(database.store(), &two).await, expected(&["0 0: 0.000020 1", "0 1: 0.000025 1"]));
    }

    async fn customers_are_counted_once_in_periods_that_overlap(database: Database) {
        fill(database.store()).await;
        let distinct = |at_least| ask(What::Distinct { of: "customer".into(), at_least }, "{}");
        let over = Over::Periods { time: "ordered_at".into(), bounds: vec![(0, 100), (0, 50)] };
        let question = question(Source::Orders, all(Kind::Organisation), over, vec![distinct(1), distinct(2), distinct(3)]);
        assert_eq!(cells(database.store(), &question).await, expected(&["0 0: 2 1 1", "0 1: 1 1 0"]));
    }

    async fn customers_are_counted_once_in_periods_that_do_not_overlap(database: Database) {
        fill(database.store()).await;
        let distinct = |filter| ask(What::Distinct { of: "customer".into(), at_least: 1 }, filter);
        let over = Over::Periods { time: "ordered_at".into(), bounds: vec![(50, 100), (0, 50)] };
        let question = question(Source::Orders, all(Kind::Team), over, vec![distinct("{}"), distinct(r#"{"shipped": true}"#)]);
        let rows = ["1 0: 1 1", "1 1: 1 1", "2 0: 1 1", "2 1: 1 1", "3 0: 1 1", "3 1: 1 1", "4 0: 1 0"];
        assert_eq!(cells(database.store(), &question).await, expected(&rows));
    }

    async fn percentiles_lie_exactly_between_their_neighbours(database: Database) {
        fill(database.store()).await;
        let of = |p| ask(What::Percentile { of: "fulfilment".into(), p }, "{}");
        let over = Over::Periods { time: "ordered_at".into(), bounds: vec![(0, 100), (0, 50), (90, 95)] };
        let known = ask(What::Known("fulfilment".into()), "{}");
        let columns = vec![of(Percentile::Median), of(Percentile::P75), known, of(Percentile::P90)];
        let question = question(Source::Orders, all(Kind::Organisation), over, columns);
        let answer = cells(database.store(), &question).await;
        let normal = |cell: &Cell| cell.3.iter().map(|value| value.as_ref().unwrap().parse::<rust_decimal::Decimal>().unwrap().normalize().to_string()).collect::<Vec<_>>();
        assert_eq!(answer.len(), 2, "a period without facts has no row");
        assert_eq!(normal(&answer[0]), ["0.000002", "0.000006", "3", "0.0000084"]);
        assert_eq!(normal(&answer[1]), ["0.000006", "0.000008", "2", "0.0000092"]);
    }

    async fn promises_and_scales_are_read_as_described(database: Database) {
        fill(database.store()).await;
        let counted = |filter| ask(What::Count, filter);
        let kept = vec![counted(r#"{"on_time": true}"#), counted(r#"{"on_time": false}"#), counted(r#"{"on_time": {"known": false}}"#)];
        let activities = question(Source::Activities, all(Kind::Organisation), intervals("due_at", &[(0, 100)]), kept);
        assert_eq!(cells(database.store(), &activities).await, expected(&["0 0: 1 1 0"]));
        let filters = [r#"{"promoter": true}"#, r#"{"promoter": {"known": true}}"#, r#"{"top2": true}"#, r#"{"bottom2": true}"#, r#"{"responded": true, "score": {"gt": "4.5"}}"#];
        let surveys = question(Source::SurveyResponses, all(Kind::Organisation), intervals("sent_at", &[(0, 100)]), filters.map(counted).to_vec());
        assert_eq!(cells(database.store(), &surveys).await, expected(&["0 0: 1 1 2 1 2"]));
    }

    async fn the_records_behind_a_value_are_its_facts(database: Database) {
        fill(database.store()).await;
        let store = database.store();
        let mut question = question(Source::Orders, all(Kind::Team), halves("ordered_at"), vec![count(), sum("amount")]);
        let ids = |records: Vec<store::question::RecordRef>| records.into_iter().map(|record| (record.entity, record.id)).collect::<Vec<_>>();
        assert_eq!(ids(store.records(&question, 0, None, 10).await.unwrap()), [1, 2, 4, 6].map(|id| ("order", id)));
        assert_eq!(ids(store.records(&question, 1, Some(1), 1).await.unwrap()), [("order", 2)]);
        question.over = Over::Periods { time: "ordered_at".into(), bounds: vec![(0, 15), (10, 60)] };
        question.columns = vec![ask(What::Distinct { of: "customer".into(), at_least: 1 }, "{}")];
        assert_eq!(ids(store.records(&question, 0, None, 10).await.unwrap()), [1, 2, 4].map(|id| ("order", id)));
    }

    async fn forecasts_of_billions_are_exact(database: Database) {
        // 900 billion at 37.5 % each, and a loss: in the smallest unit that both factors have, their sum is beyond 64 bits.
        let deals: Vec<_> = (1..=9).map(|id| format!("({id}, 'd{id}', 'OPEN', 9000000000000001, 3750)")).collect();
        let text = format!("INSERT INTO opportunity (id, external_key, outcome, amount, win_probability) VALUES {}, (10, 'd10', 'OPEN', -15001, 9999), (11, 'd11', 'OPEN', NULL, 10000)", deals.join(", "));
        database.store().session().await.unwrap().script(&text).await.unwrap();
        let question = question(Source::Opportunities, all(Kind::Organisation), Over::Instants(vec![10]), vec![sum("weighted_amount"), count()]);
        assert_eq!(cells(database.store(), &question).await, expected(&["0 0: 3037499999998.50038751 11"]));
        assert_eq!(database.store().records(&question, 0, None, 100).await.unwrap().len(), 10);
    }

    async fn a_membership_that_ends_with_a_period_holds_at_its_end(database: Database) {
        fill(database.store()).await;
        // Customer 3 stays in segment 1; customer 1 goes from segment 1 to segment 2 at 50. Stocks are what there was just before.
        let question = question(Source::Customers, all(Kind::Segment), Over::Instants(vec![50, 51]), vec![count()]);
        assert_eq!(cells(database.store(), &question).await, expected(&["1 0: 2", "1 1: 1", "2 1: 1"]));
        let single = Question { over: Over::Instants(vec![50]), ..question };
        assert_eq!(cells(database.store(), &single).await, expected(&["1 0: 2"]));
    }

    async fn of_a_scale_of_two_or_three_only_what_is_beyond_the_middle_is_good_or_bad(database: Database) {
        let facts = "INSERT INTO survey_response (id, external_key, survey, scale_min, scale_max, sent_at, responded_at, score) VALUES \
            (1, 'v1', 'CSAT', 0, 10000, 10, 11, 10000), (2, 'v2', 'CSAT', 0, 10000, 10, 11, 0), (3, 'v3', 'CSAT', 0, 10000, 10, 11, 0), \
            (4, 'v4', 'CSAT', 10000, 30000, 10, 11, 20000), (5, 'v5', 'CSAT', 10000, 40000, 10, 11, 30000), (6, 'v6', 'CSAT', 10000, 50000, 10, 11, 40000)";
        database.store().session().await.unwrap().script(facts).await.unwrap();
        let filters = [r#"{"top2": true}"#, r#"{"bottom2": true}"#].map(|filter| ask(What::Count, filter));
        let surveys = question(Source::SurveyResponses, all(Kind::Organisation), intervals("sent_at", &[(0, 100)]), filters.to_vec());
        assert_eq!(cells(database.store(), &surveys).await, expected(&["0 0: 3 2"]));
    }

    async fn every_field_time_and_way_can_be_asked(database: Database) {
        fill(database.store()).await;
        for source in Source::ALL {
            try_all(database.store(), source).await;
        }
    }

    async fn own_spans_are_told_from_those_below(database: Database) {
        fill(database.store()).await;
        let quota = |subject| {
            let over = Over::Spans { from: "2017-01-01".parse().unwrap(), to: "2018-01-01".parse().unwrap() };
            question(Source::Targets, subject, over, vec![ask(What::Sum("value".into()), r#"{"kind": "QUOTA"}"#)])
        };
        assert_eq!(spans(database.store(), &quota(Group { kind: Kind::Team, ids: Some(vec![2, 3]) })).await, [
            "2 2017-01-01 2017-04-01 below/1 60.0000",
            "2 2017-01-01 2017-04-01 below/2 70.0000",
            "2 2017-01-01 2017-04-01 own 100.0000",
            "3 2017-01-01 2017-04-01 below/1 60.0000",
        ]);
        assert_eq!(spans(database.store(), &quota(all(Kind::Organisation))).await, ["0 2017-01-01 2017-04-01 below/1 60.0000", "0 2017-01-01 2017-04-01 below/2 70.0000", "0 2017-01-01 2018-01-01 own 1000.0000"]);
        assert_eq!(spans(database.store(), &quota(all(Kind::Employee))).await, ["1 2017-01-01 2017-04-01 own 60.0000", "2 2017-01-01 2017-04-01 own 70.0000"]);
        let records = database.store().records(&quota(Group { kind: Kind::Team, ids: Some(vec![3]) }), 0, None, 10).await.unwrap();
        assert_eq!(records.iter().map(|record| (record.entity, record.id)).collect::<Vec<_>>(), [("target", 2)]);
    }
}

/// Everything that may be asked of a field over events, so that no expression stays untried.
fn asks_of(field: &Field) -> Vec<Ask> {
    let of = || field.name.to_owned();
    let known = ask(What::Count, &format!(r#"{{"{}": {{"known": true}}}}"#, field.name));
    match field.field_type {
        FieldType::Bool => vec![
            known,
            ask(What::Count, &format!(r#"{{"{}": true}}"#, field.name)),
            ask(What::Count, &format!(r#"{{"{}": false}}"#, field.name)),
        ],
        FieldType::Text(values) => {
            let value = values.first().unwrap_or(&"anything");
            vec![known, ask(What::Count, &format!(r#"{{"{}": ["{value}"]}}"#, field.name))]
        }
        FieldType::Reference => vec![known],
        _ => {
            let numbers = [What::Known(of()), What::Sum(of()), What::Min(of()), What::Max(of())].map(|what| ask(what, "{}"));
            let compared = ask(What::Count, &format!(r#"{{"{}": {{"gte": "-1.5", "lt": "2"}}}}"#, field.name));
            numbers.into_iter().chain([known, compared]).collect()
        }
    }
}

/// Over periods each of these is a question of its own.
fn apart(field: &Field) -> Option<Ask> {
    let of = field.name.to_owned();
    match field.field_type {
        FieldType::Bool | FieldType::Text(_) => None,
        FieldType::Reference => Some(ask(What::Distinct { of, at_least: 2 }, "{}")),
        _ => Some(ask(What::Percentile { of, p: Percentile::P90 }, "{}")),
    }
}

async fn try_all(store: &Store, source: Source) {
    let about = source.description();
    let fields = || about.fields.iter().filter(|field| field.name != "age");
    for kind in Kind::ALL.into_iter().filter(|kind| source.reaches(*kind)) {
        for time in about.times {
            let asks = std::iter::once(count()).chain(fields().flat_map(asks_of)).collect();
            store.ask(&question(source, all(kind), halves(time), asks)).await.unwrap();
            let cut = matches!(kind, Kind::Organisation | Kind::Segment);
            for single in fields().filter(|_| cut).filter_map(apart) {
                let over = Over::Periods { time: (*time).into(), bounds: vec![(0, 100), (50, 100)] };
                store.ask(&question(source, all(kind), over, vec![single])).await.unwrap();
            }
        }
        if about.shape == (Shape::Event { stock: true }) {
            let counts = about.fields.iter().flat_map(asks_of).filter(|ask| !matches!(ask.what, What::Min(_) | What::Max(_)));
            store.ask(&question(source, all(kind), Over::Instants(vec![10, 50]), counts.collect())).await.unwrap();
        }
        if about.shape == Shape::Span {
            let over = Over::Spans { from: "2017-01-01".parse().unwrap(), to: "2018-01-01".parse().unwrap() };
            store.ask(&question(source, all(kind), over, vec![sum("value")])).await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_one_statement_cannot_answer_is_refused() {
    let database = testbed::Database::sqlite().await;
    let periods = || Over::Periods { time: "ordered_at".into(), bounds: vec![(0, 100)] };
    let distinct = |of: &str| ask(What::Distinct { of: of.into(), at_least: 1 }, "{}");
    let median = |of: &str, filter| ask(What::Percentile { of: of.into(), p: Percentile::Median }, filter);
    let organisation = || all(Kind::Organisation);
    let orders = |over, columns| question(Source::Orders, organisation(), over, columns);
    let targets = |columns| question(Source::Targets, organisation(), halves("starts_on"), columns);
    let refused = [
        (orders(periods(), vec![distinct("customer"), distinct("employee")]), "Mix"),
        (orders(periods(), vec![distinct("customer"), count()]), "Mix"),
        (orders(periods(), vec![count()]), "Mix"),
        (orders(periods(), vec![median("amount", "{}"), median("fulfilment", "{}")]), "Mix"),
        (orders(periods(), vec![median("amount", "{}"), median("amount", r#"{"late": true}"#)]), "Mix"),
        (orders(halves("ordered_at"), vec![distinct("customer")]), "Mix"),
        (orders(halves("ordered_at"), vec![]), "Mix"),
        (orders(halves("closed_at"), vec![count()]), "Measure"),
        (orders(halves("ordered_at"), vec![sum("age")]), "Measure"),
        (orders(Over::Instants(vec![5]), vec![count()]), "Time"),
        (orders(intervals("ordered_at", &[(0, 10), (5, 20)]), vec![count()]), "Time"),
        (targets(vec![sum("value")]), "Time"),
        (question(Source::CampaignMembers, all(Kind::Employee), halves("sent_at"), vec![count()]), "NoWay"),
    ];
    for (question, expected) in refused {
        let before = database.store().statements();
        let error = database.store().ask(&question).await.unwrap_err();
        let Error::Question(fault) = &error else { panic!("{error} for {question:?}") };
        let name = match fault {
            Fault::Measure(_) => "Measure",
            Fault::NoWay { .. } => "NoWay",
            Fault::Mix(_) => "Mix",
            Fault::Time(_) => "Time",
            Fault::Filter { .. } => "Filter",
        };
        assert_eq!(name, expected, "{error} for {question:?}");
        assert_eq!(database.store().statements(), before, "a refused question reaches no database");
    }
}

async fn spans(store: &Store, question: &Question) -> Vec<String> {
    let mut rows: Vec<_> = store
        .ask(question)
        .await
        .unwrap()
        .rows
        .into_iter()
        .map(|row| match row.slot {
            Slot::Span { starts_on, ends_on, below } => {
                let whose = below.map_or("own".to_owned(), |employee| format!("below/{employee}"));
                format!("{} {starts_on} {ends_on} {whose} {}", row.subject, row.values[0].unwrap())
            }
            Slot::At(_) => panic!("{row:?} is no span"),
        })
        .collect();
    rows.sort();
    rows
}
