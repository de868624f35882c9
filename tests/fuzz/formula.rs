//! A text is a formula or an error with its place; what is a formula asks only for the variables that it names, and gives a value or a
//! reason for any values of them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use manifest::Formula;
use rust_decimal::Decimal;

/// Some of what makes arithmetic fail, for each variable by its place.
fn value(place: usize, turn: usize) -> Option<Decimal> {
    let values = [None, Some(Decimal::ZERO), Some(Decimal::ONE), Some(Decimal::MAX), Some(Decimal::MIN), Some(Decimal::new(-1, 28))];
    values[(place + turn) % values.len()]
}

fuzz_target!(|text: &str| match Formula::parse(text) {
    Ok(formula) => {
        assert_eq!(Formula::parse(formula.text()).as_ref(), Ok(&formula));
        let names = formula.variables();
        for turn in 0..6 {
            let variable = |name: &str| value(names.iter().position(|known| *known == name).expect("a variable that it names"), turn);
            let _value_or_reason = formula.evaluate(&variable);
        }
    }
    Err(error) => assert!(error.at >= 1 && error.at <= text.chars().count() + 1, "{error}"),
});
