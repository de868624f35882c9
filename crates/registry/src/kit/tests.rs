use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

use manifest::{Formula, Pack};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Trial, check, sample};
use crate::Column;
use crate::declarative::Declarative;
use crate::outcome::Fault;
use crate::runtime::{Batch, Runtime, Tier};

type Answers = Result<Vec<Option<Decimal>>, Fault>;

/// A pack that computes its formulas, and then does something to the answers.
struct Twisted<F> {
    sound: Declarative,
    twist: F,
}

impl<F> fmt::Debug for Twisted<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("twisted")
    }
}

impl<F: Fn(&Batch<'_>, Answers) -> Answers + Send + Sync> Runtime for Twisted<F> {
    fn tier(&self) -> Tier {
        Tier::Declarative
    }

    fn evaluate(&self, batch: &Batch<'_>) -> Answers {
        (self.twist)(batch, self.sound.evaluate(batch))
    }
}

fn pack(formula: &str, changes: Value) -> (Pack, Vec<Formula>) {
    let mut metric = json!({
        "key": "rate", "title": { "en": "Rate" }, "description": { "en": "A rate." }, "kind": "money", "unit": "money",
        "direction": "up", "class": "NQSR-T/CUS", "source": "test", "formula": formula,
        "inputs": [
            { "name": "m", "measure": { "agg": "sum", "source": "orders", "of": "amount" } },
            { "name": "n", "measure": { "agg": "count", "source": "leads" } }
        ]
    });
    metric.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
    let manifest = json!({ "cp_manifest": 1, "id": "acme", "version": "1.0.0", "title": { "en": "Acme" }, "metrics": [metric] });
    let pack = Pack::parse(manifest.to_string().as_bytes()).expect("it parses");
    assert_eq!(pack.check(), []);
    let formulas = vec![Formula::parse(formula).expect("a formula")];
    (pack, formulas)
}

/// The code and the words that a pack is refused with, if it is.
fn verdict(formula: &str, changes: Value, twist: impl Fn(&Batch<'_>, Answers) -> Answers + Send + Sync) -> Option<(&'static str, String)> {
    let (pack, formulas) = pack(formula, changes);
    let runtime = Twisted { sound: Declarative::new(&pack, &formulas), twist };
    let failed = check(&pack, &formulas, &runtime).err()?;
    Some((failed.code, failed.of(std::path::Path::new("pack")).message.clone()))
}

fn each(twist: impl Fn(usize, Option<Decimal>) -> Option<Decimal>) -> impl Fn(&Batch<'_>, Answers) -> Answers {
    move |_, answers| answers.map(|values| values.into_iter().enumerate().map(|(row, value)| twist(row, value)).collect())
}

fn prior() -> Value {
    json!({ "parameters": [
        { "name": "prior", "description": { "en": "A prior." }, "type": "integer", "default": 1, "min": 0, "max": 40 },
        { "name": "share", "description": { "en": "A share." }, "type": "decimal", "default": "0.5" }
    ] })
}

#[test]
fn a_pack_that_computes_its_formulas_passes() {
    for formula in
        ["m / n", "m * m * m * m * n", "growth(m, n)", "if(m > 0 and n > 2, m / n, coalesce(m, n))", "round(m, 2) - n", "m - m + 0 * n"]
    {
        assert_eq!(verdict(formula, json!({}), |_, answers| answers), None, "{formula}");
    }
    assert_eq!(verdict("m * share / (n + prior)", prior(), |_, answers| answers), None);
}

#[test]
fn a_value_that_is_not_the_formulas_is_refused_with_the_row() {
    let (code, message) = verdict("m / n", json!({}), each(|_, value| value.map(|value| value + Decimal::new(1, 6)))).expect("refused");
    assert_eq!(code, "F_FORMULA_DIFFERS");
    for part in ["`acme.rate` = `m / n` in row ", "where m = ", ", n = ", "; found ", "say the same"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let refused = |twist: fn(usize, Option<Decimal>) -> Option<Decimal>| verdict("m / n", json!({}), each(twist)).map(|(code, _)| code);
    assert_eq!(refused(|_, value| value.or(Some(Decimal::ZERO))), Some("F_FORMULA_DIFFERS"), "zero for nothing");
    assert_eq!(refused(|_, value| value.filter(|value| !value.is_zero())), Some("F_FORMULA_DIFFERS"), "nothing for zero");
    assert_eq!(refused(|_, value| value.map(|value| value.max(Decimal::ZERO))), Some("F_FORMULA_DIFFERS"), "no negatives");
    assert_eq!(refused(|_, value| value.map(|value| value + Decimal::new(1, 12))), None, "a unit of the last place is rounding");
}

#[test]
fn a_parameter_that_is_not_minded_is_found() {
    let ignoring = |batch: &Batch<'_>, answers: Answers| {
        let (pack, formulas) = pack("m * share / (n + prior)", prior());
        let defaults = [crate::runtime::Argument::Integer(1), crate::runtime::Argument::Decimal(Decimal::new(5, 1))];
        answers.and_then(|_| Declarative::new(&pack, &formulas).evaluate(&Batch { parameters: &defaults, ..*batch }))
    };
    let (code, message) = verdict("m * share / (n + prior)", prior(), ignoring).expect("refused");
    assert_eq!(code, "F_FORMULA_DIFFERS");
    assert!(message.contains(", prior = 0, share = -0.5"), "{message}");
}

#[test]
fn what_a_row_comes_to_may_depend_on_nothing_else() {
    let calls = AtomicU32::new(0);
    let forgetful = |batch: &Batch<'_>, answers: Answers| match calls.fetch_add(1, Ordering::Relaxed) {
        1 => each(|row, value| value.filter(|_| row != 5))(batch, answers),
        _ => answers,
    };
    assert_eq!(verdict("m + n", json!({}), forgetful).map(|(code, _)| code), Some("F_NOT_DETERMINISTIC"));
    let (rows, by_row) = (200, |row: usize, value: Option<Decimal>| if row == 0 { value.map(|_| Decimal::ONE) } else { value });
    let first_of_many = move |batch: &Batch<'_>, answers: Answers| {
        let turned = batch.inputs[0].values.first() != Some(&None);
        if turned && batch.rows < rows { each(by_row)(batch, answers) } else { answers }
    };
    assert_eq!(verdict("m + n", json!({}), first_of_many).map(|(code, _)| code), Some("F_NOT_ROW_WISE"));
}

#[test]
fn money_times_seven_is_worth_seven_times_as_much() {
    let fixed = |batch: &Batch<'_>, answers: Answers| {
        let sevens = batch.inputs[0].values.iter().flatten().all(|value| value.mantissa() % 7 == 0);
        if sevens && batch.rows > 1 { each(|_, value| value.map(|value| value + Decimal::TEN))(batch, answers) } else { answers }
    };
    let (code, message) = verdict("m / n", json!({}), fixed).expect("refused");
    assert_eq!(code, "F_NOT_SCALED");
    assert!(message.contains("7 times as much"), "{message}");
    assert_eq!(verdict("m - n", json!({}), fixed), None, "a formula that mixes money with counts does not say how it grows");
}

#[test]
fn what_two_parts_of_a_flow_come_to_is_what_the_whole_does() {
    let flow = || json!({ "accumulation": "flow" });
    for formula in ["m + n", "m / 3 - n * 2", "-(m - n)"] {
        assert_eq!(verdict(formula, flow(), |_, answers| answers), None, "{formula}");
    }
    assert_eq!(
        verdict("m * share - n / prior", json!({ "accumulation": "flow", "parameters": prior()["parameters"] }), |_, answers| answers),
        None
    );
    // After the first answers, the repeated, the turned and the two cut ones.
    let sixth = |calls: &AtomicU32| calls.fetch_add(1, Ordering::Relaxed) == 5;
    let calls = AtomicU32::new(0);
    let first = each(|row, value| if row == 0 { value.map(|value| value + Decimal::ONE) } else { value });
    let twist = |batch: &Batch<'_>, answers: Answers| if sixth(&calls) { first(batch, answers) } else { answers };
    let (code, message) = verdict("m + n", flow(), twist).expect("refused");
    assert_eq!(code, "F_NOT_ADDITIVE");
    for part in ["which its two parts come to together, for `acme.rate` = `m + n`", "say `flow` of sums only"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let calls = AtomicU32::new(0);
    let failing = |_: &Batch<'_>, answers: Answers| if sixth(&calls) { Err(Fault::new("E_COMPUTE", "no")) } else { answers };
    assert_eq!(verdict("m + n", flow(), failing).map(|(code, _)| code), Some("F_NOT_ADDITIVE"));
}

#[test]
fn numbers_almost_too_large_may_be_too_large_but_not_wrong() {
    let large = Decimal::from_i128_with_scale(10i128.pow(18), 0);
    let beyond = move |batch: &Batch<'_>| batch.inputs.iter().flat_map(|column| &column.values).flatten().any(|value| value.abs() >= large);
    let with = |answer: fn() -> Answers| move |batch: &Batch<'_>, answers: Answers| if beyond(batch) { answer() } else { answers };
    let code = |twist: fn() -> Answers| verdict("m * n", json!({}), with(twist)).map(|(code, _)| code);
    assert_eq!(code(|| Err(Fault::new("E_OVERFLOW", "too large"))), None);
    assert_eq!(code(|| Err(Fault::new("E_PANIC", "panic"))), Some("F_FORMULA_DIFFERS"));
    assert_eq!(code(|| Ok(vec![None])), Some("F_FORMULA_DIFFERS"));
    assert_eq!(code(|| Ok(vec![Some(Decimal::ONE)])), Some("F_FORMULA_DIFFERS"));
    let failing = |_: &Batch<'_>, _: Answers| Err(Fault::new("E_COMPUTE", "no").at(3));
    let (code, message) = verdict("m + n", json!({}), failing).expect("refused");
    assert!(code == "F_FORMULA_DIFFERS" && message.contains("found E_COMPUTE: no") && message.contains("in row 3"), "{message}");
}

#[test]
fn examples_of_the_manifest_must_come_true_in_the_packs_code() {
    let examples = json!({ "examples": [
        { "inputs": { "m": 77, "n": 11 }, "value": 7 },
        { "inputs": { "m": 77, "n": 0 }, "null": true }
    ] });
    assert_eq!(verdict("m / n", examples.clone(), |_, answers| answers), None);
    let seven = Some(Decimal::from(7));
    let luckless = each(move |row, value| if row == 0 && value == seven { Some(Decimal::ONE) } else { value });
    let (code, message) = verdict("m / n", examples, luckless).expect("refused");
    assert!(code == "F_FORMULA_DIFFERS" && message.contains("expected 7 for `acme.rate`") && message.contains("found 1"), "{message}");
}

#[test]
fn parameters_are_tried_within_their_range() {
    let (pack, _) = pack("m * share / (n + prior)", prior());
    let metric = &pack.metrics[0];
    let settings = sample::Sample::of(&pack, metric).settings(metric);
    assert_eq!(settings.len(), 4);
    for values in &settings {
        assert!(metric.parameters.iter().zip(values).all(|(parameter, value)| parameter.fault_of(*value).is_none()), "{values:?}");
    }
    let ends: Vec<[&str; 2]> = vec![["1", "0.5"], ["0", "-0.5"], ["40", "1.5"]];
    for (values, expected) in settings.iter().zip(ends) {
        assert_eq!(*values, expected.map(|text| text.parse::<Decimal>().expect("a number")));
    }
}

fn in_floats() -> Value {
    json!({ "kind": "score", "unit": "points", "output": { "type": "float" } })
}

#[test]
fn what_is_computed_in_floats_may_differ_by_a_part_in_a_thousand_million() {
    let off = |share: Decimal| each(move |_, value| value.map(|value| value + value * share));
    let code = |formula: &str, share| verdict(formula, in_floats(), off(share)).map(|(code, _)| code);
    for formula in ["m / n", "(m - n) / (m + n)", "m * m * n - m", "if(m > n, m / n, 1)"] {
        assert_eq!(code(formula, Decimal::ZERO), None, "{formula}");
        assert_eq!(code(formula, Decimal::new(5, 10)), None, "{formula}");
        assert_eq!(code(formula, Decimal::new(1, 6)), Some("F_FORMULA_DIFFERS"), "{formula}");
    }
    let none = verdict("m / n", in_floats(), each(|_, value| value.or(Some(Decimal::ZERO)))).map(|(code, _)| code);
    assert_eq!(none, Some("F_FORMULA_DIFFERS"), "zero for nothing");
    let exact = json!({ "kind": "score", "unit": "points" });
    assert_eq!(verdict("m / n", exact, off(Decimal::new(5, 10))).map(|(code, _)| code), Some("F_FORMULA_DIFFERS"));
}

#[test]
fn what_is_computed_in_floats_never_differs_from_itself() {
    let calls = AtomicU32::new(0);
    let wavering = |_: &Batch<'_>, answers: Answers| {
        let off = Decimal::new(i64::from(calls.fetch_add(1, Ordering::Relaxed) % 2), 12);
        answers.map(|values| values.into_iter().map(|value| value.map(|value| value + off)).collect())
    };
    assert_eq!(verdict("m / n", in_floats(), wavering).map(|(code, _)| code), Some("F_NOT_DETERMINISTIC"));
}

/// What a double makes of it is 0.00009989738…, a thousandth less.
#[test]
fn numbers_that_almost_cancel_are_not_held_against_a_float() {
    let decimal = |text: &str| text.parse::<Decimal>().expect("a number");
    let (pack, formulas) = pack("m - n", in_floats());
    let sound = Declarative::new(&pack, &formulas);
    let trial = Trial::new(&pack, &pack.metrics[0], &formulas[0], 0, &sound);
    let columns = ["1234567890.0001", "1234567890"].map(|value| Column { scale: 4, values: vec![Some(decimal(value))] });
    let allowed = trial.allowed(&columns, &[])[0];
    assert!(allowed.admits(Some(decimal("0.000099897385"))) && !allowed.admits(Some(decimal("0.01"))) && !allowed.admits(None));
}

#[test]
fn a_row_where_hardly_other_inputs_have_no_value_says_nothing() {
    let decimal = |text: &str| text.parse::<Decimal>().expect("a number");
    let (pack, formulas) = pack("1 / (m + n)", in_floats());
    let sound = Declarative::new(&pack, &formulas);
    let trial = Trial::new(&pack, &pack.metrics[0], &formulas[0], 0, &sound);
    let admits = |m: &str, n: &str, found: Option<Decimal>| {
        let columns = [m, n].map(|value| Column { scale: 4, values: vec![Some(decimal(value))] });
        trial.allowed(&columns, &[])[0].admits(found)
    };
    assert!(admits("3", "-3", None) && admits("3", "-3", Some(decimal("1000000000000"))));
    assert!(admits("0", "0", None) && !admits("0", "0", Some(Decimal::ONE)), "zero is zero");
}
