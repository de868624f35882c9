//! A text is a formula or an error with its place; what is a formula asks only for the variables that it names, gives a value or a
//! reason for any values of them, and the same by the way that whole columns are computed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use manifest::formula::{Answer, Program};
use manifest::{Formula, Null};
use rust_decimal::Decimal;

/// What makes arithmetic fail, and some of what does not.
const VALUES: [Option<Decimal>; 8] = [
    None,
    Some(Decimal::ZERO),
    Some(Decimal::ONE),
    Some(Decimal::NEGATIVE_ONE),
    Some(Decimal::MAX),
    Some(Decimal::MIN),
    Some(Decimal::TEN),
    Some(Decimal::from_parts(1, 0, 0, true, 28)),
];

fuzz_target!(|text: &str| match Formula::parse(text) {
    Ok(formula) => {
        assert_eq!(Formula::parse(formula.text()).as_ref(), Ok(&formula));
        compute(&formula);
    }
    Err(error) => assert!(error.at >= 1 && error.at <= text.chars().count() + 1, "{error}"),
});

/// As many rows as there are values, each variable shifted against the one before.
fn compute(formula: &Formula) {
    let names = formula.variables();
    let columns: Vec<Vec<Option<Decimal>>> =
        (0..names.len()).map(|name| VALUES.iter().cycle().skip(name).take(VALUES.len()).copied().collect()).collect();
    let slices: Vec<&[Option<Decimal>]> = columns.iter().map(Vec::as_slice).collect();
    let answers = Program::new(formula, names.iter().copied(), []).evaluate(&slices, &[], VALUES.len());
    for (row, answer) in answers.iter().enumerate() {
        let variable = |name: &str| columns[names.iter().position(|known| *known == name).expect("a variable that it names")][row];
        let expected = match formula.evaluate(&variable) {
            Ok(value) => Answer::Value(value),
            Err(Null::Overflow) => Answer::Overflow,
            Err(_) => Answer::Null,
        };
        assert_eq!(*answer, expected, "{formula} in row {row}");
    }
}
