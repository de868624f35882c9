use rust_decimal::Decimal;

use super::{Answer, Formula, Null, Program};

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
        ("min(a)", 1, "two arguments or more, and here are 1"),
        ("2 * abs(a, b)", 5, "`abs` takes one argument, and here are 2"),
        ("growth(a, b, c)", 1, "two arguments, and here are 3"),
        ("if(a < b, c)", 1, "three arguments"),
        ("choose(a < b, c, d, e)", 1, "here are 4"),
        ("round(a)", 1, "a number of digits"),
        ("round(a, 13)", 10, "from 0 to 12, found `13`"),
        ("round(a, 0.5)", 10, "found `0.5`"),
        ("round(a, -1)", 10, "found `-1`"),
        ("a + (b <= c)", 5, "expected a value, found the condition `b <= c`"),
        ("if(a + b, 1, 2)", 4, "expected a condition such as `a < b`, found the value `a + b`"),
        ("if(a < b, c < d, 2)", 11, "found the condition `c < d`"),
        ("if(a < b and c, 1, 2)", 14, "found the value `c`"),
        ("if(not a, 1, 2)", 8, "found the value `a`"),
        ("(a < b) < c", 1, "expected a value"),
        ("if(a < b == c, 1, 2)", 12, "`and`"),
        ("a = b", 3, "found `=`"),
        ("a and", 6, "found the end"),
        ("andy and bob", 1, "found the value `andy`"),
        ("1.2.3", 1, "not an exact decimal"),
        ("a + 1.", 5, "`1.` is not an exact decimal"),
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
    assert!(Formula::parse(&"not ".repeat(1000)).unwrap_err().message.contains("deep"));
    assert!(Formula::parse(&"abs(".repeat(1000)).unwrap_err().message.contains("deep"));
    assert!(Formula::parse(&"1+".repeat(3000)).unwrap_err().message.contains("at most"));
    assert!(Formula::parse(&format!("{}1", "1+".repeat(2000))).unwrap_err().message.contains("more than 1000"));
    assert!(Formula::parse(&format!("{}1", "1+".repeat(499))).is_ok());
}

/// The examples that people read: a formula, what its names stand for, and what it comes to.
fn examples() -> impl Iterator<Item = (&'static str, Vec<(&'static str, Decimal)>, &'static str)> {
    let text = include_str!("../../FORMULA.md").split("```formula\n").nth(1).and_then(|rest| rest.split("```").next()).expect("examples");
    text.lines().map(|line| {
        let (rest, result) = line.split_once(" is ").expect(line);
        let (formula, values) = rest.split_once(" with ").unwrap_or((rest, ""));
        let values = values.split(',').filter_map(|value| value.split_once(" = "));
        (formula.trim(), values.map(|(name, value)| (name.trim(), value.trim().parse().expect(line))).collect(), result)
    })
}

#[test]
fn every_example_of_the_reference_comes_to_what_it_says() {
    for (text, values, result) in examples() {
        let formula = match (Formula::parse(text), result.strip_prefix("wrong: ")) {
            (Ok(formula), None) => formula,
            (Err(error), Some(part)) => {
                assert!(error.to_string().contains(part), "{text}: {error}");
                continue;
            }
            (parsed, _) => panic!("{text} is {result}, and was {parsed:?}"),
        };
        let value = formula.evaluate(&|name| values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value));
        match result.strip_prefix("nothing: ") {
            Some(reason) => assert_eq!(value.map_err(|null| null.to_string()), Err(reason.into()), "{text}"),
            None => assert_eq!(value, Ok(result.parse().expect(text)), "{text}"),
        }
    }
    assert!(examples().count() > 30);
}

#[test]
fn the_reference_names_every_word() {
    let reference = include_str!("../../FORMULA.md");
    for (name, _) in super::parse::FUNCTIONS {
        assert!(reference.contains(&format!("`{name}(")) || reference.contains(&format!(" `{name}(")), "{name}");
    }
}

#[test]
fn a_program_gives_what_the_formula_gives() {
    for (text, values, _) in examples() {
        let Ok(formula) = Formula::parse(text) else { continue };
        let value = |name: &str| values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let names = formula.variables();
        let columns: Vec<Vec<Option<Decimal>>> = names.iter().map(|name| vec![value(name); 600]).collect();
        let columns: Vec<&[Option<Decimal>]> = columns.iter().map(Vec::as_slice).collect();
        let answers = Program::new(&formula, names.iter().copied(), []).evaluate(&columns, &[], 600);
        let expected = match formula.evaluate(&value) {
            Ok(value) => Answer::Value(value),
            Err(Null::Overflow) => Answer::Overflow,
            Err(_) => Answer::Null,
        };
        assert_eq!(answers, vec![expected; 600], "{text}");
    }
}

#[test]
fn a_program_takes_each_row_by_itself_and_constants_for_all() {
    let formula = Formula::parse("if(a < limit, a / b, a - (b - (limit - a)))").unwrap();
    let program = Program::new(&formula, ["a", "b"], ["limit"]);
    let a: Vec<Option<Decimal>> = (0..1000).map(|row| (row % 7 != 0).then(|| Decimal::from(row))).collect();
    let b: Vec<Option<Decimal>> = (0..1000).map(|row| Some(Decimal::from(row % 5))).collect();
    let limit = Decimal::from(500);
    let answers = program.evaluate(&[&a, &b], &[limit], 1000);
    for (row, answer) in answers.iter().enumerate() {
        let expected = formula
            .evaluate(&|name| [("a", a[row]), ("b", b[row]), ("limit", Some(limit))].into_iter().find(|(known, _)| *known == name)?.1);
        assert_eq!(*answer, expected.map_or(Answer::Null, Answer::Value), "row {row}");
    }
}

#[test]
fn a_formula_knows_how_it_grows_with_money() {
    let money = |name: &str| name.starts_with('m');
    for (text, degree) in [
        ("m1", Some(1)),
        ("m1 / m2", Some(0)),
        ("m1 / n", Some(1)),
        ("n / m1", Some(-1)),
        ("m1 * m2 / 2", Some(2)),
        ("n", Some(0)),
        ("100 * (m1 - m2) / m2", Some(0)),
        ("max(m1 - m2, 0)", Some(1)),
        ("coalesce(m1, 0) + 0 * n", Some(1)),
        ("m1 + n", None),
        ("m1 - 1000", None),
        ("growth(m1, m2)", Some(0)),
        ("growth(m1, n)", None),
        ("if(m1 > m2 and n > 3, m1, -m2)", Some(1)),
        ("if(m1 > 1000, n, 0)", None),
        ("if(not m1 > 0, n, m1)", None),
        ("round(m1, 2)", None),
        ("round(m1 / m2, 2)", Some(0)),
        ("abs(m1 - m2) / (m1 * m2)", Some(-1)),
        ("0", Some(0)),
    ] {
        assert_eq!(Formula::parse(text).unwrap().degree(&money), degree, "{text}");
    }
}

#[test]
fn a_formula_knows_whether_it_is_a_sum() {
    let input = |name: &str| name != "rate";
    for text in ["a", "a + b - c", "-a * 2", "rate * (a - b) / 3", "a / rate"] {
        assert!(Formula::parse(text).unwrap().adds_up(&input), "{text}");
    }
    for text in ["a / b", "a * b", "a + 1", "max(a, b)", "coalesce(a, 0)", "rate", "2", "3 / a", "growth(a, b)", "if(a > b, a, b)"] {
        assert!(!Formula::parse(text).unwrap().adds_up(&input), "{text}");
    }
}
