use rust_decimal::Decimal;

use super::{Formula, Null};

fn evaluate(text: &str, values: &[(&str, i64)]) -> Result<Decimal, Null> {
    let formula = Formula::parse(text).unwrap_or_else(|error| panic!("{error}"));
    formula.evaluate(&|name| values.iter().find(|(key, _)| *key == name).map(|(_, value)| Decimal::from(*value)))
}

#[test]
fn operators_bind_as_in_arithmetic() {
    for (text, expected) in [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 4 - 3", "3"),
        ("12 / 4 / 3", "1"),
        ("-2 * -3", "6"),
        ("0.5 * 4", "2"),
        ("--1", "1"),
    ] {
        assert_eq!(evaluate(text, &[]), Ok(expected.parse().unwrap()), "{text}");
    }
}

#[test]
fn functions_choose_and_compare() {
    for (text, expected) in [
        ("min(1, 2)", 1),
        ("max(1, 2)", 2),
        ("coalesce(missing, 5)", 5),
        ("coalesce(1 / 0, 5)", 5),
        ("coalesce(3, missing)", 3),
        ("growth(6, 2)", 2),
    ] {
        assert_eq!(evaluate(text, &[]), Ok(Decimal::from(expected)), "{text}");
    }
}

#[test]
fn a_missing_value_names_its_reason() {
    let unknown = |input: &str| Null::Unknown { input: input.into() };
    let zero = |text: &str| Null::ZeroDenominator { text: text.into() };
    let none: &[(&str, i64)] = &[];
    for (text, values, reason) in [
        ("won / (won + lost)", &[("won", 0), ("lost", 0)][..], zero("won + lost")),
        ("a / ((b + c) / 2)", &[("a", 1), ("b", 0), ("c", 0)][..], zero("(b + c) / 2")),
        ("a / (2 * (b + c))", &[("a", 1), ("b", 0), ("c", 0)][..], zero("2 * (b + c)")),
        ("a / -(b + c)", &[("a", 1), ("b", 0), ("c", 0)][..], zero("-(b + c)")),
        ("won / (won + lost)", &[("won", 1)][..], unknown("lost")),
        ("growth(now, before)", &[("now", 1)][..], Null::NoBaseline { input: "before".into() }),
        ("growth(now, before)", &[("before", 1)][..], unknown("now")),
        ("growth(now, before)", &[("now", 1), ("before", 0)][..], zero("before")),
        ("growth(now, before)", &[("now", 1), ("before", -1)][..], Null::NegativeBase),
        ("growth(1, a / b)", &[("a", 1), ("b", 0)][..], Null::NoBaseline { input: "a / b".into() }),
        ("79228162514264337593543950335 * 10", none, Null::Overflow),
        ("coalesce(79228162514264337593543950335 * 10, 1)", none, Null::Overflow),
        ("min(1, missing)", none, unknown("missing")),
    ] {
        assert_eq!(evaluate(text, values), Err(reason), "{text}");
    }
}

#[test]
fn variables_come_once_in_order_of_use() {
    assert_eq!(Formula::parse("100 * (b - a) / max(b, c)").unwrap().variables(), ["b", "a", "c"]);
}

#[test]
fn a_bad_formula_says_where_it_is_bad() {
    for (text, at, part) in [
        ("", 1, "found the end"),
        ("won /", 6, "found the end"),
        ("won lost", 5, "operator or the end"),
        ("(won", 5, "expected `)`"),
        ("won + ?", 7, "`?`"),
        ("sum(a, b)", 1, "no function `sum`"),
        ("min(a)", 6, "expected `,`"),
        ("1.2.3", 1, "not an exact decimal"),
        ("销售", 1, "`销`"),
        ("a + 销", 5, "`销`"),
    ] {
        let error = Formula::parse(text).expect_err(text);
        assert_eq!(error.at, at, "{error}");
        assert!(error.message.contains(part), "{error}");
    }
}

#[test]
fn a_formula_is_bounded_in_depth_and_length() {
    assert!(Formula::parse(&"(".repeat(2000)).unwrap_err().message.contains("deep"));
    assert!(Formula::parse(&"-".repeat(2000)).unwrap_err().message.contains("deep"));
    assert!(Formula::parse(&"1+".repeat(3000)).unwrap_err().message.contains("at most"));
}
